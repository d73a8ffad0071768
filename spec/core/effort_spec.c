/*
** How much a parse does for the value it is given: in proportion to it, or not at all.
*/
#include "spec/core/kinds_check.h"

#include "core/schema/effort.h"

/* {"next": {"next": …}}, so many of them. */
static inst_value *chained(bench *b, int count) {
  inst_value *inner = inst_object(b->arena);
  for (int i = 1; i < count; i++) {
    inst_value *outer = inst_object(b->arena);
    inst_put(b->arena, outer, INST_LIT("next"), inner);
    inner = outer;
  }
  return inner;
}

static inst_node leads_back(bench *b, inst_node lazy) {
  return object_of(b, "next", wrap(b, KIND(OPTIONAL), lazy));
}

/* Drives 'parse' to its end, saying yes to all; how it ends. */
static inst_verdict agree(bench *b, inst_parse *parse) {
  inst_verdict verdict;
  while ((verdict = inst_parse_next(parse)) == INST_PARSE_CODE) say(b, parse, true);
  return verdict;
}

/* Both sides, or options with code, lead back to what they stand in: so each level of a value doubles
** the work. */
static void check_doubling(bench *b, inst_node lazy, inst_node root) {
  inst_schema_inner(b->schema, lazy, root);
  finish(b, root);
  inst_parse *parse = inst_parse_new(b->schema, chained(b, 8), NULL, b->arena);
  assert_int_equal(agree(b, parse), INST_PARSE_VALID);
  parse = inst_parse_new(b->schema, chained(b, 100), NULL, b->arena);
  assert_int_equal(agree(b, parse), INST_PARSE_FAILED);
  assert_int_equal(inst_parse_error(parse)->code, INST_E_LIMIT);
  assert_string_equal(inst_parse_error(parse)->text,
                      "the value leads the schema back to itself in too many ways at once");
}

static void sides_that_lead_back_to_themselves_end_in_a_limit(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY)), left = leads_back(b, lazy);
  check_doubling(b, lazy, pair_of(b, KIND(INTERSECTION), left, leads_back(b, lazy)));
  clear_bench(b);
}

static void options_with_code_that_lead_back_to_themselves_end_in_a_limit(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY)), left = leads_back(b, lazy);
  field(b, left, "op", text(b));
  check_doubling(b, lazy, either_of(b, left, with_code(b, leads_back(b, lazy), CHECK(REFINE), 7)));
  clear_bench(b);
}

/* Three nodes around each of so many items. */
static inst_value *numbers(bench *b, int count) {
  inst_value *list = inst_array(b->arena);
  for (int i = 0; i < count; i++) inst_push(list, inst_int(b->arena, i));
  return list;
}

static inst_node items(bench *b) {
  inst_node item = wrap(b, KIND(OPTIONAL), wrap(b, KIND(NULLABLE), number(b)));
  return wrap(b, KIND(ARRAY), wrap(b, KIND(READONLY), item));
}

static void a_large_value_takes_the_steps_it_needs(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, items(b));
  inst_parse *parse = inst_parse_new(b->schema, numbers(b, INST_FREE_STEPS / 2), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  clear_bench(b);
}

static void so_does_a_large_value_that_code_gives(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, pipe_of(b, transform(b, 7), items(b)));
  inst_parse *parse = inst_parse_new(b->schema, inst_null(b->arena), NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_CODE);
  inst_parse_answer(parse, numbers(b, INST_FREE_STEPS / 2));
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool count_all(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_effort effort = {.steps = INST_FREE_STEPS - 1};
  inst_value *in = json(ctx, "[[[],[1,{\"a\":[2]}]],3]");
  bool well = inst_effort_spend(&effort, b->schema, in, alloc, &error);
  if (!well) assert_int_equal(error.code, INST_E_MEMORY);
  return well;
}

static void memory_lost_while_values_are_counted_is_told(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, items(b));
  assert_true(check_every_failure(count_all, b) > 0);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sides_that_lead_back_to_themselves_end_in_a_limit),
      cmocka_unit_test(options_with_code_that_lead_back_to_themselves_end_in_a_limit),
      cmocka_unit_test(a_large_value_takes_the_steps_it_needs),
      cmocka_unit_test(so_does_a_large_value_that_code_gives),
      cmocka_unit_test(memory_lost_while_values_are_counted_is_told),
  };
  return cmocka_run_group_tests_name("effort", tests, NULL, NULL);
}
