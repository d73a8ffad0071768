/*
** The call machine against servers that fail, are busy, or answer wrongly: what it sends, when, and
** how often.
*/
#include "spec/core/call_check.h"

#include "core/call/call.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define WRONG "{\"name\":\"Jason Liu\",\"age\":\"thirty\"}"

static bool same_bytes(stage *s, size_t a, size_t b) {
  return inst_str_is(s->sent[a], s->sent[b]);
}

static double waited_before(stage *s, size_t i) {
  return s->sent_at[i] - s->sent_at[i - 1];
}

/* ---- the promise ----------------------------------------------------------------------------- */

static void a_good_answer_is_the_value_after_one_request(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, with_header(calls_tool(s, RIGHT), "X-Request-Id", "req-1"));
  assert_done(s, RIGHT);
  assert_int_equal(s->asked, 1);
  assert_int_equal(attempt_count(s), 1);
  const inst_attempt *attempt = attempt_at(s, 0);
  assert_int_equal(attempt->status, 200);
  assert_int_equal(attempt->code, INST_E_NONE);
  assert_text(attempt->text, RIGHT);
  assert_text(attempt->request_id, "req-1");
  assert_false(attempt->reask);
  assert_true(inst_call_body(s->call).n == s->steps[0].body.n);
  clear_stage(s);
}

static void a_failed_call_is_tried_again_until_the_answer_fits(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 3;
  begin_script(s, plain_step(503, INST_LIT("busy")), plain_step(503, INST_LIT("busy")),
               calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(s->asked, 4);
  assert_true(same_bytes(s, 0, 1) && same_bytes(s, 1, 2)); /* HTTP retries */
  assert_false(same_bytes(s, 2, 3));                       /* a new question */
  assert_true(waited_before(s, 1) > 0 && waited_before(s, 2) > waited_before(s, 1));
  assert_int_equal(attempt_count(s), 4);
  const inst_code codes[] = {INST_E_HTTP, INST_E_HTTP, INST_E_VALIDATION, INST_E_NONE};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(attempt_at(s, i)->code, codes[i]);
    assert_int_equal(attempt_at(s, i)->reask, i == 3);
    assert_int_equal(attempt_at(s, i)->usage.known, i >= 2);
    assert_true(i == 0 || attempt_at(s, i)->waited == waited_before(s, i));
  }
  assert_int_equal(inst_call_usage(s->call).total_tokens, 30);
  assert_int_equal(inst_call_usage(s->call).input_tokens, 20);
  assert_int_equal(inst_call_usage(s->call).output_tokens, 10);
  assert_non_null(attempt_at(s, 2)->issues);
  clear_stage(s);
}

static void max_retries_of_0_1_and_3_send_at_most_1_2_and_4_requests(void **state) {
  (void)state;
  const int retries[] = {0, 1, 3};
  for (size_t i = 0; i < CHECK_COUNT(retries); i++) {
    stage *s = set_stage();
    s->options.max_retries = retries[i];
    begin_script(s, calls_tool(s, WRONG), calls_tool(s, WRONG), calls_tool(s, WRONG),
                 calls_tool(s, WRONG), calls_tool(s, RIGHT));
    assert_failed(s, INST_E_VALIDATION);
    assert_int_equal(s->asked, retries[i] + 1);
    assert_int_equal(inst_call_usage(s->call).total_tokens, 15 * (retries[i] + 1));
    assert_non_null(inst_call_issues(s->call));
    clear_stage(s);
  }
}

static void every_ask_in_a_row_says_more_than_the_one_before(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 3;
  begin_script(s, says(s, ""), says(s, ""), plain_step(200, INST_LIT("{\"choices\":[]}")),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  for (size_t i = 1; i < 4; i++) assert_true(s->sent[i].n > s->sent[i - 1].n);
  clear_stage(s);
}

/* ---- what is sent again ---------------------------------------------------------------------- */

static void statuses_that_may_pass_are_tried_again_and_others_are_not(void **state) {
  (void)state;
  const int again[] = {408, 409, 429, 500, 502, 503, 529}, never[] = {301, 400, 401, 403, 404, 422};
  for (size_t i = 0; i < CHECK_COUNT(again); i++) {
    stage *s = set_stage();
    begin_script(s, plain_step(again[i], INST_LIT("{}")), calls_tool(s, RIGHT));
    assert_done(s, RIGHT);
    clear_stage(s);
  }
  for (size_t i = 0; i < CHECK_COUNT(never); i++) {
    stage *s = set_stage();
    s->options.max_retries = 3;
    begin_script(s, plain_step(never[i], INST_LIT("{}")));
    assert_failed(s, INST_E_HTTP);
    assert_int_equal(inst_call_error(s->call)->status, never[i]);
    assert_false(inst_call_error(s->call)->retryable);
    clear_stage(s);
  }
}

static void the_server_may_say_whether_to_try_again(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, with_header(plain_step(400, INST_LIT("{}")), "x-should-retry", "true"),
               with_header(plain_step(503, INST_LIT("{}")), "X-Should-Retry", "false"));
  assert_failed(s, INST_E_HTTP);
  assert_int_equal(s->asked, 2);
  assert_int_equal(inst_call_error(s->call)->status, 503);
  clear_stage(s);
}

static void a_broken_connection_is_tried_again_and_a_lost_limit_is_not(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, (step){.broken = INST_E_NETWORK}, /* no byte came */
               (step){.status = 200, .body = INST_LIT("{\"cho"), .broken = INST_E_NETWORK},
               (step){.unsent = true, .broken = INST_E_NETWORK});
  assert_failed(s, INST_E_NETWORK);
  assert_int_equal(attempt_count(s), 3);
  assert_int_equal(inst_call_error(s->call)->status, 0);
  assert_int_equal(attempt_at(s, 1)->status, 200);
  end_call(s);
  s->options.max_answer = 20;
  begin_script(s, calls_tool(s, RIGHT));
  assert_failed(s, INST_E_LIMIT);
  end_call(s);
  begin_script(s, (step){.status = 200, .body = calls_tool(s, RIGHT).body, .stalls = true});
  assert_failed(s, INST_E_LIMIT); /* though the transport goes on: it is dropped */
  assert_int_equal(s->dropped, 1);
  clear_stage(s);
}

static void a_transport_that_gives_no_reason_or_no_answer_has_lost_the_connection(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, (step){.status = 0});
  assert_failed(s, INST_E_NETWORK);
  end_call(s);
  begin_script(s, (step){.unsent = true});
  assert_int_equal(play_until(s, INST_WANT_SEND), INST_WANT_SEND);
  inst_error nothing = {.code = INST_E_NONE};
  inst_call_sent(s->call, &nothing);
  assert_failed(s, INST_E_NETWORK);
  clear_stage(s);
}

static void reasks_and_http_retries_are_counted_apart(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  s->options.http_retries = 3;
  const step busy = plain_step(500, INST_LIT("{}"));
  begin_script(s, busy, busy, calls_tool(s, WRONG), busy, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(same_bytes(s, 3, 4));
  assert_true(attempt_at(s, 3)->reask);
  assert_false(attempt_at(s, 4)->reask);
  end_call(s);
  s->options.http_retries = 0; /* max_retries lifts it to 1 */
  begin_script(s, busy, busy);
  assert_failed(s, INST_E_HTTP);
  assert_int_equal(s->asked, 2);
  end_call(s);
  s->options.exact_http_retries = true;
  begin_script(s, busy);
  assert_failed(s, INST_E_HTTP);
  assert_int_equal(s->asked, 1);
  clear_stage(s);
}

/* ---- waits ----------------------------------------------------------------------------------- */

static double wait_after(const char *name, const char *value, double wall) {
  stage *s = set_stage();
  s->options.wall_clock = wall;
  begin_script(s, with_header(plain_step(429, INST_LIT("{}")), name, value), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  double wait = waited_before(s, 1);
  clear_stage(s);
  return wait;
}

static void the_servers_wish_comes_before_our_own_back_off(void **state) {
  (void)state;
  const double own = INST_BACKOFF_INITIAL, now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
  static const struct {
    const char *name, *value;
    double wait;
  } cases[] = {
      {"retry-after-ms", "1500", 1.5},
      {"Retry-After", "7", 7},
      {"Retry-After", "0.25", 0.25},
      {"Retry-After", "60", 60},
      {"Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT", 10},
      {"Retry-After", "61", -1}, /* too long */
      {"Retry-After", "0", -1},  /* says nothing */
      {"Retry-After", "-5", -1}, /* nonsense, all of these */
      {"Retry-After", "1e99", -1},
      {"Retry-After", "soon", -1},
      {"Retry-After", "", -1},
      {"retry-after-ms", "99999999", -1},
      {"Retry-After", "Sun, 06 Nov 1994 08:49:27 GMT", -1}, /* past */
      {"Retry-After", "Mon, 06 Nov 1995 08:49:37 GMT", -1}, /* too far */
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    double wanted = cases[i].wait < 0 ? own : cases[i].wait;
    double wait = wait_after(cases[i].name, cases[i].value, now);
    if (wait < wanted - 1e-6 || wait > wanted + 1e-6)
      fail_msg("%s: %s: %g s, not %g s", cases[i].name, cases[i].value, wait, wanted);
  }
  assert_true(wait_after("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT", 0) == own);
}

static double full_jitter(void *ctx) {
  (void)ctx;
  return 0.999999;
}

static void waits_grow_to_a_limit_and_jitter_takes_off_a_quarter_at_most(void **state) {
  (void)state;
  const step busy = plain_step(500, INST_LIT("{}"));
  for (int jitter = 0; jitter < 2; jitter++) {
    stage *s = set_stage();
    double wanted = INST_BACKOFF_INITIAL;
    s->options.http_retries = 7;
    if (jitter) s->options.random = full_jitter;
    begin_script(s, busy, busy, busy, busy, busy, busy, busy, calls_tool(s, RIGHT));
    assert_done(s, RIGHT);
    for (size_t i = 1; i < 8; i++) {
      double wait = waited_before(s, i),
             least = jitter ? wanted * (1 - INST_BACKOFF_JITTER) : wanted;
      assert_true(wait > least - 1e-9 && wait < least + 1e-4);
      wanted = wanted * INST_BACKOFF_FACTOR < INST_BACKOFF_MAX ? wanted * INST_BACKOFF_FACTOR
                                                               : INST_BACKOFF_MAX;
    }
    clear_stage(s);
  }
}

static void our_own_randomness_stays_within_the_jitter(void **state) {
  (void)state;
  const step busy = plain_step(500, INST_LIT("{}"));
  stage *s = set_stage();
  s->options.random = NULL;
  begin_script(s, busy, busy, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  for (size_t i = 1; i < 3; i++) {
    double most = i == 1 ? 0.5 : 1.0;
    assert_true(waited_before(s, i) <= most && waited_before(s, i) > most * 0.7499);
  }
  clear_stage(s);
}

static void reasks_do_not_wait_unless_told_to(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 2;
  begin_script(s, calls_tool(s, WRONG), calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(s->sent_at[2] == s->sent_at[0]);
  end_call(s);
  s->options.reask_backoff = (inst_backoff){2, 3, 5, 0, false};
  begin_script(s, calls_tool(s, WRONG), calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(waited_before(s, 1) == 2 && waited_before(s, 2) == 5);
  clear_stage(s);
}

static void the_host_may_say_how_long_to_rest(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  s->options.http_backoff.host = s->options.reask_backoff.host = true;
  begin_script(s, plain_step(500, INST_LIT("{}")), calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_BACKOFF);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_HTTP);
  assert_true(inst_call_wake(s->call) == 1000 + INST_TOTAL_TIMEOUT);
  inst_call_rest(s->call, 4);
  assert_int_equal(play(s), INST_WANT_BACKOFF);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_VALIDATION);
  inst_call_rest(s->call, -4); /* at once */
  inst_call_rest(s->call, 99); /* it was not asked: nothing happens */
  assert_done(s, RIGHT);
  assert_true(waited_before(s, 1) == 4 && waited_before(s, 2) == 0);
  end_call(s);
  begin_script(s, with_header(plain_step(500, INST_LIT("{}")), "Retry-After", "3"),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT); /* the server's wish comes first */
  clear_stage(s);
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static const inst_header *header_of(stage *s, const char *name, size_t *count) {
  const inst_request *request = inst_call_request(s->call);
  const inst_header *found = NULL;
  *count = 0;
  for (size_t i = 0; i < request->header_count; i++)
    if (inst_str_is_nocase(request->headers[i].name, inst_str_of(name))) {
      found = &request->headers[i];
      ++*count;
    }
  return found;
}

static void the_key_stands_in_one_header_and_users_headers_win(void **state) {
  (void)state;
  stage *s = set_stage();
  size_t n;
  begin_script(s, calls_tool(s, RIGHT));
  play_until(s, INST_WANT_SEND);
  assert_text(header_of(s, "authorization", &n)->value, "Bearer " FAKE_KEY);
  assert_string_equal(inst_call_request(s->call)->url,
                      "https://api.openai.com/v1/chat/completions");
  assert_string_equal(inst_call_request(s->call)->method, "POST");
  end_call(s);
  const inst_header headers[] = {{INST_LIT("AUTHORIZATION"), INST_LIT("Token fake-other")},
                                 {INST_LIT("accept"), {NULL, 0}}, /* taken away */
                                 {INST_LIT("X-Mine"), INST_LIT("")}};
  s->options.headers = headers;
  s->options.header_count = 3;
  begin_script(s, calls_tool(s, RIGHT));
  play_until(s, INST_WANT_SEND);
  assert_text(header_of(s, "authorization", &n)->value, "Token fake-other");
  assert_int_equal(n, 1);
  header_of(s, "accept", &n);
  assert_int_equal(n, 0);
  assert_text(header_of(s, "x-mine", &n)->value, "");
  clear_stage(s);
}

static void headers_that_http_forbids_are_not_sent(void **state) {
  (void)state;
  const inst_header bad[] = {{INST_LIT("X-A"), INST_LIT("a\r\nX-B: b")},
                             {INST_LIT("X-A"), INST_LIT("a\nb")},
                             {INST_LIT("X-A\r\nX-B"), INST_LIT("b")},
                             {INST_LIT("X A"), INST_LIT("b")},
                             {INST_LIT(""), INST_LIT("b")},
                             {INST_LIT("X-A"), INST_LIT("a\0b")}};
  for (size_t i = 0; i < CHECK_COUNT(bad); i++) {
    stage *s = set_stage();
    s->options.headers = &bad[i];
    s->options.header_count = 1;
    begin_script(s, calls_tool(s, RIGHT));
    assert_failed(s, INST_E_USAGE);
    assert_null(strpbrk(inst_call_error(s->call)->text, "\r\n"));
    assert_int_equal(s->asked, 0);
    clear_stage(s);
  }
  stage *s = set_stage();
  s->options.api_key = INST_LIT("fake-key\r\nX-Evil: 1");
  begin_script(s, calls_tool(s, RIGHT));
  assert_failed(s, INST_E_USAGE);
  assert_null(strstr(inst_call_error(s->call)->text, "fake-key"));
  clear_stage(s);
}

static void the_url_is_the_base_with_the_path_before_its_query(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/chat/completions"},
      {"http://h/v1///", "http://h/v1/chat/completions"},
      {"HTTPS://h", "HTTPS://h/chat/completions"},
      {"https://h/v1?api-version=2", "https://h/v1/chat/completions?api-version=2"},
      {"https://h/v1/?a=/#part", "https://h/v1/chat/completions?a=/"},
      {"https://h/v1#part?x", "https://h/v1/chat/completions"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    stage *s = set_stage();
    s->options.base_url = inst_str_of(cases[i][0]);
    begin_script(s, calls_tool(s, RIGHT));
    play_until(s, INST_WANT_SEND);
    assert_string_equal(inst_call_request(s->call)->url, cases[i][1]);
    clear_stage(s);
  }
}

static void what_is_no_call_is_refused_before_anything_is_sent(void **state) {
  (void)state;
  static const char *const urls[] = {"api.openai.com/v1", "ftp://h/v1",    "https://",
                                     "https:///v1",       "https://h /v1", "https://h/\r\n",
                                     "https://h\\@x/v1",  "https:/h/v1",   "http://?x"};
  stage *s = set_stage();
  for (size_t i = 0; i < CHECK_COUNT(urls); i++) {
    s->options.base_url = inst_str_of(urls[i]);
    assert_null(inst_call_new(&s->options, &s->error));
    assert_int_equal(s->error.code, INST_E_USAGE);
  }
  inst_schema *open = inst_schema_new((inst_alloc){NULL, NULL});
  inst_provider few = *s->options.provider;
  few.modes = 1u << INST_MODE_FUNCTIONS;
  inst_call_options good = s->options, bad[6];
  good.base_url = (inst_str){NULL, 0};
  for (size_t i = 0; i < 6; i++) bad[i] = good;
  bad[0].provider = NULL;
  bad[1].params = NULL;
  bad[2].params = inst_array(s->texts);
  bad[3].provider = &few;
  bad[4].schema = open;
  bad[5].mode = (inst_mode)77;
  for (size_t i = 0; i < 6; i++) {
    assert_null(inst_call_new(&bad[i], &s->error));
    assert_int_equal(s->error.code, INST_E_USAGE);
  }
  good.provider = inst_provider_find(INST_LIT("compatible")); /* which has no URL of its own */
  assert_null(inst_call_new(&good, NULL));
  inst_schema_free(open);
  clear_stage(s);
}

static void
the_callers_values_are_left_as_they_were_and_may_go_once_the_call_is_made(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_arena *theirs = inst_arena_new((inst_alloc){NULL, NULL});
  s->options.params = user_params(theirs);
  const char *before = inst_json_text(s->texts, s->options.params).p;
  s->options.max_retries = 1;
  begin_script(s, calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(s->options.params, before);
  end_call(s);
  begin_script(s, calls_tool(s, WRONG), calls_tool(s, RIGHT));
  inst_arena_free(theirs);
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void two_equal_calls_send_equal_bytes(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  inst_str first = s->sent[0];
  end_call(s);
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(inst_str_is(first, s->sent[0]));
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_answer_is_the_value_after_one_request),
      cmocka_unit_test(a_failed_call_is_tried_again_until_the_answer_fits),
      cmocka_unit_test(max_retries_of_0_1_and_3_send_at_most_1_2_and_4_requests),
      cmocka_unit_test(every_ask_in_a_row_says_more_than_the_one_before),
      cmocka_unit_test(statuses_that_may_pass_are_tried_again_and_others_are_not),
      cmocka_unit_test(the_server_may_say_whether_to_try_again),
      cmocka_unit_test(a_broken_connection_is_tried_again_and_a_lost_limit_is_not),
      cmocka_unit_test(a_transport_that_gives_no_reason_or_no_answer_has_lost_the_connection),
      cmocka_unit_test(reasks_and_http_retries_are_counted_apart),
      cmocka_unit_test(the_servers_wish_comes_before_our_own_back_off),
      cmocka_unit_test(waits_grow_to_a_limit_and_jitter_takes_off_a_quarter_at_most),
      cmocka_unit_test(our_own_randomness_stays_within_the_jitter),
      cmocka_unit_test(reasks_do_not_wait_unless_told_to),
      cmocka_unit_test(the_host_may_say_how_long_to_rest),
      cmocka_unit_test(the_key_stands_in_one_header_and_users_headers_win),
      cmocka_unit_test(headers_that_http_forbids_are_not_sent),
      cmocka_unit_test(the_url_is_the_base_with_the_path_before_its_query),
      cmocka_unit_test(what_is_no_call_is_refused_before_anything_is_sent),
      cmocka_unit_test(the_callers_values_are_left_as_they_were_and_may_go_once_the_call_is_made),
      cmocka_unit_test(two_equal_calls_send_equal_bytes),
  };
  return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
