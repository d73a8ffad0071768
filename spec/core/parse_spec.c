/*
** Values against schemas without code: kinds, absence, unknown keys, and which check still runs after
** what (Zod's order and stopping rules).  The issues' sentences are issue_spec.c's.
*/
#include "spec/core/schema_check.h"

#define WANTED(what, got) "invalid_type: Invalid input: expected " what ", received " got

/* ---- kinds ----------------------------------------------------------------------------------- */

static void each_kind_takes_its_own_values_and_no_others(void **state) {
  (void)state;
  static const char *const values[] = {"null", "true", "1", "1.5", "\"x\"", "[]", "{}"};
  static const struct {
    inst_node_kind kind;
    const char *takes; /* one letter a value: y or n */
  } cases[] = {
      {KIND(ANY), "yyyyyyy"},    {KIND(UNKNOWN), "yyyyyyy"}, {KIND(NEVER), "nnnnnnn"},
      {KIND(NULL), "ynnnnnn"},   {KIND(BOOLEAN), "nynnnnn"}, {KIND(NUMBER), "nnyynnn"},
      {KIND(STRING), "nnnnynn"}, {KIND(OBJECT), "nnnnnny"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    bench *b = set_bench();
    finish(b, node(b, cases[i].kind));
    for (size_t k = 0; k < CHECK_COUNT(values); k++) {
      inst_verdict verdict = inst_parse_next(parse_of(b, values[k]));
      inst_verdict wanted = cases[i].takes[k] == 'y' ? INST_PARSE_VALID : INST_PARSE_INVALID;
      if (verdict != wanted) fail_msg("kind %d: %s", (int)cases[i].kind, values[k]);
    }
    clear_bench(b);
  }
}

static void a_list_is_parsed_item_by_item(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), wrap(b, KIND(ARRAY), node(b, KIND(NUMBER)))));
  assert_same(b, "[[1,2.5],[],[3]]");
  assert_invalid(b, "[[1,\"x\"],2,[null]]",
                 "[0][1] " WANTED("number", "string") "\n[1] " WANTED(
                     "array", "number") "\n"
                                        "[2][0] " WANTED("number", "null"));
  assert_invalid(b, "{}", WANTED("array", "object"));
  clear_bench(b);
}

static void choices_are_compared_by_value(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, choice(b, KIND(LITERAL), "[\"a\",1,true,null]"));
  assert_same(b, "\"a\"");
  assert_valid(b, "1.0", "1.0");
  assert_same(b, "null");
  assert_invalid(b, "\"b\"", "invalid_value: Invalid option: expected one of \"a\"|1|true|null");
  assert_invalid(b, NULL, "invalid_value: Invalid option: expected one of \"a\"|1|true|null");
  start_over(b);
  finish(b, choice(b, KIND(ENUM), "[\"only\"]"));
  assert_invalid(b, "\"no\"", "invalid_value: Invalid input: expected \"only\"");
  clear_bench(b);
}

static void an_empty_table_that_may_be_either_is_what_is_wanted(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = wrap(b, KIND(ARRAY), node(b, KIND(STRING)));
  inst_node object = object_of(b, "list", list);
  field(b, object, "object", node(b, KIND(OBJECT)));
  field(b, object, "any", node(b, KIND(ANY)));
  finish(b, object);
  inst_value *value = inst_object(b->arena);
  static const char *const keys[] = {"list", "object", "any"};
  for (size_t i = 0; i < 3; i++)
    inst_put(b->arena, value, inst_str_of(keys[i]), inst_either(b->arena));
  inst_parse *parse = inst_parse_new(b->schema, value, NULL, b->arena);
  assert_ends_valid(b, parse, "{\"list\":[],\"object\":{},\"any\":{}}");
  start_over(b);
  finish(b, with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(MIN), 1));
  parse = inst_parse_new(b->schema, inst_either(b->arena), NULL, b->arena);
  assert_ends_invalid(b, parse, "too_small: Too small: expected array to have >=1 items");
  clear_bench(b);
}

static void a_value_of_the_hosts_is_called_by_its_name(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(STRING)));
  inst_value *opaque = inst_opaque(b->arena, 3, "function");
  inst_parse *parse = inst_parse_new(b->schema, opaque, NULL, b->arena);
  assert_ends_invalid(b, parse, WANTED("string", "function"));
  start_over(b);
  finish(b, object_of(b, "a", node(b, KIND(ANY))));
  inst_value *holder = inst_object(b->arena);
  inst_put(b->arena, holder, INST_LIT("a"), opaque);
  parse = inst_parse_new(b->schema, holder, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_VALID);
  assert_int_equal(inst_value_ref(inst_find(inst_parse_value(parse), "a")), 3);
  clear_bench(b);
}

/* ---- objects --------------------------------------------------------------------------------- */

static void fields_come_out_in_the_schemas_order_and_unknown_keys_go(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "b", node(b, KIND(NUMBER)));
  field(b, object, "a", node(b, KIND(STRING)));
  finish(b, object);
  assert_valid(b, "{\"x\":[],\"a\":\"1\",\"b\":2}", "{\"b\":2,\"a\":\"1\"}");
  inst_parse *parse = parse_of(b, "{\"a\":\"1\",\"b\":2}");
  inst_parse_next(parse);
  assert_true(inst_value_is_field(inst_find(inst_parse_value(parse), "a")));
  assert_invalid(b, "{\"a\":1}", "b " WANTED("number", "nil") "\na " WANTED("string", "number"));
  clear_bench(b);
}

static void a_strict_object_names_all_unknown_keys_at_once_after_its_fields(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", node(b, KIND(NUMBER)));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, wrap(b, KIND(ARRAY), object));
  assert_same(b, "[{\"a\":1}]");
  assert_invalid(
      b, "[{\"y\":1,\"a\":\"x\",\"x\":2}]",
      "[0].a " WANTED("number", "string") "\n"
                                          "[0] unrecognized_keys: Unrecognized keys: \"y\", \"x\"");
  clear_bench(b);
}

static void a_passing_object_keeps_unknown_keys_behind_its_fields(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", node(b, KIND(NUMBER)));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_PASS);
  finish(b, object);
  assert_valid(b, "{\"y\":{\"z\":[1]},\"a\":1,\"x\":null}",
               "{\"a\":1,\"y\":{\"z\":[1]},\"x\":null}");
  inst_parse *parse = parse_of(b, "{\"y\":1,\"a\":1}");
  inst_parse_next(parse);
  assert_false(inst_value_is_field(inst_find(inst_parse_value(parse), "y")));
  clear_bench(b);
}

static void odd_keys_are_keys(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "", node(b, KIND(NUMBER)));
  field(b, object, "a.b", node(b, KIND(NUMBER)));
  field(b, object, "q\"q", node(b, KIND(NUMBER)));
  finish(b, object);
  assert_same(b, "{\"\":1,\"a.b\":2,\"q\\\"q\":3}");
  assert_invalid(b, "{\"\":true}",
                 "[\"\"] " WANTED("number", "boolean") "\n[\"a.b\"] " WANTED(
                     "number", "nil") "\n"
                                      "[\"q\\\"q\"] " WANTED("number", "nil"));
  clear_bench(b);
}

/* ---- absence --------------------------------------------------------------------------------- */

static void an_optional_field_may_be_missing_but_not_null(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", wrap(b, KIND(OPTIONAL), node(b, KIND(STRING)))));
  assert_same(b, "{}");
  assert_same(b, "{\"a\":\"x\"}");
  assert_invalid(b, "{\"a\":null}", "a " WANTED("string", "null"));
  clear_bench(b);
}

static void a_nullable_field_may_be_null_but_not_missing(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "a", wrap(b, KIND(NULLABLE), node(b, KIND(STRING)))));
  assert_same(b, "{\"a\":null}");
  assert_invalid(b, "{}", "a " WANTED("string", "nil"));
  clear_bench(b);
}

static void any_field_must_be_there_whatever_it_is(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", node(b, KIND(ANY)));
  field(b, object, "b", wrap(b, KIND(OPTIONAL), node(b, KIND(UNKNOWN))));
  finish(b, object);
  assert_same(b, "{\"a\":null}");
  assert_invalid(b, "{}", "a " WANTED("nonoptional", "nil"));
  clear_bench(b);
}

static void a_default_stands_in_for_what_is_missing_only(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node short_text = with_number(b, node(b, KIND(STRING)), CHECK(MAX), 1);
  inst_node object = object_of(b, "a", filled(b, short_text, "\"too long\""));
  field(b, object, "b", wrap(b, KIND(OPTIONAL), filled(b, short_text, "{\"x\":[1]}")));
  finish(b, object);
  assert_valid(b, "{}", "{\"a\":\"too long\",\"b\":{\"x\":[1]}}"); /* and is not validated */
  assert_valid(b, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"1\",\"b\":\"2\"}");
  assert_invalid(b, "{\"a\":null,\"b\":null}",
                 "a " WANTED("string", "null") "\nb " WANTED("string", "null"));
  inst_parse *parse = parse_of(b, "{}");
  inst_parse_next(parse);
  inst_value *mine = inst_find(inst_parse_value(parse), "b");
  inst_push(inst_find(mine, "x"), inst_int(b->arena, 2)); /* a copy of the schema's */
  assert_valid(b, "{}", "{\"a\":\"too long\",\"b\":{\"x\":[1]}}");
  clear_bench(b);
}

static void a_root_may_be_missing_as_a_field_may(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(OPTIONAL), node(b, KIND(STRING))));
  assert_valid(b, NULL, "(no value)");
  start_over(b);
  finish(b, filled(b, node(b, KIND(STRING)), "\"x\""));
  assert_valid(b, NULL, "\"x\"");
  start_over(b);
  finish(b, node(b, KIND(STRING)));
  assert_invalid(b, NULL, WANTED("string", "nil"));
  clear_bench(b);
}

static void null_counts_as_absent_where_asked_and_where_the_field_takes_none(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_parse_options options = {.null_is_absent = true};
  inst_node text = node(b, KIND(STRING)),
            object = object_of(b, "must", wrap(b, KIND(NULLABLE), text));
  field(b, object, "may", wrap(b, KIND(OPTIONAL), text));
  field(b, object, "both", wrap(b, KIND(OPTIONAL), wrap(b, KIND(NULLABLE), text)));
  field(b, object, "filled", filled(b, text, "\"d\""));
  finish(b, object);
  const char *in = "{\"must\":null,\"may\":null,\"both\":null,\"filled\":null}";
  inst_parse *parse = inst_parse_new(b->schema, json(b, in), &options, b->arena);
  assert_ends_valid(b, parse, "{\"must\":null,\"both\":null,\"filled\":\"d\"}");
  clear_bench(b);
}

static void a_host_without_null_may_leave_out_what_may_be_null(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_parse_options options = {.nil_is_null = true};
  inst_node text = node(b, KIND(STRING)), object = object_of(b, "a", wrap(b, KIND(NULLABLE), text));
  field(b, object, "b", node(b, KIND(NULL)));
  finish(b, object);
  inst_parse *parse = inst_parse_new(b->schema, json(b, "{}"), &options, b->arena);
  assert_ends_valid(b, parse, "{}");
  start_over(b);
  object = object_of(b, "a", node(b, KIND(ANY))); /* takes null, but does not say so */
  field(b, object, "b", node(b, KIND(STRING)));
  finish(b, object);
  parse = inst_parse_new(b->schema, json(b, "{}"), &options, b->arena);
  assert_ends_invalid(b, parse, "a " WANTED("nonoptional", "nil") "\nb " WANTED("string", "nil"));
  clear_bench(b);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void every_check_that_fails_is_told_in_order(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  with_number(b, text, CHECK(MIN), 5);
  with_text(b, text, CHECK(REGEX), "^[0-9]+$");
  with_text(b, text, CHECK(ENDS_WITH), "9");
  finish(b, text);
  assert_same(b, "\"12349\"");
  assert_invalid(b, "\"abc\"",
                 "too_small: Too small: expected string to have >=5 characters\n"
                 "invalid_format: Invalid string: must match pattern /^[0-9]+$/\n"
                 "invalid_format: Invalid string: must end with \"9\"");
  clear_bench(b);
}

static void a_text_can_be_looked_for_behind_some_characters(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, check(b, node(b, KIND(STRING)),
                  &(inst_check){.kind = CHECK(INCLUDES), .text = INST_LIT("a"), .number = 2}));
  assert_same(b, "\"aba\"");
  assert_same(b, "\"\xC3\xA9\xE2\x82\xAC"
                 "a\"");
  assert_invalid(b, "\"ab\"", "invalid_format: Invalid string: must include \"a\"");
  assert_invalid(b, "\"\u20aca\"", "invalid_format: Invalid string: must include \"a\"");
  clear_bench(b);
}

static void a_check_that_aborts_stops_those_after_it(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  with_number(b, text, CHECK(MIN), 5);
  check(b, text, &(inst_check){.kind = CHECK(INCLUDES), .text = INST_LIT("x"), .abort = true});
  with_number(b, text, CHECK(MAX), 0);
  finish(b, text);
  assert_invalid(b, "\"abc\"",
                 "too_small: Too small: expected string to have >=5 characters\n"
                 "invalid_format: Invalid string: must include \"x\"");
  clear_bench(b);
}

static void a_wrong_type_stops_the_checks_but_not_those_of_lengths(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = node(b, KIND(STRING));
  with_text(b, text, CHECK(STARTS_WITH), "x");
  with_number(b, text, CHECK(MIN), 1);
  finish(b, text);
  assert_invalid(
      b, "[]",
      WANTED("string", "array") "\n"
                                "too_small: Too small: expected array to have >=1 items");
  assert_invalid(b, "{}", WANTED("string", "object"));
  assert_invalid(b, "0", WANTED("string", "number"));
  start_over(b);
  finish(b, with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(LENGTH), 2));
  assert_invalid(
      b, "\"\"",
      WANTED("array",
             "string") "\n"
                       "too_small: Too small: expected string to have exactly 2 characters");
  clear_bench(b);
}

static void a_fraction_is_no_int_and_ends_the_checks(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node number = with(b, node(b, KIND(NUMBER)), CHECK(INT));
  with_number(b, number, CHECK(MAX), 1);
  finish(b, number);
  assert_invalid(b, "2.5", WANTED("int", "number"));
  assert_invalid(b, "2", "too_big: Too big: expected number to be <=1");
  assert_valid(b, "1.0", "1"); /* and is an integer from then on */
  assert_invalid(b, "-9007199254740992",
                 "too_small: Too small: expected int to be >=-9007199254740991");
  assert_invalid(b, "1e300",
                 "too_big: Too big: expected int to be <=9007199254740991\n"
                 "too_big: Too big: expected number to be <=1");
  assert_invalid(b, "\"x\"", WANTED("number", "string"));
  clear_bench(b);
}

static void large_integers_are_not_rounded_for_a_comparison(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_number(b, node(b, KIND(NUMBER)), CHECK(LT), 9007199254740992.0));
  assert_invalid(b, "9007199254740993",
                 "too_big: Too big: expected number to be <9007199254740992");
  assert_same(b, "9007199254740991");
  start_over(b);
  finish(b, with_number(b, node(b, KIND(NUMBER)), CHECK(MAX), 9007199254740992.0));
  assert_same(b, "9007199254740992");
  assert_invalid(b, "9007199254740993",
                 "too_big: Too big: expected number to be <=9007199254740992");
  clear_bench(b);
}

static void multiples_are_forgiving_about_rounding_only(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_number(b, node(b, KIND(NUMBER)), CHECK(MULTIPLE_OF), 0.1));
  assert_same(b, "0.3");
  assert_same(b, "-7");
  assert_same(b, "0");
  assert_invalid(b, "0.35", "not_multiple_of: Invalid number: must be a multiple of 0.1");
  clear_bench(b);
}

static void lengths_are_counted_in_characters(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_number(b, node(b, KIND(STRING)), CHECK(LENGTH), 2));
  assert_same(b, "\"\xC3\xA9\xF0\x9F\x98\x80\"");
  assert_invalid(b, "\"abc\"", "too_big: Too big: expected string to have exactly 2 characters");
  clear_bench(b);
}

static void rewriting_works_at_its_place_in_the_list(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with_number(b, node(b, KIND(STRING)), CHECK(MIN), 3);
  with(b, text, CHECK(TRIM));
  with_number(b, text, CHECK(MAX), 2);
  with(b, text, CHECK(TO_UPPER));
  with(b, text, CHECK(UPPERCASE));
  finish(b, text);
  assert_valid(b, "\"\\u00a0 a\xC3\xA9\\ufeff\\n\"", "\"A\xC3\xA9\"");
  assert_invalid(b, "\" \"", "too_small: Too small: expected string to have >=3 characters");
  start_over(b);
  finish(b, with(b, with(b, node(b, KIND(STRING)), CHECK(TO_LOWER)), CHECK(LOWERCASE)));
  assert_valid(b, "\"AbC\xC3\x89[\"", "\"abc\xC3\x89[\"");
  start_over(b);
  finish(b, with(b, node(b, KIND(STRING)), CHECK(LOWERCASE)));
  assert_invalid(b, "\"aB\"", "invalid_format: Invalid lowercase");
  clear_bench(b);
}

static void a_list_that_is_too_long_says_so_once(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(STRING))), CHECK(MIN), 1);
  with_number(b, list, CHECK(MAX), 2);
  with_number(b, list, CHECK(LENGTH), 1);
  finish(b, object_of(b, "list", list));
  assert_invalid(b, "{\"list\":[1,2,3]}",
                 "list too_big: Too big: expected array to have <=2 items");
  inst_parse *parse = parse_of(b, "{\"list\":[1,2,3]}");
  inst_parse_next(parse);
  assert_json(inst_parse_issues(parse)->input, "[1,2,3]");
  clear_bench(b);
}

static void a_value_with_more_faults_than_anyone_reads_is_not_read_to_its_end(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), node(b, KIND(NUMBER))));
  inst_value *list = inst_array(b->arena);
  for (int i = 0; i < 100000; i++) inst_push(list, inst_null(b->arena));
  inst_parse *parse = inst_parse_new(b->schema, list, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  size_t n = 0;
  for (const inst_issue *i = inst_parse_issues(parse); i != NULL; i = i->next) n++;
  assert_int_equal(n, INST_MAX_ISSUES);
  clear_bench(b);
}

static void a_missing_item_cannot_be(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), wrap(b, KIND(OPTIONAL), node(b, KIND(STRING)))));
  assert_same(b, "[\"x\"]");
  assert_invalid(b, "[null]", "[0] " WANTED("string", "null"));
  clear_bench(b);
}

/* ---- pipes ----------------------------------------------------------------------------------- */

static void a_pipe_stops_on_any_issue_but_unknown_keys(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = object_of(b, "a", with_number(b, node(b, KIND(STRING)), CHECK(MIN), 2));
  inst_node right = object_of(b, "b", node(b, KIND(STRING)));
  inst_schema_unknown_keys(b->schema, left, INST_KEYS_STRICT);
  finish(b, pipe_of(b, left, right));
  assert_invalid(b, "{\"a\":\"x\"}",
                 "a too_small: Too small: expected string to have >=2 characters");
  assert_invalid(b, "{\"a\":\"xx\"}", "b " WANTED("string", "nil"));
  assert_invalid(b, "{\"a\":\"xx\",\"c\":1}",
                 "unrecognized_keys: Unrecognized key: \"c\"\n"
                 "b " WANTED("string", "nil"));
  clear_bench(b);
}

static void a_pipe_of_a_node_into_itself_ends(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with(b, node(b, KIND(STRING)), CHECK(TRIM));
  finish(b, pipe_of(b, text, text));
  assert_valid(b, "\" x \"", "\"x\"");
  clear_bench(b);
}

static void a_value_is_never_changed_by_a_parse(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "b", with(b, node(b, KIND(STRING)), CHECK(TO_UPPER)));
  field(b, object, "a", node(b, KIND(ANY)));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_PASS);
  finish(b, wrap(b, KIND(ARRAY), object));
  const char *text = "[{\"a\":{\"x\":1},\"c\":[2],\"b\":\"low\"},{\"b\":\"low\",\"a\":[]}]";
  inst_value *value = json(b, text);
  inst_parse *parse = inst_parse_new(b->schema, value, NULL, b->arena);
  assert_ends_valid(b, parse,
                    "[{\"b\":\"LOW\",\"a\":{\"x\":1},\"c\":[2]},{\"b\":\"LOW\",\"a\":[]}]");
  assert_json(value, text);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_kind_takes_its_own_values_and_no_others),
      cmocka_unit_test(a_list_is_parsed_item_by_item),
      cmocka_unit_test(choices_are_compared_by_value),
      cmocka_unit_test(an_empty_table_that_may_be_either_is_what_is_wanted),
      cmocka_unit_test(a_value_of_the_hosts_is_called_by_its_name),
      cmocka_unit_test(fields_come_out_in_the_schemas_order_and_unknown_keys_go),
      cmocka_unit_test(a_strict_object_names_all_unknown_keys_at_once_after_its_fields),
      cmocka_unit_test(a_passing_object_keeps_unknown_keys_behind_its_fields),
      cmocka_unit_test(odd_keys_are_keys),
      cmocka_unit_test(an_optional_field_may_be_missing_but_not_null),
      cmocka_unit_test(a_nullable_field_may_be_null_but_not_missing),
      cmocka_unit_test(any_field_must_be_there_whatever_it_is),
      cmocka_unit_test(a_default_stands_in_for_what_is_missing_only),
      cmocka_unit_test(a_root_may_be_missing_as_a_field_may),
      cmocka_unit_test(null_counts_as_absent_where_asked_and_where_the_field_takes_none),
      cmocka_unit_test(a_host_without_null_may_leave_out_what_may_be_null),
      cmocka_unit_test(every_check_that_fails_is_told_in_order),
      cmocka_unit_test(a_text_can_be_looked_for_behind_some_characters),
      cmocka_unit_test(a_check_that_aborts_stops_those_after_it),
      cmocka_unit_test(a_wrong_type_stops_the_checks_but_not_those_of_lengths),
      cmocka_unit_test(a_fraction_is_no_int_and_ends_the_checks),
      cmocka_unit_test(large_integers_are_not_rounded_for_a_comparison),
      cmocka_unit_test(multiples_are_forgiving_about_rounding_only),
      cmocka_unit_test(lengths_are_counted_in_characters),
      cmocka_unit_test(rewriting_works_at_its_place_in_the_list),
      cmocka_unit_test(a_list_that_is_too_long_says_so_once),
      cmocka_unit_test(a_value_with_more_faults_than_anyone_reads_is_not_read_to_its_end),
      cmocka_unit_test(a_missing_item_cannot_be),
      cmocka_unit_test(a_pipe_stops_on_any_issue_but_unknown_keys),
      cmocka_unit_test(a_pipe_of_a_node_into_itself_ends),
      cmocka_unit_test(a_value_is_never_changed_by_a_parse),
  };
  return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
