/*
** The gate: what calls of one client share.  Where a server asks one of them for a rest, the others
** do not send before it is over.
*/
#include "spec/core/call_check.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"

/* A stage whose calls share 'gate'. */
static stage *set_gated(inst_gate *gate) {
  stage *s = set_stage();
  s->options.gate = gate;
  return s;
}

static step busy_for(int status, const char *name, const char *value) {
  return with_header(plain_step(status, INST_LIT("{}")), name, value);
}

/* A gate that the server of another call has shut, at 1000, by this answer. */
static inst_gate shut_by(step answer) {
  inst_gate gate = {false, 0};
  stage *s = set_gated(&gate);
  s->options.http_retries = 0;
  begin_script(s, answer);
  assert_failed(s, INST_E_HTTP);
  clear_stage(s);
  return gate;
}

static void a_rest_one_server_asks_for_holds_the_calls_of_its_client(void **state) {
  (void)state;
  inst_gate gate = {false, 0};
  stage *told = set_gated(&gate), *other = set_gated(&gate);
  begin_script(told, busy_for(429, "Retry-After", "7"), calls_tool(told, RIGHT));
  begin_script(other, calls_tool(other, RIGHT));
  assert_int_equal(play_until(told, INST_WANT_WAIT), INST_WANT_WAIT);
  assert_int_equal(inst_call_next(other->call, 1000), INST_WANT_WAIT);
  assert_true(inst_call_wake(other->call) == 1007);
  assert_done(other, RIGHT);
  assert_done(told, RIGHT);
  assert_true(other->sent_at[0] == 1007);
  assert_true(told->sent_at[1] == 1007); /* its own rest, and not a moment longer */
  clear_stage(told);
  clear_stage(other);
}

static void being_held_is_no_retry_and_counts_as_rested(void **state) {
  (void)state;
  inst_gate gate = shut_by(busy_for(503, "retry-after-ms", "2500"));
  stage *s = set_gated(&gate);
  s->options.http_retries = 0;
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(attempt_count(s), 1);
  assert_true(attempt_at(s, 0)->waited == 2.5);
  clear_stage(s);
}

static void only_an_overloaded_servers_wish_shuts_the_gate(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *value;
    bool shuts;
  } cases[] = {{429, "1", true},   {500, "1", true},  {503, "60", true}, {529, "1", true},
               {429, "61", false}, {429, "0", false}, {400, "1", false}, {413, "1", false}};
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    inst_gate gate = shut_by(busy_for(cases[i].status, "Retry-After", cases[i].value));
    if (gate.shut != cases[i].shuts) fail_msg("%d, %s", cases[i].status, cases[i].value);
  }
}

static void an_answer_that_is_good_shuts_nothing(void **state) {
  (void)state;
  inst_gate gate = {false, 0};
  stage *s = set_gated(&gate);
  begin_script(s, with_header(calls_tool(s, RIGHT), "Retry-After", "9"));
  assert_done(s, RIGHT);
  assert_false(gate.shut);
  clear_stage(s);
}

static void a_shorter_rest_does_not_open_the_gate_sooner(void **state) {
  (void)state;
  inst_gate gate = {false, 0};
  stage *s = set_gated(&gate);
  s->options.http_retries = 0;
  begin_script(s, busy_for(429, "Retry-After", "5"));
  assert_int_equal(play_until(s, INST_WANT_SEND), INST_WANT_SEND);
  play_send(s);
  gate = (inst_gate){true, 1090}; /* another call is told so meanwhile */
  assert_failed(s, INST_E_HTTP);
  assert_true(gate.until == 1090);
  clear_stage(s);
}

static void a_body_that_never_ends_has_told_its_wish_all_the_same(void **state) {
  (void)state;
  inst_gate gate = {false, 0};
  stage *s = set_gated(&gate);
  step slow = busy_for(429, "Retry-After", "30");
  slow.stalls = true;
  s->options.idle_timeout = 5;
  begin_script(s, slow, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(gate.shut && gate.until == 1035);
  clear_stage(s);
}

static void the_deadline_of_a_held_call_passes(void **state) {
  (void)state;
  inst_gate gate = {true, 1030};
  stage *s = set_gated(&gate);
  s->options.deadline = 10;
  begin_script(s, calls_tool(s, RIGHT));
  assert_failed(s, INST_E_TIMEOUT);
  assert_true(s->now == 1010);
  assert_int_equal(s->asked, 0);
  assert_non_null(strstr(inst_call_error(s->call)->text, "asked for a rest"));
  clear_stage(s);
}

static void a_held_call_has_nothing_to_do_until_it_is_cancelled(void **state) {
  (void)state;
  inst_gate gate = {true, 1030};
  stage *s = set_gated(&gate);
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(inst_call_next(s->call, 1000), INST_WANT_WAIT);
  assert_false(inst_call_is_ready(s->call, 1029));
  assert_true(inst_call_is_ready(s->call, 1030));
  inst_call_cancel(s->call);
  assert_true(inst_call_is_ready(s->call, 1001));
  assert_int_equal(inst_call_next(s->call, 1001), INST_WANT_FAILED);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_CANCELLED);
  clear_stage(s);
}

static void without_a_gate_nobody_else_is_heeded(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, busy_for(429, "Retry-After", "7"), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(s->sent_at[1] == 1007);
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rest_one_server_asks_for_holds_the_calls_of_its_client),
      cmocka_unit_test(being_held_is_no_retry_and_counts_as_rested),
      cmocka_unit_test(only_an_overloaded_servers_wish_shuts_the_gate),
      cmocka_unit_test(an_answer_that_is_good_shuts_nothing),
      cmocka_unit_test(a_shorter_rest_does_not_open_the_gate_sooner),
      cmocka_unit_test(a_body_that_never_ends_has_told_its_wish_all_the_same),
      cmocka_unit_test(the_deadline_of_a_held_call_passes),
      cmocka_unit_test(a_held_call_has_nothing_to_do_until_it_is_cancelled),
      cmocka_unit_test(without_a_gate_nobody_else_is_heeded),
  };
  return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
