/*
** Schemas printed as JSON Schema, as they go out: plain, and strict for providers that hold the model
** to a part of the standard.
*/
#include "spec/core/schema_check.h"

#include "core/schema/print.h"

static void check_printed_at(bench *b, bool strict, const char *wanted, int line) {
  const inst_profile profile = {.strict = strict};
  check_json_at(inst_schema_print(b->schema, &profile, b->arena, NULL), wanted, __FILE__, line);
}

#define assert_plain(b, wanted) check_printed_at((b), false, (wanted), __LINE__)
#define assert_strict(b, wanted) check_printed_at((b), true, (wanted), __LINE__)

/* What a node looks like by itself, in both profiles; a new schema is begun after that. */
static void check_node_at(bench *b, inst_node root, const char *plain, const char *strict,
                          int line) {
  finish(b, root);
  check_printed_at(b, false, plain, line);
  check_printed_at(b, true, strict, line);
  start_over(b);
}

#define assert_node(b, root, plain, strict) check_node_at((b), (root), (plain), (strict), __LINE__)
#define assert_both(b, root, wanted) check_node_at((b), (root), (wanted), (wanted), __LINE__)

static inst_node text(bench *b) {
  return node(b, KIND(STRING));
}

static inst_node number(bench *b) {
  return node(b, KIND(NUMBER));
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static void scalars_are_types(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, text(b), "{\"type\":\"string\"}");
  assert_both(b, number(b), "{\"type\":\"number\"}");
  assert_both(b, with(b, number(b), CHECK(INT)), "{\"type\":\"integer\"}");
  assert_both(b, node(b, KIND(BOOLEAN)), "{\"type\":\"boolean\"}");
  assert_both(b, node(b, KIND(NULL)), "{\"type\":\"null\"}");
  assert_both(b, node(b, KIND(ANY)), "{}");
  assert_both(b, node(b, KIND(UNKNOWN)), "{}");
  assert_node(b, node(b, KIND(NEVER)), "{\"not\":{}}", "{\"type\":\"null\"}");
  clear_bench(b);
}

static void of_two_bounds_the_tighter_is_printed(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node twice = with_number(b, text(b), CHECK(MIN), 3);
  with_number(b, with_number(b, twice, CHECK(MIN), 1), CHECK(MAX), 9);
  finish(b, with_number(b, twice, CHECK(MAX), 12));
  assert_plain(b, "{\"type\":\"string\",\"minLength\":3,\"maxLength\":9}");
  clear_bench(b);
}

static void choices_are_constants_and_enums(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, choice(b, KIND(LITERAL), "[\"x\"]"), "{\"type\":\"string\",\"const\":\"x\"}");
  assert_both(b, choice(b, KIND(LITERAL), "[1,2.5]"), "{\"type\":\"number\",\"enum\":[1,2.5]}");
  assert_both(b, choice(b, KIND(LITERAL), "[\"x\",1,null]"), "{\"enum\":[\"x\",1,null]}");
  assert_both(b, choice(b, KIND(ENUM), "[\"a\"]"), "{\"type\":\"string\",\"enum\":[\"a\"]}");
  clear_bench(b);
}

static void objects_are_closed_and_keep_their_order(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "z", text(b));
  field(b, object, "a", wrap(b, KIND(OPTIONAL), number(b)));
  field(b, object, "m", wrap(b, KIND(NULLABLE), wrap(b, KIND(ARRAY), text(b))));
  assert_node(b, object,
              "{\"type\":\"object\",\"properties\":{\"z\":{\"type\":\"string\"},\"a\":{\"type\":"
              "\"number\"},\"m\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
              "{\"type\":\"null\"}]}},\"required\":[\"z\",\"m\"],\"additionalProperties\":false}",
              "{\"type\":\"object\",\"properties\":{\"z\":{\"type\":\"string\"},\"a\":{\"type\":["
              "\"number\",\"null\"]},\"m\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":"
              "\"string\"}},{\"type\":\"null\"}]}},\"required\":[\"z\",\"a\",\"m\"],"
              "\"additionalProperties\":false}");
  assert_both(b, node(b, KIND(OBJECT)),
              "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
  object = node(b, KIND(OBJECT));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_PASS);
  assert_node(b, object, "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":true}",
              "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
  clear_bench(b);
}

static void null_is_added_once_and_a_bare_type_becomes_a_list(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, wrap(b, KIND(NULLABLE), text(b)), "{\"type\":[\"string\",\"null\"]}");
  assert_both(b, wrap(b, KIND(NULLABLE), wrap(b, KIND(NULLABLE), text(b))),
              "{\"type\":[\"string\",\"null\"]}");
  assert_both(b, wrap(b, KIND(NULLABLE), node(b, KIND(ANY))), "{}");
  assert_both(b, wrap(b, KIND(NULLABLE), node(b, KIND(NULL))), "{\"type\":\"null\"}");
  assert_both(b, wrap(b, KIND(NULLABLE), choice(b, KIND(ENUM), "[\"a\",\"b\"]")),
              "{\"anyOf\":[{\"type\":\"string\",\"enum\":[\"a\",\"b\"]},{\"type\":\"null\"}]}");
  inst_node never = wrap(b, KIND(OPTIONAL), node(b, KIND(NEVER)));
  finish(b, object_of(b, "a", never));
  assert_strict(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"required\":["
                   "\"a\"],\"additionalProperties\":false}");
  clear_bench(b);
}

static void pipes_are_asked_for_by_what_comes_in(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, pipe_of(b, text(b), transform(b, 1)), "{\"type\":\"string\"}");
  assert_both(b, pipe_of(b, text(b), number(b)), "{\"type\":\"string\"}");
  assert_both(b, transform(b, 1), "{}");
  assert_both(b, pipe_of(b, transform(b, 1), number(b)), "{\"type\":\"number\"}");
  finish(b, object_of(b, "n", pipe_of(b, transform(b, 1), number(b))));
  assert_plain(b, "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\"}},\"required\":["
                  "\"n\"],\"additionalProperties\":false}");
  clear_bench(b);
}

static void a_root_can_be_printed_inside_an_object(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_profile plain = {.strict = false}, strict = {.strict = true};
  finish(b, wrap(b, KIND(OPTIONAL), text(b)));
  assert_json(inst_schema_print_inside(b->schema, &plain, INST_LIT("value"), b->arena, NULL),
              "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"string\"}},"
              "\"additionalProperties\":false}");
  assert_json(inst_schema_print_inside(b->schema, &strict, INST_LIT("value"), b->arena, NULL),
              "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":[\"string\",\"null\"]}},"
              "\"required\":[\"value\"],\"additionalProperties\":false}");
  clear_bench(b);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void the_tighter_of_two_bounds_is_printed(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node n = with_number(b, number(b), CHECK(GT), 3);
  with_number(b, n, CHECK(MIN), 5);
  with_number(b, n, CHECK(MAX), 10.5);
  with_number(b, n, CHECK(LT), 10.5);
  assert_both(b, n, "{\"type\":\"number\",\"minimum\":5,\"exclusiveMaximum\":10.5}");
  n = with_number(b, number(b), CHECK(MIN), 5);
  with_number(b, n, CHECK(GT), 5);
  assert_both(b, n, "{\"type\":\"number\",\"exclusiveMinimum\":5}");
  assert_both(b, with_number(b, number(b), CHECK(MAX), -1e300),
              "{\"type\":\"number\",\"maximum\":-1e+300}");
  n = with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(MIN), 1);
  with_number(b, n, CHECK(LENGTH), 2);
  assert_both(b, n, "{\"type\":\"array\",\"items\":{},\"minItems\":2,\"maxItems\":2}");
  clear_bench(b);
}

static void lengths_of_texts_are_words_where_the_provider_takes_no_keyword(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node t = with_number(b, text(b), CHECK(MIN), 1);
  with_number(b, t, CHECK(MAX), 20);
  assert_node(b, t, "{\"type\":\"string\",\"minLength\":1,\"maxLength\":20}",
              "{\"type\":\"string\",\"description\":\"It must have at least 1 character. It must "
              "have at most 20 characters.\"}");
  assert_node(b, meta(b, with_number(b, text(b), CHECK(LENGTH), 2), "description", "\"A code.\""),
              "{\"type\":\"string\",\"description\":\"A code.\",\"minLength\":2,\"maxLength\":2}",
              "{\"type\":\"string\",\"description\":\"A code. It must have exactly 2 "
              "characters.\"}");
  clear_bench(b);
}

static void texts_within_texts_are_patterns(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, with_text(b, text(b), CHECK(STARTS_WITH), "a.b"),
              "{\"type\":\"string\",\"pattern\":\"^a\\\\.b\"}");
  assert_both(b, with_text(b, text(b), CHECK(ENDS_WITH), "(x)"),
              "{\"type\":\"string\",\"pattern\":\"\\\\(x\\\\)$\"}");
  assert_both(b, with_text(b, text(b), CHECK(INCLUDES), "a/b"),
              "{\"type\":\"string\",\"pattern\":\"a\\\\/b\"}");
  assert_both(b, with(b, text(b), CHECK(LOWERCASE)),
              "{\"type\":\"string\",\"pattern\":\"^[^A-Z]*$\"}");
  assert_both(b, with(b, text(b), CHECK(UPPERCASE)),
              "{\"type\":\"string\",\"pattern\":\"^[^a-z]*$\"}");
  assert_both(b, with_text(b, text(b), CHECK(REGEX), "^\\d+$"),
              "{\"type\":\"string\",\"pattern\":\"^\\\\d+$\"}");
  clear_bench(b);
}

static void what_must_be_said_twice_is_said_in_allof_or_in_words(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node t = with_text(b, text(b), CHECK(STARTS_WITH), "a");
  with_text(b, t, CHECK(ENDS_WITH), "b");
  with_text(b, t, CHECK(INCLUDES), "c");
  assert_node(b, t,
              "{\"type\":\"string\",\"allOf\":[{\"pattern\":\"^a\"},{\"pattern\":\"b$\"},{"
              "\"pattern\":\"c\"}]}",
              "{\"type\":\"string\",\"pattern\":\"^a\",\"description\":\"It must also match the "
              "pattern b$. It must also match the pattern c.\"}");
  inst_node n = with_number(b, number(b), CHECK(MULTIPLE_OF), 2);
  with_number(b, n, CHECK(MULTIPLE_OF), -3);
  assert_node(b, n, "{\"type\":\"number\",\"allOf\":[{\"multipleOf\":2},{\"multipleOf\":3}]}",
              "{\"type\":\"number\",\"multipleOf\":2,\"description\":\"It must also be a multiple "
              "of 3.\"}");
  clear_bench(b);
}

static void flags_that_matter_are_words(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_check blind = {.kind = CHECK(REGEX), .text = INST_LIT("^a$"), .extra = INST_LIT("iu")};
  const inst_check unicode = {
      .kind = CHECK(REGEX), .text = INST_LIT("^a$"), .extra = INST_LIT("u")};
  assert_both(b, check(b, text(b), &blind),
              "{\"type\":\"string\",\"description\":\"It must match the pattern /^a$/iu.\"}");
  assert_both(b, check(b, text(b), &unicode), "{\"type\":\"string\",\"pattern\":\"^a$\"}");
  clear_bench(b);
}

/* ---- metadata and defaults ------------------------------------------------------------------- */

static void metadata_is_written_as_it_is_but_for_our_own_name(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node t = meta(b, text(b), "title", "\"T\"");
  meta(b, t, "id", "\"Mine\"");
  meta(b, t, "examples", "[\"x\",\"y\"]");
  meta(b, t, "x-order", "1");
  meta(b, t, "title", "\"U\"");
  assert_node(b, t,
              "{\"type\":\"string\",\"title\":\"U\",\"examples\":[\"x\",\"y\"],\"x-order\":1}",
              "{\"type\":\"string\",\"title\":\"U\",\"description\":\"Examples: "
              "[\\\"x\\\",\\\"y\\\"].\"}");
  clear_bench(b);
}

static void the_outer_description_wins_and_no_rule_is_lost_with_the_inner_one(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_check blind = {.kind = CHECK(REGEX), .text = INST_LIT("a"), .extra = INST_LIT("i")};
  inst_node inner = meta(b, check(b, text(b), &blind), "description", "\"inner\"");
  inst_node outer = meta(b, wrap(b, KIND(OPTIONAL), inner), "description", "\"Outer.\"");
  inst_node object = object_of(b, "a", outer);
  field(b, object, "b", node(b, KIND(BOOLEAN)));
  finish(b, object);
  assert_plain(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
                  "\"description\":\"Outer. It must match the pattern /a/i.\"},\"b\":{\"type\":"
                  "\"boolean\"}},\"required\":[\"b\"],\"additionalProperties\":false}");
  assert_strict(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\","
                   "\"description\":\"Outer.\"},{\"type\":\"null\"}],\"description\":\"It must "
                   "match the pattern /a/i.\"},\"b\":{\"type\":\"boolean\"}},\"required\":[\"a\","
                   "\"b\"],\"additionalProperties\":false}");
  clear_bench(b);
}

static void a_default_is_shown_where_it_could_come_in(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", filled(b, number(b), "5")));
  assert_plain(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\",\"default\":5}}"
                  ",\"additionalProperties\":false}");
  assert_strict(b, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"number\",\"null\"],"
                   "\"description\":\"The default is 5.\"}},\"required\":[\"a\"],"
                   "\"additionalProperties\":false}");
  start_over(b);
  assert_both(b, filled(b, pipe_of(b, text(b), transform(b, 1)), "5"), "{\"type\":\"string\"}");
  inst_node by_code = wrap(b, KIND(DEFAULT), text(b));
  inst_schema_code(b->schema, by_code, 1);
  assert_both(b, by_code, "{\"type\":\"string\"}");
  inst_node twice = filled(b, filled(b, number(b), "1"), "2");
  finish(b, twice);
  assert_plain(b, "{\"type\":\"number\",\"default\":2}");
  clear_bench(b);
}

static void code_that_judges_is_not_printed(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node t = with_code(b, text(b), CHECK(REFINE), 1);
  with(b, with_code(b, t, CHECK(OVERWRITE), 2), CHECK(TRIM));
  assert_both(b, t, "{\"type\":\"string\"}");
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool print_all(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  const inst_profile strict = {.strict = true}, plain = {.strict = false};
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  bool done = inst_schema_print(b->schema, &strict, arena, NULL) != NULL;
  done = done && inst_schema_print(b->schema, &plain, arena, NULL) != NULL;
  done = done && inst_schema_print_inside(b->schema, &plain, INST_LIT("v"), arena, NULL) != NULL;
  inst_arena_free(arena);
  return done;
}

static void lost_memory_prints_nothing(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_check blind = {.kind = CHECK(REGEX), .text = INST_LIT("a"), .extra = INST_LIT("i")};
  inst_node t = with_text(b, check(b, text(b), &blind), CHECK(INCLUDES), "c");
  with_text(b, with_number(b, t, CHECK(MIN), 2), CHECK(ENDS_WITH), "d");
  inst_node object = object_of(b, "a", meta(b, wrap(b, KIND(OPTIONAL), t), "description", "\"x\""));
  field(b, object, "b", filled(b, choice(b, KIND(ENUM), "[\"a\",1]"), "1"));
  finish(b, wrap(b, KIND(ARRAY), wrap(b, KIND(NULLABLE), object)));
  assert_true(check_every_failure(print_all, b) > 20);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars_are_types),
      cmocka_unit_test(of_two_bounds_the_tighter_is_printed),
      cmocka_unit_test(choices_are_constants_and_enums),
      cmocka_unit_test(objects_are_closed_and_keep_their_order),
      cmocka_unit_test(null_is_added_once_and_a_bare_type_becomes_a_list),
      cmocka_unit_test(pipes_are_asked_for_by_what_comes_in),
      cmocka_unit_test(a_root_can_be_printed_inside_an_object),
      cmocka_unit_test(the_tighter_of_two_bounds_is_printed),
      cmocka_unit_test(lengths_of_texts_are_words_where_the_provider_takes_no_keyword),
      cmocka_unit_test(texts_within_texts_are_patterns),
      cmocka_unit_test(what_must_be_said_twice_is_said_in_allof_or_in_words),
      cmocka_unit_test(flags_that_matter_are_words),
      cmocka_unit_test(metadata_is_written_as_it_is_but_for_our_own_name),
      cmocka_unit_test(the_outer_description_wins_and_no_rule_is_lost_with_the_inner_one),
      cmocka_unit_test(a_default_is_shown_where_it_could_come_in),
      cmocka_unit_test(code_that_judges_is_not_printed),
      cmocka_unit_test(lost_memory_prints_nothing),
  };
  return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
