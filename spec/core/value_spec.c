/*
** Values: made, joined, found, copied, compared.
*/
#include "spec/core/arena_check.h"

#include "core/json/value.h"

#include <math.h>

static inst_value *parse(const char *text) {
  inst_value *v = inst_json_parse(&scratch, inst_str_of(text), 10000, NULL);
  if (v == NULL) fail_msg("no JSON: %s", text);
  return v;
}

/* ---- making and looking ---------------------------------------------------------------------- */

static void each_kind_gives_back_what_it_was_made_of(void **state) {
  (void)state;
  assert_int_equal(inst_value_kind_of(inst_null(&scratch)), INST_NULL);
  assert_true(inst_value_bool(inst_bool(&scratch, true)));
  assert_false(inst_value_bool(inst_bool(&scratch, false)));
  assert_int_equal(inst_value_int(inst_int(&scratch, INT64_MIN)), INT64_MIN);
  assert_true(inst_value_real(inst_real(&scratch, 1.5)) == 1.5);
  assert_true(inst_value_real(inst_int(&scratch, -3)) == -3.0);
  assert_int_equal(inst_value_int(inst_real(&scratch, 4.0)), 4);
  assert_bytes(inst_value_text(inst_string(&scratch, INST_LIT("a\0b"))), "a\0b");
  assert_text(inst_value_text(inst_string(&scratch, (inst_str){NULL, 0})), "");
  assert_int_equal(inst_value_ref(inst_opaque(&scratch, 7, "function")), 7);
}

static void a_string_is_a_copy(void **state) {
  (void)state;
  char bytes[] = "abc";
  inst_value *v = inst_string(&scratch, (inst_str){bytes, 3});
  bytes[0] = 'x';
  assert_text(inst_value_text(v), "abc");
}

static void what_a_kind_does_not_have_is_nothing(void **state) {
  (void)state;
  const inst_value *const values[] = {NULL, inst_null(&scratch), inst_opaque(&scratch, 1, "x")};
  for (size_t i = 0; i < CHECK_COUNT(values); i++) {
    const inst_value *v = values[i];
    assert_false(inst_value_bool(v));
    assert_int_equal(inst_value_int(v), 0);
    assert_true(inst_value_real(v) == 0.0);
    assert_no_text(inst_value_text(v));
    assert_int_equal(inst_value_count(v), 0);
    assert_null(inst_value_first(v));
    assert_null(inst_value_next(v));
    assert_no_text(inst_value_key(v));
    assert_null(inst_value_find(v, INST_LIT("a")));
    assert_false(inst_value_is_field(v));
    assert_false(inst_value_is_number(v));
  }
  assert_int_equal(inst_value_kind_of(NULL), INST_NULL);
  assert_int_equal(inst_value_ref(NULL), 0);
  assert_int_equal(inst_value_int(inst_real(&scratch, 1.5)), 0);
  inst_value_set_ref(NULL, 1);
}

static void kinds_have_the_names_issues_use(void **state) {
  (void)state;
  assert_string_equal(inst_value_kind_name(NULL), "nil");
  assert_string_equal(inst_value_kind_name(inst_bool(&scratch, true)), "boolean");
  assert_string_equal(inst_value_kind_name(inst_int(&scratch, 1)), "number");
  assert_string_equal(inst_value_kind_name(inst_real(&scratch, 1)), "number");
  assert_string_equal(inst_value_kind_name(inst_object(&scratch)), "object");
  assert_string_equal(inst_value_kind_name(inst_opaque(&scratch, 1, "userdata")), "userdata");
  assert_string_equal(inst_value_kind_name(inst_opaque(&scratch, 1, NULL)), "opaque");
}

static void any_value_may_carry_a_ref(void **state) {
  (void)state;
  inst_value *v = inst_object(&scratch);
  assert_int_equal(inst_value_ref(v), 0);
  inst_value_set_ref(v, 12);
  assert_int_equal(inst_value_ref(v), 12);
}

/* ---- joining --------------------------------------------------------------------------------- */

static void items_keep_their_order(void **state) {
  (void)state;
  inst_value *array = inst_array(&scratch);
  for (int i = 1; i <= 4; i++) inst_push(array, inst_int(&scratch, i));
  assert_json(array, "[1,2,3,4]");
  assert_int_equal(inst_value_count(array), 4);
  assert_no_text(inst_value_key(inst_value_first(array)));
}

static void members_keep_their_order_and_have_keys(void **state) {
  (void)state;
  inst_value *object = inst_object(&scratch);
  char key[] = "b";
  inst_put(&scratch, object, (inst_str){key, 1}, inst_int(&scratch, 1));
  key[0] = 'x';
  inst_put_kept(object, INST_LIT("a"), inst_int(&scratch, 2));
  inst_put(&scratch, object, (inst_str){NULL, 0}, inst_int(&scratch, 3));
  assert_json(object, "{\"b\":1,\"a\":2,\"\":3}");
  assert_text(inst_value_key(inst_value_first(object)), "b");
  assert_text(inst_value_key(object->u.list.last), "");
}

static void put_replaces_nothing(void **state) {
  (void)state;
  inst_value *object = inst_object(&scratch);
  inst_put(&scratch, object, INST_LIT("a"), inst_int(&scratch, 1));
  inst_put(&scratch, object, INST_LIT("a"), inst_int(&scratch, 2));
  assert_json(object, "{\"a\":1,\"a\":2}");
}

static void replace_takes_the_place_of_the_member(void **state) {
  (void)state;
  inst_value *object = parse("{\"a\":1,\"b\":2,\"c\":3}");
  inst_replace(&scratch, object, INST_LIT("b"), inst_string(&scratch, INST_LIT("x")));
  inst_replace(&scratch, object, INST_LIT("a"), inst_null(&scratch));
  inst_replace(&scratch, object, INST_LIT("c"), inst_bool(&scratch, true));
  inst_replace(&scratch, object, INST_LIT("d"), inst_int(&scratch, 4));
  assert_json(object, "{\"a\":null,\"b\":\"x\",\"c\":true,\"d\":4}");
  inst_value *b = inst_find(object, "b");
  inst_replace(&scratch, object, INST_LIT("b"), b);
  inst_put(&scratch, object, INST_LIT("e"), inst_int(&scratch, 5));
  assert_json(object, "{\"a\":null,\"b\":\"x\",\"c\":true,\"d\":4,\"e\":5}");
  assert_int_equal(inst_value_count(object), 5);
}

static void storing_nothing_does_nothing(void **state) {
  (void)state;
  inst_value *array = inst_array(&scratch), *object = inst_object(&scratch);
  inst_push(array, NULL);
  inst_put(&scratch, object, INST_LIT("a"), NULL);
  inst_put_kept(object, INST_LIT("a"), NULL);
  inst_replace(&scratch, object, INST_LIT("a"), NULL);
  inst_push(NULL, inst_null(&scratch));
  inst_push(object, inst_null(&scratch));
  inst_put(&scratch, array, INST_LIT("a"), inst_null(&scratch));
  inst_put(&scratch, NULL, INST_LIT("a"), inst_null(&scratch));
  assert_json(array, "[]");
  assert_json(object, "{}");
  assert_null(inst_value_copy(&scratch, NULL));
  assert_null(inst_value_alias(&scratch, NULL));
}

static void members_are_found_by_key(void **state) {
  (void)state;
  inst_value *object = parse("{\"a\":\"x\",\"b\":2}");
  assert_text(inst_find_text(object, "a"), "x");
  assert_no_text(inst_find_text(object, "b"));
  assert_no_text(inst_find_text(object, "c"));
  assert_int_equal(inst_value_int(inst_find(object, "b")), 2);
  assert_null(inst_find(object, "c"));
  assert_null(inst_find(NULL, "a"));
  assert_null(inst_find(parse("[1]"), "a"));
}

/* ---- copying --------------------------------------------------------------------------------- */

static const char sample[] =
    "{\"a\":[1,2.5,{\"b\":null}],\"c\":\"text\",\"d\":{},\"e\":[[],[true]],\"f\":false}";

static void a_copy_lives_alone(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena other;
  inst_arena_init(&other, check_alloc(&memory));
  inst_value *v = inst_json_parse(&other, INST_LIT(sample), 10, NULL);
  inst_value *c = inst_find(v, "a");
  c->is_field = 1;
  inst_value_set_ref(c, 9);
  inst_value *copy = inst_value_copy(&scratch, v), *copy_of_member = inst_value_copy(&scratch, c);
  inst_arena_clear(&other); /* overwrites all that was in it */
  check_no_leaks(&memory);
  assert_json(copy, sample);
  assert_true(inst_value_is_field(inst_find(copy, "a")));
  assert_int_equal(inst_value_ref(inst_find(copy, "a")), 9);
  assert_json(copy_of_member, "[1,2.5,{\"b\":null}]");
  assert_no_text(inst_value_key(copy_of_member));
  assert_null(inst_value_next(copy_of_member));
  assert_false(inst_value_is_field(copy_of_member));
}

static void an_alias_shares_the_contents_but_stands_nowhere(void **state) {
  (void)state;
  inst_value *object = parse(sample);
  inst_value *alias = inst_value_alias(&scratch, inst_find(object, "a"));
  assert_json(alias, "[1,2.5,{\"b\":null}]");
  assert_no_text(inst_value_key(alias));
  assert_null(inst_value_next(alias));
  inst_value *array = inst_array(&scratch);
  inst_push(array, alias);
  assert_json(array, "[[1,2.5,{\"b\":null}]]");
  assert_json(object, sample);
}

static bool make_and_copy(inst_alloc alloc, void *ctx) {
  (void)ctx;
  inst_arena *work = inst_arena_new(alloc);
  if (work == NULL) return false;
  inst_value *object = inst_object(work), *array = inst_array(work);
  for (int i = 0; i < 40; i++) {
    inst_value *deeper = inst_array(work);
    inst_push(deeper, array);
    inst_push(deeper, inst_int(work, i));
    array = deeper;
  }
  inst_put(work, object, INST_LIT("array"), array);
  inst_put(work, object, INST_LIT("text"), inst_string(work, INST_LIT("some text")));
  inst_replace(work, object, INST_LIT("text"), inst_real(work, 0.5));
  inst_replace(work, object, INST_LIT("more"), inst_opaque(work, 1, "x"));
  inst_value *copy = inst_value_copy(work, object);
  bool done = !inst_arena_failed(work);
  assert_true(done == (copy != NULL && inst_value_count(copy) == 3));
  if (done) assert_true(inst_value_equal(object, copy));
  inst_arena_free(work);
  return done;
}

static void every_failure_gives_null_and_is_remembered(void **state) {
  (void)state;
  assert_true(check_every_failure(make_and_copy, NULL) > 5);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void check_equal(const char *a, const char *b, bool expected) {
  if (inst_value_equal(parse(a), parse(b)) != expected) fail_msg("%s and %s", a, b);
  if (inst_value_equal(parse(b), parse(a)) != expected) fail_msg("%s and %s", b, a);
}

static void values_are_equal_as_json(void **state) {
  (void)state;
  check_equal("null", "null", true);
  check_equal("true", "true", true);
  check_equal("1", "1.0", true);
  check_equal("-0", "0", true);
  check_equal("1e3", "1000", true);
  check_equal("\"a\"", "\"\\u0061\"", true);
  check_equal("[]", "[]", true);
  check_equal("[1,[2]]", "[1.0,[2]]", true);
  check_equal("{\"a\":1,\"b\":{\"c\":[2]}}", "{\"b\":{\"c\":[2.0]},\"a\":1}", true);
  check_equal("{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"a\":1,\"b\":2}", true);
  check_equal(sample, sample, true);
}

static void values_that_differ_anywhere_are_not_equal(void **state) {
  (void)state;
  check_equal("null", "false", false);
  check_equal("true", "false", false);
  check_equal("0", "false", false);
  check_equal("1", "\"1\"", false);
  check_equal("9007199254740993", "9007199254740992.0", false);
  check_equal("9223372036854775807", "9223372036854775808", false);
  check_equal("1", "1.5", false);
  check_equal("\"a\"", "\"b\"", false);
  check_equal("[]", "{}", false);
  check_equal("[1,2]", "[2,1]", false);
  check_equal("[1]", "[1,1]", false);
  check_equal("{\"a\":1}", "{\"b\":1}", false);
  check_equal("{\"a\":1}", "{\"a\":1,\"b\":2}", false);
  check_equal("[[[1]],2]", "[[[3]],2]", false);
  check_equal("{\"a\":{\"b\":1},\"c\":2}", "{\"c\":2,\"a\":{\"b\":2}}", false);
}

static void what_c_cannot_hold_is_equal_by_its_number(void **state) {
  (void)state;
  assert_true(inst_value_equal(inst_opaque(&scratch, 1, "x"), inst_opaque(&scratch, 1, "y")));
  assert_false(inst_value_equal(inst_opaque(&scratch, 1, "x"), inst_opaque(&scratch, 2, "x")));
  assert_false(inst_value_equal(inst_opaque(&scratch, 1, "x"), inst_null(&scratch)));
}

static void nothing_is_equal_to_nothing_only(void **state) {
  (void)state;
  assert_true(inst_value_equal(NULL, NULL));
  assert_false(inst_value_equal(NULL, inst_null(&scratch)));
  assert_false(inst_value_equal(inst_null(&scratch), NULL));
}

static void no_number_is_equal_to_nan(void **state) {
  (void)state;
  assert_false(
      inst_value_equal(inst_real(&scratch, (double)NAN), inst_real(&scratch, (double)NAN)));
  assert_false(inst_value_equal(inst_real(&scratch, (double)NAN), inst_int(&scratch, 0)));
}

static inst_value *nest(size_t depth) {
  inst_value *v = inst_array(&scratch);
  for (size_t i = 1; i < depth; i++) {
    inst_value *outer = inst_array(&scratch);
    inst_push(outer, v);
    v = outer;
  }
  return v;
}

static void depth_costs_no_stack(void **state) {
  (void)state;
  inst_value *deep = nest(1000000);
  inst_value *copy = inst_value_copy(&scratch, deep);
  assert_non_null(copy);
  size_t depth = 0;
  for (const inst_value *v = copy; v != NULL; v = inst_value_first(v)) depth++;
  assert_int_equal(depth, 1000000);
}

static void values_are_compared_down_to_a_named_depth(void **state) {
  (void)state;
  assert_true(inst_value_equal(nest(257), nest(257)));
  assert_false(inst_value_equal(nest(258), nest(258)));
  assert_false(inst_value_equal(nest(1000000), nest(1000000)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_kind_gives_back_what_it_was_made_of, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_string_is_a_copy, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_a_kind_does_not_have_is_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(kinds_have_the_names_issues_use, set_up, tear_down),
      cmocka_unit_test_setup_teardown(any_value_may_carry_a_ref, set_up, tear_down),
      cmocka_unit_test_setup_teardown(items_keep_their_order, set_up, tear_down),
      cmocka_unit_test_setup_teardown(members_keep_their_order_and_have_keys, set_up, tear_down),
      cmocka_unit_test_setup_teardown(put_replaces_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(replace_takes_the_place_of_the_member, set_up, tear_down),
      cmocka_unit_test_setup_teardown(storing_nothing_does_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(members_are_found_by_key, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_copy_lives_alone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_alias_shares_the_contents_but_stands_nowhere, set_up,
                                      tear_down),
      cmocka_unit_test(every_failure_gives_null_and_is_remembered),
      cmocka_unit_test_setup_teardown(values_are_equal_as_json, set_up, tear_down),
      cmocka_unit_test_setup_teardown(values_that_differ_anywhere_are_not_equal, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_c_cannot_hold_is_equal_by_its_number, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nothing_is_equal_to_nothing_only, set_up, tear_down),
      cmocka_unit_test_setup_teardown(no_number_is_equal_to_nan, set_up, tear_down),
      cmocka_unit_test_setup_teardown(depth_costs_no_stack, set_up, tear_down),
      cmocka_unit_test_setup_teardown(values_are_compared_down_to_a_named_depth, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
