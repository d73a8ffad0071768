/*
** The libcurl transport, one exchange at a time, against a little server on loopback: what is
** sent, what is refused, what is told, and how it is said when something goes wrong.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- what is sent ---------------------------------------------------------------------------- */

static void the_table_says_what_it_is(void **state) {
  (void)state;
  assert_int_equal(the.curl->abi, INST_TRANSPORT_ABI);
  assert_string_equal(the.curl->name, "curl");
  assert_ptr_equal(inst_curl(), the.curl);
  the.curl->close(NULL);
}

static void sends_exactly_what_the_request_says(void **state) {
  (void)state;
  SERVE(SAY("HTTP/1.1 200 Fine\r\nX-Id:  a b \r\nX-Empty:\r\nContent-Length: 2\r\n\r\nhi"));
  const inst_header headers[] = {{INST_LIT("Authorization"), INST_LIT("Bearer " KEY)},
                                 {INST_LIT("X-Nothing"), INST_LIT(" ")},
                                 {INST_LIT("X-Null"), {NULL, 0}},
                                 {INST_LIT("content-type"), INST_LIT("application/json")},
                                 {INST_LIT("X-Part"), INST_LIT("shorter than what follows")}};
  inst_request request = question(url_at(0, the.server.port, "/v1/chat?a=b"));
  request.headers = headers;
  request.header_count = CHECK_COUNT(headers);
  request.headers = headers;
  request.body = INST_LIT("a\0b\r\n\xff");
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  loopback_stop(&the.server);

  assert_true(the.w[0].whole);
  assert_int_equal(the.w[0].status, 200);
  assert_string_equal(the.w[0].lines, "X-Id=a b\nX-Empty=\nContent-Length=2\n");
  assert_body(&the.w[0], "hi");
  const loopback_request *got = &the.server.requests[0];
  assert_int_equal(strncmp(got->p, "POST /v1/chat?a=b HTTP/1.1\r\n", 28), 0);
  assert_memory_equal(got->p + got->n - 6, "a\0b\r\n\xff", 6);
  static const char *const once[] = {"\r\nAuthorization: Bearer " KEY "\r\n",
                                     "\r\nX-Nothing:\r\n",
                                     "\r\nX-Null:\r\n",
                                     "\r\ncontent-type: application/json\r\n",
                                     "\r\nContent-Length: 6\r\n",
                                     "\r\nUser-Agent: instructor-lua/" INST_VERSION "\r\n",
                                     "\r\nAccept: */*\r\n",
                                     "\r\nHost: "};
  for (size_t i = 0; i < CHECK_COUNT(once); i++)
    if (count_in(got->p, once[i]) != 1) fail_msg("not once: %s in %s", once[i], got->p);
  assert_null(strstr(got->p, "Content-Type"));
  assert_null(strstr(got->p, "Expect"));
  assert_null(strstr(got->p, "Cookie"));
}

static void adds_no_content_type_of_its_own(void **state) {
  (void)state;
  SERVE(SAY(OK("0")));
  inst_request request = question(url_at(0, the.server.port, "/"));
  request.header_count = 0;
  request.body = (inst_str){NULL, 0};
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  loopback_stop(&the.server);
  assert_null(strstr(the.server.requests[0].p, "Content-Type"));
  assert_non_null(strstr(the.server.requests[0].p, "\r\nContent-Length: 0\r\n"));
}

static void a_large_body_goes_without_asking_whether_it_may(void **state) {
  (void)state;
  static char body[(1 << 20) + 77777]; /* from a megabyte on, libcurl would ask */
  static const size_t sizes[] = {9, sizeof body, 9, sizeof body}; /* handles stay dressed between */
  SERVE(SAY(OK("0")), SAY(OK("0")), SAY(OK("0")), SAY(OK("0")));
  for (size_t i = 0; i < sizeof body; i++) body[i] = (char)('a' + i % 23);
  for (int i = 0; i < (int)CHECK_COUNT(sizes); i++) {
    inst_request request = question(url_at(0, the.server.port, "/"));
    request.body = (inst_str){body, sizes[i]};
    assert_int_equal(start_request(&the.w[i], &request), 0);
    finish(i + 1);
  }
  loopback_stop(&the.server);
  for (size_t i = 0; i < CHECK_COUNT(sizes); i++) {
    const loopback_request *got = &the.server.requests[i];
    assert_true(got->n > sizes[i]);
    assert_memory_equal(got->p + got->n - sizes[i], body, sizes[i]);
    assert_null(strstr(got->p, "Expect"));
  }
}

static void the_user_agent_is_an_option_and_a_header_beats_it(void **state) {
  (void)state;
  SERVE(SAY(OK("0")), SAY(OK("0")));
  open_engine(&(inst_transport_options){.user_agent = "mine/1"});
  ask(0, "/");
  finish(1);
  const inst_header header = {INST_LIT("user-agent"), INST_LIT("theirs/2")};
  inst_request request = question(url_at(1, the.server.port, "/"));
  request.headers = &header;
  request.header_count = 1;
  assert_int_equal(start_request(&the.w[1], &request), 0);
  finish(2);
  loopback_stop(&the.server);
  assert_non_null(strstr(the.server.requests[0].p, "\r\nUser-Agent: mine/1\r\n"));
  assert_non_null(strstr(the.server.requests[1].p, "\r\nuser-agent: theirs/2\r\n"));
  assert_null(strstr(the.server.requests[1].p, "mine/1"));
}

/* What of a request is said of its sender. */
static void assert_sender(const char *agent, const char *expected) {
  SERVE(SAY(OK("0")), SAY(OK("0")));
  open_engine(&(inst_transport_options){.user_agent = agent});
  for (int i = 0; i < 2; i++) { /* the second is dressed like the first */
    ask(i, "/");
    finish(i + 1);
  }
  loopback_stop(&the.server);
  for (int i = 0; i < 2; i++) {
    const char *got = the.server.requests[i].p;
    assert_int_equal(count_in(got, "User-Agent"), expected != NULL);
    if (expected != NULL) assert_non_null(strstr(got, expected));
  }
}

static void the_user_agent_goes_as_it_was_given(void **state) {
  (void)state;
  assert_sender("two words/1 (a; b)", "\r\nUser-Agent: two words/1 (a; b)\r\n");
}

static void a_user_agent_keeps_its_blanks(void **state) {
  (void)state;
  assert_sender(" x ", "\r\nUser-Agent:  x \r\n");
}

static void an_empty_user_agent_is_none(void **state) {
  (void)state;
  assert_sender("", NULL);
}

static void an_exchange_like_the_one_before_takes_no_memory_of_ours(void **state) {
  (void)state;
  SERVE(SAY(OK("4") "here"), SAY(OK("5") "there"), SAY(OK("4") "last"));
  ask(0, "/");
  finish(1);
  const size_t requests = the.memory.requests, blocks = the.memory.blocks;
  for (int i = 1; i < 3; i++) {
    ask(i, "/");
    finish(i + 1);
    assert_true(the.w[i].whole);
  }
  assert_string_equal(the.w[2].body, "last");
  assert_int_equal(the.memory.requests, requests);
  assert_int_equal(the.memory.blocks, blocks);
}

static void an_encoding_of_the_requests_own_is_the_only_one(void **state) {
  (void)state;
  SERVE(SAY(OK("0")));
  const inst_header header = {INST_LIT("accept-encoding"), INST_LIT("identity")};
  inst_request request = question(url_at(0, the.server.port, "/"));
  request.headers = &header;
  request.header_count = 1;
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  loopback_stop(&the.server);
  assert_non_null(strstr(the.server.requests[0].p, "\r\naccept-encoding: identity\r\n"));
  assert_null(strstr(the.server.requests[0].p, "Accept-Encoding"));
}

static void other_methods_go_as_they_are(void **state) {
  (void)state;
  SERVE(SAY(OK("2") "hi"), SAY(OK("2")), SAY(OK("2") "hi"));
  static const char *const methods[] = {"GET", "HEAD", "PATCH"};
  for (int i = 0; i < 3; i++) {
    inst_request request = question(url_at(i, the.server.port, "/"));
    request.method = methods[i];
    if (i < 2) request.body = (inst_str){NULL, 0};
    assert_int_equal(start_request(&the.w[i], &request), 0);
    finish(i + 1);
    assert_true(the.w[i].whole);
  }
  loopback_stop(&the.server);
  assert_int_equal(strncmp(the.server.requests[0].p, "GET / ", 6), 0);
  assert_int_equal(strncmp(the.server.requests[1].p, "HEAD / ", 7), 0);
  assert_int_equal(strncmp(the.server.requests[2].p, "PATCH / ", 8), 0);
  assert_non_null(strstr(the.server.requests[2].p, "prompt"));
}

/* Looks at every descriptor that is a connection to the server. */
static void check_inheritance(witness *w) {
  struct sockaddr_in peer;
  for (int fd = 0; fd < 256; fd++) {
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || peer.sin_family != AF_INET ||
        ntohs(peer.sin_port) != the.server.port)
      continue;
    w->seen++;
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
}

static void programs_the_host_starts_inherit_no_connection(void **state) {
  (void)state;
  SERVE(SAY(OK("0")));
  the.w[0].at_head = check_inheritance;
  ask(0, "/");
  finish(1);
  assert_int_equal(the.w[0].seen, 1);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void headers_that_could_smuggle_are_refused(void **state) {
  (void)state;
  SERVE(SAY(OK("0")));
  const inst_header bad[] = {{INST_LIT("X-A"), INST_LIT("a\r\nX-Evil: 1")},
                             {INST_LIT("X-A"), INST_LIT("a\nb")},
                             {INST_LIT("X-A"), INST_LIT("a\rb")},
                             {INST_LIT("X-A"), INST_LIT("a\0b")},
                             {INST_LIT("X-A\r\nX-Evil"), INST_LIT("1")},
                             {INST_LIT("X-A\0"), INST_LIT("1")},
                             {INST_LIT("X-A: b"), INST_LIT("1")},
                             {INST_LIT("X-A;"), INST_LIT("")},
                             {INST_LIT(""), INST_LIT("1")},
                             {INST_LIT("Content-Length"), INST_LIT("1")},
                             {INST_LIT("transfer-encoding"), INST_LIT("chunked")}};
  for (size_t i = 0; i < CHECK_COUNT(bad); i++) {
    inst_request request = question(url_at(0, the.server.port, "/"));
    request.headers = &bad[i];
    request.header_count = 1;
    assert_int_equal(start_request(&the.w[0], &request), -1);
    assert_int_equal(the.w[0].error.code, INST_E_USAGE);
    assert_null(the.w[0].exchange);
  }
  inst_request request = question(the.url[0]);
  request.method = "GET / HTTP/1.1\r\nX:";
  assert_int_equal(start_request(&the.w[0], &request), -1);
  assert_int_equal(the.w[0].error.code, INST_E_USAGE);
  pump_for(0.05);
  assert_int_equal(the.server.accepted, 0);

  inst_error error = {.code = INST_E_NONE};
  void *engine = NULL;
  const inst_transport_options options = {.user_agent = "a\r\nX-Evil: 1"};
  assert_int_equal(the.curl->open(&options, check_alloc(&the.memory), &engine, &error), -1);
  assert_int_equal(error.code, INST_E_USAGE);
}

static void bad_urls_are_refused_without_being_quoted(void **state) {
  (void)state;
  static const char *const bad[] = {"",
                                    "not-a-real-url",
                                    "http://",
                                    "http://127.0.0.1:99999/not-a-real",
                                    "http://127.0.0.1/not-a-real\r\nX: 1",
                                    "file:///not-a-real/etc/passwd",
                                    "ftp://127.0.0.1/not-a-real",
                                    "gopher://127.0.0.1/not-a-real",
                                    "http://user:not-a-real@127.0.0.1/"};
  for (size_t i = 0; i < CHECK_COUNT(bad); i++) {
    const inst_request request = question(bad[i]);
    if (start_request(&the.w[0], &request) != -1) fail_msg("taken: %s", bad[i]);
    assert_int_equal(the.w[0].error.code, INST_E_USAGE);
    assert_false(the.w[0].error.retryable);
    assert_null(strstr(the.w[0].error.text, "not-a-real"));
  }
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void a_connection_serves_the_next_exchange_too(void **state) {
  (void)state;
  SERVE(SAY(OK("3") "one"), SAY(OK("3") "two"));
  ask(0, "/");
  finish(1);
  ask(1, "/");
  finish(2);
  loopback_stop(&the.server);
  assert_body(&the.w[0], "one");
  assert_body(&the.w[1], "two");
  assert_int_equal(the.server.accepted, 1);
}

static void a_connection_the_server_gave_up_is_opened_anew(void **state) {
  (void)state;
  SERVE(SAY_THEN(OK("3") "one", LOOPBACK_CLOSE), SAY(OK("3") "two"));
  ask(0, "/");
  finish(1);
  ask(1, "/");
  finish(2);
  assert_body(&the.w[1], "two");
  assert_int_equal(the.server.accepted, 2);
}

static void a_kept_connection_that_dies_unanswered_is_no_fault(void **state) {
  (void)state;
  SERVE(SAY(OK("3") "one"), SAY_THEN("", LOOPBACK_CLOSE), SAY(OK("3") "two"));
  ask(0, "/");
  finish(1);
  ask(1, "/");
  finish(2);
  assert_body(&the.w[1], "two");
  assert_int_equal(the.server.accepted, 2);
}

static void bytes_may_come_one_at_a_time(void **state) {
  (void)state;
  SERVE(DRIP(OK("11") "hello world"));
  ask(0, "/");
  finish(1);
  assert_true(the.w[0].whole);
  assert_int_equal(the.w[0].heads, 1);
  assert_true(the.w[0].bodies > 1);
  assert_body(&the.w[0], "hello world");
}

static void chunks_are_put_together_and_trailers_left_out(void **state) {
  (void)state;
  SERVE(SAY(CHUNKED "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Late: 1\r\n\r\n"),
        DRIP(CHUNKED "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"));
  ask(0, "/");
  ask(1, "/");
  finish(2);
  assert_body(&the.w[0], "hello world");
  assert_string_equal(the.w[0].lines, "Transfer-Encoding=chunked\n");
  assert_body(&the.w[1], "ab");
}

static void an_interim_head_is_forgotten(void **state) {
  (void)state;
  SERVE(SAY("HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 1\r\n"
            "Content-Length: 1\r\n\r\n!"));
  ask(0, "/");
  finish(1);
  assert_int_equal(the.w[0].heads, 2);
  assert_int_equal(the.w[0].status, 200);
  assert_string_equal(the.w[0].lines, "X-Late=1\nContent-Length=1\n");
  assert_body(&the.w[0], "!");
}

static void an_error_status_is_an_answer_like_any_other(void **state) {
  (void)state;
  SERVE(SAY("HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}"));
  ask(0, "/");
  finish(1);
  assert_true(the.w[0].whole);
  assert_int_equal(the.w[0].status, 429);
  assert_non_null(strstr(the.w[0].lines, "Retry-After=1\n"));
  assert_body(&the.w[0], "{}");
}

static void an_answer_may_end_with_its_connection(void **state) {
  (void)state;
  SERVE(SAY_THEN("HTTP/1.0 200 OK\r\n\r\nall of it", LOOPBACK_CLOSE));
  ask(0, "/");
  finish(1);
  assert_true(the.w[0].whole);
  assert_body(&the.w[0], "all of it");
}

/* "hello hello hello hello\n", as gzip packs it. */
#define GZIP                                                                                       \
  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\xb9\x00\x00\x88"   \
  "\x59\x0b\x18\x00\x00\x00"
#define GZIP_HEAD "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "

static void packed_answers_are_unpacked(void **state) {
  (void)state;
  SERVE(SAY(GZIP_HEAD "29\r\n\r\n" GZIP), SAY(GZIP_HEAD "8\r\n\r\nnot gzip"));
  ask(0, "/");
  finish(1);
  ask(1, "/");
  finish(2);
  assert_true(the.w[0].whole);
  assert_body(&the.w[0], "hello hello hello hello\n");
  assert_fault(&the.w[1], INST_E_NETWORK, true, "closed before the answer was whole");
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static void a_refused_connection_is_said_plainly(void **state) {
  (void)state;
  char words[128];
  SERVE(SAY(OK("0")));
  loopback_stop(&the.server); /* nobody listens there now */
  ask(0, "/path?query");
  finish(1);
  snprintf(words, sizeof words, "could not connect to 127.0.0.1 port %d: Connection refused",
           the.server.port);
  assert_fault(&the.w[0], INST_E_NETWORK, true, words);
  assert_string_equal(the.w[0].error.text, words);
}

static void answers_cut_off_are_told_apart_from_whole_ones(void **state) {
  (void)state;
  static const loopback_turn cut[] = {
      SAY_THEN(OK("10") "half", LOOPBACK_CLOSE),
      SAY_THEN(CHUNKED "5\r\nhel", LOOPBACK_CLOSE),
      SAY_THEN(CHUNKED "5\r\nhello\r\n", LOOPBACK_CLOSE),
      SAY_THEN(CHUNKED "zz\r\nhello\r\n", LOOPBACK_STALL),
      SAY_THEN(OK("10") "half", LOOPBACK_RESET),
  };
  serve(&the.server, cut, CHECK_COUNT(cut));
  for (int i = 0; i < (int)CHECK_COUNT(cut); i++) {
    ask(i, "/");
    finish(i + 1);
    assert_fault(&the.w[i], INST_E_NETWORK, true,
                 "the connection closed before the answer was whole");
    assert_int_equal(the.w[i].status, 200);
  }
}

static void no_answer_at_all_is_a_fault_of_the_network(void **state) {
  (void)state;
  SERVE(SAY_THEN("", LOOPBACK_CLOSE), SAY_THEN("", LOOPBACK_RESET),
        SAY_THEN("HTTP/1.1 200 OK\r\nX-Half: ", LOOPBACK_CLOSE),
        SAY_THEN("SSH-2.0-else\r\n", LOOPBACK_CLOSE));
  static const char *const words[] = {"closed the connection without an answer",
                                      "lost the connection to 127.0.0.1 port ",
                                      "closed before the answer was whole", "speaks no HTTP"};
  for (int i = 0; i < 4; i++) {
    ask(i, "/");
    finish(i + 1);
    assert_fault(&the.w[i], INST_E_NETWORK, i < 3, words[i]);
    assert_int_equal(the.w[i].heads, 0);
  }
}

static void time_runs_out_in_the_middle_of_an_answer(void **state) {
  (void)state;
  SERVE(SAY_THEN(OK("10") "half", LOOPBACK_STALL));
  inst_request request = question(url_at(0, the.server.port, "/"));
  request.total_timeout = 0.15;
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  assert_fault(&the.w[0], INST_E_TIMEOUT, true, "no whole answer came from 127.0.0.1 port ");
}

static void time_runs_out_before_the_connection_stands(void **state) {
  (void)state;
  SERVE(SAY_THEN("", LOOPBACK_STALL)); /* never says a word of TLS */
  the.server.raw = true;
  snprintf(the.url[0], sizeof the.url[0], "https://127.0.0.1:%d/", the.server.port);
  inst_request request = question(the.url[0]);
  request.connect_timeout = 0.15;
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  assert_fault(&the.w[0], INST_E_TIMEOUT, true, "could not connect to 127.0.0.1 port ");
}

static void a_reader_that_wants_no_more_gets_no_more(void **state) {
  (void)state;
  SERVE(SAY_THEN(CHUNKED "5\r\nhello\r\n", LOOPBACK_STALL));
  the.w[0].refuse_body_at = 1;
  ask(0, "/");
  finish(1);
  assert_fault(&the.w[0], INST_E_LIMIT, false, "the reader wanted no more");
  assert_int_equal(the.w[0].bodies, 1);
  wait_until_hung_up(1);
}

static void a_flood_of_headers_is_stopped(void **state) {
  (void)state;
  size_t n, m;
  char *many = make_flood("HTTP/1.1 200 OK\r\n", "X-Flood: 0123456789012345678901234567890\r\n",
                          INST_MAX_HEADER_BYTES + 65536, &n);
  char *interim =
      make_flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                 "X-Trailer: 0123456789012345678\r\n", INST_MAX_HEADER_BYTES + 65536, &m);
  const loopback_turn turns[] = {{many, n, LOOPBACK_STALL, false},
                                 {interim, m, LOOPBACK_STALL, false}};
  serve(&the.server, turns, 2);
  ask(0, "/");
  finish(1);
  ask(1, "/");
  finish(2);
  assert_fault(&the.w[0], INST_E_LIMIT, false, "the headers of the answer from 127.0.0.1 port ");
  assert_int_equal(the.w[0].heads, 0);
  assert_fault(&the.w[1], INST_E_LIMIT, false, "are longer than 262144 bytes");
  loopback_stop(&the.server);
  free(many);
  free(interim);
}

static void an_endless_header_line_is_stopped(void **state) {
  (void)state;
  size_t n;
  char *line = make_flood("HTTP/1.1 200 OK\r\nX-Long: ", "0123456789", 200000, &n);
  const loopback_turn turn = {line, n, LOOPBACK_STALL, false};
  serve(&the.server, &turn, 1);
  ask(0, "/");
  finish(1);
  assert_fault(&the.w[0], INST_E_LIMIT, false, "");
  loopback_stop(&the.server);
  free(line);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(the_table_says_what_it_is),
      SPEC(sends_exactly_what_the_request_says),
      SPEC(adds_no_content_type_of_its_own),
      SPEC(a_large_body_goes_without_asking_whether_it_may),
      SPEC(the_user_agent_is_an_option_and_a_header_beats_it),
      SPEC(the_user_agent_goes_as_it_was_given),
      SPEC(a_user_agent_keeps_its_blanks),
      SPEC(an_empty_user_agent_is_none),
      SPEC(an_exchange_like_the_one_before_takes_no_memory_of_ours),
      SPEC(an_encoding_of_the_requests_own_is_the_only_one),
      SPEC(other_methods_go_as_they_are),
      SPEC(programs_the_host_starts_inherit_no_connection),
      SPEC(headers_that_could_smuggle_are_refused),
      SPEC(bad_urls_are_refused_without_being_quoted),
      SPEC(a_connection_serves_the_next_exchange_too),
      SPEC(a_connection_the_server_gave_up_is_opened_anew),
      SPEC(a_kept_connection_that_dies_unanswered_is_no_fault),
      SPEC(bytes_may_come_one_at_a_time),
      SPEC(chunks_are_put_together_and_trailers_left_out),
      SPEC(an_interim_head_is_forgotten),
      SPEC(an_error_status_is_an_answer_like_any_other),
      SPEC(an_answer_may_end_with_its_connection),
      SPEC(packed_answers_are_unpacked),
      SPEC(a_refused_connection_is_said_plainly),
      SPEC(answers_cut_off_are_told_apart_from_whole_ones),
      SPEC(no_answer_at_all_is_a_fault_of_the_network),
      SPEC(time_runs_out_in_the_middle_of_an_answer),
      SPEC(time_runs_out_before_the_connection_stands),
      SPEC(a_reader_that_wants_no_more_gets_no_more),
      SPEC(a_flood_of_headers_is_stopped),
      SPEC(an_endless_header_line_is_stopped),
  };
  return cmocka_run_group_tests_name("curl", specs, curl_check_begin, NULL);
}
