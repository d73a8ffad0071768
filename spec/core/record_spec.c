/*
** Records: keys and values each against a schema, keys that must all be there, keys that come out
** changed; and objects whose rest has a schema.
*/
#include "spec/core/kinds_check.h"

static inst_node record(bench *b, inst_node key, inst_node value) {
  return pair_of(b, KIND(RECORD), key, value);
}

static inst_node ab(bench *b) {
  return choice(b, KIND(ENUM), "[\"a\",\"b\"]");
}

static void any_key_may_stand_for_a_value_of_the_schema(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, text(b), number(b)));
  assert_same(b, "{}");
  assert_same(b, "{\"x\":1,\"\":2}");
  assert_invalid(b, "{\"x\":\"1\",\"y\":2,\"z z\":null}",
                 "x " WANTED("number", "string") "\n[\"z z\"] " WANTED("number", "null"));
  assert_invalid(b, "[]", WANTED("record", "array"));
  inst_parse *parse = inst_parse_new(b->schema, inst_either(b->arena), NULL, b->arena);
  assert_ends_valid(b, parse, "{}");
  clear_bench(b);
}

static void its_members_are_no_fields(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, text(b), object_of(b, "a", number(b))));
  inst_parse *parse = parse_of(b, "{\"x\":{\"a\":1}}");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  const inst_value *x = inst_find(inst_parse_value(parse), "x");
  assert_false(inst_value_is_field(x));
  assert_true(inst_value_is_field(inst_find(x, "a")));
  clear_bench(b);
}

static void a_wrong_key_is_one_issue_and_its_value_is_not_looked_at(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, with_number(b, text(b), CHECK(MIN), 2), number(b)));
  assert_same(b, "{\"ab\":1}");
  inst_parse *parse = parse_of(b, "{\"a\":\"x\",\"bc\":\"y\"}");
  assert_ends_invalid(b, parse,
                      "a invalid_key: Invalid key in record\nbc " WANTED("number", "string"));
  const inst_issue *issue = inst_parse_issues(parse);
  assert_json(issue->details, "{\"origin\":\"record\"}");
  assert_json(issue->input, "\"a\"");
  assert_text(issue_lines(b, issue->branches->issues),
              "too_small: Too small: expected string to have >=2 characters");
  assert_text(inst_issues_for_model(issue, b->arena),
              "\n- a: Invalid key in record"
              "\n  - a: Too small: expected string to have >=2 characters (got \"a\")"
              "\n- bc: Invalid input: expected number, received string (got \"y\")");
  assert_text(inst_issue_explain(issue, b->arena),
              "Invalid key in record: a: Too small: expected string to have >=2 characters");
  clear_bench(b);
}

static void keys_that_can_be_counted_must_all_be_there(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, ab(b), number(b)));
  assert_same(b, "{\"a\":1,\"b\":2}");
  assert_invalid(b, "{\"a\":\"x\",\"c\":1,\"d\":2}",
                 "a " WANTED("number", "string") "\nb " WANTED(
                     "number", "nil") "\n"
                                      "unrecognized_keys: Unrecognized keys: \"c\", \"d\"");
  start_over(b);
  finish(b, record(b, ab(b), wrap(b, KIND(OPTIONAL), number(b))));
  assert_same(b, "{\"b\":2}");
  start_over(b);
  inst_node keys = either_of(b, literal(b, "\"a\""), wrap(b, KIND(READONLY), literal(b, "1")));
  finish(b, record(b, keys, number(b)));
  assert_same(b, "{\"a\":1,\"1\":2}");
  assert_invalid(b, "{\"a\":1}", "[\"1\"] " WANTED("number", "nil"));
  clear_bench(b);
}

static void a_partial_record_lets_keys_be_missing_but_no_others_be_there(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_trait(b, record(b, ab(b), number(b)), INST_TRAIT_PARTIAL));
  assert_same(b, "{}");
  assert_same(b, "{\"b\":2}");
  assert_invalid(b, "{\"c\":1,\"a\":\"x\"}",
                 "a " WANTED("number", "string") "\n"
                                                 "unrecognized_keys: Unrecognized key: \"c\"");
  clear_bench(b);
}

static void a_loose_record_keeps_what_does_not_fit_its_keys(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node key = with_text(b, text(b), CHECK(STARTS_WITH), "x_");
  finish(b, with_trait(b, record(b, key, number(b)), INST_TRAIT_LOOSE));
  assert_same(b, "{\"x_a\":1,\"other\":[null]}");
  assert_invalid(b, "{\"x_a\":\"1\",\"other\":1}", "x_a " WANTED("number", "string"));
  start_over(b);
  finish(b, with_trait(b, record(b, ab(b), number(b)), INST_TRAIT_LOOSE));
  assert_same(b, "{\"a\":1,\"b\":2,\"c\":\"kept\"}");
  assert_invalid(b, "{\"c\":\"kept\",\"b\":1}", "a " WANTED("number", "nil"));
  clear_bench(b);
}

static void a_key_that_looks_like_a_number_is_tried_as_one(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, number(b), text(b)));
  assert_same(b, "{\"1\":\"a\",\"-2.5\":\"b\"}");
  assert_valid(b, "{\"007\":\"a\"}", "{\"7\":\"a\"}");
  assert_invalid(b, "{\"1e3\":\"\",\"-\":\"\",\"1.\":\"\"}",
                 "[\"1e3\"] invalid_key: Invalid key in record\n"
                 "[\"-\"] invalid_key: Invalid key in record\n"
                 "[\"1.\"] invalid_key: Invalid key in record");
  start_over(b);
  finish(b, record(b, with(b, number(b), CHECK(INT)), text(b)));
  inst_parse *parse = parse_of(b, "{\"1.5\":\"b\"}");
  assert_ends_invalid(b, parse, "[\"1.5\"] invalid_key: Invalid key in record");
  assert_text(issue_lines(b, inst_parse_issues(parse)->branches->issues),
              WANTED("number", "string")); /* of the text, as it came */
  clear_bench(b);
}

static void a_value_comes_out_under_what_its_key_came_to(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, with(b, text(b), CHECK(TO_UPPER)), number(b)));
  assert_valid(b, "{\"a\":1,\"B\":2}", "{\"A\":1,\"B\":2}");
  assert_valid(b, "{\"A\":1,\"a\":2}", "{\"A\":2}"); /* the later one stays */
  start_over(b);
  finish(b, record(b, pipe_of(b, text(b), transform(b, 7)), number(b)));
  inst_parse *parse = parse_of(b, "{\"k\":1}");
  assert_asked(b, parse, "transform 7 \"k\"");
  answer(b, parse, "2.0");
  assert_ends_valid(b, parse, "{\"2\":1}");
  clear_bench(b);
}

static void a_wrong_key_is_wrong_too_where_it_is_only_asked_whether_all_fits(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node pairs = record(b, number(b), node(b, KIND(ANY)));
  finish(b, either_of(b, node(b, KIND(NEVER)), pairs));
  assert_same(b, "{\"7\":true}");
  assert_int_equal(inst_parse_next(parse_of(b, "{\"a\":1,\"7\":true}")), INST_PARSE_INVALID);
  assert_int_equal(inst_parse_next(parse_of(b, "{\"7\":true,\"a\":1}")), INST_PARSE_INVALID);
  clear_bench(b);
}

static void no_key_comes_out_twice(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node key = with_text(b, with(b, text(b), CHECK(TRIM)), CHECK(STARTS_WITH), "x");
  finish(b, with_trait(b, record(b, key, node(b, KIND(ANY))), INST_TRAIT_LOOSE));
  assert_valid(b, "{\" x\":1,\"a\":2,\"x \":3,\"b\":4,\"x\":[5]}", "{\"x\":[5],\"a\":2,\"b\":4}");
  start_over(b);
  finish(b, record(b, with(b, text(b), CHECK(TRIM)), number(b)));
  assert_valid(b, "{\" a\":1,\"a\":2,\"b\":3,\"a \":4}", "{\"a\":4,\"b\":3}");
  clear_bench(b);
}

static void keys_that_come_out_changed_stay_cheap_however_many(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, with(b, text(b), CHECK(TRIM)), number(b)));
  inst_parse *parse = inst_parse_new(b->schema, large_object(b, " k", LARGE), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_value_count(inst_parse_value(parse)), LARGE);
  assert_text(inst_value_key(inst_value_first(inst_parse_value(parse))), "k0");
  clear_bench(b);
}

static void code_for_a_key_runs_once(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, record(b, with_code(b, text(b), CHECK(REFINE), 7),
                   with_code(b, number(b), CHECK(REFINE), 8)));
  inst_parse *parse = parse_of(b, "{\"k\":1,\"l\":2}");
  assert_asked(b, parse, "refine 7 \"k\"");
  say(b, parse, false);
  assert_asked(b, parse, "refine 7 \"l\"");
  say(b, parse, true);
  assert_asked(b, parse, "refine 8 2");
  say(b, parse, true);
  assert_ends_invalid(b, parse, "k invalid_key: Invalid key in record");
  clear_bench(b);
}

/* ---- objects --------------------------------------------------------------------------------- */

static void the_rest_of_an_object_has_a_schema_of_its_own(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_rest(b, object_of(b, "a", text(b)), number(b)));
  assert_valid(b, "{\"z\":1,\"a\":\"x\",\"y\":2}", "{\"a\":\"x\",\"z\":1,\"y\":2}");
  assert_invalid(b, "{\"z\":\"1\",\"y\":null}",
                 "a " WANTED("string", "nil") "\nz " WANTED("number", "string") "\ny " WANTED(
                     "number", "null"));
  inst_parse *parse = parse_of(b, "{\"a\":\"x\",\"y\":2}");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_true(inst_value_is_field(inst_find(inst_parse_value(parse), "a")));
  assert_false(inst_value_is_field(inst_find(inst_parse_value(parse), "y")));
  clear_bench(b);
}

static void a_rest_that_nothing_fits_names_the_keys(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_rest(b, object_of(b, "a", text(b)), node(b, KIND(NEVER))));
  assert_same(b, "{\"a\":\"x\"}");
  assert_invalid(b, "{\"a\":\"x\",\"y\":2}", "unrecognized_keys: Unrecognized key: \"y\"");
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool parse_all(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_value *in = inst_json_parse(
      arena, INST_LIT("{\"r\":{\"x\":1,\"long\":2,\"12\":3},\"t\":[1,2],\"z\":0}"), 9, &error);
  inst_parse *parse = in != NULL ? inst_parse_new(b->schema, in, NULL, arena) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  if (verdict == INST_PARSE_FAILED && parse != NULL)
    assert_int_equal(inst_parse_error(parse)->code, INST_E_MEMORY);
  bool done = verdict == INST_PARSE_INVALID;
  done = done && inst_issues_for_model(inst_parse_issues(parse), arena).p != NULL;
  inst_arena_free(arena);
  return done;
}

static void lost_memory_ends_a_parse_in_an_error_and_nothing_else(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node key = with_number(b, with(b, text(b), CHECK(TO_UPPER)), CHECK(MIN), 2);
  inst_node object = object_of(b, "r", record(b, key, number(b)));
  field(b, object, "t", row_of(b, KIND(TUPLE), text(b), text(b), text(b), 0));
  finish(b, with_rest(b, object, text(b)));
  assert_true(check_every_failure(parse_all, b) > 4);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_key_may_stand_for_a_value_of_the_schema),
      cmocka_unit_test(its_members_are_no_fields),
      cmocka_unit_test(a_wrong_key_is_one_issue_and_its_value_is_not_looked_at),
      cmocka_unit_test(keys_that_can_be_counted_must_all_be_there),
      cmocka_unit_test(a_partial_record_lets_keys_be_missing_but_no_others_be_there),
      cmocka_unit_test(a_loose_record_keeps_what_does_not_fit_its_keys),
      cmocka_unit_test(a_key_that_looks_like_a_number_is_tried_as_one),
      cmocka_unit_test(a_value_comes_out_under_what_its_key_came_to),
      cmocka_unit_test(a_wrong_key_is_wrong_too_where_it_is_only_asked_whether_all_fits),
      cmocka_unit_test(no_key_comes_out_twice),
      cmocka_unit_test(keys_that_come_out_changed_stay_cheap_however_many),
      cmocka_unit_test(code_for_a_key_runs_once),
      cmocka_unit_test(the_rest_of_an_object_has_a_schema_of_its_own),
      cmocka_unit_test(a_rest_that_nothing_fits_names_the_keys),
      cmocka_unit_test(lost_memory_ends_a_parse_in_an_error_and_nothing_else),
  };
  return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
