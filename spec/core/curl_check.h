/*
** What the specs of the libcurl transport share: a witness that writes down what a sink is told,
** an engine and two little servers, and the assertion that nothing stays behind.
** Rule: a spec that includes this runs its tests with SPEC and its group with curl_check_begin.
*/
#ifndef SPEC_CORE_CURL_CHECK_H
#define SPEC_CORE_CURL_CHECK_H

#include "spec/core/check.h"
#include "spec/core/loopback.h"

#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define KEY "sk-not-a-real-key"
#define TEXT(literal)                                                                              \
  { (literal), sizeof(literal) - 1 } /* where INST_LIT is no constant */
#define OK(body_length) "HTTP/1.1 200 OK\r\nContent-Length: " body_length "\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* ---- who listens to an exchange -------------------------------------------------------------- */

typedef struct witness witness;
struct witness {
  int heads, headers, bodies, ends; /* calls */
  int status;                       /* of the last head */
  char lines[4096];                 /* "name=value\n" since the last head */
  char body[1 << 17];
  size_t body_n;
  bool whole; /* the end came without an error */
  inst_error error;
  void *exchange;
  /* What it does while it is told. */
  int refuse_body_at; /* this call of 'body' says: no more */
  void (*at_head)(witness *w);
  void (*at_header)(witness *w);
  void (*at_body)(witness *w);
  void (*at_end)(witness *w);
  witness *other; /* whom those act upon */
  int seen;       /* what they counted */
};

static inline void hear_head(void *ctx, int status) {
  witness *w = ctx;
  assert_int_equal(w->ends, 0);
  w->heads++;
  w->status = status;
  w->lines[0] = '\0';
  w->body_n = 0;
  if (w->at_head != NULL) w->at_head(w);
}

static inline void hear_header(void *ctx, inst_str name, inst_str value) {
  witness *w = ctx;
  const size_t n = strlen(w->lines);
  w->headers++;
  snprintf(w->lines + n, sizeof w->lines - n, "%.*s=%.*s\n", (int)name.n, name.p, (int)value.n,
           value.p);
  if (w->at_header != NULL) w->at_header(w);
}

static inline int hear_body(void *ctx, inst_str bytes) {
  witness *w = ctx;
  assert_int_equal(w->ends, 0);
  assert_true(bytes.n > 0);
  w->bodies++;
  if (w->body_n + bytes.n <= sizeof w->body) memcpy(w->body + w->body_n, bytes.p, bytes.n);
  w->body_n += bytes.n;
  if (w->at_body != NULL) w->at_body(w);
  return w->bodies == w->refuse_body_at;
}

static inline void hear_end(void *ctx, const inst_error *error) {
  witness *w = ctx;
  w->ends++;
  w->whole = error == NULL;
  if (error != NULL) w->error = *error;
  if (w->at_end != NULL) w->at_end(w);
}

#define assert_body(w, literal)                                                                    \
  check_text_at((inst_str){(w)->body, (w)->body_n}, INST_LIT(literal), __FILE__, __LINE__)

/* ---- the world of one spec ------------------------------------------------------------------- */

/* One engine, two servers.  Static, so that callbacks reach it and it is no burden to the stack. */
static struct {
  const inst_transport *curl;
  void *engine;
  check_memory memory;
  loopback server, other;
  witness w[16];
  char url[16][256];
  int descriptors;
} the;

static inline int count_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int n = 0;
  if (folder == NULL) return 0; /* no /proc: the check is void */
  while (readdir(folder) != NULL) n++;
  closedir(folder);
  return n;
}

static inline double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void rest_a_moment(void) {
  const struct timespec moment = {0, 5 * 1000 * 1000};
  nanosleep(&moment, NULL);
}

static inline void open_engine(const inst_transport_options *options) {
  inst_error error = {.code = INST_E_NONE};
  if (the.engine != NULL) the.curl->close(the.engine);
  if (the.curl->open(options, check_alloc(&the.memory), &the.engine, &error) != 0)
    fail_msg("open: %s", error.text);
}

static inline int set_up(void **state) {
  (void)state;
  memset(&the, 0, sizeof the);
  the.curl = inst_curl();
  the.descriptors = count_descriptors();
  open_engine(NULL);
  return 0;
}

static inline int tear_down(void **state) {
  (void)state;
  the.curl->close(the.engine);
  loopback_clear(&the.server);
  loopback_clear(&the.other);
  check_no_leaks(&the.memory);
  /* A thread that looked up a name may still be about to go. */
  for (int i = 0; i < 2000 && count_descriptors() != the.descriptors; i++) rest_a_moment();
  assert_int_equal(count_descriptors(), the.descriptors);
  return 0;
}

static inline void serve(loopback *server, const loopback_turn *turns, size_t count) {
  server->turns = turns;
  server->turn_count = count;
  loopback_start(server);
}

/* Back to no witness heard and no server started, on the same engine. */
static inline void start_over(void) {
  memset(the.w, 0, sizeof the.w);
  loopback_clear(&the.server);
  memset(&the.server, 0, sizeof the.server);
}

#define SERVE(...)                                                                                 \
  static const loopback_turn turns[] = {__VA_ARGS__};                                              \
  serve(&the.server, turns, CHECK_COUNT(turns))

static inline const char *url_at(int i, int port, const char *path) {
  snprintf(the.url[i], sizeof the.url[i], "http://127.0.0.1:%d%s", port, path);
  return the.url[i];
}

static inline inst_request question(const char *url) {
  static const inst_header headers[] = {{TEXT("Authorization"), TEXT("Bearer " KEY)},
                                        {TEXT("Content-Type"), TEXT("application/json")}};
  return (inst_request){.method = "POST",
                        .url = url,
                        .headers = headers,
                        .header_count = CHECK_COUNT(headers),
                        .body = INST_LIT("{\"q\":\"prompt\"}"),
                        .connect_timeout = 5,
                        .total_timeout = 10};
}

static inline int start_request(witness *w, const inst_request *request) {
  const inst_sink sink = {w, NULL, hear_head, hear_header, hear_body, hear_end};
  return the.curl->start(the.engine, request, &sink, &w->exchange, &w->error);
}

static inline void start(witness *w, const char *url) {
  const inst_request request = question(url);
  if (start_request(w, &request) != 0) fail_msg("start: %s", w->error.text);
}

/* Asks the first server's 'path'. */
static inline void ask(int i, const char *path) {
  start(&the.w[i], url_at(i, the.server.port, path));
}

static inline void pump(double seconds) {
  inst_error error = {.code = INST_E_NONE};
  if (the.curl->pump(the.engine, seconds, &error) != 0) fail_msg("pump: %s", error.text);
}

static inline void cancel(witness *w) {
  the.curl->cancel(the.engine, w->exchange);
}

/* Pumps until the first 'n' witnesses have heard their end. */
static inline void finish(int n) {
  const double late = seconds_now() + 10;
  for (int i = 0; i < n; i++) {
    while (the.w[i].ends == 0 && seconds_now() < late) pump(1);
    assert_int_equal(the.w[i].ends, 1);
  }
}

static inline void pump_for(double seconds) {
  for (const double end = seconds_now() + seconds; seconds_now() < end;) pump(0.02);
}

static inline void pump_until(const int *count, int n) {
  const double late = seconds_now() + 5;
  while (*count < n && seconds_now() < late) pump(0.01);
  assert_int_equal(*count, n);
}

static inline void wait_until_hung_up(int n) {
  for (int i = 0; i < 1000 && the.server.hung_up < n; i++) rest_a_moment();
  assert_int_equal(the.server.hung_up, n);
}

static inline void pump_until_asked(int n) {
  const double late = seconds_now() + 5;
  while (the.server.asked < n && seconds_now() < late) pump(0.01);
  assert_int_equal(the.server.asked, n);
}

static inline void assert_fault(const witness *w, inst_code code, bool retryable,
                                const char *part) {
  assert_int_equal(w->ends, 1);
  assert_false(w->whole);
  if (w->error.code != code || w->error.retryable != retryable ||
      strstr(w->error.text, part) == NULL)
    fail_msg("got %d, retryable %d: %s", (int)w->error.code, w->error.retryable, w->error.text);
  assert_null(strstr(w->error.text, "not-a-real"));
  assert_null(strstr(w->error.text, "prompt"));
}

static inline size_t count_in(const char *text, const char *part) {
  size_t n = 0;
  for (; (text = strstr(text, part)) != NULL; text++) n++;
  return n;
}

/* Before the group: no proxy stands between us and loopback. */
static inline int curl_check_begin(void **state) {
  static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
                                      "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
  for (size_t i = 0; i < CHECK_COUNT(names); i++) unsetenv(names[i]);
  /* Whatever libcurl and its TLS library open once and keep is opened before we count. */
  set_up(state);
  start(&the.w[0], "https://127.0.0.1:1/");
  finish(1);
  the.curl->close(the.engine);
  return 0;
}

/* A head of many lines, or of one long one, in memory of its own. */
static inline char *make_flood(const char *start, const char *line, size_t size, size_t *n) {
  char *text = malloc(size + 256);
  assert_non_null(text);
  *n = (size_t)sprintf(text, "%s", start);
  while (*n < size) *n += (size_t)sprintf(text + *n, "%s", line);
  return text;
}

static inline void assert_no_broken_pipe_is_left(void) {
  sigset_t set;
  sigpending(&set);
  assert_int_equal(sigismember(&set, SIGPIPE), 0);
  pthread_sigmask(SIG_SETMASK, NULL, &set);
  assert_int_equal(sigismember(&set, SIGPIPE), 0);
}

#define SPEC(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
