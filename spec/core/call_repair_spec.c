/*
** Repair in a call: what it saves, what it is never used for, and what is asked again all the same.
*/
#include "spec/core/call_check.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define BROKEN "{name: 'Jason Liu', age: 30,}"

static void a_repaired_answer_costs_no_second_ask(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  const step ways[] = {calls_tool(s, BROKEN), calls_function(s, BROKEN), says(s, "Here: " BROKEN)};
  for (size_t i = 0; i < CHECK_COUNT(ways); i++) {
    begin(s, &ways[i], 1);
    assert_done(s, RIGHT);
    assert_int_equal(s->asked, 1);
    assert_non_null(inst_call_repairs(s->call));
    assert_ptr_equal(inst_call_repairs(s->call), attempt_at(s, 0)->repairs);
    end_call(s);
  }
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_null(inst_call_repairs(s->call));
  clear_stage(s);
}

static void without_repair_only_strict_json_counts(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.repair = INST_REPAIR_NONE;
  const step never[] = {calls_tool(s, BROKEN), says(s, "Here: " RIGHT),
                        says(s, "```\n" RIGHT "\n```"), says(s, "<think>x</think>" RIGHT)};
  for (size_t i = 0; i < CHECK_COUNT(never); i++) {
    begin(s, &never[i], 1);
    assert_failed(s, INST_E_JSON);
    end_call(s);
  }
  s->options.mode = INST_MODE_MD_JSON; /* which asks for a fence */
  begin_script(s, says(s, "Sure:\n```json\n" RIGHT "\n```"));
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void a_fence_that_was_asked_for_is_no_repair(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.mode = INST_MODE_MD_JSON;
  begin_script(s, says(s, "Sure:\n```json\n" RIGHT "\n```"));
  assert_done(s, RIGHT);
  assert_null(inst_call_repairs(s->call));
  end_call(s);
  s->options.mode = INST_MODE_THINKING_MD_JSON;
  begin_script(s, says(s, "<think>Hm.</think>\n```json\n" RIGHT "\n```"));
  assert_done(s, RIGHT);
  assert_null(inst_call_repairs(s->call));
  assert_text(attempt_at(s, 0)->reasoning, "Hm.");
  clear_stage(s);
}

static void an_answer_that_was_cut_off_is_never_repaired(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(
      s, completion(s, "{\"content\":\"{\\\"name\\\":\\\"a\\\",\\\"age\\\":30\\n\"}", "length"));
  assert_failed(s, INST_E_INCOMPLETE);
  assert_int_equal(s->asked, 1);
  assert_null(attempt_at(s, 0)->repairs);
  clear_stage(s);
}

static void a_repaired_answer_that_does_not_fit_is_asked_again_with_its_issues(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s, calls_tool(s, "{name: 'Jason Liu', age: 'thirty'}"), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  const inst_value *reply = message_at(s, 1, 2);
  assert_holds(inst_find_text(reply, "content"),
               "- age: Invalid input: expected number, received string (got \"thirty\")");
  assert_int_equal(attempt_at(s, 0)->code, INST_E_VALIDATION);
  assert_non_null(attempt_at(s, 0)->repairs);
  assert_null(attempt_at(s, 1)->repairs);
  clear_stage(s);
}

static void coercion_is_asked_for(void **state) {
  (void)state;
  stage *s = set_stage();
  const step one = calls_tool(s, "{\"name\":\"Jason Liu\",\"age\":\"30\"}");
  begin(s, &one, 1);
  assert_failed(s, INST_E_VALIDATION);
  end_call(s);
  s->options.repair = INST_REPAIR_COERCE;
  begin(s, &one, 1);
  assert_done(s, RIGHT);
  assert_string_equal(inst_edit_name(inst_call_repairs(s->call)->what), "number_from_string");
  clear_stage(s);
}

/* User with a refinement of its own. */
static void judge_by_code(stage *s) {
  inst_schema *schema = inst_schema_new(check_alloc(&s->memory));
  inst_node root = user_node(schema);
  inst_schema_check(schema, root, &(inst_check){.kind = INST_CHECK_REFINE, .code = 1});
  use_schema(s, finish_schema(schema, root));
}

static void code_runs_once_and_never_on_what_is_dropped(void **state) {
  (void)state;
  stage *s = set_stage();
  judge_by_code(s);
  s->options.repair = INST_REPAIR_COERCE;
  const step ways[] = {says(s, "{\"name\":\"No\",\"age\":1} then {name: 'Jason Liu', age: 30}"),
                       calls_tool(s, "{\"name\":\"Jason Liu\",\"age\":\"30\"}"),
                       calls_tool(s, "\"{\\\"name\\\":\\\"Jason Liu\\\",\\\"age\\\":30}\"")};
  for (size_t i = 0; i < CHECK_COUNT(ways); i++) {
    begin(s, &ways[i], 1);
    assert_int_equal(play(s), INST_WANT_CODE);
    inst_parse *parse = inst_call_parse(s->call);
    assert_json(inst_parse_subject(parse), RIGHT);
    inst_parse_answer(parse, inst_bool(inst_call_arena(s->call), true));
    assert_done(s, RIGHT); /* no second question */
    end_call(s);
  }
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_repaired_answer_costs_no_second_ask),
      cmocka_unit_test(without_repair_only_strict_json_counts),
      cmocka_unit_test(a_fence_that_was_asked_for_is_no_repair),
      cmocka_unit_test(an_answer_that_was_cut_off_is_never_repaired),
      cmocka_unit_test(a_repaired_answer_that_does_not_fit_is_asked_again_with_its_issues),
      cmocka_unit_test(coercion_is_asked_for),
      cmocka_unit_test(code_runs_once_and_never_on_what_is_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
