/*
** Values written as JSON by schemas of many shapes.
*/
#include "spec/core/schema_check.h"

static inst_node text(bench *b) {
  return node(b, KIND(STRING));
}

static inst_node list(bench *b) {
  return wrap(b, KIND(ARRAY), node(b, KIND(ANY)));
}

static inst_node pair(bench *b, inst_node_kind kind, inst_node first, inst_node second) {
  inst_node made = wrap(b, kind, first);
  inst_schema_inner(b->schema, made, second);
  return made;
}

/* 'v' with an empty table of the host's under each key "?", at any depth. */
static void put_eithers(bench *b, inst_value *v) {
  for (inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    if (inst_value_kind_of(m) == INST_STRING && inst_str_is(inst_value_text(m), INST_LIT("?"))) {
      inst_value *either = inst_either(b->arena);
      m->kind = either->kind;
      m->either = either->either;
      m->u = either->u;
    } else if (inst_value_kind_of(m) == INST_ARRAY || inst_value_kind_of(m) == INST_OBJECT) {
      put_eithers(b, m);
    }
  }
}

static void check_written_at(bench *b, const char *in, const char *wanted, int line) {
  inst_value *v = json(b, in);
  put_eithers(b, v);
  check_text_at(inst_schema_write(b->schema, v, b->arena), inst_str_of(wanted), __FILE__, line);
}

/* In 'in', "?" stands for an empty table of the host's. */
#define assert_written(b, in, wanted) check_written_at((b), (in), (wanted), __LINE__)

static void each_item_of_a_tuple_has_its_own_schema(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node tuple =
      pair(b, KIND(TUPLE), list(b), object_of(b, "n", wrap(b, KIND(NULLABLE), text(b))));
  inst_schema_rest(b->schema, tuple, list(b));
  finish(b, tuple);
  assert_written(b, "[\"?\",\"?\",\"?\",\"?\"]", "[[],{\"n\":null},[],[]]");
  assert_written(b, "[\"?\"]", "[[]]");
  start_over(b);
  finish(b, wrap(b, KIND(TUPLE), list(b)));
  assert_written(b, "[\"?\",\"?\"]", "[[],{}]");
  clear_bench(b);
}

static void values_of_a_record_have_one_schema(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, pair(b, KIND(RECORD), text(b), list(b)));
  assert_written(b, "{\"a\":\"?\",\"b\":[1]}", "{\"a\":[],\"b\":[1]}");
  assert_text(inst_schema_write(b->schema, inst_either(b->arena), b->arena), "{}");
  start_over(b);
  inst_node object = object_of(b, "a", text(b));
  inst_schema_rest(b->schema, object, list(b));
  finish(b, object);
  assert_written(b, "{\"x\":\"?\",\"a\":\"1\"}", "{\"a\":\"1\",\"x\":[]}");
  clear_bench(b);
}

static void a_union_is_written_by_the_option_that_fits(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node first = object_of(b, "kind", choice(b, KIND(LITERAL), "[\"list\"]"));
  field(b, first, "v", list(b));
  inst_node second = object_of(b, "kind", choice(b, KIND(LITERAL), "[\"table\"]"));
  field(b, second, "v", node(b, KIND(ANY)));
  field(b, second, "n", wrap(b, KIND(NULLABLE), text(b)));
  inst_node either = pair(b, KIND(UNION), first, second);
  inst_schema_inner(b->schema, either, list(b));
  finish(b, wrap(b, KIND(ARRAY), wrap(b, KIND(NULLABLE), either)));
  assert_written(b, "[{\"v\":\"?\",\"kind\":\"list\"},{\"v\":\"?\",\"kind\":\"table\"}]",
                 "[{\"kind\":\"list\",\"v\":[]},{\"kind\":\"table\",\"v\":{},\"n\":null}]");
  assert_written(b, "[null,\"?\",7,{\"kind\":\"other\",\"v\":1}]",
                 "[null,[],7,{\"kind\":\"other\",\"v\":1}]");
  clear_bench(b);
}

static void fields_tell_options_apart_where_no_literal_does(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node first = object_of(b, "a", text(b));
  inst_node second = object_of(b, "a", text(b));
  field(b, second, "b", list(b));
  finish(b, pair(b, KIND(UNION), first, second));
  assert_written(b, "{\"b\":\"?\",\"a\":\"x\"}", "{\"a\":\"x\",\"b\":[]}");
  assert_written(b, "{\"a\":\"x\",\"c\":\"?\"}", "{\"a\":\"x\",\"c\":{}}");
  start_over(b);
  finish(b, pair(b, KIND(UNION), text(b), pair(b, KIND(UNION), node(b, KIND(NULL)), list(b))));
  assert_text(inst_schema_write(b->schema, inst_either(b->arena), b->arena), "[]");
  start_over(b);
  finish(b, node(b, KIND(UNION)));
  assert_written(b, "[1]", "[1]");
  clear_bench(b);
}

static void both_sides_of_an_intersection_are_asked(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node either = pair(b, KIND(UNION), object_of(b, "y", text(b)), object_of(b, "b", list(b)));
  finish(b, pair(b, KIND(INTERSECTION), object_of(b, "a", list(b)), either));
  assert_written(b, "{\"b\":\"?\",\"c\":1,\"a\":\"?\"}", "{\"a\":[],\"b\":[],\"c\":1}");
  start_over(b);
  finish(b, pair(b, KIND(INTERSECTION), list(b), list(b)));
  assert_text(inst_schema_write(b->schema, inst_either(b->arena), b->arena), "[]");
  clear_bench(b);
}

/* {"children": [itself]} */
static inst_node tree(bench *b) {
  inst_node lazy = node(b, KIND(LAZY));
  inst_node made = object_of(b, "children", wrap(b, KIND(ARRAY), lazy));
  inst_schema_inner(b->schema, lazy, made);
  return made;
}

static void what_contains_itself_is_written_as_deep_as_it_goes(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(READONLY), tree(b)));
  assert_written(b, "{\"children\":[{\"children\":\"?\"},{\"children\":[{\"children\":\"?\"}]}]}",
                 "{\"children\":[{\"children\":[]},{\"children\":[{\"children\":[]}]}]}");
  clear_bench(b);
}

static void a_value_of_any_depth_is_written(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tree(b));
  inst_value *v = inst_either(b->arena);
  for (int i = 0; i < 50000; i++) {
    inst_value *object = inst_object(b->arena), *children = inst_array(b->arena);
    inst_push(children, v);
    inst_put(b->arena, object, INST_LIT("children"), children);
    v = object;
  }
  inst_str text = inst_schema_write(b->schema, v, b->arena);
  assert_int_equal(text.n, 50000 * strlen("{\"children\":[]}") + 2);
  clear_bench(b);
}

static void what_leads_back_to_itself_by_way_of_code_comes_to_an_end(void **state) {
  const inst_profile plain = {.strict = false};
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY)), step = pipe_of(b, transform(b, 1), lazy);
  inst_node both = pair(b, KIND(INTERSECTION), step, object_of(b, "a", list(b)));
  inst_schema_inner(b->schema, lazy, pair(b, KIND(UNION), pipe_of(b, transform(b, 2), both), step));
  finish(b, lazy);
  assert_written(b, "{\"a\":[2],\"b\":1}", "{\"a\":[2],\"b\":1}");
  assert_non_null(inst_schema_print(b->schema, &plain, b->arena, NULL));
  start_over(b);
  lazy = node(b, KIND(LAZY));
  inst_schema_inner(b->schema, lazy, pipe_of(b, transform(b, 1), lazy));
  finish(b, lazy);
  assert_written(b, "{\"a\":1}", "{\"a\":1}");
  assert_non_null(inst_schema_print(b->schema, &plain, b->arena, NULL));
  clear_bench(b);
}

static bool write_with(inst_alloc alloc, void *ctx) {
  inst_arena *arena = inst_arena_new(alloc);
  inst_value *v =
      arena != NULL
          ? inst_json_parse(arena, INST_LIT("{\"children\":[{\"children\":[]}]}"), 9, NULL)
          : NULL;
  bool done = v != NULL && inst_schema_write(ctx, v, arena).p != NULL;
  inst_arena_free(arena);
  return done;
}

static void lost_memory_is_an_ordinary_answer(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, tree(b));
  assert_true(check_every_failure(write_with, b->schema) > 2);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_item_of_a_tuple_has_its_own_schema),
      cmocka_unit_test(values_of_a_record_have_one_schema),
      cmocka_unit_test(a_union_is_written_by_the_option_that_fits),
      cmocka_unit_test(fields_tell_options_apart_where_no_literal_does),
      cmocka_unit_test(both_sides_of_an_intersection_are_asked),
      cmocka_unit_test(what_contains_itself_is_written_as_deep_as_it_goes),
      cmocka_unit_test(a_value_of_any_depth_is_written),
      cmocka_unit_test(what_leads_back_to_itself_by_way_of_code_comes_to_an_end),
      cmocka_unit_test(lost_memory_is_an_ordinary_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
