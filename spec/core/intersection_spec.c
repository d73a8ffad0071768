/*
** Intersections: both sides on the same input, the issues of both, unknown keys that either knows,
** and one result of two.
*/
#include "spec/core/kinds_check.h"

static inst_node both(bench *b, inst_node left, inst_node right) {
  return pair_of(b, KIND(INTERSECTION), left, right);
}

static void the_issues_of_both_sides_are_told_left_first(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, both(b, object_of(b, "a", text(b)), object_of(b, "b", number(b))));
  assert_valid(b, "{\"b\":1,\"a\":\"x\",\"c\":2}", "{\"a\":\"x\",\"b\":1}");
  assert_invalid(b, "{\"a\":1}", "a " WANTED("string", "number") "\nb " WANTED("number", "nil"));
  assert_invalid(b, "1", WANTED("object", "number") "\n" WANTED("object", "number"));
  assert_invalid(b, NULL, WANTED("object", "nil") "\n" WANTED("object", "nil"));
  clear_bench(b);
}

static void a_key_is_unknown_where_both_sides_say_so(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b,
         both(b, strict(b, object_of(b, "a", text(b))), strict(b, object_of(b, "b", number(b)))));
  assert_same(b, "{\"a\":\"x\",\"b\":1}");
  assert_invalid(b, "{\"a\":\"x\",\"b\":1,\"c\":2,\"d\":3}",
                 "unrecognized_keys: Unrecognized keys: \"c\", \"d\"");
  assert_invalid(b, "{\"a\":1,\"b\":null,\"c\":2}",
                 "a " WANTED("string", "number") "\nb " WANTED(
                     "number", "null") "\n"
                                       "unrecognized_keys: Unrecognized key: \"c\"");
  start_over(b);
  inst_node left = object_of(b, "o", strict(b, object_of(b, "a", text(b))));
  inst_node right = object_of(b, "o", strict(b, object_of(b, "b", number(b))));
  finish(b, wrap(b, KIND(ARRAY), both(b, left, right)));
  assert_same(b, "[{\"o\":{\"a\":\"x\",\"b\":1}}]");
  assert_invalid(b, "[{\"o\":{\"a\":\"x\",\"b\":1,\"c\":2}}]",
                 "[0].o unrecognized_keys: Unrecognized key: \"c\"");
  start_over(b);
  finish(b, both(b, strict(b, object_of(b, "a", text(b))), object_of(b, "b", number(b))));
  assert_same(b, "{\"a\":\"x\",\"b\":1}"); /* the right side does not mind */
  clear_bench(b);
}

static void results_are_joined_all_the_way_down(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = object_of(b, "l", wrap(b, KIND(ARRAY), object_of(b, "a", text(b))));
  inst_node right = object_of(b, "l", wrap(b, KIND(ARRAY), object_of(b, "b", number(b))));
  field(b, left, "s", text(b));
  inst_schema_unknown_keys(b->schema, right, INST_KEYS_PASS);
  finish(b, both(b, left, right));
  assert_valid(
      b, "{\"x\":[{\"y\":null}],\"s\":\"\",\"l\":[{\"a\":\"\",\"b\":1},{\"b\":2,\"a\":\"z\"}]}",
      "{\"l\":[{\"a\":\"\",\"b\":1},{\"a\":\"z\",\"b\":2}],\"s\":\"\",\"x\":[{\"y\":null}]}");
  inst_parse *parse = parse_of(b, "{\"l\":[],\"s\":\"\",\"x\":1}");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_true(inst_value_is_field(inst_find(inst_parse_value(parse), "s")));
  assert_false(inst_value_is_field(inst_find(inst_parse_value(parse), "x")));
  clear_bench(b);
}

static void a_member_is_a_field_where_either_side_declares_it(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, both(b, node(b, KIND(ANY)), object_of(b, "a", text(b))));
  inst_parse *parse = parse_of(b, "{\"x\":1,\"a\":\"\"}");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_true(inst_value_is_field(inst_find(inst_parse_value(parse), "a")));
  assert_false(inst_value_is_field(inst_find(inst_parse_value(parse), "x")));
  clear_bench(b);
}

static void an_empty_table_is_a_list_where_either_side_says_so(void **state) {
  (void)state;
  bench *b = set_bench();
  for (int turned = 0; turned < 2; turned++) {
    start_over(b);
    inst_node any = node(b, KIND(ANY)), list = wrap(b, KIND(ARRAY), text(b));
    finish(b, turned ? both(b, list, any) : both(b, any, list));
    inst_parse *parse = inst_parse_new(b->schema, inst_either(b->arena), NULL, b->arena);
    assert_ends_valid(b, parse, "[]");
  }
  clear_bench(b);
}

static void results_that_differ_are_an_issue_where_they_do(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node upper = with(b, text(b), CHECK(TO_UPPER));
  inst_node left = object_of(b, "l", wrap(b, KIND(ARRAY), upper));
  finish(b, both(b, left, object_of(b, "l", wrap(b, KIND(ARRAY), text(b)))));
  assert_same(b, "{\"l\":[\"A\"]}");
  assert_invalid(
      b, "{\"l\":[\"A\",\"b\"]}",
      "l[1] custom: Invalid input: the sides of an intersection made different values of "
      "it");
  start_over(b);
  finish(b,
         both(b, with_value(b, KIND(DEFAULT), text(b), "\"x\""), wrap(b, KIND(OPTIONAL), text(b))));
  assert_invalid(b, NULL,
                 "custom: Invalid input: the sides of an intersection made different values of it");
  assert_same(b, "\"y\"");
  clear_bench(b);
}

static void values_of_very_deep_results_are_joined_too(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, both(b, node(b, KIND(ANY)), pipe_of(b, node(b, KIND(ANY)), transform(b, 7))));
  char deep[2001];
  memset(deep, '[', 900);
  memset(deep + 900, ']', 900);
  deep[1800] = '\0';
  inst_parse *parse = parse_of(b, deep);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_CODE);
  answer(b, parse, deep); /* equal, but not the same */
  assert_ends_valid(b, parse, deep);
  clear_bench(b);
}

static void code_on_both_sides_runs_once_and_code_on_the_whole_sees_the_whole(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = object_of(b, "a", with_code(b, text(b), CHECK(REFINE), 7));
  inst_node right = object_of(b, "b", with_code(b, text(b), CHECK(REFINE), 8));
  finish(b, either_of(b, with_code(b, both(b, left, right), CHECK(REFINE), 9), number(b)));
  inst_parse *parse = parse_of(b, "{\"a\":\"x\",\"b\":\"y\"}");
  assert_asked(b, parse, "refine 7 \"x\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 8 \"y\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 9 {\"a\":\"x\",\"b\":\"y\"}");
  say(b, parse, true);
  assert_ends_valid(b, parse, "{\"a\":\"x\",\"b\":\"y\"}");
  clear_bench(b);
}

static void large_objects_are_joined_as_fast_as_small_ones(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = object_of(b, "z", wrap(b, KIND(OPTIONAL), number(b)));
  inst_node right = object_of(b, "d", filled(b, number(b), "1"));
  inst_schema_unknown_keys(b->schema, left, INST_KEYS_PASS);
  inst_schema_unknown_keys(b->schema, right, INST_KEYS_PASS);
  finish(b, both(b, left, right));
  inst_parse *parse = inst_parse_new(b->schema, large_object(b, "k", LARGE), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_value_count(inst_parse_value(parse)), LARGE + 1);
  start_over(b); /* no key of one side is one of the other's */
  inst_node any = node(b, KIND(ANY));
  inst_node trimmed = with(b, text(b), CHECK(TRIM));
  finish(b, both(b, any, pair_of(b, KIND(RECORD), trimmed, number(b))));
  parse = inst_parse_new(b->schema, large_object(b, " k", LARGE), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_value_count(inst_parse_value(parse)), 2 * LARGE);
  clear_bench(b);
}

static void many_keys_that_both_sides_do_not_know_are_named_as_fast_as_few(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = strict(b, object_of(b, "k7", number(b)));
  finish(b, both(b, left, strict(b, object_of(b, "k9", number(b)))));
  inst_parse *parse = inst_parse_new(b->schema, large_object(b, "k", LARGE), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  const inst_issue *issue = inst_parse_issues(parse);
  assert_int_equal(inst_value_count(inst_find(issue->details, "keys")), LARGE - 2);
  assert_null(issue->next);
  clear_bench(b);
}

static void members_in_another_order_find_each_other(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = node(b, KIND(OBJECT)), right = node(b, KIND(OBJECT));
  for (int i = 0; i < 20; i++) {
    char first[] = {(char)('a' + i), '\0'}, last[] = {(char)('t' - i), '\0'};
    field(b, left, first, object_of(b, "l", number(b)));
    field(b, right, last, object_of(b, "r", number(b)));
  }
  inst_schema_unknown_keys(b->schema, right, INST_KEYS_PASS);
  finish(b, both(b, left, right));
  inst_value *in = inst_object(b->arena);
  for (int i = 0; i < 21; i++) {
    const char key[] = {(char)('a' + i), '\0'};
    inst_put(b->arena, in, inst_str_of(key), json(b, "{\"l\":1,\"r\":2}"));
  }
  inst_parse *parse = inst_parse_new(b->schema, in, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_true(inst_value_equal(inst_parse_value(parse), in));
  assert_text(inst_value_key(inst_value_first(inst_parse_value(parse))), "a");
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool parse_all(inst_alloc alloc, void *ctx) {
  static const char *const texts[] = {"{\"a\":\"x\",\"b\":[[1],{\"q\":[2]}],\"c\":2}",
                                      "{\"b\":1,\"c\":2}"};
  const bench *b = ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  bool done = arena != NULL;
  for (size_t i = 0; i < 2 && done; i++) {
    inst_value *in = inst_json_parse(arena, inst_str_of(texts[i]), 9, &error);
    inst_parse *parse = in != NULL ? inst_parse_new(b->schema, in, NULL, arena) : NULL;
    inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
    if (verdict == INST_PARSE_FAILED && parse != NULL)
      assert_int_equal(inst_parse_error(parse)->code, INST_E_MEMORY);
    done = verdict == INST_PARSE_INVALID;
  }
  inst_arena_free(arena);
  return done;
}

static bool join_large(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_arena *arena = inst_arena_new(alloc);
  bool done = arena != NULL;
  inst_value *in = done ? inst_object(arena) : NULL;
  for (int i = 0; i < 40; i++) {
    const char key[] = {(char)('A' + i), ' ', '\0'};
    if (in != NULL) inst_put(arena, in, inst_str_of(key), inst_int(arena, i));
  }
  inst_parse *parse = in != NULL ? inst_parse_new(b->schema, in, NULL, arena) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  if (verdict == INST_PARSE_FAILED && parse != NULL)
    assert_int_equal(inst_parse_error(parse)->code, INST_E_MEMORY);
  done = verdict == INST_PARSE_VALID && inst_value_count(inst_parse_value(parse)) == 80;
  inst_arena_free(arena);
  return done;
}

static void lost_memory_while_large_objects_are_joined_is_told(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node trimmed = with(b, text(b), CHECK(TRIM));
  finish(b, both(b, node(b, KIND(ANY)), pair_of(b, KIND(RECORD), trimmed, number(b))));
  assert_true(check_every_failure(join_large, b) > 6);
  clear_bench(b);
}

static void lost_memory_ends_a_parse_in_an_error_and_nothing_else(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = strict(b, object_of(b, "a", with(b, text(b), CHECK(TO_UPPER))));
  field(b, left, "b", node(b, KIND(ANY)));
  inst_node right = strict(b, object_of(b, "a", text(b)));
  field(b, right, "b", wrap(b, KIND(ARRAY), node(b, KIND(ANY))));
  finish(b, both(b, left, right));
  assert_true(check_every_failure(parse_all, b) > 4);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_issues_of_both_sides_are_told_left_first),
      cmocka_unit_test(a_key_is_unknown_where_both_sides_say_so),
      cmocka_unit_test(results_are_joined_all_the_way_down),
      cmocka_unit_test(a_member_is_a_field_where_either_side_declares_it),
      cmocka_unit_test(an_empty_table_is_a_list_where_either_side_says_so),
      cmocka_unit_test(results_that_differ_are_an_issue_where_they_do),
      cmocka_unit_test(values_of_very_deep_results_are_joined_too),
      cmocka_unit_test(large_objects_are_joined_as_fast_as_small_ones),
      cmocka_unit_test(many_keys_that_both_sides_do_not_know_are_named_as_fast_as_few),
      cmocka_unit_test(members_in_another_order_find_each_other),
      cmocka_unit_test(code_on_both_sides_runs_once_and_code_on_the_whole_sees_the_whole),
      cmocka_unit_test(lost_memory_while_large_objects_are_joined_is_told),
      cmocka_unit_test(lost_memory_ends_a_parse_in_an_error_and_nothing_else),
  };
  return cmocka_run_group_tests_name("intersection", tests, NULL, NULL);
}
