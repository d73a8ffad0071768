/*
** An answer's text to the value that is judged: which of several candidates counts, what is made to
** fit, and what is left to the model.
*/
#include "spec/core/call_check.h"

static inst_node node(inst_schema *schema, inst_node_kind kind, inst_node inner) {
  inst_node n = inst_schema_node(schema, kind);
  if (inner != 0) inst_schema_inner(schema, n, inner);
  return n;
}

static inst_node choice(inst_schema *schema, inst_arena *arena, const char *json) {
  inst_error error = {.code = INST_E_NONE};
  inst_node n = inst_schema_node(schema, INST_NODE_ENUM);
  const inst_value *list = inst_json_parse(arena, inst_str_of(json), 4, &error);
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v))
    inst_schema_value(schema, n, v);
  return n;
}

/* {name, age?, tags?: [string], kind?: enum, ok?: boolean, of?: {n: number}, on?: number | null} */
static inst_schema *make_schema(inst_alloc alloc, inst_arena *texts) {
  inst_schema *s = inst_schema_new(alloc);
  inst_node root = inst_schema_node(s, INST_NODE_OBJECT),
            of = inst_schema_node(s, INST_NODE_OBJECT);
  inst_node number = inst_schema_node(s, INST_NODE_NUMBER);
  inst_node text = inst_schema_node(s, INST_NODE_STRING);
  inst_schema_field(s, of, INST_LIT("n"), number);
  const struct {
    const char *key;
    inst_node node;
  } fields[] = {
      {"age", number},
      {"tags", node(s, INST_NODE_ARRAY, text)},
      {"nums", node(s, INST_NODE_ARRAY, number)},
      {"kind", choice(s, texts, "[\"in_progress\",\"Done\",\"DONE!\",\"re-sign\"]")},
      {"ok", inst_schema_node(s, INST_NODE_BOOLEAN)},
      {"of", of},
      {"list", node(s, INST_NODE_ARRAY, of)},
      {"on", node(s, INST_NODE_NULLABLE, number)},
  };
  inst_schema_field(s, root, INST_LIT("name"), text);
  for (size_t i = 0; i < CHECK_COUNT(fields); i++)
    inst_schema_field(s, root, inst_str_of(fields[i].key),
                      node(s, INST_NODE_OPTIONAL, fields[i].node));
  return finish_schema(s, root);
}

typedef struct sample {
  const char *text, *json; /* NULL: no value that fits… */
  const char *edits;       /* …and then the error, or "" where the value just does not fit */
} sample;

static inst_str edits_text(const inst_edit *edit, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (; edit != NULL; edit = edit->next) {
    inst_buf_addf(&buf, "%s%s", buf.n > 0 ? " " : "", inst_edit_name(edit->what));
    if (edit->path == NULL) inst_buf_addf(&buf, "@%zu", edit->offset);
    for (size_t i = 0; edit->path != NULL && i < edit->path_count; i++)
      if (edit->path[i].key.p != NULL)
        inst_buf_addf(&buf, "/%.*s", (int)edit->path[i].key.n, edit->path[i].key.p);
      else
        inst_buf_addf(&buf, "/%zu", edit->path[i].index);
  }
  inst_str text = inst_buf_take(&buf, arena);
  return text.n > 0 ? text : INST_LIT("");
}

static bool fits(const inst_schema *schema, const inst_value *v, inst_arena *arena) {
  inst_parse *parse = inst_parse_new(schema, v, NULL, arena);
  return inst_parse_next(parse) == INST_PARSE_VALID;
}

static void check_sample(const sample *one, inst_repair_level level) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *schema = make_schema((inst_alloc){NULL, NULL}, arena);
  const inst_repair_options how = {.level = level, .max_depth = 16};
  const inst_edit *edits = NULL;
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_repair(schema, inst_str_of(one->text), &how, arena, &edits, &error);
  bool well = v != NULL && fits(schema, v, arena);
  if (well != (one->json != NULL)) fail_msg("%s: %s", one->text, well ? "fits" : error.text);
  if (well) {
    assert_json(v, one->json);
    assert_text(edits_text(edits, arena), one->edits);
  } else {
    assert_string_equal(v == NULL ? inst_code_name(error.code) : "", one->edits);
  }
  inst_schema_free(schema);
  inst_arena_free(arena);
}

/* What a text gives where a list of {n} is wanted, as JSON in static memory; NULL: nothing. */
static const char *read_list(const char *text) {
  static char json[64];
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *s = inst_schema_new((inst_alloc){NULL, NULL});
  inst_node of = inst_schema_node(s, INST_NODE_OBJECT);
  inst_schema_field(s, of, INST_LIT("n"), inst_schema_node(s, INST_NODE_NUMBER));
  finish_schema(s, node(s, INST_NODE_ARRAY, of));
  const inst_repair_options how = {.level = INST_REPAIR_COERCE, .max_depth = 16};
  const inst_value *v = inst_repair(s, inst_str_of(text), &how, arena, NULL, NULL);
  bool well = v != NULL && fits(s, v, arena);
  if (well) snprintf(json, sizeof json, "%s", inst_json_text(arena, v).p);
  inst_schema_free(s);
  inst_arena_free(arena);
  return well ? json : NULL;
}

#define SAMPLES(level, ...)                                                                        \
  do {                                                                                             \
    static const sample samples[] = {__VA_ARGS__};                                                 \
    (void)state;                                                                                   \
    for (size_t i = 0; i < CHECK_COUNT(samples); i++) check_sample(&samples[i], (level));          \
  } while (0)

#define A "{\"name\":\"a\"}"
#define B "{\"name\":\"b\"}"

static void what_surrounds_the_json_is_left_out(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {A, A, ""}, {" \n" A "\n", A, ""}, {"Sure: " A, A, "prose@0"},
          {A " Bye.", A, "prose@13"}, {"```json\n" A "\n```", A, "fence@0"},
          {"```\n" A "\n```", A, "fence@0"}, {"```json\n" A, A, "fence@0"},
          {"Hi\n````JSON\r\n" A "\r\n````\nBye", A, "prose@0 fence@3"},
          {"```json " A "\n```", A, "fence@0"}, {"Hi ```" A "``` Bye", A, "prose@0"},
          {"<think>{\"name\":\"t\"}</think>\n" A, A, "thoughts@0"},
          {"<THINKING>x</THINKING>```\n" A "\n```", A, "thoughts@0 fence@22"},
          {"\xEF\xBB\xBF" A, A, "prose@0"}, {"json\n" A, A, "prose@0"},
          {A A, "{\"name\":\"a\"}", "prose@0"},
          {"const user = {name: 'a'};", A, "prose@0 unquoted_key@14 single_quotes@20"});
}

static void a_fence_may_be_of_tildes(void **state) {
  SAMPLES(
      INST_REPAIR_TEXT, {"~~~json\n" A "\n~~~", A, "fence@0"},
      {"Hi\n~~~~\n" A "\n~~~~\nBye", A, "prose@0 fence@3"}, {"~~~\n" A, A, "fence@0"},
      {"~~~\n" A "\n~~~\nnot " B, A, "prose@21 fence@0"},
      {"~~~\n{\"name\":\"\n```\n\"}\n~~~", "{\"name\":\"\\n```\\n\"}", "fence@0 raw_newline@13"},
      {"~~x~~ " A, A, "prose@0"});
}

/* One level of backslashes too many. */
static void json_with_all_its_quotes_escaped_is_read(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {"{\\\"name\\\":\\\"a\\\"}", A, "escaped_quotes@0"},
          {"So: {\\n  \\\"name\\\": \\\"a\\\"\\n}. Bye", A, "prose@0 escaped_quotes@4"},
          {"{\\\"name\\\":\\\"say \\\\\\\"hi\\\\\\\"\\\"}", "{\"name\":\"say \\\"hi\\\"\"}",
           "escaped_quotes@0"},
          {"{\\\"name\\\":\\\"}\\u00e9\\\\n\\\\\\\\\\\",}", "{\"name\":\"}\xC3\xA9\\n\\\\\"}",
           "escaped_quotes@0 extra_comma@28"},
          {"{\\\"name\\\":\\\"a\\\", /*x*/ age: 3, }", "{\"name\":\"a\",\"age\":3}",
           "escaped_quotes@0 comment@17 unquoted_key@23 extra_comma@29"},
          {"{\\\"name\\\":\\\"a\\\", /*x*/}", A, "escaped_quotes@0 comment@17 extra_comma@15"},
          {"{\\\"name\\\":\\\"a\\\"", A, "escaped_quotes@0 missing_closer@15"},
          {"{\\\"name\\\":\\\"a\\\"\" x", NULL, "json"}, {"{\\\"name\\\":\\\"a", NULL, "json"},
          {"{\\\"name\": \"a\"}", NULL, "json"}, {"{\\\"name\\\":\"a\"}", NULL, "json"},
          {"{\\\"x\\\":1} {\\\"name\\\":\\\"a\\\"} \"", A, "prose@0 escaped_quotes@10"});
}

static void thoughts_are_no_answer_wherever_they_stand(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {"<think>x</think>\n<think>" B "</think>\n" A, A, "thoughts@0"},
          {"<think>x</think><think>" B "</think> No.", NULL, "json"},
          {"Maybe " B "?\n</think>\n\n" A, A, "thoughts@0"},
          {"Maybe " B "?</think>\nNo.", NULL, "json"}, {"Maybe " B "?</THINKING>", NULL, "json"},
          {"Well <think>" B "?</think> No.", NULL, "json"},
          {A " <think>or " B "?</think>", A, "prose@13"}, {A " <thinking>or " B, A, "prose@13"},
          {"Its name: {name:'</think>'}", "{\"name\":\"</think>\"}",
           "prose@0 unquoted_key@11 single_quotes@16"},
          {"{name:'<think>" B "</think>'}",
           "{\"name\":\"<think>{\\\"name\\\":\\\"b\\\"}</think>\"}",
           "unquoted_key@1 single_quotes@6"});
}

static void a_fence_inside_the_json_is_part_of_it(void **state) {
  SAMPLES(
      INST_REPAIR_TEXT, {"{\"name\":\"```py\\nx\\n```\"}", "{\"name\":\"```py\\nx\\n```\"}", ""},
      {"```json\n{\"name\":\"```py\\nx\\n```\"}\n```", "{\"name\":\"```py\\nx\\n```\"}", "fence@0"},
      {"```json\n{\"name\":\"a\n```py\nx\n```\n\"}\n```", "{\"name\":\"a\\n```py\\nx\\n```\\n\"}",
       "fence@0 raw_newline@18"});
}

static void of_several_the_last_that_fits_counts(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {A " or " B, B, "prose@0"}, {B " not {\"x\":1}", B, "prose@13"},
          {"{\"x\":1} " A " {\"y\":2}", A, "prose@0"},
          {"{\"name\":\"a\",\"age\":1} then {\"name\":\"b\",\"of\":\"{\\\"n\\\":1}\"}",
           "{\"name\":\"b\",\"of\":{\"n\":1}}", "prose@0 nested_json/of"},
          {"Example: " A "\nAnswer: {name: 'b'}", B, "prose@0 unquoted_key@31 single_quotes@37"},
          {"```\n" A "\n```\nor\n```\n" B "\n```", B, "prose@21 fence@24"},
          {"```\n" A "\n```\nnot " B, A, "prose@21 fence@0"},
          {"```\n{\"x\":1}\n```\nbut " B, B, "prose@16"}, {"Use [name] and {x}: " A, A, "prose@0"});
}

static void nothing_is_taken_out_of_a_value_that_cannot_be_read(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {"{\"bad\":, \"of\":" A "}", NULL, "json"},
          {"[" A "," A ",{\"name\":", NULL, "json"}, {"[" A ", {, " B "]", NULL, "json"},
          {"{\"bad\":,\"of\":" A "} " B, B, "prose@0"}, {"{\"name\":\"a", NULL, "json"},
          {"{\"name\":\"a\",\"age\":3", NULL, "json"}, {"<think>" A, NULL, "json"},
          {"He is called a.", NULL, "json"}, {"", NULL, "json"}, {"```\n```", NULL, "json"},
          {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", NULL, "limit"});
}

/* Closed too early, or begun too late: what stands behind or before would be lost. */
static void a_part_of_a_value_is_no_candidate(void **state) {
  SAMPLES(INST_REPAIR_COERCE, {A ", \"age\": 3}", NULL, "json"}, {A "}, \"age\": 3", NULL, "json"},
          {"Here: " A " \"age\": 3}", NULL, "json"}, {"{name:'a'}, age: 3}", NULL, "json"},
          {A ",\n'of': {\"n\":1}} " B, B, "prose@0"},
          {"{\"name\":\"a\",\"nums\":[1, 2}, 3]}", NULL, "json"},
          {"{\"name\":\"a\",\"nums\":[1, 2}, \"age\": 3}", NULL, "json"},
          {A "," B "]", NULL, "json"}, {"\"ok\":true,\"of\": " A "}", NULL, "json"},
          {"\"of\": " A "} " B, B, "prose@0"}, {"{\"name\":\"6\" }\" }", NULL, "json"},
          {"[\"x\"\" , [\"]\"], " A " ]", NULL, "json"},
          {"{of: [\xE2\x80\x9C]\"q\"\xE2\x80\x9D]y, b: " A " /* 1 */, c: 1}", NULL, "json"},
          {"{\"name\":\"5'11\" }\" , \"age\":3} " B, B, "prose@0"},
          {"{\"name\":\"6\"}, or so\"} " B, B, "prose@0"},
          {"{name: \xE2\x80\x9Cx] \xE2\x80\x9Cy, tags: [\"z\"], of: " A "} " B, B, "prose@0"},
          {A " as \"asked\" {x}", A, "prose@13"}, {"{a b} " A ", then " B, B, "prose@0"},
          {"{a b} " A " then", A, "prose@0"}, {"Not {a b} but " A " // or\n} so.", NULL, "json"},
          {A "}", A, "prose@12"}, {A "]})", A, "prose@12"}, {A ", or so: {x}", A, "prose@12"},
          {A ", " B, B, "prose@0"}, {"The \"name\": " A, A, "prose@0"});
}

static void of_many_values_none_becomes_a_list_alone(void **state) {
  static const char *const lists[] = {"{\"n\":1}\n{\"n\":2}", "```\n{\"n\":1}\n{\"n\":2}\n```"};
  static const char *const ones[] = {"So: {n:2}", "Like {\"n\":1}:\n```\n{n:2}\n```"};
  (void)state;
  for (size_t i = 0; i < 2; i++) assert_null(read_list(lists[i]));
  for (size_t i = 0; i < 2; i++) assert_string_equal(read_list(ones[i]), "[{\"n\":2}]");
}

static void values_are_never_changed_by_repair(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {"{\"name\":\"a\",\"age\":\"30\"}", NULL, ""},
          {"{\"name\":\"a\",\"age\":3,14}", NULL, "json"}, {"{name:'a',age:'3,14'}", NULL, ""},
          {"{\"name\":\"a\",\"on\":\"x\"}", NULL, ""},
          {"{\"name\":\"a\",\"tags\":\"x\"}", NULL, ""}, {"{\"name\":\"a\",\"age\":NaN}", NULL, ""},
          {"{\"name\":\"a\",\"nums\":[1,x,3]}", NULL, ""},
          {"{\"name\":\"a\",\"kind\":\"done\"}", NULL, ""}, {"{\"name\":None}", NULL, ""});
}

static void json_inside_a_string_is_read_where_a_list_is_wanted(void **state) {
  SAMPLES(INST_REPAIR_TEXT, {"\"{\\\"name\\\":\\\"a\\\"}\"", A, "nested_json"},
          {"{\"name\":\"a\",\"of\":\"{\\\"n\\\":1}\"}", "{\"name\":\"a\",\"of\":{\"n\":1}}",
           "nested_json/of"},
          {"{\"name\":\"a\",\"of\":\" {n:1,} \"}", "{\"name\":\"a\",\"of\":{\"n\":1}}",
           "nested_json/of unquoted_key/of extra_comma/of"},
          {"{\"name\":\"a\",\"list\":[\"{\\\"n\\\":1}\",{\"n\":2}]}",
           "{\"name\":\"a\",\"list\":[{\"n\":1},{\"n\":2}]}", "nested_json/list/0"},
          {"{\"name\":\"a\",\"list\":\"[\\\"{\\\\\\\"n\\\\\\\":1}\\\"]\"}",
           "{\"name\":\"a\",\"list\":[{\"n\":1}]}", "nested_json/list nested_json/list/0"},
          {"{name:'a',tags:\"['x']\"}", "{\"name\":\"a\",\"tags\":[\"x\"]}",
           "unquoted_key@1 single_quotes@6 unquoted_key@10 nested_json/tags single_quotes/tags"},
          {"{\"name\":\"{}\"}", "{\"name\":\"{}\"}", ""},
          {"{\"name\":\"a\",\"of\":\"{\\\"n\\\":1} or so\"}", NULL, ""},
          {"{\"name\":\"a\",\"of\":\"{\\\"n\\\":\"}", NULL, ""},
          {"{\"name\":\"a\",\"of\":\"{\\\"n\\\":\\\"x\\\"}\"}", NULL, ""});
}

/* Where a string is the answer, in the fence that was asked for or in one that was not. */
static void brackets_in_a_string_are_its_own(void **state) {
  const inst_repair_options how = {.level = INST_REPAIR_TEXT, .max_depth = 16};
  const char *const texts[] = {"```json\n\"see [1] and {x}\"\n```", "```\n\"see [1] and {x}\"",
                               "\"see [1] and {x}\"\n"};
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *schema = inst_schema_new((inst_alloc){NULL, NULL});
  (void)state;
  assert_int_equal(inst_schema_finish(schema, inst_schema_node(schema, INST_NODE_STRING), &error),
                   0);
  for (size_t i = 0; i < CHECK_COUNT(texts); i++) {
    const inst_value *v = inst_repair(schema, inst_str_of(texts[i]), &how, arena, NULL, &error);
    if (v == NULL) fail_msg("%s: %s", texts[i], error.text);
    assert_json(v, "\"see [1] and {x}\"");
  }
  inst_schema_free(schema);
  inst_arena_free(arena);
  SAMPLES(INST_REPAIR_TEXT, {"```\n\"{\\\"name\\\":\\\"a\\\"}\"\n```", A, "fence@0 nested_json"},
          {"\"name\": {\"name\":\"a\"}", A, "prose@0"});
}

/* A list in a string stands as deep as the string does. */
static void the_depth_of_a_nested_text_counts_from_where_it_stands(void **state) {
  (void)state;
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *s = inst_schema_new((inst_alloc){NULL, NULL});
  inst_node list = node(s, INST_NODE_ARRAY, inst_schema_node(s, INST_NODE_ANY));
  finish_schema(s, node(s, INST_NODE_ARRAY, node(s, INST_NODE_ARRAY, list)));
  for (unsigned depth = 3; depth <= 5; depth++) {
    const inst_repair_options how = {.level = INST_REPAIR_TEXT, .max_depth = depth};
    const inst_value *v = inst_repair(s, INST_LIT("[[\"[[[1]]]\"]]"), &how, arena, NULL, NULL);
    assert_true(fits(s, v, arena) == (depth >= 5));
  }
  inst_schema_free(s);
  inst_arena_free(arena);
}

static void coerced_values_say_the_same(void **state) {
  SAMPLES(
      INST_REPAIR_COERCE,
      {"{\"name\":\"a\",\"age\":\"30\"}", "{\"name\":\"a\",\"age\":30}", "number_from_string/age"},
      {"{\"name\":\"a\",\"age\":\" -1.5e3 \"}", "{\"name\":\"a\",\"age\":-1500.0}",
       "number_from_string/age"},
      {"{\"name\":\"a\",\"ok\":\"True\"}", "{\"name\":\"a\",\"ok\":true}",
       "boolean_from_string/ok"},
      {"{\"name\":\"a\",\"tags\":\"x\"}", "{\"name\":\"a\",\"tags\":[\"x\"]}", "list_of_one/tags"},
      {"{\"name\":\"a\",\"nums\":\"7\"}", "{\"name\":\"a\",\"nums\":[7]}",
       "list_of_one/nums number_from_string/nums/0"},
      {"{\"name\":\"a\",\"nums\":[\"1\",2,\"3\"]}", "{\"name\":\"a\",\"nums\":[1,2,3]}",
       "number_from_string/nums/0 number_from_string/nums/2"},
      {"{\"name\":\"a\",\"kind\":\"In Progress.\"}", "{\"name\":\"a\",\"kind\":\"in_progress\"}",
       "enum_spelling/kind"},
      {"{\"name\":\"a\",\"kind\":\"RE SIGN\"}", "{\"name\":\"a\",\"kind\":\"re-sign\"}",
       "enum_spelling/kind"},
      {"{\"name\":\"a\",\"on\":\"5\"}", "{\"name\":\"a\",\"on\":5}", "number_from_string/on"},
      {"{\"name\":\"a\",\"of\":\"{\\\"n\\\":\\\"1\\\"}\"}", "{\"name\":\"a\",\"of\":{\"n\":1}}",
       "nested_json/of number_from_string/of/n"},
      {"{name:'a',age:'30'}", "{\"name\":\"a\",\"age\":30}",
       "unquoted_key@1 single_quotes@6 unquoted_key@10 single_quotes@14 number_from_string/age"});
}

/* Both sides of 'inner & inner', as the root that comes back as JSON and its edits. */
static void check_twice(inst_schema *schema, inst_node inner, const char *text,
                        const char *wanted) {
  const inst_repair_options how = {.level = INST_REPAIR_COERCE, .max_depth = 16};
  const inst_edit *edits = NULL;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_node both = node(schema, INST_NODE_INTERSECTION, inner);
  inst_schema_inner(schema, both, inner);
  assert_int_equal(inst_schema_finish(schema, both, &error), 0);
  const inst_value *v = inst_repair(schema, inst_str_of(text), &how, arena, &edits, &error);
  if (v == NULL) fail_msg("%s: %s", text, error.text);
  inst_str json = inst_json_text(arena, v), list = edits_text(edits, arena);
  char got[256];
  snprintf(got, sizeof got, "%.*s %.*s", (int)json.n, json.p, (int)list.n, list.p);
  assert_string_equal(got, wanted);
  inst_schema_free(schema);
  inst_arena_free(arena);
}

static void where_two_issues_stand_at_one_place_one_edit_is_made(void **state) {
  inst_alloc alloc = {NULL, NULL};
  (void)state;
  inst_schema *s = inst_schema_new(alloc);
  check_twice(s, node(s, INST_NODE_ARRAY, inst_schema_node(s, INST_NODE_NUMBER)), "\"1\"",
              "[1] list_of_one number_from_string/0");
  inst_arena *texts = inst_arena_new(alloc);
  s = inst_schema_new(alloc);
  check_twice(s, choice(s, texts, "[\"red\"]"), "\"RED\"", "\"red\" enum_spelling");
  inst_arena_free(texts);
}

/* A list of itself twice over: each list of one would only want another inside. */
static void what_would_go_beyond_a_limit_does_not_fit(void **state) {
  (void)state;
  inst_schema *s = inst_schema_new((inst_alloc){NULL, NULL});
  inst_node lazy = inst_schema_node(s, INST_NODE_LAZY);
  inst_node both = node(s, INST_NODE_INTERSECTION, lazy);
  inst_schema_inner(s, both, lazy);
  inst_node list = node(s, INST_NODE_ARRAY, both);
  inst_schema_inner(s, lazy, list);
  check_twice(s, list, "[\"\"]", "[\"\"] ");
}

static void of_too_many_values_the_last_count(void **state) {
#define FOUR "{\"x\":1} {\"x\":2} {\"x\":3} {\"x\":4} "
  SAMPLES(INST_REPAIR_TEXT, {FOUR FOUR FOUR FOUR FOUR A, A, "prose@0"},
          {FOUR A FOUR FOUR FOUR, A, "prose@0"}, {A FOUR FOUR FOUR FOUR, NULL, ""});
}

static void more_values_than_can_be_listed_are_not_coerced(void **state) {
  (void)state;
  for (int count = INST_MAX_REPAIRS - 1; count <= INST_MAX_REPAIRS; count++) {
    inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
    inst_schema *schema = make_schema((inst_alloc){NULL, NULL}, arena);
    const inst_repair_options how = {.level = INST_REPAIR_COERCE, .max_depth = 16};
    const inst_edit *edits;
    inst_buf buf;
    inst_buf_init(&buf, (inst_alloc){NULL, NULL});
    inst_buf_addf(&buf, "{\"name\":\"a\",\"nums\":[\"0\"");
    for (int i = 1; i < count; i++) inst_buf_addf(&buf, ",\"%d\"", i);
    inst_buf_addf(&buf, "]}");
    const inst_value *v = inst_repair(schema, inst_buf_text(&buf), &how, arena, &edits, NULL);
    assert_true(fits(schema, v, arena) == (count < INST_MAX_REPAIRS));
    inst_buf_clear(&buf);
    inst_schema_free(schema);
    inst_arena_free(arena);
  }
}

static void what_may_mean_something_else_is_not_coerced(void **state) {
  SAMPLES(INST_REPAIR_COERCE, {"{\"name\":\"a\",\"age\":\"3,14\"}", NULL, ""},
          {"{\"name\":\"a\",\"age\":\"30 years\"}", NULL, ""},
          {"{\"name\":\"a\",\"age\":\"\"}", NULL, ""},
          {"{\"name\":\"a\",\"age\":\"0x1F\"}", NULL, ""},
          {"{\"name\":\"a\",\"age\":true}", NULL, ""},
          {"{\"name\":\"a\",\"ok\":\"yes\"}", NULL, ""}, {"{\"name\":\"a\",\"ok\":1}", NULL, ""},
          {"{\"name\":\"a\",\"kind\":\"done\"}", NULL, ""}, /* Done or DONE! */
          {"{\"name\":\"a\",\"kind\":\"resign\"}", NULL, ""},
          {"{\"name\":\"a\",\"kind\":\"+done\"}", NULL, ""},
          {"{\"name\":\"a\",\"kind\":\"\"}", NULL, ""},
          {"{\"name\":\"a\",\"kind\":\"now in progress\"}", NULL, ""},
          {"{\"name\":\"a\",\"tags\":null}", NULL, ""},
          {"{\"name\":\"a\",\"tags\":[null]}", NULL, ""}, {"{\"name\":5}", NULL, ""},
          {"{\"age\":\"30\"}", NULL, ""}, {"{\"name\":\"a\",\"nums\":[\"1\",\"x\"]}", NULL, ""});
}

/* ---- memory and time --------------------------------------------------------------------------- */

static bool repair_all(inst_alloc alloc, void *ctx) {
  inst_arena *texts = inst_arena_new((inst_alloc){NULL, NULL}), *arena = inst_arena_new(alloc);
  inst_schema *schema = make_schema((inst_alloc){NULL, NULL}, texts);
  const inst_repair_options how = {.level = INST_REPAIR_COERCE, .max_depth = 16};
  inst_error error = {.code = INST_E_NONE};
  const inst_edit *edits;
  inst_str text = inst_str_of(ctx);
  const inst_value *v = NULL;
  if (arena != NULL) v = inst_repair(schema, text, &how, arena, &edits, &error);
  bool memory = arena != NULL && !inst_arena_failed(arena) && error.code != INST_E_MEMORY;
  if (memory && v == NULL) fail_msg("%s: %s", (char *)ctx, error.text);

  if (memory) assert_true(v != NULL && fits(schema, v, texts));
  inst_schema_free(schema);
  if (arena != NULL) inst_arena_free(arena);
  inst_arena_free(texts);
  return memory;
}

static void every_failing_allocation_is_told(void **state) {
  static char *const answers[] = {
      "{\"x\":1} ```\n{name:'a',age:'30',of:\"{'n':'1'}\"}\n``` [x] {\"y\":[",
      "\"{\\\"name\\\":\\\"a\\\"}\"", "{\"name\":\"a\",\"nums\":\"7\"}",
      "{\\\"name\\\":\\\"a\\\",age:\\\"30\\\",}", "{\"name\":\"\"\"a\"\"\"}"};
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(answers); i++)
    assert_true(check_every_failure(repair_all, answers[i]) > 3);
}

/* What would take for ever if any part of it were looked at again and again. */
/* Text that is looked at again and again, from ever later places. */
static void a_search_in_vain_comes_to_an_end(void **state) {
  enum { SIZE = 400000 };
  static const char pattern[] = "{\"x\":\"}  \"";
  (void)state;
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  for (size_t size = 100; size <= SIZE; size += SIZE - 100) {
    inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
    inst_schema *schema = make_schema((inst_alloc){NULL, NULL}, arena);
    const inst_repair_options how = {.level = INST_REPAIR_TEXT, .max_depth = 16};
    while (buf.n < size) inst_buf_addf(&buf, "%s", pattern);
    inst_buf_addf(&buf, "%s", A);
    const inst_value *v = inst_repair(schema, inst_buf_text(&buf), &how, arena, NULL, NULL);
    assert_true((v != NULL) == (size < SIZE)); /* it is there, but looked for no longer */
    inst_schema_free(schema);
    inst_arena_free(arena);
    buf.n = 0;
  }
  inst_buf_clear(&buf);
}

static void hostile_texts_are_read_in_a_bounded_time(void **state) {
  static const char *const patterns[] = {"{",
                                         "[1 ",
                                         "[{\"a\":",
                                         "\"",
                                         "{\"a\":\"",
                                         "{'",
                                         "```\n{\n```\n",
                                         "/*",
                                         "{\"a\":\"\" ,",
                                         "[\"a\" \"",
                                         "<think>",
                                         "{a: ",
                                         "[a, ",
                                         "{\"a\":\"x\"} ",
                                         "\\",
                                         "{}[]",
                                         "{\\\"a\\\":1}",
                                         "{\\\"\"",
                                         "{\"a\":1}/*:",
                                         "undefined\n}#{\"a\":",
                                         "{\"x\":\"} \"",
                                         "```\n[1]\n```\n"};
  enum { SIZE = 200000 };
  inst_arena *texts = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *schema = make_schema((inst_alloc){NULL, NULL}, texts);
  char *text = malloc(SIZE);
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(patterns); i++) {
    inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
    const inst_repair_options how = {.level = INST_REPAIR_COERCE, .max_depth = 64};
    const inst_edit *edits;
    inst_error error = {.code = INST_E_NONE};
    size_t n = strlen(patterns[i]);
    for (size_t at = 0; at < SIZE; at++) text[at] = patterns[i][at % n];
    inst_repair(schema, (inst_str){text, SIZE}, &how, arena, &edits, &error);
    inst_arena_free(arena);
  }
  free(text);
  inst_schema_free(schema);
  inst_arena_free(texts);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_surrounds_the_json_is_left_out),
      cmocka_unit_test(a_fence_may_be_of_tildes),
      cmocka_unit_test(json_with_all_its_quotes_escaped_is_read),
      cmocka_unit_test(thoughts_are_no_answer_wherever_they_stand),
      cmocka_unit_test(a_fence_inside_the_json_is_part_of_it),
      cmocka_unit_test(of_several_the_last_that_fits_counts),
      cmocka_unit_test(nothing_is_taken_out_of_a_value_that_cannot_be_read),
      cmocka_unit_test(a_part_of_a_value_is_no_candidate),
      cmocka_unit_test(of_many_values_none_becomes_a_list_alone),
      cmocka_unit_test(values_are_never_changed_by_repair),
      cmocka_unit_test(json_inside_a_string_is_read_where_a_list_is_wanted),
      cmocka_unit_test(brackets_in_a_string_are_its_own),
      cmocka_unit_test(coerced_values_say_the_same),
      cmocka_unit_test(where_two_issues_stand_at_one_place_one_edit_is_made),
      cmocka_unit_test(what_would_go_beyond_a_limit_does_not_fit),
      cmocka_unit_test(the_depth_of_a_nested_text_counts_from_where_it_stands),
      cmocka_unit_test(of_too_many_values_the_last_count),
      cmocka_unit_test(more_values_than_can_be_listed_are_not_coerced),
      cmocka_unit_test(what_may_mean_something_else_is_not_coerced),
      cmocka_unit_test(every_failing_allocation_is_told),
      cmocka_unit_test(a_search_in_vain_comes_to_an_end),
      cmocka_unit_test(hostile_texts_are_read_in_a_bounded_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
