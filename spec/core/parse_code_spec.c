/*
** A parse that pauses for the host's code: what it asks, in which order, what each answer does, and
** which functions are not called at all (as Zod would not call them).
*/
#include "spec/core/schema_check.h"

/* ---- refine ---------------------------------------------------------------------------------- */

static void a_verdict_of_false_is_an_issue(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with_code(b, node(b, KIND(STRING)), CHECK(REFINE), 7);
  check(b, text, &(inst_check){.kind = CHECK(REFINE), .code = 8, .message = INST_LIT("eight")});
  finish(b, object_of(b, "a", text));
  inst_parse *parse = parse_of(b, "{\"a\":\"x\"}");
  assert_asked(b, parse, "refine 7 \"x\"");
  say(b, parse, false);
  assert_asked(b, parse, "refine 8 \"x\""); /* the first did not abort */
  say(b, parse, false);
  assert_ends_invalid(b, parse, "a custom: Invalid input\na custom: eight");
  parse = parse_of(b, "{\"a\":\"x\"}");
  assert_asked(b, parse, "refine 7 \"x\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 8 \"x\"");
  assert_asked(b, parse, "refine 8 \"x\""); /* until it is answered */
  say(b, parse, true);
  assert_ends_valid(b, parse, "{\"a\":\"x\"}");
  clear_bench(b);
}

static void anything_but_true_is_false(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_code(b, node(b, KIND(ANY)), CHECK(REFINE), 7));
  static const char *const answers[] = {NULL, "false", "1", "\"true\"", "null"};
  for (size_t i = 0; i < CHECK_COUNT(answers); i++) {
    inst_parse *parse = parse_of(b, "1");
    assert_asked(b, parse, "refine 7 1");
    answer(b, parse, answers[i]);
    assert_ends_invalid(b, parse, "custom: Invalid input");
  }
  clear_bench(b);
}

static void an_issue_stands_where_the_check_or_the_code_says(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_segment age = {INST_LIT("age"), 0};
  inst_node object = object_of(b, "list", wrap(b, KIND(ARRAY), node(b, KIND(ANY))));
  check(b, object, &(inst_check){.kind = CHECK(REFINE), .code = 7, .path = &age, .path_count = 1});
  finish(b, wrap(b, KIND(ARRAY), object));
  inst_parse *parse = parse_of(b, "[{\"list\":[1]}]");
  assert_asked(b, parse, "refine 7 {\"list\":[1]}");
  char key[] = "list";
  inst_segment path[] = {{{key, 4}, 0}, {{NULL, 0}, 3}};
  inst_parse_object(parse, INST_LIT("found by code"), path, 2, false);
  key[0] = '?'; /* the path was copied */
  say(b, parse, false);
  assert_ends_invalid(b, parse, "[0].list[3] custom: found by code\n[0].age custom: Invalid input");
  clear_bench(b);
}

static void
a_refinement_is_skipped_after_a_wrong_type_below_and_runs_after_a_failed_check(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with_number(b, node(b, KIND(STRING)), CHECK(MIN), 3);
  inst_node object = with_code(b, object_of(b, "a", text), CHECK(REFINE), 7);
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, object);
  assert_invalid(b, "{\"a\":1}", "a invalid_type: Invalid input: expected string, received number");
  inst_parse *parse = parse_of(b, "{\"a\":\"x\",\"b\":1}");
  assert_asked(b, parse, "refine 7 {\"a\":\"x\"}");
  say(b, parse, true);
  assert_ends_invalid(b, parse,
                      "a too_small: Too small: expected string to have >=3 characters\n"
                      "unrecognized_keys: Unrecognized key: \"b\"");
  clear_bench(b);
}

static void a_refinement_that_aborts_or_is_fatal_stops_all_that_follows(void **state) {
  (void)state;
  for (int by_check = 0; by_check < 2; by_check++) {
    bench *b = set_bench();
    inst_node text = node(b, KIND(STRING));
    check(b, text, &(inst_check){.kind = CHECK(REFINE), .code = 7, .abort = by_check != 0});
    with_number(b, text, CHECK(MIN), 9);
    with_code(b, text, CHECK(REFINE), 8);
    finish(b, with_code(b, object_of(b, "a", text), CHECK(REFINE), 9));
    inst_parse *parse = parse_of(b, "{\"a\":\"x\"}");
    assert_asked(b, parse, "refine 7 \"x\"");
    if (!by_check) inst_parse_object(parse, INST_LIT("fatal"), NULL, 0, true);
    say(b, parse, !by_check);
    assert_ends_invalid(b, parse, by_check ? "a custom: Invalid input" : "a custom: fatal");
    clear_bench(b);
  }
}

static void a_refinement_of_a_wrapper_sees_what_is_missing(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node may = wrap(b, KIND(OPTIONAL), node(b, KIND(STRING)));
  finish(b, object_of(b, "a", with_code(b, may, CHECK(REFINE), 7)));
  inst_parse *parse = parse_of(b, "{}");
  assert_asked(b, parse, "refine 7 nothing");
  say(b, parse, true);
  assert_ends_valid(b, parse, "{}");
  parse = parse_of(b, "{}");
  assert_asked(b, parse, "refine 7 nothing");
  say(b, parse, false);
  assert_ends_valid(b, parse, "{}"); /* missing and may be: forgiven */
  clear_bench(b);
}

/* ---- new values ------------------------------------------------------------------------------ */

static void an_overwrite_works_at_its_place_in_the_list(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with_number(b, node(b, KIND(STRING)), CHECK(MAX), 3);
  with_code(b, text, CHECK(OVERWRITE), 7);
  with_number(b, text, CHECK(MIN), 3);
  finish(b, text);
  inst_parse *parse = parse_of(b, "\"x\"");
  assert_asked(b, parse, "overwrite 7 \"x\"");
  answer(b, parse, "\"longer\"");
  assert_ends_valid(b, parse, "\"longer\"");
  parse = parse_of(b, "\"long\"");
  assert_asked(b, parse, "overwrite 7 \"long\"");
  answer(b, parse, "1"); /* of another type: there is nothing left to check */
  assert_ends_invalid(b, parse, "too_big: Too big: expected string to have <=3 characters");
  clear_bench(b);
}

static void a_transform_runs_only_when_all_is_well_and_its_result_is_piped_on(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = with_number(b, node(b, KIND(STRING)), CHECK(MIN), 2);
  inst_node pipe = pipe_of(b, pipe_of(b, left, transform(b, 7)), node(b, KIND(NUMBER)));
  finish(b, pipe);
  assert_invalid(b, "\"x\"", "too_small: Too small: expected string to have >=2 characters");
  inst_parse *parse = parse_of(b, "\"xx\"");
  assert_asked(b, parse, "transform 7 \"xx\"");
  answer(b, parse, "2");
  assert_ends_valid(b, parse, "2");
  parse = parse_of(b, "\"xx\"");
  assert_asked(b, parse, "transform 7 \"xx\"");
  answer(b, parse, NULL);
  assert_ends_invalid(b, parse, "invalid_type: Invalid input: expected number, received nil");
  parse = parse_of(b, "\"xx\"");
  assert_asked(b, parse, "transform 7 \"xx\"");
  inst_parse_object(parse, INST_LIT("no number"), NULL, 0, false);
  answer(b, parse, "\"x\"");
  assert_ends_invalid(b, parse, "custom: no number"); /* and the number is not asked for */
  clear_bench(b);
}

static void what_follows_a_pipe_that_stopped_is_not_asked_but_what_surrounds_it_is(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = with_number(b, node(b, KIND(STRING)), CHECK(MIN), 2);
  inst_node pipe = with_code(b, pipe_of(b, left, transform(b, 7)), CHECK(REFINE), 8);
  finish(b, with_code(b, object_of(b, "a", pipe), CHECK(REFINE), 9));
  inst_parse *parse = parse_of(b, "{\"a\":\"x\"}");
  assert_asked(b, parse, "refine 9 {\"a\":\"x\"}");
  say(b, parse, true);
  assert_ends_invalid(b, parse, "a too_small: Too small: expected string to have >=2 characters");
  clear_bench(b);
}

static void code_before_a_schema_sees_anything_missing_included(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "n", pipe_of(b, transform(b, 7), node(b, KIND(NUMBER)))));
  inst_parse *parse = parse_of(b, "{\"n\":\"5\"}");
  assert_asked(b, parse, "transform 7 \"5\"");
  answer(b, parse, "5");
  assert_ends_valid(b, parse, "{\"n\":5}");
  parse = parse_of(b, "{}");
  assert_asked(b, parse, "transform 7 nothing");
  answer(b, parse, "0");
  assert_ends_valid(b, parse, "{\"n\":0}");
  clear_bench(b);
}

static void a_field_that_must_be_there_is_missed_whatever_code_makes_of_it(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", pipe_of(b, node(b, KIND(ANY)), transform(b, 7))));
  inst_parse *parse = parse_of(b, "{}");
  assert_asked(b, parse, "transform 7 nothing");
  answer(b, parse, "\"made up\"");
  assert_ends_invalid(b, parse,
                      "a invalid_type: Invalid input: expected nonoptional, received nil");
  clear_bench(b);
}

static void a_default_may_come_from_code_and_fills_in_what_code_leaves_out(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = pipe_of(b, node(b, KIND(STRING)), transform(b, 7));
  inst_node by_code = wrap(b, KIND(DEFAULT), text);
  inst_schema_code(b->schema, by_code, 8);
  finish(b, object_of(b, "a", by_code));
  inst_parse *parse = parse_of(b, "{}");
  assert_asked(b, parse, "default 8 nothing");
  answer(b, parse, "[1]");
  assert_ends_valid(b, parse, "{\"a\":[1]}");
  parse = parse_of(b, "{\"a\":\"x\"}");
  assert_asked(b, parse, "transform 7 \"x\"");
  answer(b, parse, NULL);
  assert_asked(b, parse, "default 8 nothing");
  answer(b, parse, "2");
  assert_ends_valid(b, parse, "{\"a\":2}");
  clear_bench(b);
}

static void one_value_may_be_the_answer_to_many_questions(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node by_code = wrap(b, KIND(DEFAULT), node(b, KIND(ANY)));
  inst_schema_code(b->schema, by_code, 7);
  inst_node object = object_of(b, "a", by_code);
  field(b, object, "b", by_code);
  finish(b, object);
  inst_value *holder = json(b, "{\"x\":[1,2],\"y\":3}"), *shared = inst_find(holder, "x");
  inst_parse *parse = parse_of(b, "{}");
  for (int i = 0; i < 2; i++) {
    assert_asked(b, parse, "default 7 nothing");
    inst_parse_answer(parse, shared);
  }
  assert_ends_valid(b, parse, "{\"a\":[1,2],\"b\":[1,2]}");
  assert_json(holder, "{\"x\":[1,2],\"y\":3}"); /* the host's own is whole */
  clear_bench(b);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void a_message_is_the_checks_then_the_nodes_then_ours(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  inst_schema_message(b->schema, text, INST_LIT("the node's"), 0);
  check(b, text,
        &(inst_check){.kind = CHECK(MIN), .number = 2, .message = INST_LIT("the check's")});
  with_number(b, text, CHECK(LENGTH), 5);
  finish(b, object_of(b, "a", text));
  assert_invalid(b, "{\"a\":1}", "a invalid_type: the node's");
  assert_invalid(b, "{}", "a invalid_type: the node's");
  assert_invalid(b, "{\"a\":\"x\"}", "a too_small: the check's\na too_small: the node's");
  assert_invalid(b, "[]", "invalid_type: Invalid input: expected object, received array");
  clear_bench(b);
}

static void messages_by_code_are_asked_for_at_the_end_each_once(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  inst_schema_message(b->schema, text, (inst_str){NULL, 0}, 20);
  check(b, text, &(inst_check){.kind = CHECK(MIN), .number = 3, .message_code = 21});
  check(b, text, &(inst_check){.kind = CHECK(REFINE), .code = 7, .message_code = 22});
  inst_node object = object_of(b, "a", text);
  field(b, object, "b", text);
  finish(b, object);
  inst_parse *parse = parse_of(b, "{\"a\":\"x\",\"b\":1}");
  assert_asked(b, parse, "refine 7 \"x\"");
  assert_null(inst_parse_issue_at_hand(parse));
  say(b, parse, false);
  assert_asked(b, parse, "message 21 \"x\"");
  assert_int_equal(inst_parse_issue_at_hand(parse)->code, INST_ISSUE_TOO_SMALL);
  answer(b, parse, "\"too short\"");
  assert_asked(b, parse, "message 22 \"x\"");
  answer(b, parse, NULL); /* nothing to say: the node is next in line */
  assert_asked(b, parse, "message 20 \"x\"");
  answer(b, parse, "7"); /* no text: ours stays */
  assert_asked(b, parse, "message 20 1");
  answer(b, parse, "\"no text\"");
  assert_ends_invalid(b, parse,
                      "a too_small: too short\na custom: Invalid input\nb invalid_type: no text");
  assert_true(inst_parse_issues(parse)->custom);
  assert_false(inst_parse_issues(parse)->next->custom);
  clear_bench(b);
}

static void an_issue_that_is_forgiven_is_never_worded(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node right = wrap(b, KIND(OPTIONAL), node(b, KIND(NUMBER)));
  inst_node pipe = pipe_of(b, transform(b, 7), right);
  inst_schema_message(b->schema, pipe, (inst_str){NULL, 0}, 9);
  finish(b, object_of(b, "a", with_code(b, pipe, CHECK(REFINE), 8)));
  inst_parse *parse = parse_of(b, "{}");
  assert_asked(b, parse, "transform 7 nothing");
  answer(b, parse, "5");
  assert_asked(b, parse, "refine 8 5");
  say(b, parse, false);
  assert_ends_valid(b, parse, "{}"); /* and what it came to is not kept */
  clear_bench(b);
}

static void an_issue_by_code_without_words_gets_the_checks(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node any = node(b, KIND(ANY));
  check(b, any, &(inst_check){.kind = CHECK(REFINE), .code = 7, .message = INST_LIT("wrong")});
  finish(b, any);
  inst_parse *parse = parse_of(b, "1");
  assert_asked(b, parse, "refine 7 1");
  inst_parse_object(parse, (inst_str){NULL, 0}, NULL, 0, false);
  inst_parse_object(parse, INST_LIT(""), NULL, 0, false);
  say(b, parse, true);
  assert_ends_invalid(b, parse, "custom: wrong\ncustom: ");
  clear_bench(b);
}

/* ---- a host that is wrong -------------------------------------------------------------------- */

static void answers_nobody_waits_for_change_nothing(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_code(b, node(b, KIND(ANY)), CHECK(REFINE), 7));
  inst_parse *parse = parse_of(b, "1");
  say(b, parse, false); /* not asked yet */
  inst_parse_object(parse, INST_LIT("early"), NULL, 0, true);
  assert_null(inst_parse_subject(parse));
  assert_asked(b, parse, "refine 7 1");
  say(b, parse, true);
  say(b, parse, false);
  assert_ends_valid(b, parse, "1");
  say(b, parse, false);
  answer(b, parse, "2");
  inst_parse_object(parse, INST_LIT("late"), NULL, 0, true);
  assert_null(inst_parse_subject(parse));
  assert_ends_valid(b, parse, "1");
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_verdict_of_false_is_an_issue),
      cmocka_unit_test(anything_but_true_is_false),
      cmocka_unit_test(an_issue_stands_where_the_check_or_the_code_says),
      cmocka_unit_test(
          a_refinement_is_skipped_after_a_wrong_type_below_and_runs_after_a_failed_check),
      cmocka_unit_test(a_refinement_that_aborts_or_is_fatal_stops_all_that_follows),
      cmocka_unit_test(a_refinement_of_a_wrapper_sees_what_is_missing),
      cmocka_unit_test(an_overwrite_works_at_its_place_in_the_list),
      cmocka_unit_test(a_transform_runs_only_when_all_is_well_and_its_result_is_piped_on),
      cmocka_unit_test(what_follows_a_pipe_that_stopped_is_not_asked_but_what_surrounds_it_is),
      cmocka_unit_test(code_before_a_schema_sees_anything_missing_included),
      cmocka_unit_test(a_field_that_must_be_there_is_missed_whatever_code_makes_of_it),
      cmocka_unit_test(a_default_may_come_from_code_and_fills_in_what_code_leaves_out),
      cmocka_unit_test(one_value_may_be_the_answer_to_many_questions),
      cmocka_unit_test(a_message_is_the_checks_then_the_nodes_then_ours),
      cmocka_unit_test(messages_by_code_are_asked_for_at_the_end_each_once),
      cmocka_unit_test(an_issue_that_is_forgiven_is_never_worded),
      cmocka_unit_test(an_issue_by_code_without_words_gets_the_checks),
      cmocka_unit_test(answers_nobody_waits_for_change_nothing),
  };
  return cmocka_run_group_tests_name("parse_code", tests, NULL, NULL);
}
