/*
** Tuples: a schema for each place, what may be missing at the end, and the rest.
*/
#include "spec/core/kinds_check.h"

static inst_node tuple(bench *b, inst_node first, inst_node second) {
  return row_of(b, KIND(TUPLE), first, second, 0, 0);
}

static inst_node may(bench *b, inst_node inner) {
  return wrap(b, KIND(OPTIONAL), inner);
}

static void each_place_has_its_own_schema(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tuple(b, text(b), number(b)));
  assert_same(b, "[\"a\",1]");
  assert_invalid(b, "[1,\"a\"]",
                 "[0] " WANTED("string", "number") "\n[1] " WANTED("number", "string"));
  assert_invalid(b, "{}", WANTED("tuple", "object"));
  assert_invalid(b, NULL, WANTED("tuple", "nil"));
  clear_bench(b);
}

static void one_that_is_too_short_is_not_looked_into_and_one_too_long_is(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tuple(b, text(b), number(b)));
  assert_invalid(b, "[1]", "too_small: Too small: expected array to have >=2 items");
  assert_invalid(b, "[1,2,3]",
                 "too_big: Too big: expected array to have <=2 items\n"
                 "[0] " WANTED("string", "number"));
  inst_parse *parse = parse_of(b, "[]");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  assert_json(inst_parse_issues(parse)->details,
              "{\"origin\":\"array\",\"minimum\":2,\"inclusive\":true}");
  clear_bench(b);
}

static void an_empty_tuple_takes_an_empty_list_or_table(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(TUPLE)));
  assert_same(b, "[]");
  assert_invalid(b, "[null]", "too_big: Too big: expected array to have <=0 items");
  inst_parse *parse = inst_parse_new(b->schema, inst_either(b->arena), NULL, b->arena);
  assert_ends_valid(b, parse, "[]");
  clear_bench(b);
}

static void what_may_be_missing_at_the_end_may(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, row_of(b, KIND(TUPLE), text(b), may(b, number(b)), filled(b, number(b), "9"), 0));
  assert_same(b, "[\"a\",1,2]");
  assert_valid(b, "[\"a\",1]", "[\"a\",1,9]");
  assert_valid(b, "[\"a\"]", "[\"a\",null,9]"); /* a list has no holes */
  assert_invalid(b, "[]", "too_small: Too small: expected array to have >=1 items");
  start_over(b);
  finish(b, row_of(b, KIND(TUPLE), text(b), may(b, number(b)), may(b, text(b)), 0));
  assert_same(b, "[\"a\"]");
  assert_invalid(b, "[\"a\",null]", "[1] " WANTED("number", "null"));
  clear_bench(b);
}

static void what_must_be_there_behind_what_may_be_missing_counts(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tuple(b, may(b, text(b)), number(b)));
  assert_invalid(b, "[\"a\"]", "too_small: Too small: expected array to have >=2 items");
  assert_same(b, "[\"a\",1]");
  clear_bench(b);
}

static void the_rest_takes_all_that_follows(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node open = node(b, KIND(TUPLE));
  inst_schema_inner(b->schema, open, text(b));
  finish(b, with_rest(b, open, number(b)));
  assert_same(b, "[\"a\"]");
  assert_same(b, "[\"a\",1,2]");
  assert_invalid(b, "[\"a\",\"b\",2,null]",
                 "[1] " WANTED("number", "string") "\n[3] " WANTED("number", "null"));
  assert_invalid(b, "[]", "[0] " WANTED("string", "nil"));
  clear_bench(b);
}

static void its_checks_come_after_its_items(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node open = with_rest(b, node(b, KIND(TUPLE)), with_code(b, text(b), CHECK(REFINE), 7));
  finish(b, with_code(b, with_number(b, open, CHECK(MAX), 1), CHECK(REFINE), 8));
  inst_parse *parse = parse_of(b, "[\"a\",\"b\"]");
  assert_asked(b, parse, "refine 7 \"a\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 7 \"b\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 8 [\"a\",\"b\"]");
  say(b, parse, false);
  assert_ends_invalid(b, parse,
                      "too_big: Too big: expected array to have <=1 items\n"
                      "custom: Invalid input");
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_place_has_its_own_schema),
      cmocka_unit_test(one_that_is_too_short_is_not_looked_into_and_one_too_long_is),
      cmocka_unit_test(an_empty_tuple_takes_an_empty_list_or_table),
      cmocka_unit_test(what_may_be_missing_at_the_end_may),
      cmocka_unit_test(what_must_be_there_behind_what_may_be_missing_counts),
      cmocka_unit_test(the_rest_takes_all_that_follows),
      cmocka_unit_test(its_checks_come_after_its_items),
  };
  return cmocka_run_group_tests_name("tuple", tests, NULL, NULL);
}
