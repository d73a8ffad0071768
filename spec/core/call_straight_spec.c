/*
** Answers that are read straight: what the call then tells, and when it reads the long way.
*/
#include "spec/core/call_check.h"
#include "spec/core/marks.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define WRONG "{\"name\":\"Jason Liu\",\"age\":\"thirty\"}"

/* A stage whose calls have a straight reader. */
static stage *set_straight_stage(void) {
  inst_error error;
  stage *s = set_stage();
  s->options.straight = inst_straight_new(s->schema, check_alloc(&s->memory), &error);
  assert_non_null(s->options.straight);
  return s;
}

static void clear_straight_stage(stage *s) {
  end_call(s);
  inst_straight_free(s->options.straight);
  clear_stage(s);
}

/* What the call's marks say; "" where there are none. */
static inst_str told(stage *s) {
  const inst_mark *marks = inst_call_marks(s->call);
  if (marks == NULL) return INST_LIT("");
  return inst_json_text(s->texts, marked(s->texts, s->options.straight, &marks));
}

static void an_answer_that_fits_is_told_as_marks_and_as_a_value(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_text(told(s), RIGHT);
  assert_done(s, RIGHT);
  assert_text(attempt_at(s, 0)->text, RIGHT);
  end_call(s);
  begin_script(s, says(s, " " RIGHT "\n"));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_text(told(s), RIGHT);
  clear_straight_stage(s);
}

static void without_a_reader_there_are_no_marks(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_null(inst_call_marks(s->call));
  clear_stage(s);
}

static void marks_are_told_until_another_text_is_read_and_the_value_always(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_non_null(
      inst_straight_read(s->options.straight, INST_LIT("{\"name\":\"Zoe\",\"age\":1}"), false));
  assert_null(inst_call_marks(s->call));
  assert_done(s, RIGHT);
  end_call(s);
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  inst_straight_done(s->options.straight);
  assert_null(inst_call_marks(s->call));
  assert_done(s, RIGHT);
  clear_straight_stage(s);
}

static void a_reader_that_is_held_reads_nothing_and_keeps_its_marks(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  inst_straight *straight = s->options.straight;
  const inst_mark *marks = inst_straight_read(straight, INST_LIT(RIGHT), false);
  inst_straight_hold(straight, true);
  assert_null(inst_straight_read(straight, INST_LIT("{\"name\":\"Zoe\",\"age\":1}"), false));
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_null(inst_call_marks(s->call));
  assert_json(marked(s->texts, straight, &marks), RIGHT);
  inst_straight_hold(straight, false);
  assert_non_null(inst_straight_read(straight, INST_LIT(RIGHT), false));
  clear_straight_stage(s);
}

static void what_does_not_fit_is_read_the_long_way_and_asked_for_again(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  s->options.max_retries = 1;
  begin_script(s, calls_tool(s, WRONG), calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_text(told(s), RIGHT);
  assert_non_null(attempt_at(s, 0)->issues);
  assert_null(attempt_at(s, 1)->issues);
  end_call(s);
  begin_script(s, calls_tool(s, "{\"name\": 'Jason Liu', \"age\": 30,}"));
  assert_done(s, RIGHT);
  assert_null(inst_call_marks(s->call));
  assert_non_null(inst_call_repairs(s->call));
  clear_straight_stage(s);
}

/* A root that was asked for as {value = …} comes with its wrapper. */
static void a_wrapped_root_is_read_the_long_way(void **state) {
  (void)state;
  inst_error error;
  stage *s = set_stage();
  inst_schema *list = inst_schema_new(check_alloc(&s->memory));
  inst_node items = inst_schema_node(list, INST_NODE_ARRAY);
  inst_schema_inner(list, items, inst_schema_node(list, INST_NODE_NUMBER));
  use_schema(s, finish_schema(list, items));
  s->options.straight = inst_straight_new(list, check_alloc(&s->memory), &error);
  begin_script(s, calls_tool(s, "{\"value\":[1,2]}"));
  assert_done(s, "[1,2]");
  assert_null(inst_call_marks(s->call));
  clear_straight_stage(s);
}

static void a_smaller_limit_of_depth_holds(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  s->options.max_depth = 8; /* the envelope's; its arguments are a text of their own */
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_null(inst_call_marks(s->call));
  clear_straight_stage(s);
}

static void integers_that_a_narrow_host_cannot_hold_are_left_to_a_value(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  s->options.narrow = true;
  begin_script(s, calls_tool(s, "{\"name\":\"Jason Liu\",\"age\":9007199254740993}"));
  assert_done(s, "{\"name\":\"Jason Liu\",\"age\":9007199254740993}");
  assert_null(inst_call_marks(s->call));
  clear_straight_stage(s);
}

/* The value may be wanted when there is no memory for it. */
static void a_value_that_finds_no_memory_is_none(void **state) {
  (void)state;
  stage *s = set_straight_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  while (inst_arena_get(inst_call_arena(s->call), 4096) != NULL)
    s->memory.fail_at = s->memory.requests + 1;
  assert_null(inst_call_value(s->call));
  s->memory.fail_at = 0;
  assert_text(told(s), RIGHT);
  clear_straight_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_answer_that_fits_is_told_as_marks_and_as_a_value),
      cmocka_unit_test(without_a_reader_there_are_no_marks),
      cmocka_unit_test(marks_are_told_until_another_text_is_read_and_the_value_always),
      cmocka_unit_test(a_reader_that_is_held_reads_nothing_and_keeps_its_marks),
      cmocka_unit_test(what_does_not_fit_is_read_the_long_way_and_asked_for_again),
      cmocka_unit_test(a_wrapped_root_is_read_the_long_way),
      cmocka_unit_test(a_smaller_limit_of_depth_holds),
      cmocka_unit_test(integers_that_a_narrow_host_cannot_hold_are_left_to_a_value),
      cmocka_unit_test(a_value_that_finds_no_memory_is_none),
  };
  return cmocka_run_group_tests_name("call_straight", tests, NULL, NULL);
}
