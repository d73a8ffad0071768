/*
** Values made from others before they are judged, by JavaScript's rules.
*/
#include "spec/core/schema_check.h"

static inst_node coerced(bench *b, inst_node_kind kind) {
  inst_node made = node(b, kind);
  inst_schema_trait(b->schema, made, INST_TRAIT_COERCE);
  return made;
}

/* Pairs of what comes in and what comes out, as JSON. */
static void check_pairs_at(inst_node_kind kind, const char *const (*pairs)[2], size_t n, int line) {
  bench *b = set_bench();
  finish(b, coerced(b, kind));
  for (size_t i = 0; i < n; i++) check_valid_at(b, parse_of(b, pairs[i][0]), pairs[i][1], line);
  clear_bench(b);
}

#define assert_pairs(kind, pairs) check_pairs_at((kind), (pairs), CHECK_COUNT(pairs), __LINE__)

static void anything_has_a_text(void **state) {
  static const char *const pairs[][2] = {
      {"\"a\"", "\"a\""},
      {"\"\"", "\"\""},
      {NULL, "\"undefined\""},
      {"null", "\"null\""},
      {"true", "\"true\""},
      {"7", "\"7\""},
      {"-1.5", "\"-1.5\""},
      {"1.0", "\"1\""},
      {"1e21", "\"1e+21\""},
      {"1e-7", "\"1e-7\""},
      {"9007199254740993", "\"9007199254740993\""},
      {"{\"a\":1}", "\"[object Object]\""},
      {"[]", "\"\""},
      {"[null]", "\"\""},
      {"[1,\"x\",null,true]", "\"1,x,,true\""},
      {"[[1],[2,[3,[]]],{}]", "\"1,2,3,,[object Object]\""},
      {"[[],[]]", "\",\""},
  };
  (void)state;
  assert_pairs(KIND(STRING), pairs);
}

static void a_number_no_double_holds_is_none(void **state) {
  char text[2000];
  (void)state;
  bench *b = set_bench();
  finish(b, coerced(b, KIND(NUMBER)));
  memset(text, 'f', sizeof text);
  memcpy(text, "\"0x", 3);
  memcpy(text + sizeof text - 2, "\"", 2);
  inst_parse *parse = parse_of(b, text);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  assert_text(inst_parse_issues(parse)->message,
              "Invalid input: expected number, received Infinity");
  assert_valid(b, "\"0x20000000000000\"", "9007199254740992");
  clear_bench(b);
}

static void texts_and_flags_have_numbers(void **state) {
  static const char *const pairs[][2] = {
      {"7", "7"},
      {"-1.5", "-1.5"},
      {"null", "0"},
      {"true", "1"},
      {"false", "0"},
      {"\"\"", "0"},
      {"\" \\u00a0\\n\"", "0"},
      {"\" 12 \"", "12"},
      {"\"+7\"", "7"},
      {"\"-7\"", "-7"},
      {"\"007\"", "7"},
      {"\".5\"", "0.5"},
      {"\"-.5\"", "-0.5"},
      {"\"5.\"", "5"},
      {"\"1e3\"", "1000.0"},
      {"\"1.25E-2\"", "0.0125"},
      {"\"0x1F\"", "31"},
      {"\"0o17\"", "15"},
      {"\"0B11\"", "3"},
      {"[]", "0"},
      {"[5]", "5"},
      {"[[\"6\"]]", "6"},
      {"[null]", "0"},
  };
  (void)state;
  assert_pairs(KIND(NUMBER), pairs);
}

static void what_has_no_number_is_called_nan_or_infinity(void **state) {
  static const char *const texts[] = {
      "\"abc\"", "\"12px\"", "\"1_000\"",    "\"1,5\"",  "\".\"",    "\"+\"",     "\"1e\"",
      "\"- 1\"", "\"0x\"",   "\"-0x10\"",    "\"0b12\"", "\"0xg\"",  "{}",        "[1,2]",
      "[\"x\"]", "[5,null]", "\"infinity\"", "\"1 2\"",  "\"0 x1\"", "\"1.2.3\"", NULL,
  };
  (void)state;
  bench *b = set_bench();
  finish(b, coerced(b, KIND(NUMBER)));
  for (size_t i = 0; i < CHECK_COUNT(texts); i++)
    assert_invalid(b, texts[i], "invalid_type: Invalid input: expected number, received NaN");
  assert_invalid(b, "\"-Infinity\"",
                 "invalid_type: Invalid input: expected number, received Infinity");
  assert_invalid(b, "\"1e999\"", "invalid_type: Invalid input: expected number, received Infinity");
  clear_bench(b);
}

static void only_what_is_empty_is_false(void **state) {
  static const char *const pairs[][2] = {
      {NULL, "false"},       {"null", "false"}, {"false", "false"}, {"0", "false"},
      {"-0.0", "false"},     {"\"\"", "false"}, {"true", "true"},   {"-1.5", "true"},
      {"\"false\"", "true"}, {"\"0\"", "true"}, {"[]", "true"},     {"{}", "true"},
  };
  (void)state;
  assert_pairs(KIND(BOOLEAN), pairs);
}

static void checks_see_what_was_made(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_number(b, coerced(b, KIND(NUMBER)), CHECK(MIN), 5));
  assert_valid(b, "\"5\"", "5");
  assert_invalid(b, "\"4\"", "too_small: Too small: expected number to be >=5");
  start_over(b);
  finish(b, with(b, coerced(b, KIND(STRING)), CHECK(UPPERCASE)));
  assert_valid(b, "12", "\"12\"");
  assert_invalid(b, "true", "invalid_format: Invalid uppercase");
  clear_bench(b);
}

static void a_field_that_must_be_there_must_be_there(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "s", coerced(b, KIND(STRING)));
  field(b, object, "o", wrap(b, KIND(OPTIONAL), coerced(b, KIND(NUMBER))));
  finish(b, object);
  assert_valid(b, "{\"s\":1,\"o\":\"2\"}", "{\"s\":\"1\",\"o\":2}");
  assert_invalid(b, "{}", "s invalid_type: Invalid input: expected nonoptional, received nil");
  clear_bench(b);
}

static void opaque_values_of_the_host_are_not_converted(void **state) {
  static const inst_node_kind kinds[] = {KIND(STRING), KIND(NUMBER), KIND(BOOLEAN)};
  static const char *const names[] = {"string", "number", "boolean"};
  (void)state;
  bench *b = set_bench();
  for (size_t i = 0; i < CHECK_COUNT(kinds); i++) {
    char line[80];
    finish(b, coerced(b, kinds[i]));
    inst_value *v = inst_opaque(b->arena, 1, "function");
    snprintf(line, sizeof line, "invalid_type: Invalid input: expected %s, received function",
             names[i]);
    check_invalid_at(b, inst_parse_new(b->schema, v, NULL, b->arena), line, __LINE__);
    start_over(b);
  }
  finish(b, coerced(b, KIND(STRING)));
  inst_value *list = inst_array(b->arena);
  inst_push(list, inst_opaque(b->arena, 1, "function"));
  check_invalid_at(b, inst_parse_new(b->schema, list, NULL, b->arena),
                   "invalid_type: Invalid input: expected string, received array", __LINE__);
  clear_bench(b);
}

static void lists_may_be_deep(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, coerced(b, KIND(STRING)));
  inst_value *v = inst_int(b->arena, 7);
  for (int i = 0; i < 100000; i++) {
    inst_value *list = inst_array(b->arena);
    inst_push(list, v);
    v = list;
  }
  check_valid_at(b, inst_parse_new(b->schema, v, NULL, b->arena), "\"7\"", __LINE__);
  clear_bench(b);
}

static bool coerce_with(inst_alloc alloc, void *ctx) {
  inst_arena *arena = inst_arena_new(alloc);
  inst_value *v = arena != NULL ? inst_json_parse(arena, INST_LIT("[[\"1\",2]]"), 9, NULL) : NULL;
  inst_parse *parse = v != NULL ? inst_parse_new(ctx, v, NULL, arena) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  inst_arena_free(arena);
  return verdict == INST_PARSE_INVALID || verdict == INST_PARSE_VALID;
}

static void lost_memory_is_an_ordinary_error(void **state) {
  static const inst_node_kind kinds[] = {KIND(STRING), KIND(NUMBER)};
  (void)state;
  bench *b = set_bench();
  for (size_t i = 0; i < CHECK_COUNT(kinds); i++) {
    finish(b, coerced(b, kinds[i]));
    assert_true(check_every_failure(coerce_with, b->schema) > 3);
    start_over(b);
  }
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(anything_has_a_text),
      cmocka_unit_test(a_number_no_double_holds_is_none),
      cmocka_unit_test(texts_and_flags_have_numbers),
      cmocka_unit_test(what_has_no_number_is_called_nan_or_infinity),
      cmocka_unit_test(only_what_is_empty_is_false),
      cmocka_unit_test(checks_see_what_was_made),
      cmocka_unit_test(a_field_that_must_be_there_must_be_there),
      cmocka_unit_test(opaque_values_of_the_host_are_not_converted),
      cmocka_unit_test(lists_may_be_deep),
      cmocka_unit_test(lost_memory_is_an_ordinary_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
