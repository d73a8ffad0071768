/*
** The libcurl transport: where a request may go.  Redirects are followed to the same server only,
** and a proxy is asked only when one was named.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"

/* ---- redirects ------------------------------------------------------------------------------- */

/* A turn that redirects to 'location'; lent until the next one is made. */
static char redirect_text[4096];
static loopback_turn redirect(int status, const char *location, const char *body) {
  const int n =
      snprintf(redirect_text, sizeof redirect_text,
               "HTTP/1.1 %d Go\r\nX-Stale: 1\r\nLOCATION: %s\r\nContent-Length: %zu\r\n\r\n%s",
               status, location, strlen(body), body);
  return (loopback_turn){redirect_text, (size_t)n, LOOPBACK_KEEP, false};
}

static void a_redirect_on_the_same_server_is_followed_unseen(void **state) {
  (void)state;
  static const char *const places[] = {"/v2/chat", "chat?b=c", "http://127.0.0.1:%d/v2/chat",
                                       "HTTP://127.0.0.1:%d/v2/chat", "//127.0.0.1:%d/x"};
  for (size_t i = 0; i < CHECK_COUNT(places); i++) {
    char place[128];
    loopback_turn turns[2] = {{0}, SAY(OK("4") "here")};
    start_over();
    serve(&the.server, turns, 2);
    snprintf(place, sizeof place, places[i], the.server.port);
    turns[0] = redirect(i % 2 == 0 ? 307 : 308, place, "gone");
    ask(0, "/v1/chat?a=b");
    finish(1);
    loopback_stop(&the.server);
    if (!the.w[0].whole) fail_msg("%s: %s", place, the.w[0].error.text);
    assert_int_equal(the.w[0].heads, 1);
    assert_int_equal(the.w[0].status, 200);
    assert_string_equal(the.w[0].lines, "Content-Length=4\n");
    assert_body(&the.w[0], "here");
    assert_int_equal(the.server.asked, 2);
    assert_int_equal(the.server.accepted, 1); /* on the same connection */
    assert_int_equal(strncmp(the.server.requests[1].p, "POST /", 6), 0);
    assert_non_null(strstr(the.server.requests[1].p, "\r\n\r\n{\"q\":\"prompt\"}"));
    assert_int_equal(count_in(the.server.requests[1].p, "Bearer " KEY), 1);
  }
}

static void a_redirect_elsewhere_is_the_answer_itself(void **state) {
  (void)state;
  static const loopback_turn never[] = {SAY(OK("4") "evil")};
  static const struct {
    const char *place;
    bool other_port;
  } places[] = {{"http://127.0.0.1:%d/", true},         {"//127.0.0.1:%d/", true},
                {"https://127.0.0.1:%d/", false},       {"http://localhost:%d/", false},
                {"http://me:you@127.0.0.1:%d/", false}, {"ftp://127.0.0.1:%d/", false},
                {"http://[broken:%d", false},           {"", false}};
  serve(&the.other, never, 1);
  for (size_t i = 0; i < CHECK_COUNT(places); i++) {
    char place[128];
    loopback_turn turns[2] = {{0}, SAY(OK("4") "here")};
    start_over();
    serve(&the.server, turns, 2);
    snprintf(place, sizeof place, places[i].place,
             places[i].other_port ? the.other.port : the.server.port);
    turns[0] = redirect(307, place, "gone");
    ask(0, "/v1");
    finish(1);
    loopback_stop(&the.server);
    assert_true(the.w[0].whole);
    assert_int_equal(the.w[0].status, 307);
    assert_non_null(strstr(the.w[0].lines, "LOCATION="));
    assert_non_null(strstr(the.w[0].lines, place));
    assert_body(&the.w[0], "gone");
    assert_int_equal(the.server.asked, 1);
  }
  pump_for(0.05);
  assert_int_equal(the.other.accepted, 0);
}

static void a_redirect_that_would_drop_the_body_is_not_followed(void **state) {
  (void)state;
  static const int statuses[] = {300, 301, 302, 303, 304};
  for (size_t i = 0; i < CHECK_COUNT(statuses); i++) {
    const loopback_turn turn = redirect(statuses[i], "/else", statuses[i] == 304 ? "" : "gone");
    start_over();
    serve(&the.server, &turn, 1);
    ask(0, "/");
    finish(1);
    loopback_stop(&the.server);
    assert_true(the.w[0].whole);
    assert_int_equal(the.w[0].status, statuses[i]);
    assert_int_equal(the.server.asked, 1);
  }
}

static void redirects_are_followed_five_times(void **state) {
  (void)state;
  loopback_turn turns[8];
  for (size_t i = 0; i < CHECK_COUNT(turns); i++) turns[i] = redirect(307, "/again", "gone");
  serve(&the.server, turns, CHECK_COUNT(turns));
  ask(0, "/");
  finish(1);
  loopback_stop(&the.server);
  assert_true(the.w[0].whole);
  assert_int_equal(the.w[0].status, 307);
  assert_int_equal(the.w[0].heads, 1);
  assert_int_equal(the.server.asked, 6);
}

static void the_body_of_a_redirect_may_be_endless(void **state) {
  (void)state;
  size_t n;
  char *text = make_flood("HTTP/1.1 307 Go\r\nLocation: /x\r\n\r\n", "0123456789", 100000, &n);
  const loopback_turn turns[] = {{text, n, LOOPBACK_STALL, false}, SAY(OK("4") "here")};
  serve(&the.server, turns, 2);
  ask(0, "/");
  finish(1);
  assert_true(the.w[0].whole);
  assert_body(&the.w[0], "here");
  assert_int_equal(the.w[0].heads, 1);
  loopback_stop(&the.server);
  free(text);
}

static void time_goes_on_while_a_redirect_is_followed(void **state) {
  (void)state;
  char body[4001];
  memset(body, '.', 4000);
  body[4000] = '\0';
  loopback_turn turns[] = {redirect(307, "/x", body), SAY_THEN("", LOOPBACK_STALL)};
  turns[0].drip = true; /* takes a second or so */
  serve(&the.server, turns, 2);
  inst_request request = question(url_at(0, the.server.port, "/"));
  request.total_timeout = 1.2;
  const double begun = seconds_now();
  assert_int_equal(start_request(&the.w[0], &request), 0);
  finish(1);
  assert_true(seconds_now() - begun < 2);
  loopback_stop(&the.server);
  assert_fault(&the.w[0], INST_E_TIMEOUT, true, "no whole answer came");
}

/* ---- proxies --------------------------------------------------------------------------------- */

static void a_proxy_is_asked_when_it_is_given(void **state) {
  (void)state;
  char proxy[64];
  static const loopback_turn turns[] = {SAY(OK("3") "via")};
  serve(&the.other, turns, 1);
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", the.other.port);
  open_engine(&(inst_transport_options){.proxy = proxy});
  start(&the.w[0], "http://api.invalid/v1");
  finish(1);
  loopback_stop(&the.other);
  assert_body(&the.w[0], "via");
  assert_int_equal(strncmp(the.other.requests[0].p, "POST http://api.invalid/v1 ", 27), 0);
}

static void a_server_on_this_machine_is_not_asked_to_pack_its_answer(void **state) {
  (void)state;
  static const struct {
    const char *url;
    bool packed;
  } cases[] = {{"http://api.invalid/", true},     {"http://127.0.0.1:1/", false},
               {"http://LOCALHOST:1/", false},    {"http://[::1]:1/", false},
               {"http://127.api.invalid/", true}, {"http://localhost.invalid/", true}};
  static const loopback_turn turns[] = {SAY(OK("0")), SAY(OK("0")), SAY(OK("0")),
                                        SAY(OK("0")), SAY(OK("0")), SAY(OK("0"))};
  char proxy[64];
  serve(&the.other, turns, CHECK_COUNT(turns));
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", the.other.port);
  open_engine(&(inst_transport_options){.proxy = proxy});
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    start(&the.w[i], cases[i].url);
    finish((int)i + 1);
  }
  loopback_stop(&the.other);
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    const char *packing = strstr(the.other.requests[i].p, "\r\nAccept-Encoding: gzip\r\n");
    if ((packing != NULL) != cases[i].packed) fail_msg("%s", the.other.requests[i].p);
  }
}

static void the_environment_names_a_proxy_unless_an_option_does(void **state) {
  (void)state;
  char proxy[64];
  static const loopback_turn via[] = {SAY(OK("3") "via")};
  serve(&the.other, via, 1);
  SERVE(SAY(OK("6") "direct"), SAY(OK("6") "direct"));
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", the.other.port);
  setenv("http_proxy", proxy, 1);
  ask(0, "/"); /* of an engine that was opened before */
  finish(1);
  open_engine(NULL);
  ask(1, "/");
  finish(2);
  open_engine(&(inst_transport_options){.proxy = ""});
  ask(2, "/");
  finish(3);
  unsetenv("http_proxy");
  assert_body(&the.w[0], "direct");
  assert_body(&the.w[1], "via");
  assert_body(&the.w[2], "direct");
}

static void a_proxy_that_refuses_sees_no_key_and_is_not_the_answer(void **state) {
  (void)state;
  char proxy[64];
  static const loopback_turn turns[] = {
      SAY("HTTP/1.1 407 No\r\nX-Proxy: 1\r\nContent-Length: 4\r\n\r\nnope")};
  serve(&the.other, turns, 1);
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", the.other.port);
  open_engine(&(inst_transport_options){.proxy = proxy, .user_agent = "mine/1"});
  start(&the.w[0], "https://api.invalid/v1");
  finish(1);
  loopback_stop(&the.other);
  assert_fault(&the.w[0], INST_E_NETWORK, false,
               "the proxy refused to connect to api.invalid port 443 (status 407)");
  assert_int_equal(the.w[0].heads + the.w[0].headers, 0);
  assert_int_equal(strncmp(the.other.requests[0].p, "CONNECT api.invalid:443 ", 24), 0);
  assert_non_null(strstr(the.other.requests[0].p, "\r\nUser-Agent: mine/1\r\n"));
  assert_null(strstr(the.other.requests[0].p, "Bearer"));
  assert_null(strstr(the.other.requests[0].p, "Accept-Encoding"));
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(a_redirect_on_the_same_server_is_followed_unseen),
      SPEC(a_redirect_elsewhere_is_the_answer_itself),
      SPEC(a_redirect_that_would_drop_the_body_is_not_followed),
      SPEC(redirects_are_followed_five_times),
      SPEC(the_body_of_a_redirect_may_be_endless),
      SPEC(time_goes_on_while_a_redirect_is_followed),
      SPEC(a_proxy_is_asked_when_it_is_given),
      SPEC(a_server_on_this_machine_is_not_asked_to_pack_its_answer),
      SPEC(the_environment_names_a_proxy_unless_an_option_does),
      SPEC(a_proxy_that_refuses_sees_no_key_and_is_not_the_answer),
  };
  return cmocka_run_group_tests_name("curl: redirects and proxies", specs, curl_check_begin, NULL);
}
