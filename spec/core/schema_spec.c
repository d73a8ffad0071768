/*
** Building a schema: what finish refuses, what it works out, and values written the schema's way.
*/
#include "spec/core/schema_check.h"

#include "core/schema/tree.h"

/* ---- refusals -------------------------------------------------------------------------------- */

static void a_schema_needs_a_root(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_refused(b, 0, "no root");
  node(b, KIND(STRING));
  assert_refused(b, 2, "no root");
  clear_bench(b);
}

static void a_schema_that_contains_itself_is_refused(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node self = node(b, KIND(OPTIONAL));
  inst_schema_inner(b->schema, self, self);
  assert_refused(b, self, "contains itself");
  inst_node list = node(b, KIND(ARRAY)), object = object_of(b, "list", list);
  inst_schema_inner(b->schema, list, object);
  assert_refused(b, object, "contains itself");
  inst_node first = node(b, KIND(NULLABLE)), last = first; /* a longer round */
  for (int i = 0; i < 50; i++) last = wrap(b, KIND(OPTIONAL), last);
  inst_schema_inner(b->schema, first, last);
  assert_refused(b, last, "contains itself");
  clear_bench(b);
}

static void a_node_may_stand_in_several_places(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING)), object = object_of(b, "a", text);
  field(b, object, "b", text);
  finish(b, pipe_of(b, object, object));
  assert_same(b, "{\"a\":\"1\",\"b\":\"2\"}");
  clear_bench(b);
}

static void what_a_node_lacks_is_named(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_refused(b, node(b, KIND(ARRAY)), "node 1: array lacks an inner node");
  assert_refused(b, node(b, KIND(DEFAULT)), "default lacks an inner node");
  assert_refused(b, wrap(b, KIND(PIPE), node(b, KIND(ANY))), "pipe lacks an inner node");
  assert_refused(b, node(b, KIND(LITERAL)), "literal lacks a value");
  assert_refused(b, node(b, KIND(ENUM)), "enum lacks a value");
  assert_refused(b, wrap(b, KIND(DEFAULT), node(b, KIND(ANY))), "default lacks a value");
  assert_refused(b, node(b, KIND(TRANSFORM)), "transform lacks a function");
  clear_bench(b);
}

static void what_a_node_must_not_have_is_named(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  inst_schema_inner(b->schema, text, text);
  assert_refused(b, text, "string takes fewer inner nodes");
  text = object_of(b, "a", node(b, KIND(ANY)));
  field(b, node(b, KIND(STRING)), "a", text);
  assert_refused(b, text, "string takes no fields");
  text = node(b, KIND(STRING));
  inst_schema_value(b->schema, text, json(b, "1"));
  assert_refused(b, text, "string takes no values");
  text = node(b, KIND(STRING));
  inst_schema_code(b->schema, text, 1);
  assert_refused(b, text, "string takes no function");
  inst_node object = object_of(b, "a", node(b, KIND(ANY)));
  field(b, object, "a", node(b, KIND(ANY)));
  assert_refused(b, object, "the field a stands twice");
  clear_bench(b);
}

static void checks_must_fit_their_node_and_have_their_argument(void **state) {
  (void)state;
  bench *b = set_bench();
  const struct {
    inst_node_kind kind;
    inst_check check;
    const char *why;
  } cases[] = {
      {KIND(STRING), {.kind = CHECK(GT), .number = 1}, "string does not take the check gt"},
      {KIND(NUMBER), {.kind = CHECK(TRIM)}, "number does not take the check trim"},
      {KIND(NUMBER), {.kind = CHECK(LENGTH), .number = 1}, "does not take the check length"},
      {KIND(ARRAY), {.kind = CHECK(INT)}, "array does not take the check int"},
      {KIND(OBJECT), {.kind = CHECK(MIN), .number = 1}, "object does not take the check min"},
      {KIND(STRING), {.kind = CHECK(MIN), .number = -1}, "the check min takes a count"},
      {KIND(ARRAY), {.kind = CHECK(MAX), .number = 1.5}, "the check max takes a count"},
      {KIND(NUMBER), {.kind = CHECK(MIN), .number = 1e300 * 1e300}, "takes a finite number"},
      {KIND(NUMBER), {.kind = CHECK(MULTIPLE_OF), .number = 0}, "a number that is not 0"},
      {KIND(STRING), {.kind = CHECK(INCLUDES)}, "the check includes takes a text"},
      {KIND(STRING), {.kind = CHECK(REFINE)}, "the check refine takes a function"},
      {KIND(STRING), {.kind = INST_CHECK_COUNT}, "there is no check"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    inst_node target = node(b, cases[i].kind);
    if (cases[i].kind == KIND(ARRAY)) inst_schema_inner(b->schema, target, node(b, KIND(ANY)));
    assert_refused(b, check(b, target, &cases[i].check), cases[i].why);
  }
  clear_bench(b);
}

static void a_regex_that_cannot_be_honoured_is_refused(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_refused(b, with_text(b, node(b, KIND(STRING)), CHECK(REGEX), "a("), "");
  assert_refused(
      b,
      check(b, node(b, KIND(STRING)),
            &(inst_check){.kind = CHECK(REGEX), .text = INST_LIT("a"), .extra = INST_LIT("z")}),
      "");
  clear_bench(b);
}

static void the_first_fault_is_the_one_told(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  inst_schema_inner(b->schema, 77, text);
  inst_schema_inner(b->schema, text, text);
  assert_refused(b, text, "there is no node 77");
  assert_int_equal(node(b, (inst_node_kind)99), 0);
  assert_refused(b, node(b, KIND(STRING)), "no such kind");
  clear_bench(b);
}

static void no_node_is_accepted_everywhere(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  field(b, 0, "a", text);
  inst_schema_inner(b->schema, 0, text);
  inst_schema_value(b->schema, 0, json(b, "1"));
  inst_schema_value(b->schema, text, NULL);
  inst_schema_code(b->schema, 0, 1);
  inst_schema_unknown_keys(b->schema, 0, INST_KEYS_STRICT);
  inst_schema_message(b->schema, 0, INST_LIT("m"), 0);
  meta(b, 0, "title", "1");
  with(b, 0, CHECK(TRIM));
  finish(b, text);
  clear_bench(b);
  inst_schema_free(NULL);
}

static void a_finished_schema_is_as_it_is(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  finish(b, text);
  assert_int_equal(node(b, KIND(STRING)), 0);
  with(b, text, CHECK(TRIM));
  assert_int_not_equal(inst_schema_finish(b->schema, text, &b->error), 0);
  assert_same(b, "\" x \"");
  clear_bench(b);
}

/* ---- heights --------------------------------------------------------------------------------- */

/* 'count' wrappers, built from the inside or from the outside. */
static inst_node wrappers(bench *b, int count, bool from_outside) {
  inst_node first = node(b, KIND(NULLABLE)), last = first;
  for (int i = 1; i < count; i++) {
    inst_node next = node(b, KIND(NULLABLE));
    inst_schema_inner(b->schema, from_outside ? last : next, from_outside ? next : last);
    last = next;
  }
  inst_schema_inner(b->schema, from_outside ? last : first, node(b, KIND(STRING)));
  return from_outside ? first : last;
}

static void a_hundred_thousand_wrappers_are_refused_not_recursed_into(void **state) {
  (void)state;
  bench *b = set_bench();
  for (int outside = 0; outside < 2; outside++) {
    assert_refused(b, wrappers(b, 100000, outside != 0), "more than 1000 levels");
    assert_refused(b, wrappers(b, INST_MAX_SCHEMA_HEIGHT, outside != 0), "more than 1000 levels");
  }
  clear_bench(b);
}

static void a_schema_as_high_as_allowed_parses_prints_and_writes(void **state) {
  (void)state;
  for (int outside = 0; outside < 2; outside++) {
    bench *b = set_bench();
    const inst_profile strict = {.strict = true};
    finish(b, wrappers(b, INST_MAX_SCHEMA_HEIGHT - 1, outside != 0));
    assert_same(b, "\"x\"");
    assert_same(b, "null");
    assert_invalid(b, "1", "invalid_type: Invalid input: expected string, received number");
    assert_json(inst_schema_print(b->schema, &strict, b->arena, NULL),
                "{\"type\":[\"string\",\"null\"]}");
    assert_text(inst_schema_write(b->schema, json(b, "\"x\""), b->arena), "\"x\"");
    clear_bench(b);
  }
}

static void a_wide_schema_is_finished_quickly(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = node(b, KIND(OBJECT)), inner = object_of(b, "x", node(b, KIND(ANY)));
  for (int i = 0; i < 3000; i++) {
    char key[16];
    snprintf(key, sizeof key, "key%d", i);
    field(b, object, key, wrap(b, KIND(OPTIONAL), inner));
  }
  finish(b, object);
  assert_same(b, "{\"key7\":{\"x\":1},\"key2999\":{\"x\":null}}");
  clear_bench(b);
}

static void a_deep_value_passes_through_any(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(ANY)));
  inst_value *deep = inst_array(b->arena);
  for (int i = 0; i < 100000; i++) {
    inst_value *outer = inst_array(b->arena);
    inst_push(outer, deep);
    deep = outer;
  }
  inst_parse *parse = inst_parse_new(b->schema, deep, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_json_text(b->arena, inst_parse_value(parse)).n, 200002);
  clear_bench(b);
}

/* ---- facts ----------------------------------------------------------------------------------- */

static void what_a_node_takes_in_is_worked_out(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING)), number = node(b, KIND(NUMBER));
  inst_node five = filled(b, number, "5"), shout = pipe_of(b, text, transform(b, 1));
  inst_node before = pipe_of(b, transform(b, 2), number);
  const struct {
    inst_node node;
    inst_intake in, asked;
    bool out_optional, transforms;
  } cases[] = {
      {text, {INST_MUST_BE_THERE, false}, {INST_MUST_BE_THERE, false}, false, false},
      {node(b, KIND(ANY)), {INST_MUST_BE_THERE, true}, {INST_MUST_BE_THERE, true}, false, false},
      {choice(b, KIND(LITERAL), "[1,null]"),
       {INST_MUST_BE_THERE, true},
       {INST_MUST_BE_THERE, true},
       false,
       false},
      {wrap(b, KIND(OPTIONAL), text),
       {INST_MAY_BE_MISSING, false},
       {INST_MAY_BE_MISSING, false},
       true,
       false},
      {wrap(b, KIND(NULLABLE), text),
       {INST_MUST_BE_THERE, true},
       {INST_MUST_BE_THERE, true},
       false,
       false},
      {five, {INST_IS_FILLED_IN, false}, {INST_IS_FILLED_IN, false}, false, false},
      {wrap(b, KIND(OPTIONAL), five),
       {INST_IS_FILLED_IN, false},
       {INST_IS_FILLED_IN, false},
       true,
       false},
      {shout, {INST_MUST_BE_THERE, false}, {INST_MUST_BE_THERE, false}, false, true},
      {before, {INST_MAY_BE_MISSING, true}, {INST_MUST_BE_THERE, false}, false, true},
      {wrap(b, KIND(ARRAY), shout),
       {INST_MUST_BE_THERE, false},
       {INST_MUST_BE_THERE, false},
       false,
       true},
  };
  finish(b, text);
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    const inst_tnode *told = inst_tree_node(b->schema, cases[i].node);
    assert_int_equal(told->in.absence, cases[i].in.absence);
    assert_int_equal(told->in.null, cases[i].in.null);
    assert_int_equal(told->asked.absence, cases[i].asked.absence);
    assert_int_equal(told->asked.null, cases[i].asked.null);
    assert_int_equal(told->out_optional, cases[i].out_optional);
    assert_int_equal(told->transforms, cases[i].transforms);
  }
  clear_bench(b);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void a_value_is_written_the_schemas_way(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING)), object = object_of(b, "name", text);
  inst_node tags = wrap(b, KIND(DEFAULT), wrap(b, KIND(ARRAY), text));
  inst_schema_value(b->schema, tags, json(b, "[]"));
  field(b, object, "tags", wrap(b, KIND(OPTIONAL), tags));
  field(b, object, "nick", wrap(b, KIND(NULLABLE), text));
  field(b, object, "note", wrap(b, KIND(OPTIONAL), wrap(b, KIND(NULLABLE), text)));
  finish(b, wrap(b, KIND(ARRAY), object));
  inst_value *list = json(b, "[{\"extra\":{\"b\":1,\"a\":2},\"name\":\"x\"}]");
  inst_put(b->arena, inst_value_first(list), INST_LIT("tags"), inst_either(b->arena));
  assert_text(inst_schema_write(b->schema, list, b->arena),
              "[{\"name\":\"x\",\"tags\":[],\"nick\":null,\"extra\":{\"b\":1,\"a\":2}}]");
  assert_text(inst_schema_write(b->schema, inst_either(b->arena), b->arena), "[]");
  clear_bench(b);
}

static void what_does_not_fit_is_written_as_it_is(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), object_of(b, "a", node(b, KIND(NUMBER)))));
  static const char *const same[] = {"{\"a\":1}", "7", "[1,{\"a\":[]},null]", "null", "\"x\""};
  for (size_t i = 0; i < CHECK_COUNT(same); i++)
    assert_text(inst_schema_write(b->schema, json(b, same[i]), b->arena), same[i]);
  assert_text(inst_schema_write(b->schema, NULL, b->arena), "null");
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_schema_needs_a_root),
      cmocka_unit_test(a_schema_that_contains_itself_is_refused),
      cmocka_unit_test(a_node_may_stand_in_several_places),
      cmocka_unit_test(what_a_node_lacks_is_named),
      cmocka_unit_test(what_a_node_must_not_have_is_named),
      cmocka_unit_test(checks_must_fit_their_node_and_have_their_argument),
      cmocka_unit_test(a_regex_that_cannot_be_honoured_is_refused),
      cmocka_unit_test(the_first_fault_is_the_one_told),
      cmocka_unit_test(no_node_is_accepted_everywhere),
      cmocka_unit_test(a_finished_schema_is_as_it_is),
      cmocka_unit_test(a_hundred_thousand_wrappers_are_refused_not_recursed_into),
      cmocka_unit_test(a_schema_as_high_as_allowed_parses_prints_and_writes),
      cmocka_unit_test(a_wide_schema_is_finished_quickly),
      cmocka_unit_test(a_deep_value_passes_through_any),
      cmocka_unit_test(what_a_node_takes_in_is_worked_out),
      cmocka_unit_test(a_value_is_written_the_schemas_way),
      cmocka_unit_test(what_does_not_fit_is_written_as_it_is),
  };
  return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
