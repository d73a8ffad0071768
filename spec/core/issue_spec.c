/*
** The sentences of issues: Zod's for people (a missing value is called nil), lines for models, and
** the data beside them for programs.
*/
#include "spec/core/kinds_check.h"

/* The message of the only issue of 'in' against 'root', which is finished and forgotten. */
static void check_message_at(bench *b, inst_node root, const char *in, const char *message,
                             int line) {
  finish(b, root);
  inst_parse *parse = parse_of(b, in);
  if (inst_parse_next(parse) != INST_PARSE_INVALID) fail_msg("line %d: %s fits", line, in);
  const inst_issue *issue = inst_parse_issues(parse);
  check_text_at(issue->message, inst_str_of(message), __FILE__, line);
  assert_null(issue->next);
  assert_false(issue->custom);
  start_over(b);
}

#define assert_message(b, root, in, message)                                                       \
  check_message_at((b), (root), (in), (message), __LINE__)

/* ---- for people ------------------------------------------------------------------------------ */

static void types_are_named_as_expected_and_received(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_message(b, text(b), NULL, "Invalid input: expected string, received nil");
  assert_message(b, text(b), "null", "Invalid input: expected string, received null");
  assert_message(b, number(b), "[]", "Invalid input: expected number, received array");
  assert_message(b, node(b, KIND(BOOLEAN)), "{}",
                 "Invalid input: expected boolean, received object");
  assert_message(b, node(b, KIND(NULL)), "1", "Invalid input: expected null, received number");
  assert_message(b, node(b, KIND(NEVER)), "true",
                 "Invalid input: expected never, received boolean");
  assert_message(b, node(b, KIND(OBJECT)), "\"\"",
                 "Invalid input: expected object, received string");
  assert_message(b, with(b, number(b), CHECK(INT)), "0.5",
                 "Invalid input: expected int, received number");
  clear_bench(b);
}

static void sizes_name_the_bound_and_its_unit(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_message(b, with_number(b, text(b), CHECK(MIN), 3), "\"x\"",
                 "Too small: expected string to have >=3 characters");
  assert_message(b, with_number(b, text(b), CHECK(MAX), 0), "\"x\"",
                 "Too big: expected string to have <=0 characters");
  assert_message(b, with_number(b, text(b), CHECK(LENGTH), 2), "\"x\"",
                 "Too small: expected string to have exactly 2 characters");
  inst_node list = wrap(b, KIND(ARRAY), node(b, KIND(ANY)));
  assert_message(b, with_number(b, list, CHECK(MIN), 1), "[]",
                 "Too small: expected array to have >=1 items");
  assert_message(b, with_number(b, number(b), CHECK(MIN), 5), "4.5",
                 "Too small: expected number to be >=5");
  assert_message(b, with_number(b, number(b), CHECK(GT), 5), "5",
                 "Too small: expected number to be >5");
  assert_message(b, with_number(b, number(b), CHECK(LT), 1e21), "1e22",
                 "Too big: expected number to be <1e+21");
  assert_message(b, with_number(b, number(b), CHECK(MAX), 1e-7), "1",
                 "Too big: expected number to be <=1e-7");
  clear_bench(b);
}

static void formats_name_what_they_want_without_escaping_it(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_message(b, with_text(b, text(b), CHECK(STARTS_WITH), "a\"b"), "\"\"",
                 "Invalid string: must start with \"a\"b\"");
  assert_message(b, with_text(b, text(b), CHECK(ENDS_WITH), "z"), "\"\"",
                 "Invalid string: must end with \"z\"");
  assert_message(b, with_text(b, text(b), CHECK(INCLUDES), "m"), "\"\"",
                 "Invalid string: must include \"m\"");
  const inst_check regex = {
      .kind = CHECK(REGEX), .text = INST_LIT("^a/b$"), .extra = INST_LIT("i")};
  assert_message(b, check(b, text(b), &regex), "\"\"",
                 "Invalid string: must match pattern /^a/b$/i");
  assert_message(b, with(b, text(b), CHECK(LOWERCASE)), "\"A\"", "Invalid lowercase");
  assert_message(b, with(b, text(b), CHECK(UPPERCASE)), "\"a\"", "Invalid uppercase");
  assert_message(b, with_number(b, number(b), CHECK(MULTIPLE_OF), 2.5), "1",
                 "Invalid number: must be a multiple of 2.5");
  clear_bench(b);
}

static void choices_and_keys_are_listed(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_message(b, choice(b, KIND(ENUM), "[\"a\",\"b\\\"c\",1]"), "0",
                 "Invalid option: expected one of \"a\"|\"b\"c\"|1");
  assert_message(b, choice(b, KIND(LITERAL), "[5.0]"), "0", "Invalid input: expected 5");
  inst_node strict = node(b, KIND(OBJECT));
  inst_schema_unknown_keys(b->schema, strict, INST_KEYS_STRICT);
  assert_message(b, strict, "{\"q\\\"\":1}", "Unrecognized key: \"q\"\"");
  strict = node(b, KIND(OBJECT));
  inst_schema_unknown_keys(b->schema, strict, INST_KEYS_STRICT);
  assert_message(b, strict, "{\"a\":1,\"b\":2}", "Unrecognized keys: \"a\", \"b\"");
  clear_bench(b);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void details_say_the_same_as_data(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(LENGTH), 1);
  const struct {
    inst_node node;
    const char *key, *in, *details;
  } cases[] = {
      {text(b), "a", "1", "{\"expected\":\"string\",\"received\":\"number\"}"},
      {node(b, KIND(ANY)), "b", NULL, "{\"expected\":\"nonoptional\",\"received\":\"nil\"}"},
      {with_number(b, number(b), CHECK(GT), 2), "c", "1",
       "{\"origin\":\"number\",\"minimum\":2,\"inclusive\":false}"},
      {list, "d", "[1,2]",
       "{\"origin\":\"array\",\"maximum\":1,\"inclusive\":true,\"exact\":true}"},
      {with_text(b, text(b), CHECK(REGEX), "a+"), "e", "\"\"",
       "{\"origin\":\"string\",\"format\":\"regex\",\"pattern\":\"/a+/\"}"},
      {with_text(b, text(b), CHECK(STARTS_WITH), "a"), "f", "\"\"",
       "{\"origin\":\"string\",\"format\":\"starts_with\",\"prefix\":\"a\"}"},
      {with_number(b, number(b), CHECK(MULTIPLE_OF), 2), "g", "1",
       "{\"origin\":\"number\",\"divisor\":2}"},
      {choice(b, KIND(ENUM), "[\"a\",1]"), "h", "2", "{\"values\":[\"a\",1]}"},
      {with(b, number(b), CHECK(INT)), "i", "0.5", "{\"expected\":\"int\",\"format\":\"safeint\"}"},
  };
  inst_node object = node(b, KIND(OBJECT));
  inst_value *in = inst_object(b->arena);
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    field(b, object, cases[i].key, cases[i].node);
    if (cases[i].in != NULL)
      inst_put(b->arena, in, inst_str_of(cases[i].key), json(b, cases[i].in));
  }
  finish(b, object);
  inst_parse *parse = inst_parse_new(b->schema, in, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  const inst_issue *issue = inst_parse_issues(parse);
  for (size_t i = 0; i < CHECK_COUNT(cases); i++, issue = issue->next) {
    assert_non_null(issue);
    assert_text(issue->path[0].key, cases[i].key);
    assert_json(issue->details, cases[i].details);
    assert_json(issue->input, cases[i].in != NULL ? cases[i].in : "(no value)");
  }
  assert_null(issue);
  clear_bench(b);
}

static void codes_and_tasks_have_names(void **state) {
  (void)state;
  assert_string_equal(inst_issue_name(INST_ISSUE_UNRECOGNIZED_KEYS), "unrecognized_keys");
  assert_string_equal(inst_issue_name((inst_issue_code)99), "unknown");
  assert_string_equal(inst_task_name(INST_TASK_MESSAGE), "message");
  assert_string_equal(inst_task_name((inst_task)99), "unknown");
}

/* ---- paths ----------------------------------------------------------------------------------- */

static void a_path_is_written_from_any_base(void **state) {
  (void)state;
  const inst_segment path[] = {
      {INST_LIT("a"), 0},    {{NULL, 0}, 0},           {INST_LIT("b_1"), 0},
      {INST_LIT("$c"), 0},   {INST_LIT("no name"), 0}, {INST_LIT("1st"), 0},
      {INST_LIT("\"\n"), 0}, {INST_LIT(""), 0},        {{NULL, 0}, 41}};
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_path_write(&buf, path, CHECK_COUNT(path), 1);
  assert_text(inst_buf_text(&buf), "a[1].b_1.$c[\"no name\"][\"1st\"][\"\\\"\\n\"][\"\"][42]");
  buf.n = 0;
  inst_path_write(&buf, path + 1, 2, 0);
  assert_text(inst_buf_text(&buf), "[0].b_1");
  buf.n = 0;
  inst_path_write(&buf, path, 0, 0);
  assert_text(inst_buf_text(&buf), "");
  inst_buf_clear(&buf);
}

/* ---- for models ------------------------------------------------------------------------------ */

static const inst_issue *issues_of(bench *b, const char *in) {
  inst_parse *parse = parse_of(b, in);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  return inst_parse_issues(parse);
}

static void a_model_reads_a_line_an_issue_with_what_it_sent(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "age", number(b));
  field(b, object, "tags", wrap(b, KIND(ARRAY), choice(b, KIND(ENUM), "[\"x\",\"y\"]")));
  inst_node custom = with_number(b, text(b), CHECK(MIN), 9);
  inst_schema_message(b->schema, custom, INST_LIT("A name, please."), 0);
  field(b, object, "name", custom);
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, object);
  const inst_issue *issues =
      issues_of(b, "{\"age\":\"thirty\",\"tags\":[\"x\",\"z\"],\"name\":\"Jo\",\"a\\nb\":1}");
  assert_text(inst_issues_for_model(issues, b->arena),
              "\n- age: Invalid input: expected number, received string (got \"thirty\")"
              "\n- tags[1]: Invalid option: expected one of \"x\"|\"y\" (got \"z\")"
              "\n- name: A name, please. (got \"Jo\")"
              "\n- Unrecognized key: \"a\\nb\"");
  assert_text(
      inst_issues_for_model(issues_of(b, "{\"tags\":[],\"name\":\"long enough\"}"), b->arena),
      "\n- age: Invalid input: expected number, received nothing");
  assert_text(inst_issues_for_model(issues_of(b, "[1]"), b->arena),
              "\n- Invalid input: expected object, received array (got [1])");
  assert_text(inst_issues_for_model(NULL, b->arena), "");
  clear_bench(b);
}

static void paths_begin_where_the_value_stands(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), object_of(b, "a", number(b))));
  const inst_segment root = {INST_LIT("value"), 0};
  assert_text(inst_issue_lines(issues_of(b, "[{}]"), &root, b->arena),
              "\n- value[0].a: Invalid input: expected number, received nothing");
  assert_text(inst_issue_lines(issues_of(b, "1"), &root, b->arena),
              "\n- value: Invalid input: expected array, received number (got 1)");
  clear_bench(b);
}

static void long_values_and_many_issues_are_cut_short(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), number(b)));
  inst_value *list = inst_array(b->arena);
  char filler[301];
  memset(filler, 'x', 300);
  filler[300] = '\0';
  for (int i = 0; i < 50; i++) inst_push(list, inst_string(b->arena, inst_str_of(filler)));
  inst_parse *parse = inst_parse_new(b->schema, list, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  inst_str lines = inst_issues_for_model(inst_parse_issues(parse), b->arena);
  size_t count = 0;
  for (size_t i = 0; i < lines.n; i++) count += lines.p[i] == '\n';
  assert_int_equal(count, 21);
  assert_true(lines.n < 21 * 160);
  assert_true(memcmp(lines.p + lines.n - 14, "\n- and 30 more", 14) == 0);
  clear_bench(b);
}

static void many_keys_and_long_ones_are_cut_short(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, pair_of(b, KIND(RECORD), text(b), strict(b, node(b, KIND(OBJECT)))));
  inst_value *holder = inst_object(b->arena), *many = large_object(b, "k", LARGE);
  inst_value *one = inst_object(b->arena);
  char key[1000];
  memset(key, 'x', sizeof key);
  inst_put(b->arena, one, (inst_str){key, sizeof key}, inst_null(b->arena));
  inst_put(b->arena, holder, INST_LIT("many"), many);
  inst_put(b->arena, holder, (inst_str){key, sizeof key}, one);
  inst_parse *parse = inst_parse_new(b->schema, holder, NULL, b->arena);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  inst_str lines = inst_issues_for_model(inst_parse_issues(parse), b->arena);
  static const char end[] = "\"k18\", \"k19\" and 299980 more\n- [\"xxx";
  assert_true(lines.n < 1000);
  assert_memory_equal(lines.p, "\n- many: Unrecognized keys: \"k0\", \"k1\", ", 40);
  assert_non_null(strstr(lines.p, end));
  assert_non_null(strstr(lines.p, "xx\xE2\x80\xA6\"]: Unrecognized key: \"xxx"));
  assert_true(inst_parse_issues(parse)->message.n > LARGE); /* people may read all */
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool parse_all(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_value *in =
      inst_json_parse(arena, INST_LIT("{\"a\":\"abc\",\"b\":[1,2],\"c\":0}"), 9, &error);
  inst_parse *parse = in != NULL ? inst_parse_new(b->schema, in, NULL, arena) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  while (verdict == INST_PARSE_CODE) {
    inst_parse_object(parse, INST_LIT("by code"), NULL, 0, false);
    inst_parse_answer(parse, inst_bool(arena, true));
    verdict = inst_parse_next(parse);
  }
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
  inst_node object = object_of(b, "a", with_text(b, text(b), CHECK(REGEX), "^[0-9]+$"));
  field(b, object, "b", with_number(b, wrap(b, KIND(ARRAY), number(b)), CHECK(MIN), 3));
  field(b, object, "d", filled(b, text(b), "{\"x\":[1]}"));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, with_code(b, object, CHECK(REFINE), 7));
  assert_true(check_every_failure(parse_all, b) > 10);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_are_named_as_expected_and_received),
      cmocka_unit_test(sizes_name_the_bound_and_its_unit),
      cmocka_unit_test(formats_name_what_they_want_without_escaping_it),
      cmocka_unit_test(choices_and_keys_are_listed),
      cmocka_unit_test(details_say_the_same_as_data),
      cmocka_unit_test(codes_and_tasks_have_names),
      cmocka_unit_test(a_path_is_written_from_any_base),
      cmocka_unit_test(a_model_reads_a_line_an_issue_with_what_it_sent),
      cmocka_unit_test(paths_begin_where_the_value_stands),
      cmocka_unit_test(long_values_and_many_issues_are_cut_short),
      cmocka_unit_test(many_keys_and_long_ones_are_cut_short),
      cmocka_unit_test(lost_memory_ends_a_parse_in_an_error_and_nothing_else),
  };
  return cmocka_run_group_tests_name("issue", tests, NULL, NULL);
}
