/*
** Unions: which option wins, what is said when none does, discriminators, exactly one; how often code
** runs; and how little a failed option costs.  Which option was meant is meant_spec.c's.
*/
#include "spec/core/kinds_check.h"

#define NONE "invalid_union: Invalid input"

/* The issues of the branches of the first issue, joined by " / ". */
static void check_branches_at(bench *b, const inst_parse *parse, const char *wanted, int line) {
  inst_buf buf;
  inst_buf_init(&buf, check_alloc(&b->memory));
  const inst_branch *first = inst_parse_issues(parse)->branches;
  for (const inst_branch *branch = first; branch != NULL; branch = branch->next) {
    if (branch != first) inst_buf_addf(&buf, " / ");
    inst_buf_add(&buf, issue_lines(b, branch->issues));
  }
  check_text_at(inst_buf_take(&buf, b->arena), inst_str_of(wanted), __FILE__, line);
}

#define assert_branches(b, parse, wanted) check_branches_at((b), (parse), (wanted), __LINE__)

static inst_node tagged(bench *b, const char *key, const char *tag, const char *other,
                        inst_node inner) {
  inst_node object = object_of(b, key, literal(b, tag));
  field(b, object, other, inner);
  return object;
}

/* ---- the first that fits --------------------------------------------------------------------- */

static void the_first_option_that_fits_wins(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node upper = with(b, text(b), CHECK(TO_UPPER));
  finish(b, row_of(b, KIND(UNION), number(b), upper, text(b), 0));
  assert_same(b, "1");
  assert_valid(b, "\"a\"", "\"A\"");
  start_over(b);
  finish(b, either_of(b, object_of(b, "a", text(b)), object_of(b, "b", number(b))));
  assert_valid(b, "{\"a\":\"x\",\"b\":1}", "{\"a\":\"x\"}");
  assert_valid(b, "{\"a\":1,\"b\":1}", "{\"b\":1}");
  clear_bench(b);
}

static void where_none_fits_each_says_why(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "u", either_of(b, object_of(b, "a", text(b)), number(b))));
  inst_parse *parse = parse_of(b, "{\"u\":{\"a\":1}}");
  assert_ends_invalid(b, parse, "u " NONE);
  assert_branches(b, parse, "a " WANTED("string", "number") " / " WANTED("number", "object"));
  assert_json(inst_parse_issues(parse)->input, "{\"a\":1}");
  clear_bench(b);
}

static void where_one_fails_softly_it_speaks_alone(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node code = with_number(b, text(b), CHECK(MIN), 3);
  finish(b, object_of(b, "u", either_of(b, number(b), code)));
  assert_invalid(b, "{\"u\":\"x\"}",
                 "u too_small: Too small: expected string to have >=3 characters");
  start_over(b);
  finish(b, either_of(b, strict(b, object_of(b, "a", text(b))), number(b)));
  assert_invalid(b, "{\"a\":\"x\",\"b\":1}", "unrecognized_keys: Unrecognized key: \"b\"");
  start_over(b);
  finish(b,
         either_of(b, with_number(b, text(b), CHECK(MIN), 3), with(b, text(b), CHECK(UPPERCASE))));
  assert_invalid(b, "\"x\"", NONE);
  clear_bench(b);
}

static void one_option_is_no_union_and_none_fits_nothing(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, row_of(b, KIND(UNION), text(b), 0, 0, 0));
  assert_same(b, "\"a\"");
  assert_invalid(b, "1", WANTED("string", "number"));
  start_over(b);
  finish(b, node(b, KIND(UNION)));
  assert_invalid(b, "1", NONE);
  clear_bench(b);
}

static void a_union_has_a_message_and_checks_of_its_own(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node both = with_code(b, either_of(b, text(b), number(b)), CHECK(REFINE), 7);
  inst_schema_message(b->schema, both, INST_LIT("Text or number, please."), 0);
  finish(b, both);
  assert_invalid(b, "true", "invalid_union: Text or number, please.");
  inst_parse *parse = parse_of(b, "1");
  assert_asked(b, parse, "refine 7 1");
  say(b, parse, true);
  assert_ends_valid(b, parse, "1");
  clear_bench(b);
}

/* ---- absence and null ------------------------------------------------------------------------ */

static void a_union_may_be_missing_or_null_where_an_option_may(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "o", either_of(b, wrap(b, KIND(OPTIONAL), text(b)), number(b)));
  field(b, object, "n", either_of(b, text(b), node(b, KIND(NULL))));
  field(b, object, "d", either_of(b, filled(b, text(b), "\"x\""), number(b)));
  finish(b, object);
  assert_valid(b, "{\"n\":null}", "{\"n\":null,\"d\":\"x\"}");
  assert_invalid(b, "{}", "n " NONE);
  inst_parse_options options = {.nil_is_null = true, .null_is_absent = true};
  inst_parse *parse = inst_parse_new(b->schema, json(b, "{\"o\":null}"), &options, b->arena);
  assert_ends_valid(b, parse, "{\"d\":\"x\"}");
  clear_bench(b);
}

static void the_options_of_a_parse_reach_into_options(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = tagged(b, "t", "1", "n", wrap(b, KIND(NULLABLE), text(b)));
  field(b, object, "o", wrap(b, KIND(OPTIONAL), text(b)));
  finish(b, either_of(b, number(b), wrap(b, KIND(READONLY), object)));
  inst_parse_options options = {.nil_is_null = true, .null_is_absent = true};
  inst_parse *parse =
      inst_parse_new(b->schema, json(b, "{\"t\":1,\"o\":null}"), &options, b->arena);
  assert_ends_valid(b, parse, "{\"t\":1}");
  clear_bench(b);
}

/* ---- code ------------------------------------------------------------------------------------ */

static void code_in_options_runs_once_each_until_one_fits(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, row_of(b, KIND(UNION), with_code(b, text(b), CHECK(REFINE), 7),
                   with_code(b, text(b), CHECK(REFINE), 8), with_code(b, text(b), CHECK(REFINE), 9),
                   0));
  inst_parse *parse = parse_of(b, "\"x\"");
  assert_asked(b, parse, "refine 7 \"x\"");
  say(b, parse, false);
  assert_asked(b, parse, "refine 8 \"x\"");
  say(b, parse, true);
  assert_ends_valid(b, parse, "\"x\"");
  parse = parse_of(b, "\"x\"");
  for (int i = 7; i < 10; i++) {
    assert_asked(b, parse,
                 i == 7   ? "refine 7 \"x\""
                 : i == 8 ? "refine 8 \"x\""
                          : "refine 9 \"x\"");
    say(b, parse, false);
  }
  assert_ends_invalid(b, parse, NONE);
  clear_bench(b);
}

static void messages_by_code_are_asked_for_only_where_they_are_read(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node first = text(b), second = number(b);
  inst_schema_message(b->schema, first, (inst_str){NULL, 0}, 7);
  inst_schema_message(b->schema, second, (inst_str){NULL, 0}, 8);
  finish(b, either_of(b, first, second));
  assert_same(b, "1"); /* nobody words what was wrong with the first */
  inst_parse *parse = parse_of(b, "true");
  assert_asked(b, parse, "message 7 true");
  answer(b, parse, "\"seven\"");
  assert_asked(b, parse, "message 8 true");
  answer(b, parse, "\"eight\"");
  assert_ends_invalid(b, parse, NONE);
  assert_branches(b, parse, "invalid_type: seven / invalid_type: eight");
  clear_bench(b);
}

static void options_without_code_are_asked_for_nothing(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node deep = object_of(b, "a", object_of(b, "b", wrap(b, KIND(ARRAY), number(b))));
  finish(b, either_of(b, deep, object_of(b, "a", node(b, KIND(ANY)))));
  inst_parse *parse = parse_of(b, "{\"a\":{\"b\":[1,2,3,4,5,6,7,8,\"x\"]}}");
  size_t before = b->memory.requests;
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  /* a message would have asked the allocator for a buffer, which the arena does not use */
  assert_true(b->memory.requests - before <= 2);
  clear_bench(b);
}

/* ---- exactly one ----------------------------------------------------------------------------- */

static void an_exclusive_union_takes_what_one_option_takes(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node low = with_number(b, number(b), CHECK(MAX), 10);
  inst_node high = with_number(b, number(b), CHECK(MIN), 0);
  finish(b, with_trait(b, row_of(b, KIND(UNION), high, low, text(b), 0), INST_TRAIT_EXCLUSIVE));
  assert_same(b, "-5");
  assert_same(b, "50");
  assert_same(b, "\"a\"");
  inst_parse *parse = parse_of(b, "5");
  assert_ends_invalid(b, parse, "invalid_union: Invalid input: more than one option matched");
  assert_json(inst_parse_issues(parse)->details, "{\"inclusive\":false,\"matches\":[0,1]}");
  assert_null(inst_parse_issues(parse)->branches);
  parse = parse_of(b, "true");
  assert_ends_invalid(b, parse, NONE);
  assert_branches(b, parse,
                  WANTED("number", "boolean") " / " WANTED("number", "boolean") " / " WANTED(
                      "string", "boolean"));
  clear_bench(b);
}

static void an_exclusive_union_in_a_union_is_only_asked(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner =
      with_trait(b, either_of(b, number(b), with(b, number(b), CHECK(INT))), INST_TRAIT_EXCLUSIVE);
  finish(b, either_of(b, inner, either_of(b, node(b, KIND(ANY)), text(b))));
  assert_same(b, "1");
  assert_same(b, "1.5");
  assert_same(b, "true");
  clear_bench(b);
}

/* ---- discriminators -------------------------------------------------------------------------- */

static inst_node shapes(bench *b) {
  return told_by(b, "t",
                 either_of(b, tagged(b, "t", "\"circle\"", "r", number(b)),
                           tagged(b, "t", "\"rect\"", "w", number(b))));
}

static void a_discriminator_names_the_only_option_to_try(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), shapes(b)));
  assert_same(b, "[{\"t\":\"circle\",\"r\":1},{\"t\":\"rect\",\"w\":1}]");
  assert_invalid(b, "[{\"t\":\"rect\",\"r\":1}]", "[0].w " WANTED("number", "nil"));
  assert_invalid(b, "[[],null]",
                 "[0] " WANTED("object", "array") "\n[1] " WANTED("object", "null"));
  inst_parse *parse = parse_of(b, "[{\"t\":\"oval\"}]");
  assert_ends_invalid(
      b, parse, "[0].t invalid_union: Invalid discriminator value. Expected 'circle' | 'rect'");
  assert_json(inst_parse_issues(parse)->details,
              "{\"note\":\"No matching discriminator\",\"discriminator\":\"t\","
              "\"options\":[\"circle\",\"rect\"]}");
  assert_json(inst_parse_issues(parse)->input, "\"oval\"");
  assert_text(
      inst_issues_for_model(inst_parse_issues(parse), b->arena),
      "\n- [0].t: Invalid discriminator value. Expected \"circle\"|\"rect\" (got \"oval\")");
  assert_invalid(b, "[{}]",
                 "[0].t invalid_union: Invalid discriminator value. Expected 'circle' | 'rect'");
  clear_bench(b);
}

static void discriminators_are_compared_as_values(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node maybe = object_of(b, "t", wrap(b, KIND(OPTIONAL), choice(b, KIND(ENUM), "[\"x\"]")));
  finish(b, told_by(b, "t",
                    row_of(b, KIND(UNION), tagged(b, "t", "1", "a", text(b)),
                           tagged(b, "t", "true", "a", text(b)),
                           object_of(b, "t", node(b, KIND(NULL))), maybe)));
  assert_same(b, "{\"t\":null}");
  assert_same(b, "{\"t\":true,\"a\":\"\"}");
  assert_valid(b, "{\"t\":1.0,\"a\":\"\"}", "{\"t\":1.0,\"a\":\"\"}");
  assert_same(b, "{}");
  assert_invalid(b, "{\"t\":\"1\"}",
                 "t invalid_union: Invalid discriminator value. Expected '1' | 'true' | 'null' | "
                 "'x'");
  clear_bench(b);
}

static void a_discriminator_is_seen_through_what_stands_around_an_option(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY));
  inst_node first =
      wrap(b, KIND(READONLY), tagged(b, "t", "1", "next", wrap(b, KIND(OPTIONAL), lazy)));
  inst_node piped = pipe_of(b, tagged(b, "t", "2", "a", text(b)), node(b, KIND(ANY)));
  inst_node inner = told_by(b, "u",
                            either_of(b, tagged(b, "t", "3", "u", literal(b, "\"a\"")),
                                      tagged(b, "t", "3", "u", literal(b, "\"b\""))));
  inst_node outer = told_by(b, "t", row_of(b, KIND(UNION), first, piped, inner, 0));
  inst_schema_inner(b->schema, lazy, outer);
  finish(b, outer);
  assert_same(b, "{\"t\":1,\"next\":{\"t\":2,\"a\":\"\"}}");
  assert_same(b, "{\"t\":3,\"u\":\"b\"}");
  assert_invalid(b, "{\"t\":1,\"next\":{\"t\":3,\"u\":\"c\"}}",
                 "next.u invalid_union: Invalid discriminator value. Expected 'a' | 'b'");
  clear_bench(b);
}

static void a_fallback_tries_all_where_the_discriminator_names_none(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_trait(b, shapes(b), INST_TRAIT_FALLBACK));
  assert_same(b, "{\"t\":\"rect\",\"w\":2}");
  assert_invalid(b, "{\"t\":\"rect\"}", "w " WANTED("number", "nil"));
  inst_parse *parse = parse_of(b, "{\"t\":\"oval\"}");
  assert_ends_invalid(b, parse, NONE);
  assert_branches(
      b, parse,
      "t invalid_value: Invalid input: expected \"circle\"\nr " WANTED(
          "number",
          "nil") " / t invalid_value: Invalid input: expected \"rect\"\nw " WANTED("number",
                                                                                   "nil"));
  clear_bench(b);
}

static void options_that_a_discriminator_does_not_tell_apart_are_refused(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node one = tagged(b, "t", "1", "a", text(b));
  assert_refused(b, told_by(b, "t", either_of(b, one, object_of(b, "a", text(b)))),
                 "the discriminator t has no fixed values in option 2");
  one = tagged(b, "t", "1", "a", text(b));
  assert_refused(b, told_by(b, "t", either_of(b, object_of(b, "t", text(b)), one)),
                 "the discriminator t has no fixed values in option 1");
  one = tagged(b, "t", "1", "a", text(b));
  assert_refused(b, told_by(b, "t", either_of(b, one, text(b))),
                 "the discriminator t has no fixed values in option 2");
  one = tagged(b, "t", "1", "a", text(b));
  assert_refused(b, told_by(b, "t", either_of(b, one, tagged(b, "t", "1.0", "b", text(b)))),
                 "the discriminator t has a value of an earlier option again in option 2");
  clear_bench(b);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* A list that links to itself through 'next', ending in "end" or not at all. */
static inst_node chain(bench *b, inst_node first_end, inst_node second_end) {
  inst_node lazy = node(b, KIND(LAZY));
  inst_node first = object_of(b, "next", wrap(b, KIND(OPTIONAL), lazy));
  inst_node second = object_of(b, "next", wrap(b, KIND(OPTIONAL), lazy));
  field(b, first, "a", first_end);
  field(b, second, "b", second_end);
  inst_node both = either_of(b, first, second);
  inst_schema_inner(b->schema, lazy, both);
  return both;
}

static inst_value *links(bench *b, int count, const char *key) {
  inst_value *inner = NULL;
  for (int i = 0; i < count; i++) {
    inst_value *outer = inst_object(b->arena);
    if (inner != NULL) inst_put(b->arena, outer, INST_LIT("next"), inner);
    inst_put(b->arena, outer, inst_str_of(key), inst_int(b->arena, i));
    inner = outer;
  }
  return inner;
}

/* Each level would double the work, were what is known not remembered. */
static void recursion_through_several_options_stays_cheap(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, chain(b, text(b), number(b)));
  inst_parse *parse = inst_parse_new(b->schema, links(b, 100, "b"), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  parse = inst_parse_new(b->schema, links(b, 100, "c"), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  clear_bench(b);
}

static size_t count_all(const inst_issue *issues) {
  return inst_issue_count(issues);
}

static void the_issues_of_all_branches_count(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = wrap(b, KIND(ARRAY), text(b));
  finish(b, object_of(b, "u", either_of(b, list, wrap(b, KIND(ARRAY), node(b, KIND(NULL))))));
  inst_value *holder = inst_object(b->arena), *numbers = inst_array(b->arena);
  for (int i = 0; i < 3 * INST_MAX_ISSUES; i++) inst_push(numbers, inst_int(b->arena, i));
  inst_put(b->arena, holder, INST_LIT("u"), numbers);
  inst_parse *parse = inst_parse_new(b->schema, holder, NULL, b->arena);
  assert_ends_invalid(b, parse, "u " NONE);
  size_t count = count_all(inst_parse_issues(parse));
  assert_true(count >= INST_MAX_ISSUES && count < INST_MAX_ISSUES + 10);
  clear_bench(b);
}

static void a_null_that_means_missing_rules_no_option_out(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_parse_options options = {.null_is_absent = true};
  inst_node first = object_of(b, "kind", wrap(b, KIND(OPTIONAL), literal(b, "\"x\"")));
  finish(b, with_value(b, KIND(CATCH), either_of(b, first, number(b)), "\"caught\""));
  inst_value *in = json(b, "{\"kind\":null}");
  assert_ends_valid(b, inst_parse_new(b->schema, in, &options, b->arena), "{}");
  clear_bench(b);
}

static void issues_of_options_that_are_passed_over_do_not_count(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_value *list = inst_array(b->arena);
  for (int i = 0; i < 2 * INST_MAX_ISSUES; i++) inst_push(list, inst_int(b->arena, i));
  inst_node one = with_trait(b, either_of(b, text(b), number(b)), INST_TRAIT_EXCLUSIVE);
  finish(b, wrap(b, KIND(ARRAY), one));
  inst_parse *parse = inst_parse_new(b->schema, list, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_value_count(inst_parse_value(parse)), 2 * INST_MAX_ISSUES);
  start_over(b);
  inst_node coded = with_code(b, number(b), CHECK(REFINE), 7);
  finish(b, wrap(b, KIND(ARRAY), either_of(b, text(b), coded)));
  parse = inst_parse_new(b->schema, list, NULL, b->arena);
  inst_verdict verdict;
  while ((verdict = inst_parse_next(parse)) == INST_PARSE_CODE) say(b, parse, true);
  assert_int_equal(verdict, INST_PARSE_VALID);
  assert_int_equal(inst_value_count(inst_parse_value(parse)), 2 * INST_MAX_ISSUES);
  clear_bench(b);
}

static void too_many_issues_in_one_option_do_not_hide_another_that_fits(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node first = wrap(b, KIND(ARRAY), text(b));
  inst_node second = with_code(b, wrap(b, KIND(ARRAY), number(b)), CHECK(REFINE), 7);
  finish(b, either_of(b, first, second));
  inst_value *numbers = inst_array(b->arena);
  for (int i = 0; i < 2 * INST_MAX_ISSUES; i++) inst_push(numbers, inst_int(b->arena, i));
  inst_parse *parse = inst_parse_new(b->schema, numbers, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_CODE);
  say(b, parse, false);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  parse = inst_parse_new(b->schema, numbers, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_CODE);
  say(b, parse, true);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool build_and_parse(inst_alloc alloc, void *ctx) {
  static const char in[] = "[{\"t\":\"z\"},{\"t\":\"circle\",\"r\":\"1\"},{\"k\":[1,[2,true]]},7]";
  (void)ctx;
  bench b = {.arena = inst_arena_new(alloc), .schema = inst_schema_new(alloc)};
  inst_error error = {.code = INST_E_NONE};
  bool done = false;
  if (b.arena != NULL && b.schema != NULL) {
    inst_node lazy = node(&b, KIND(LAZY));
    inst_node list = either_of(&b, number(&b), wrap(&b, KIND(ARRAY), lazy));
    inst_schema_inner(b.schema, lazy, list);
    inst_node plain = either_of(&b, object_of(&b, "k", lazy), text(&b)),
              told = node(&b, KIND(UNION));
    for (int i = 0; i < 2; i++) {
      inst_node tag = node(&b, KIND(LITERAL));
      inst_value *value = inst_string(b.arena, inst_str_of(i == 0 ? "circle" : "rect"));
      inst_schema_value(b.schema, tag, value);
      inst_node object = object_of(&b, "t", tag);
      field(&b, object, "r", number(&b));
      inst_schema_inner(b.schema, told, object);
    }
    inst_schema_discriminator(b.schema, told, INST_LIT("t"));
    inst_node root = wrap(&b, KIND(ARRAY), either_of(&b, told, plain));
    inst_value *value = inst_json_parse(b.arena, inst_str_of(in), 9, &error);
    if (value != NULL && inst_schema_finish(b.schema, root, &error) == 0) {
      inst_parse *parse = inst_parse_new(b.schema, value, NULL, b.arena);
      done = parse != NULL && inst_parse_next(parse) == INST_PARSE_INVALID;
      done = done && inst_issues_for_model(inst_parse_issues(parse), b.arena).p != NULL;
      done = done && inst_issue_explain(inst_parse_issues(parse), b.arena).p != NULL;
    }
  }
  inst_schema_free(b.schema);
  inst_arena_free(b.arena);
  return done;
}

static void lost_memory_ends_in_an_error_and_nothing_else(void **state) {
  (void)state;
  assert_true(check_every_failure(build_and_parse, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_option_that_fits_wins),
      cmocka_unit_test(where_none_fits_each_says_why),
      cmocka_unit_test(where_one_fails_softly_it_speaks_alone),
      cmocka_unit_test(one_option_is_no_union_and_none_fits_nothing),
      cmocka_unit_test(a_union_has_a_message_and_checks_of_its_own),
      cmocka_unit_test(a_union_may_be_missing_or_null_where_an_option_may),
      cmocka_unit_test(the_options_of_a_parse_reach_into_options),
      cmocka_unit_test(code_in_options_runs_once_each_until_one_fits),
      cmocka_unit_test(messages_by_code_are_asked_for_only_where_they_are_read),
      cmocka_unit_test(options_without_code_are_asked_for_nothing),
      cmocka_unit_test(an_exclusive_union_takes_what_one_option_takes),
      cmocka_unit_test(an_exclusive_union_in_a_union_is_only_asked),
      cmocka_unit_test(a_discriminator_names_the_only_option_to_try),
      cmocka_unit_test(discriminators_are_compared_as_values),
      cmocka_unit_test(a_discriminator_is_seen_through_what_stands_around_an_option),
      cmocka_unit_test(a_fallback_tries_all_where_the_discriminator_names_none),
      cmocka_unit_test(options_that_a_discriminator_does_not_tell_apart_are_refused),
      cmocka_unit_test(recursion_through_several_options_stays_cheap),
      cmocka_unit_test(the_issues_of_all_branches_count),
      cmocka_unit_test(a_null_that_means_missing_rules_no_option_out),
      cmocka_unit_test(issues_of_options_that_are_passed_over_do_not_count),
      cmocka_unit_test(too_many_issues_in_one_option_do_not_hide_another_that_fits),
      cmocka_unit_test(lost_memory_ends_in_an_error_and_nothing_else),
  };
  return cmocka_run_group_tests_name("union", tests, NULL, NULL);
}
