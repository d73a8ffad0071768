/*
** The libcurl transport over TLS, against "openssl s_server" with a certificate made on the spot:
** whom it trusts, and that a connection that breaks does not take the host along.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- openssl, as a program ------------------------------------------------------------------- */

/* A throw-away certificate that is its own authority, and openssl serving it. */
static struct {
  bool ready;
  char folder[64], cert[96], key[96], locked[96];
  pid_t pid;
  int port, out;
} tls;

/* Runs openssl with 'args' (ended by NULL), its words going to 'out' or nowhere. */
static pid_t run_openssl(const char *const *args, int out) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int none = open("/dev/null", O_RDWR);
  dup2(none, 0);
  dup2(out >= 0 ? out : none, 1);
  dup2(none, 2);
  unsetenv("LD_PRELOAD");
  execvp("openssl", (char *const *)(uintptr_t)args);
  _exit(127);
}

static bool openssl_did(const char *const *args) {
  int status = -1;
  const pid_t pid = run_openssl(args, -1);
  return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void stop_tls_server(void) {
  if (tls.pid <= 0) return;
  kill(tls.pid, SIGKILL);
  waitpid(tls.pid, NULL, 0);
  close(tls.out);
  tls.pid = 0;
}

/* 'more' is one more word for s_server and its value; or NULL. */
static void start_tls_server(const char *more, const char *value) {
  int ends[2];
  char words[512];
  size_t n = 0;
  const char *const args[] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                              tls.cert,  "-key",     tls.key,   more,          value,  NULL};
  stop_tls_server();
  assert_int_equal(pipe(ends), 0);
  tls.pid = run_openssl(args, ends[1]);
  close(ends[1]);
  tls.out = ends[0];
  tls.port = 0;
  while (tls.port == 0 && n < sizeof words - 1) {
    const ssize_t got = read(tls.out, words + n, sizeof words - 1 - n);
    if (got <= 0) fail_msg("openssl s_server did not start");
    words[n += (size_t)got] = '\0';
    const char *line = strstr(words, "ACCEPT ");
    if (line != NULL && strchr(line, '\n') != NULL) tls.port = atoi(strrchr(line, ':') + 1);
  }
}

static bool make_certificate(void) {
  const char *const make[] = {"openssl",
                              "req",
                              "-x509",
                              "-newkey",
                              "ec",
                              "-pkeyopt",
                              "ec_paramgen_curve:P-256",
                              "-nodes",
                              "-days",
                              "2",
                              "-subj",
                              "/CN=curl spec",
                              "-addext",
                              "subjectAltName=IP:127.0.0.1",
                              "-keyout",
                              tls.key,
                              "-out",
                              tls.cert,
                              NULL};
  const char *const lock[] = {"openssl",  "pkey",      "-in",  tls.key,    "-aes256",
                              "-passout", "pass:fake", "-out", tls.locked, NULL};
  return openssl_did(make) && openssl_did(lock);
}

static int begin(void **state) {
  if (curl_check_begin(state) != 0) return -1;
  strcpy(tls.folder, "/tmp/curl_spec.XXXXXX");
  if (mkdtemp(tls.folder) == NULL) return -1;
  snprintf(tls.cert, sizeof tls.cert, "%s/cert.pem", tls.folder);
  snprintf(tls.key, sizeof tls.key, "%s/key.pem", tls.folder);
  snprintf(tls.locked, sizeof tls.locked, "%s/locked.pem", tls.folder);
  tls.ready = make_certificate();
  if (!tls.ready) print_message("openssl cannot be run here: the specs of TLS are skipped\n");
  return 0;
}

static int finish_group(void **state) {
  (void)state;
  stop_tls_server();
  unlink(tls.cert);
  unlink(tls.key);
  unlink(tls.locked);
  return rmdir(tls.folder);
}

static int tear_down_too(void **state) {
  stop_tls_server();
  return tear_down(state);
}

/* ---- whom it trusts -------------------------------------------------------------------------- */

static void get_over_tls(int i, const char *host) {
  snprintf(the.url[i], sizeof the.url[i], "https://%s:%d/", host, tls.port);
  inst_request request = question(the.url[i]);
  request.method = "GET";
  request.body = (inst_str){NULL, 0};
  assert_int_equal(start_request(&the.w[i], &request), 0);
}

static void a_certificate_is_taken_from_a_known_authority_only(void **state) {
  (void)state;
  if (!tls.ready) skip();
  start_tls_server(NULL, NULL);
  get_over_tls(0, "127.0.0.1");
  finish(1);
  assert_fault(&the.w[0], INST_E_NETWORK, false, "the certificate of 127.0.0.1 port ");
  assert_non_null(strstr(the.w[0].error.text, "was not accepted: "));

  open_engine(&(inst_transport_options){.ca_file = tls.cert});
  get_over_tls(1, "127.0.0.1");
  finish(2);
  if (!the.w[1].whole) fail_msg("%s", the.w[1].error.text);
  assert_int_equal(the.w[1].status, 200);

  get_over_tls(2, "localhost"); /* known, but not by that name */
  finish(3);
  assert_fault(&the.w[2], INST_E_NETWORK, false, "the certificate of localhost port ");
}

static void a_client_certificate_is_shown_when_it_is_given(void **state) {
  (void)state;
  if (!tls.ready) skip();
  start_tls_server("-Verify", "1");
  open_engine(&(inst_transport_options){.ca_file = tls.cert});
  get_over_tls(0, "127.0.0.1");
  finish(1);
  assert_false(the.w[0].whole);
  open_engine(
      &(inst_transport_options){.ca_file = tls.cert, .cert_file = tls.cert, .key_file = tls.key});
  get_over_tls(1, "127.0.0.1");
  finish(2);
  if (!the.w[1].whole) fail_msg("%s", the.w[1].error.text);
}

static void a_locked_key_fails_and_asks_nobody(void **state) {
  (void)state;
  if (!tls.ready) skip();
  start_tls_server(NULL, NULL);
  open_engine(&(inst_transport_options){
      .ca_file = tls.cert, .cert_file = tls.cert, .key_file = tls.locked});
  get_over_tls(0, "127.0.0.1");
  finish(1);
  assert_fault(&the.w[0], INST_E_NETWORK, false, "the client certificate for 127.0.0.1 port ");
}

static void files_that_are_not_there_are_said_plainly(void **state) {
  (void)state;
  if (!tls.ready) skip();
  start_tls_server(NULL, NULL);
  open_engine(&(inst_transport_options){.ca_file = "/nonexistent/ca.pem"});
  get_over_tls(0, "127.0.0.1");
  finish(1);
  assert_fault(&the.w[0], INST_E_NETWORK, false, "the file of authorities for 127.0.0.1 port ");
  open_engine(&(inst_transport_options){.ca_file = tls.cert, .cert_file = "/nonexistent/c.pem"});
  get_over_tls(1, "127.0.0.1");
  finish(2);
  assert_fault(&the.w[1], INST_E_NETWORK, false, "the client certificate for 127.0.0.1 port ");
}

static void a_server_that_speaks_no_tls_breaks_the_handshake(void **state) {
  (void)state;
  SERVE(SAY_THEN("HTTP/1.1 400 Bad Request\r\n\r\n", LOOPBACK_CLOSE), SAY_THEN("", LOOPBACK_CLOSE),
        SAY_THEN("", LOOPBACK_RESET));
  the.server.raw = true;
  for (int i = 0; i < 3; i++) {
    snprintf(the.url[i], sizeof the.url[i], "https://127.0.0.1:%d/", the.server.port);
    start(&the.w[i], the.url[i]);
    finish(i + 1);
    assert_fault(&the.w[i], INST_E_NETWORK, true, "the TLS handshake with 127.0.0.1 port ");
  }
}

/* OpenSSL writes to a socket whose other side is gone: whoever does not guard against it dies. */
static void a_broken_pipe_kills_nobody(void **state) {
  (void)state;
  if (!tls.ready) skip();
  const size_t n = 32u << 20;
  char *body = calloc(n, 1);
  assert_non_null(body);
  start_tls_server(NULL, NULL);
  open_engine(&(inst_transport_options){.ca_file = tls.cert});
  snprintf(the.url[0], sizeof the.url[0], "https://127.0.0.1:%d/", tls.port);
  inst_request request = question(the.url[0]);
  request.body = (inst_str){body, n};
  assert_int_equal(start_request(&the.w[0], &request), 0);
  for (int i = 0; i < 20; i++) pump(0.01); /* into the upload: the server reads slowly */
  stop_tls_server();
  finish(1);
  free(body);
  assert_false(the.w[0].whole);
  assert_int_equal(the.w[0].error.code, INST_E_NETWORK);
  assert_true(the.w[0].error.retryable);
  assert_no_broken_pipe_is_left();
}

/* Does what an older libcurl's TLS library does while it writes. */
static void break_a_pipe(witness *w) {
  int ends[2];
  (void)w;
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  assert_int_equal(write(ends[1], "!", 1), -1);
  close(ends[1]);
}

/* On the connection's first exchange and on the one that finds it open. */
static void a_pipe_broken_inside_libcurl_kills_nobody(void **state) {
  (void)state;
  if (!tls.ready) skip();
  start_tls_server(NULL, NULL);
  open_engine(&(inst_transport_options){.ca_file = tls.cert});
  for (int i = 0; i < 2; i++) {
    the.w[i].at_head = the.w[i].at_body = break_a_pipe;
    get_over_tls(i, "127.0.0.1");
    finish(i + 1);
    assert_true(the.w[i].whole);
    assert_no_broken_pipe_is_left();
  }
}

#define TLS_SPEC(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_too)

int main(void) {
  const struct CMUnitTest specs[] = {
      TLS_SPEC(a_certificate_is_taken_from_a_known_authority_only),
      TLS_SPEC(a_client_certificate_is_shown_when_it_is_given),
      TLS_SPEC(a_locked_key_fails_and_asks_nobody),
      TLS_SPEC(files_that_are_not_there_are_said_plainly),
      SPEC(a_server_that_speaks_no_tls_breaks_the_handshake),
      TLS_SPEC(a_broken_pipe_kills_nobody),
      TLS_SPEC(a_pipe_broken_inside_libcurl_kills_nobody),
  };
  return cmocka_run_group_tests_name("curl: TLS", specs, begin, finish_group);
}
