/*
** What stands around a node: catching, filling in before, demanding, reading only, and leading back.
*/
#include "spec/core/kinds_check.h"

/* ---- catching -------------------------------------------------------------------------------- */

static void whatever_is_wrong_inside_a_catch_is_gone(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner = object_of(b, "n", with_number(b, number(b), CHECK(MIN), 3));
  finish(b, object_of(b, "a", with_value(b, KIND(CATCH), strict(b, inner), "{\"n\":0}")));
  assert_same(b, "{\"a\":{\"n\":3}}");
  static const char *const wrong[] = {"{\"a\":{\"n\":1}}", "{\"a\":{\"n\":3,\"m\":1}}",
                                      "{\"a\":null}", "{}", "{\"a\":{}}"};
  for (size_t i = 0; i < CHECK_COUNT(wrong); i++) assert_valid(b, wrong[i], "{\"a\":{\"n\":0}}");
  clear_bench(b);
}

static void what_is_caught_is_checked_by_the_catch_itself_only(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_code(b, with_value(b, KIND(CATCH), number(b), "-1"), CHECK(REFINE), 7));
  inst_parse *parse = parse_of(b, "\"x\"");
  assert_asked(b, parse, "refine 7 -1");
  say(b, parse, false);
  assert_ends_invalid(b, parse, "custom: Invalid input");
  clear_bench(b);
}

static void a_catch_by_code_hears_what_was_wrong(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner = object_of(b, "n", number(b));
  field(b, inner, "m", number(b));
  finish(b, wrap(b, KIND(ARRAY), by_code(b, KIND(CATCH), inner, 7)));
  inst_parse *parse = parse_of(b, "[{\"n\":1,\"m\":2},{\"n\":\"1\"}]");
  assert_asked(b, parse, "catch 7 {\"n\":\"1\"}");
  assert_text(issue_lines(b, inst_parse_caught(parse)),
              "n " WANTED("number", "string") "\nm " WANTED("number", "nil"));
  answer(b, parse, "\"caught\"");
  assert_null(inst_parse_caught(parse));
  assert_ends_valid(b, parse, "[{\"n\":1,\"m\":2},\"caught\"]");
  clear_bench(b);
}

static void its_messages_by_code_are_worded_before_it_hears_them(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner = number(b), silent = number(b);
  inst_schema_message(b->schema, inner, (inst_str){NULL, 0}, 8);
  inst_schema_message(b->schema, silent, (inst_str){NULL, 0}, 9);
  inst_node row = row_of(b, KIND(TUPLE), by_code(b, KIND(CATCH), inner, 7),
                         with_value(b, KIND(CATCH), silent, "0"), 0, 0);
  finish(b, row);
  inst_parse *parse = parse_of(b, "[true,true]");
  assert_asked(b, parse, "message 8 true");
  answer(b, parse, "\"eight\"");
  assert_asked(b, parse, "catch 7 true");
  assert_text(issue_lines(b, inst_parse_caught(parse)), "invalid_type: eight");
  answer(b, parse, "1");
  assert_ends_valid(b, parse, "[1,0]"); /* and 9 is asked for nothing */
  clear_bench(b);
}

static void a_catch_around_code_runs_it_once(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_value(b, KIND(CATCH), with_code(b, text(b), CHECK(REFINE), 7), "\"c\""));
  inst_parse *parse = parse_of(b, "\"x\"");
  assert_asked(b, parse, "refine 7 \"x\"");
  say(b, parse, false);
  assert_ends_valid(b, parse, "\"c\"");
  clear_bench(b);
}

static void more_issues_than_there_may_be_are_caught_too(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = wrap(b, KIND(ARRAY), number(b));
  finish(b, wrap(b, KIND(ARRAY), by_code(b, KIND(CATCH), list, 7)));
  inst_value *outer = inst_array(b->arena);
  for (int n = 0; n < 3; n++) {
    inst_value *inner = inst_array(b->arena);
    for (int i = 0; i < INST_MAX_ISSUES + 5; i++) inst_push(inner, inst_bool(b->arena, true));
    inst_push(outer, inner);
  }
  inst_parse *parse = inst_parse_new(b->schema, outer, NULL, b->arena);
  for (int n = 0; n < 3; n++) {
    assert_int_equal(inst_parse_next(parse), INST_PARSE_CODE);
    assert_int_equal(inst_issue_count(inst_parse_caught(parse)), INST_MAX_ISSUES);
    answer(b, parse, "0");
  }
  assert_ends_valid(b, parse, "[0,0,0]");
  clear_bench(b);
}

/* ---- filling in, demanding, reading only ----------------------------------------------------- */

static void a_prefault_goes_through_the_schema_it_is_filled_into(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner = with_number(b, with(b, text(b), CHECK(TO_UPPER)), CHECK(MIN), 2);
  finish(b, object_of(b, "a", with_value(b, KIND(PREFAULT), inner, "\"tuna\"")));
  assert_valid(b, "{}", "{\"a\":\"TUNA\"}");
  assert_invalid(b, "{\"a\":null}", "a " WANTED("string", "null"));
  start_over(b);
  finish(b, with_value(b, KIND(PREFAULT), with_number(b, text(b), CHECK(MIN), 5), "\"ab\""));
  assert_invalid(b, NULL, "too_small: Too small: expected string to have >=5 characters");
  clear_bench(b);
}

static void a_prefault_by_code_is_asked_for_what_comes_in(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", by_code(b, KIND(PREFAULT), with(b, text(b), CHECK(TRIM)), 7)));
  inst_parse *parse = parse_of(b, "{}");
  assert_asked(b, parse, "default 7 nothing");
  answer(b, parse, "\" x \"");
  assert_ends_valid(b, parse, "{\"a\":\"x\"}");
  parse = parse_of(b, "{}");
  assert_asked(b, parse, "default 7 nothing");
  answer(b, parse, NULL);
  assert_ends_invalid(b, parse, "a " WANTED("string", "nil"));
  clear_bench(b);
}

static void nonoptional_wants_what_is_inside_to_be_there(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", wrap(b, KIND(NONOPTIONAL), wrap(b, KIND(OPTIONAL), number(b)))));
  assert_same(b, "{\"a\":1}");
  assert_invalid(b, "{}", "a " WANTED("nonoptional", "nil"));
  assert_invalid(b, "{\"a\":\"1\"}", "a " WANTED("number", "string"));
  clear_bench(b);
}

static void readonly_changes_nothing(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", wrap(b, KIND(READONLY), wrap(b, KIND(OPTIONAL), number(b))));
  finish(b, wrap(b, KIND(READONLY), object));
  assert_same(b, "{}");
  assert_same(b, "{\"a\":1}");
  assert_invalid(b, "{\"a\":\"1\"}", "a " WANTED("number", "string"));
  inst_parse_options options = {.null_is_absent = true};
  assert_ends_valid(b, inst_parse_new(b->schema, json(b, "{\"a\":null}"), &options, b->arena),
                    "{}");
  clear_bench(b);
}

/* ---- leading back ---------------------------------------------------------------------------- */

static inst_node tree(bench *b) {
  inst_node lazy = node(b, KIND(LAZY));
  inst_node object = object_of(b, "n", number(b));
  field(b, object, "kids", wrap(b, KIND(ARRAY), lazy));
  inst_schema_inner(b->schema, lazy, object);
  return object;
}

static void a_schema_may_lead_back_to_itself(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tree(b));
  assert_same(b, "{\"n\":1,\"kids\":[{\"n\":2,\"kids\":[]},{\"n\":3,\"kids\":[]}]}");
  assert_invalid(b, "{\"n\":1,\"kids\":[{\"n\":2,\"kids\":[{\"n\":\"3\",\"kids\":[]}]}]}",
                 "kids[0].kids[0].n " WANTED("number", "string"));
  clear_bench(b);
}

static void recursion_deeper_than_the_stack_ends_in_a_limit(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY)), list = wrap(b, KIND(ARRAY), lazy);
  inst_schema_inner(b->schema, lazy, either_of(b, number(b), list));
  finish(b, list);
  inst_value *deep = inst_array(b->arena);
  for (int i = 0; i < 3000; i++) {
    inst_value *outer = inst_array(b->arena);
    inst_push(outer, deep);
    deep = outer;
  }
  inst_parse *parse = inst_parse_new(b->schema, deep, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_FAILED);
  assert_int_equal(inst_parse_error(parse)->code, INST_E_LIMIT);
  clear_bench(b);
}

static bool parse_all(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_value *in =
      inst_json_parse(arena, INST_LIT("[{\"n\":1,\"kids\":[{}]},{\"n\":\"x\"}]"), 9, &error);
  inst_parse *parse = in != NULL ? inst_parse_new(b->schema, in, NULL, arena) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  while (verdict == INST_PARSE_CODE) {
    inst_parse_answer(parse, inst_int(arena, 1));
    verdict = inst_parse_next(parse);
  }
  if (verdict == INST_PARSE_FAILED && parse != NULL)
    assert_int_equal(inst_parse_error(parse)->code, INST_E_MEMORY);
  inst_arena_free(arena);
  return verdict == INST_PARSE_VALID;
}

static void lost_memory_ends_a_parse_in_an_error_and_nothing_else(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), by_code(b, KIND(CATCH), wrap(b, KIND(READONLY), tree(b)), 7)));
  assert_true(check_every_failure(parse_all, b) > 2);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whatever_is_wrong_inside_a_catch_is_gone),
      cmocka_unit_test(what_is_caught_is_checked_by_the_catch_itself_only),
      cmocka_unit_test(a_catch_by_code_hears_what_was_wrong),
      cmocka_unit_test(its_messages_by_code_are_worded_before_it_hears_them),
      cmocka_unit_test(a_catch_around_code_runs_it_once),
      cmocka_unit_test(more_issues_than_there_may_be_are_caught_too),
      cmocka_unit_test(a_prefault_goes_through_the_schema_it_is_filled_into),
      cmocka_unit_test(a_prefault_by_code_is_asked_for_what_comes_in),
      cmocka_unit_test(nonoptional_wants_what_is_inside_to_be_there),
      cmocka_unit_test(readonly_changes_nothing),
      cmocka_unit_test(a_schema_may_lead_back_to_itself),
      cmocka_unit_test(recursion_deeper_than_the_stack_ends_in_a_limit),
      cmocka_unit_test(lost_memory_ends_a_parse_in_an_error_and_nothing_else),
  };
  return cmocka_run_group_tests_name("wrapper", tests, NULL, NULL);
}
