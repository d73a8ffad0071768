/*
** How a call ends before its time: deadlines, silent servers, cancellation, a driver that is wrong.
*/
#include "spec/core/call_check.h"

#include "core/call/call.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define WRONG "{\"name\":\"Jason Liu\",\"age\":\"thirty\"}"

static const step silent = {.stalls = true};

static step stalled(const char *body) {
  return (step){.status = 200, .body = inst_str_of(body), .stalls = true};
}

static void assert_took(stage *s, double seconds) {
  double took = s->now - 1000;
  if (took < seconds - 1e-6 || took > seconds + 1e-6)
    fail_msg("it took %g s, not %g s", took, seconds);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void a_server_that_does_not_begin_runs_into_the_first_byte_timeout(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.first_byte_timeout = 3;
  s->options.http_retries = 1;
  begin_script(s, silent, silent);
  assert_failed(s, INST_E_TIMEOUT);
  assert_took(s, 3 + 0.5 + 3);
  assert_int_equal(s->dropped, 2);
  assert_true(inst_call_error(s->call)->retryable);
  assert_string_equal(inst_call_error(s->call)->text, "the server did not answer for 3 s");
  assert_true(attempt_at(s, 1)->seconds == 3);
  clear_stage(s);
}

static void a_server_that_falls_silent_runs_into_the_idle_timeout(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.idle_timeout = 2;
  begin_script(s, stalled("{\"cho"), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(s->dropped, 1);
  assert_int_equal(attempt_at(s, 0)->code, INST_E_TIMEOUT);
  assert_int_equal(attempt_at(s, 0)->status, 200);
  clear_stage(s);
}

/* Feeds a byte of the answer each second. */
static void bytes_that_keep_coming_keep_the_idle_timeout_away(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.idle_timeout = 1.5;
  s->options.first_byte_timeout = 1.5;
  begin_script(s, silent);
  assert_int_equal(play_until(s, INST_WANT_BYTES), INST_WANT_BYTES);
  inst_sink sink = inst_call_sink(s->call);
  inst_str body = calls_tool(s, RIGHT).body;
  s->now += 1;
  sink.alive(sink.ctx);
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_BYTES);
  s->now += 1;
  sink.head(sink.ctx, 200);
  for (size_t i = 0; i < body.n; i++) {
    assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_BYTES);
    assert_true(inst_call_wake(s->call) == s->now + 1.5);
    assert_int_equal(sink.body(sink.ctx, (inst_str){body.p + i, 1}), 0);
    s->now += 1;
  }
  sink.end(sink.ctx, NULL);
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void the_deadline_covers_reading(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 4;
  begin_script(s, stalled("{"));
  assert_failed(s, INST_E_TIMEOUT);
  assert_took(s, 4);
  assert_int_equal(s->dropped, 1);
  assert_string_equal(inst_call_error(s->call)->text, "the deadline of 4 s has passed");
  assert_int_equal(attempt_at(s, 0)->code, INST_E_TIMEOUT);
  clear_stage(s);
}

static void the_deadline_covers_all_attempts_and_the_waits_between_them(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 2;
  s->options.http_retries = 99;
  const step busy = plain_step(500, INST_LIT("{}"));
  begin_script(s, busy, busy, busy);
  assert_failed(s, INST_E_TIMEOUT); /* after 0.5 and 1 s there is no time for 2 s more */
  assert_took(s, 1.5);
  assert_int_equal(inst_call_error(s->call)->status, 500);
  assert_non_null(strstr(inst_call_error(s->call)->text, "HTTP 500"));
  end_call(s);
  s->now = 1000;
  s->options.http_backoff.host = true;
  begin_script(s, busy);
  assert_int_equal(play(s), INST_WANT_BACKOFF);
  s->now = inst_call_wake(s->call); /* the host never says */
  assert_failed(s, INST_E_TIMEOUT);
  assert_took(s, 2);
  clear_stage(s);
}

static void a_wait_longer_than_the_time_left_is_not_begun(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 10;
  begin_script(s, with_header(plain_step(429, INST_LIT("{}")), "Retry-After", "30"));
  assert_failed(s, INST_E_TIMEOUT);
  assert_took(s, 0);
  clear_stage(s);
}

static void what_a_transport_is_given_ends_after_the_deadline_does(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 10;
  begin_script(s, plain_step(500, INST_LIT("{}")), calls_tool(s, RIGHT));
  play_until(s, INST_WANT_SEND);
  assert_true(inst_call_request(s->call)->total_timeout == 11);
  play_send(s);
  play_until(s, INST_WANT_SEND);
  assert_true(inst_call_request(s->call)->total_timeout == 10.5);
  clear_stage(s);
}

static void an_answer_that_is_here_is_judged_whatever_the_time(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 10;
  begin_script(s, calls_tool(s, RIGHT));
  play_until(s, INST_WANT_SEND);
  play_send(s);
  s->now += 1000;
  assert_done(s, RIGHT);
  end_call(s);
  s->options.max_retries = 1;
  s->now = 1000;
  begin_script(s, calls_tool(s, WRONG));
  play_until(s, INST_WANT_SEND);
  play_send(s);
  s->now += 1000;
  assert_failed(s, INST_E_TIMEOUT); /* but it is not asked about */
  clear_stage(s);
}

static void no_time_at_all_sends_nothing(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.deadline = 0;
  begin_script(s, silent);
  assert_failed(s, INST_E_TIMEOUT);
  assert_int_equal(s->asked, 0);
  assert_int_equal(attempt_count(s), 0);
  clear_stage(s);
}

static void a_clock_may_begin_anywhere(void **state) {
  (void)state;
  stage *s = set_stage();
  s->now = -5000;
  s->options.deadline = 10;
  begin_script(s, plain_step(500, INST_LIT("{}")), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(s->now == -5000 + 0.5);
  clear_stage(s);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static void refined_schema(stage *s) {
  inst_schema *schema = inst_schema_new(check_alloc(&s->memory));
  inst_node user = user_node(schema);
  inst_check refine = {.kind = INST_CHECK_REFINE, .code = 7};
  inst_schema_check(schema, user, &refine);
  use_schema(s, finish_schema(schema, user));
}

static void a_call_can_be_cancelled_wherever_it_stands(void **state) {
  (void)state;
  static const struct {
    inst_want stop;
    size_t asked, dropped;
  } cases[] = {
      {INST_WANT_SEND, 0, 0},    /* before anything was sent */
      {INST_WANT_BYTES, 1, 1},   /* while the answer comes */
      {INST_WANT_DROP, 1, 1},    /* while it is given up */
      {INST_WANT_WAIT, 1, 1},    /* while it rests */
      {INST_WANT_CODE, 2, 1},    /* while the host judges */
      {INST_WANT_BACKOFF, 2, 1}, /* while the host thinks about a rest */
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    stage *s = set_stage();
    refined_schema(s);
    s->options.first_byte_timeout = 1;
    s->options.max_retries = 1;
    s->options.reask_backoff.host = true;
    begin_script(s, silent, calls_tool(s, cases[i].stop == INST_WANT_CODE ? RIGHT : WRONG));
    assert_int_equal(play_until(s, cases[i].stop), cases[i].stop);
    inst_call_cancel(s->call);
    assert_failed(s, INST_E_CANCELLED);
    assert_int_equal(s->asked, cases[i].asked);
    assert_int_equal(s->dropped, cases[i].dropped);
    clear_stage(s);
  }
}

static void an_answer_that_was_read_is_paid_for_though_the_call_is_cancelled(void **state) {
  (void)state;
  stage *s = set_stage();
  refined_schema(s);
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_CODE);
  inst_call_cancel(s->call);
  assert_failed(s, INST_E_CANCELLED);
  assert_int_equal(inst_call_usage(s->call).total_tokens, 15);
  assert_int_equal(attempt_at(s, 0)->usage.total_tokens, 15);
  assert_int_equal(attempt_at(s, 0)->code, INST_E_CANCELLED);
  assert_text(attempt_at(s, 0)->text, RIGHT);
  clear_stage(s);
}

static void cancelling_what_is_over_changes_nothing(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  inst_call_cancel(s->call);
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void a_call_may_be_freed_wherever_it_stands(void **state) {
  (void)state;
  const inst_want stops[] = {INST_WANT_SEND, INST_WANT_BYTES, INST_WANT_DROP, INST_WANT_WAIT,
                             INST_WANT_CODE};
  for (size_t i = 0; i < CHECK_COUNT(stops); i++) {
    stage *s = set_stage();
    refined_schema(s);
    s->options.first_byte_timeout = 1;
    begin_script(s, silent, calls_tool(s, RIGHT));
    assert_int_equal(play_until(s, stops[i]), stops[i]);
    clear_stage(s); /* which finds what leaks */
  }
  inst_call_free(NULL);
}

/* ---- a driver that is wrong ------------------------------------------------------------------ */

static void a_report_that_does_not_fit_ends_the_call_and_drops_what_is_under_way(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, silent);
  inst_call_sent(s->call, NULL); /* nothing was wanted yet */
  assert_failed(s, INST_E_USAGE);
  end_call(s);
  begin_script(s, silent);
  assert_int_equal(play_until(s, INST_WANT_BYTES), INST_WANT_BYTES);
  inst_call_sent(s->call, NULL); /* twice */
  assert_failed(s, INST_E_USAGE);
  assert_int_equal(s->dropped, 1);
  clear_stage(s);
}

static void a_report_after_the_end_changes_nothing(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  inst_sink sink = inst_call_sink(s->call);
  inst_error fault = {.code = INST_E_NETWORK, .text = "late"};
  size_t n = inst_call_body(s->call).n;
  inst_call_sent(s->call, NULL);
  inst_call_sent(s->call, &fault);
  inst_call_dropped(s->call);
  inst_call_rest(s->call, 5);
  sink.head(sink.ctx, 500);
  sink.header(sink.ctx, INST_LIT("X-Request-Id"), INST_LIT("late"));
  assert_int_not_equal(sink.body(sink.ctx, INST_LIT("late")), 0);
  sink.end(sink.ctx, &fault);
  assert_done(s, RIGHT);
  assert_int_equal(attempt_count(s), 1);
  assert_int_equal(inst_call_body(s->call).n, n);
  clear_stage(s);
}

static void reports_may_come_before_it_is_said_that_the_request_was_sent(void **state) {
  (void)state;
  stage *s = set_stage();
  const step answer = calls_tool(s, RIGHT);
  begin(s, &answer, 1);
  assert_int_equal(play_until(s, INST_WANT_SEND), INST_WANT_SEND);
  play_step(s, &answer);
  inst_call_sent(s->call, NULL);
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void a_head_that_comes_again_makes_what_came_before_void(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, silent);
  assert_int_equal(play_until(s, INST_WANT_BYTES), INST_WANT_BYTES);
  inst_sink sink = inst_call_sink(s->call);
  sink.head(sink.ctx, 503);
  sink.header(sink.ctx, INST_LIT("X-Request-Id"), INST_LIT("first"));
  sink.body(sink.ctx, INST_LIT("<html>"));
  const step answer = calls_tool(s, RIGHT);
  play_step(s, &answer);
  assert_done(s, RIGHT);
  assert_no_text(attempt_at(s, 0)->request_id);
  clear_stage(s);
}

static void the_state_has_a_name_and_wants_have_too(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_string_equal(inst_call_state(s->call), "asking");
  assert_done(s, RIGHT);
  assert_string_equal(inst_call_state(s->call), "done");
  assert_string_equal(inst_want_name(INST_WANT_BACKOFF), "backoff");
  assert_string_equal(inst_want_name((inst_want)99), "unknown");
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_server_that_does_not_begin_runs_into_the_first_byte_timeout),
      cmocka_unit_test(a_server_that_falls_silent_runs_into_the_idle_timeout),
      cmocka_unit_test(bytes_that_keep_coming_keep_the_idle_timeout_away),
      cmocka_unit_test(the_deadline_covers_reading),
      cmocka_unit_test(the_deadline_covers_all_attempts_and_the_waits_between_them),
      cmocka_unit_test(a_wait_longer_than_the_time_left_is_not_begun),
      cmocka_unit_test(what_a_transport_is_given_ends_after_the_deadline_does),
      cmocka_unit_test(an_answer_that_is_here_is_judged_whatever_the_time),
      cmocka_unit_test(no_time_at_all_sends_nothing),
      cmocka_unit_test(a_clock_may_begin_anywhere),
      cmocka_unit_test(a_call_can_be_cancelled_wherever_it_stands),
      cmocka_unit_test(an_answer_that_was_read_is_paid_for_though_the_call_is_cancelled),
      cmocka_unit_test(cancelling_what_is_over_changes_nothing),
      cmocka_unit_test(a_call_may_be_freed_wherever_it_stands),
      cmocka_unit_test(a_report_that_does_not_fit_ends_the_call_and_drops_what_is_under_way),
      cmocka_unit_test(a_report_after_the_end_changes_nothing),
      cmocka_unit_test(reports_may_come_before_it_is_said_that_the_request_was_sent),
      cmocka_unit_test(a_head_that_comes_again_makes_what_came_before_void),
      cmocka_unit_test(the_state_has_a_name_and_wants_have_too),
  };
  return cmocka_run_group_tests_name("call_end", tests, NULL, NULL);
}
