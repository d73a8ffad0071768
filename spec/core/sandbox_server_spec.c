/*
** The sandbox's server: requests read in any pieces, limits, real sockets.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/sandbox_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "examples/sandbox/routes.h"
#include "examples/sandbox/serve.h"

/* ---- reading requests ------------------------------------------------------------------------ */

typedef struct reading {
  const char *expected; /* "METHOD path body" of the first request, or its status */
  box_http http;
} reading;

static void begin_reading(void *ctx) {
  box_http_init(&((reading *)ctx)->http, plain);
}

static void feed_reading(void *ctx, inst_str piece) {
  box_http_feed(&((reading *)ctx)->http, piece);
}

static void end_reading(void *ctx) {
  reading *r = ctx;
  inst_buf got;
  inst_buf_init(&got, plain);
  if (r->http.state == BOX_HTTP_READY) {
    inst_buf_addf(&got, "%s ", r->http.method);
    inst_buf_add(&got, inst_buf_text(&r->http.path));
    inst_buf_addf(&got, "%s[", r->http.keep ? " " : " close ");
    inst_buf_add(&got, inst_buf_text(&r->http.body));
    inst_buf_add(&got, INST_LIT("]"));
  } else if (r->http.state == BOX_HTTP_BROKEN) {
    inst_buf_addf(&got, "%d", r->http.status);
  } else {
    inst_buf_add(&got, INST_LIT("more"));
  }
  assert_text(inst_buf_text(&got), r->expected);
  inst_buf_clear(&got);
  box_http_clear(&r->http);
}

static void requests_are_read_in_any_pieces(void **state) {
  static const char *const rows[][2] = {
      {"GET / HTTP/1.1\r\nhost: x\r\n\r\n", "GET / []"},
      {"GET /v1/models?x=1 HTTP/1.1\n\n", "GET /v1/models []"},
      {"\r\nGET http://127.0.0.1:1/v1/models HTTP/1.1\r\n\r\n", "GET /v1/models []"},
      {"GET http://x HTTP/1.1\r\n\r\n", "GET / []"},
      {"GET / HTTP/1.0\r\n\r\n", "GET / close []"},
      {"GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n", "GET / []"},
      {"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", "GET / close []"},
      {"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "POST /a [hello]"},
      {"POST /a HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello more",
       "POST /a [hello]"},
      {"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell", "more"},
      {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n2\r\n, \r\n0\r\nt: "
       "v\r\n\r\n",
       "POST /a [hello, ]"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n00\r\n\r\n",
       "POST /a [0123456789]"},
      {"POST /a HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ncontent-length: -5\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ncontent-length: 5x\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ncontent-length:\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ncontent-length: 8388609\r\n\r\n", "413"},
      {"POST /a HTTP/1.1\r\ncontent-length: 99999999999999999999999999\r\n\r\n", "413"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", "501"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nx\r\n", "400"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n800001\r\n", "413"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", "413"},
      {"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", "400"},
      {"rubbish\r\n\r\n", "400"},
      {"GET /\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\n\r\n", "505"},
      {"GET / SMTP/1.1\r\n\r\n", "400"},
      {"GET nowhere HTTP/1.1\r\n\r\n", "400"},
      {"G(T / HTTP/1.1\r\n\r\n", "400"},
      {"VERYLONGMETHODNAME / HTTP/1.1\r\n\r\n", "501"},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nspace : x\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\na: b\r\n folded\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n: x\r\n\r\n", "400"},
      {"GET /\x01 HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\na: b\rc\r\n\r\n", "400"},
      {"\x16\x03\x01\x02 TLS\n", "400"},
      {"", "more"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    reading r = {.expected = rows[i][1]};
    const check_feeder feeder = {begin_reading, feed_reading, end_reading, &r};
    check_feed_all_ways(&feeder, inst_str_of(rows[i][0]));
  }
}

/* What 'count' bytes of 'byte' behind 'start' lead to. */
static int status_of_many(const char *start, char byte, size_t count) {
  box_http http;
  char piece[1024];
  memset(piece, byte, sizeof piece);
  box_http_init(&http, plain);
  box_http_feed(&http, inst_str_of(start));
  for (size_t sent = 0; sent < count && http.state < BOX_HTTP_READY; sent += sizeof piece) {
    size_t n = count - sent < sizeof piece ? count - sent : sizeof piece;
    box_http_feed(&http, (inst_str){piece, n});
  }
  int status = http.state == BOX_HTTP_BROKEN ? http.status : http.state == BOX_HTTP_READY ? 200 : 0;
  box_http_clear(&http);
  return status;
}

static void heads_and_bodies_have_limits(void **state) {
  (void)state;
  static const char line[] = "GET /";
  assert_int_equal(status_of_many(line, 'a', BOX_HTTP_HEAD - strlen(line)), 0);
  assert_int_equal(status_of_many(line, 'a', BOX_HTTP_HEAD - strlen(line) + 1), 431);
  assert_int_equal(status_of_many("GET / HTTP/1.1\r\nx: ", 'a', BOX_HTTP_HEAD), 431);
  char start[80];
  snprintf(start, sizeof start, "POST / HTTP/1.1\r\ncontent-length: %u\r\n\r\n", BOX_HTTP_BODY);
  assert_int_equal(status_of_many(start, 'a', BOX_HTTP_BODY), 200);
  snprintf(start, sizeof start, "POST / HTTP/1.1\r\ncontent-length: %u\r\n\r\n", BOX_HTTP_BODY + 1);
  assert_int_equal(status_of_many(start, 'a', 0), 413);
  snprintf(start, sizeof start, "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n",
           BOX_HTTP_BODY);
  assert_int_equal(status_of_many(start, 'a', BOX_HTTP_BODY), 0);
}

static void a_reader_goes_on_with_the_next_request(void **state) {
  static const char two[] =
      "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\n";
  (void)state;
  box_http http;
  box_http_init(&http, plain);
  size_t used = box_http_feed(&http, inst_str_of(two));
  assert_text(inst_buf_text(&http.path), "/a");
  box_http_next(&http);
  used += box_http_feed(&http, inst_str_of(two + used));
  assert_int_equal(used, strlen(two));
  assert_text(inst_buf_text(&http.path), "/b");
  assert_int_equal(http.body.n, 0);
  box_http_clear(&http);
}

/* ---- sockets --------------------------------------------------------------------------------- */

/* A server in a thread of its own. */
typedef struct running {
  box_server *server;
  box_routes routes;
  check_memory memory;
  int stop[2];
  pthread_t thread;
} running;

static void *run_server(void *ctx) {
  running *r = ctx;
  box_server_run(r->server, r->stop[0], -1);
  return NULL;
}

static void start(running *r, unsigned pace) {
  inst_error error = {0};
  *r = (running){0};
  r->routes.alloc = check_alloc(&r->memory);
  r->server = box_server_new(0, box_routes_answer, &r->routes, r->routes.alloc, &error);
  assert_non_null(r->server);
  box_server_set_pace(r->server, pace);
  assert_int_equal(pipe(r->stop), 0);
  assert_int_equal(pthread_create(&r->thread, NULL, run_server, r), 0);
}

static void stop(running *r) {
  assert_int_equal(write(r->stop[1], "", 1), 1);
  assert_int_equal(pthread_join(r->thread, NULL), 0);
  box_server_free(r->server);
  check_no_leaks(&r->memory);
  close(r->stop[0]);
  close(r->stop[1]);
}

static int connect_to(const running *r) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons((uint16_t)box_server_port(r->server));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void send_all(int fd, inst_str bytes) {
  while (bytes.n > 0) {
    ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
    if (n <= 0) return; /* refused: the answer is there to be read */
    bytes = (inst_str){bytes.p + n, bytes.n - (size_t)n};
  }
}

/* Reads until 'end' has come 'times' times, or the connection is closed. */
static void receive(int fd, const char *end, int times, inst_buf *got) {
  char piece[4096];
  for (;;) {
    int seen = 0;
    inst_buf_byte(got, '\0');
    for (const char *p = got->p; (p = strstr(p, end)) != NULL; p++) seen++;
    got->n--;
    if (seen >= times) return;
    ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n <= 0) return;
    inst_buf_add(got, (inst_str){piece, (size_t)n});
  }
}

static void a_connection_serves_many_requests(void **state) {
  static const char get[] = "GET /v1/models HTTP/1.1\r\n\r\n";
  running r;
  inst_buf got, request;
  (void)state;
  start(&r, 0);
  int fd = connect_to(&r);
  inst_buf_init(&got, plain);
  inst_buf_init(&request, plain);
  for (int i = 0; i < 3; i++) inst_buf_add(&request, inst_str_of(get)); /* three at once */
  write_request(&request, INST_LIT(ASK(FORMAT)));
  send_all(fd, inst_buf_text(&request));
  receive(fd, "total_tokens", 1, &got);
  assert_non_null(strstr(got.p, "Zoe Park"));
  for (size_t i = 0; i < strlen(get); i++)
    send_all(fd, (inst_str){get + i, 1}); /* and byte by byte */
  receive(fd, "owned_by", 4, &got);
  close(fd);
  stop(&r);
  inst_buf_clear(&got);
  inst_buf_clear(&request);
}

static void a_stream_comes_in_chunks_at_its_pace(void **state) {
  running r;
  inst_buf got, request;
  (void)state;
  start(&r, 1);
  int fd = connect_to(&r);
  inst_buf_init(&got, plain);
  inst_buf_init(&request, plain);
  write_request(&request, INST_LIT(ASK(FORMAT ",'stream':true")));
  send_all(fd, inst_buf_text(&request));
  receive(fd, "data: [DONE]\n\n\r\n0\r\n\r\n", 1, &got);
  assert_non_null(strstr(got.p, "transfer-encoding: chunked"));
  assert_non_null(strstr(got.p, "data: [DONE]"));
  close(fd);
  stop(&r);
  inst_buf_clear(&got);
  inst_buf_clear(&request);
}

static void a_refused_body_is_answered_before_the_end(void **state) {
  running r;
  inst_buf got, body;
  (void)state;
  start(&r, 0);
  int fd = connect_to(&r);
  inst_buf_init(&got, plain);
  inst_buf_init(&body, plain);
  inst_buf_addf(&body, "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 9000000\r\n\r\n");
  while (body.n < 9000000) inst_buf_add(&body, INST_LIT("                                "));
  send_all(fd, inst_buf_text(&body));
  receive(fd, "request_too_large", 1, &got);
  assert_true(inst_str_starts(inst_buf_text(&got), INST_LIT("HTTP/1.1 413 ")));
  close(fd);
  stop(&r);
  inst_buf_clear(&got);
  inst_buf_clear(&body);
}

static void clients_that_leave_cost_nothing(void **state) {
  static const char *const starts[] = {
      "",
      "GE",
      "POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\nx",
      "\x16\x03\x01",
      "POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n",
  };
  running r;
  (void)state;
  start(&r, 0);
  for (int i = 0; i < 300; i++) {
    int fd = connect_to(&r);
    send_all(fd, inst_str_of(starts[(size_t)i % CHECK_COUNT(starts)]));
    close(fd);
  }
  int fd = connect_to(&r);
  inst_buf got;
  inst_buf_init(&got, plain);
  send_all(
      fd,
      INST_LIT("POST /v1/chat/completions HTTP/1.1\r\nexpect: 100-continue\r\nconnection: close\r\n"
               "content-length: 2\r\n\r\n"));
  receive(fd, "100 Continue\r\n\r\n", 1, &got);
  send_all(fd, INST_LIT("{}"));
  receive(fd, "never", 1, &got); /* closed by the server */
  assert_non_null(strstr(got.p, "invalid_request"));
  close(fd);
  stop(&r);
  inst_buf_clear(&got);
}

static void a_taken_port_is_said(void **state) {
  running r;
  inst_error error = {0};
  (void)state;
  start(&r, 0);
  assert_null(
      box_server_new(box_server_port(r.server), box_routes_answer, &r.routes, plain, &error));
  assert_int_equal(error.code, INST_E_NETWORK);
  assert_non_null(strstr(error.text, "cannot listen on 127.0.0.1:"));
  stop(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(requests_are_read_in_any_pieces),
      cmocka_unit_test(heads_and_bodies_have_limits),
      cmocka_unit_test(a_reader_goes_on_with_the_next_request),
      cmocka_unit_test(a_connection_serves_many_requests),
      cmocka_unit_test(a_stream_comes_in_chunks_at_its_pace),
      cmocka_unit_test(a_refused_body_is_answered_before_the_end),
      cmocka_unit_test(clients_that_leave_cost_nothing),
      cmocka_unit_test(a_taken_port_is_said),
  };
  return cmocka_run_group_tests_name("sandbox server", tests, NULL, NULL);
}
