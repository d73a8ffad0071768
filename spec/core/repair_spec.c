/*
** Broken JSON mended: what comes out, what was done to it, and what is left alone because its meaning
** is not certain.
*/
#include "core/json/read.h"
#include "core/json/repair.h"

#include "spec/core/check.h"

typedef struct sample {
  const char *text;
  const char *json;  /* NULL: beyond mending */
  const char *edits; /* "what@offset", parted by blanks */
} sample;

static inst_str edits_text(const inst_edit *edit, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (; edit != NULL; edit = edit->next)
    inst_buf_addf(&buf, "%s%s@%zu", buf.n > 0 ? " " : "", inst_edit_name(edit->what), edit->offset);
  inst_str text = inst_buf_take(&buf, arena);
  return text.n > 0 ? text : INST_LIT("");
}

static bool mend(inst_str text, bool strict, inst_arena *arena, inst_mended *mended) {
  const inst_mending how = {.max_depth = 32, .strict = strict};
  return inst_mend(text, &how, arena, mended) == INST_MENDED;
}

static void check_sample(const sample *one) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_error error = {.code = INST_E_NONE};
  inst_mended mended, again;
  bool well = mend(inst_str_of(one->text), false, arena, &mended);
  if (well != (one->json != NULL))
    fail_msg("%s: %s %.*s", one->text, well ? "became" : "is beyond mending",
             well ? (int)mended.text.n : 0, well ? mended.text.p : "");
  if (well) {
    if (!inst_str_is(mended.text, inst_str_of(one->json))) print_error("of: %s\n", one->text);
    assert_text(mended.text, one->json);
    inst_str edits = edits_text(mended.edits, arena);
    if (!inst_str_is(edits, inst_str_of(one->edits))) print_error("of: %s\n", one->text);
    assert_text(edits, one->edits);
    if (inst_json_parse(arena, mended.text, 32, &error) == NULL) fail_msg("%s", error.text);
    assert_true(mend(mended.text, true, arena, &again)); /* nothing is left to be done */
    assert_text(again.text, one->json);
    assert_null(again.edits);
  }
  inst_arena_free(arena);
}

static void check_samples(const sample *samples, size_t count) {
  for (size_t i = 0; i < count; i++) check_sample(&samples[i]);
}

#define SAMPLES(...)                                                                               \
  do {                                                                                             \
    static const sample samples[] = {__VA_ARGS__};                                                 \
    (void)state;                                                                                   \
    check_samples(samples, CHECK_COUNT(samples));                                                  \
  } while (0)

static void strict_json_is_not_touched(void **state) {
  SAMPLES({"{}", "{}", ""}, {"[]", "[]", ""}, {" [ 1 , -2.5e3 ] ", "[1,-2.5e3]", ""},
          {"{\"a\":{\"b\":[true,false,null]}}", "{\"a\":{\"b\":[true,false,null]}}", ""},
          {"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
           "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}", ""},
          {"{\"a\":\"it's, \\\"b\\\": }]\"}", "{\"a\":\"it's, \\\"b\\\": }]\"}", ""},
          {"[\"//\",\"#\",\"/*\"]", "[\"//\",\"#\",\"/*\"]", ""},
          {"{\"\xE2\x80\x9C\":\"\xE2\x80\x99\"}", "{\"\xE2\x80\x9C\":\"\xE2\x80\x99\"}", ""},
          {"\"x\"", "\"x\"", ""}, {"42", "42", ""}, {"true", "true", ""});
}

static void comments_are_left_out(void **state) {
  SAMPLES({"{\"a\":1 // one\n}", "{\"a\":1}", "comment@7"},
          {"{\"a\":1, # one\n\"b\":2}", "{\"a\":1,\"b\":2}", "comment@8"},
          {"{/* first */\"a\":/**/1}", "{\"a\":1}", "comment@1 comment@16"},
          {"[\"a\" // \"b\",\n]", NULL, NULL}, {"[1, // \"b\"\n 2]", "[1,2]", "comment@4"},
          {"{\"a\": \"x\" /* y */, \"b\": 2}", "{\"a\":\"x\",\"b\":2}", "comment@10"},
          {"{url: http://x.y/z#top, b: 1}", "{\"url\":\"http://x.y/z#top\",\"b\":1}",
           "unquoted_key@1 unquoted_value@6 unquoted_key@24"},
          {"{\"a\":1 // one, \"b\":2}", NULL, NULL}, {"{\"a\":1 // one", NULL, NULL},
          {"{a: issue #5, b: 1}", NULL, NULL}, {"{\"a\":\"size 5\" #2\",\n\"b\":1}", NULL, NULL},
          {"[1 /* c */\n", "[1]", "comment@3 missing_closer@11"},
          {"[1, // ... and so on\n]", NULL, NULL}, {"[1, #... \n]", NULL, NULL},
          {"{\"a\":1, /* \xE2\x80\xA6 */}", NULL, NULL}, {"[1 /*.*/]", "[1]", "comment@3"},
          {"[1 /* never ends ]", NULL, NULL}, {"[1, // never ends ]", NULL, NULL},
          {"{\"a\": // nothing\n}", NULL, NULL}, {"{\"a\":#fff}", NULL, NULL});
}

static void quotes_of_every_kind_hold_strings(void **state) {
  SAMPLES({"{'a':'b'}", "{\"a\":\"b\"}", "single_quotes@1 single_quotes@5"},
          {"{'a':'say \"hi\"'}", "{\"a\":\"say \\\"hi\\\"\"}", "single_quotes@1 single_quotes@5"},
          {"{'a':'it\\'s'}", "{\"a\":\"it's\"}", "single_quotes@1 single_quotes@5"},
          {"{'a':'it's','b':1}", "{\"a\":\"it's\",\"b\":1}",
           "single_quotes@1 single_quotes@5 unescaped_quote@8 single_quotes@12"},
          {"{'a':'5'11\"','b':'6'}", "{\"a\":\"5'11\\\"\",\"b\":\"6\"}",
           "single_quotes@1 single_quotes@5 unescaped_quote@7 single_quotes@13 single_quotes@17"},
          {"{'a':'b', # it's\n'c':1}", "{\"a\":\"b\",\"c\":1}",
           "single_quotes@1 single_quotes@5 comment@10 single_quotes@17"},
          {"{\"a\":\"it\\'s\"}", "{\"a\":\"it's\"}", "escape@8"},
          {"{\xE2\x80\x9C"
           "a\xE2\x80\x9D: \xE2\x80\x9C"
           "b\xE2\x80\x9D}",
           "{\"a\":\"b\"}", "typographic_quotes@1 typographic_quotes@10"},
          {"[\xE2\x80\x9C"
           "a\"]",
           "[\"a\"]", "typographic_quotes@1"},
          {"[\xE2\x80\x98it\xE2\x80\x99s\xE2\x80\x99]", "[\"it\xE2\x80\x99s\"]",
           "typographic_quotes@1 unescaped_quote@6"},
          {"[\xE2\x80\x9Csay \xE2\x80\x9Chi\xE2\x80\x9D\xE2\x80\x9D]",
           "[\"say \xE2\x80\x9Chi\xE2\x80\x9D\"]", "typographic_quotes@1 unescaped_quote@8"},
          {"[\xE2\x80\x9C"
           "a, \xE2\x80\x9C]",
           NULL, NULL},
          {"[`a\nb`]", "[\"a\\nb\"]", "backticks@1 raw_newline@3"}, {"{'a\": 1}", NULL, NULL},
          {"['a]", NULL, NULL}, {"{\"a\": 'b}", NULL, NULL});
}

static void keys_need_no_quotes(void **state) {
  SAMPLES({"{a:1,b_2 : 2,$c:3,d-e:4}", "{\"a\":1,\"b_2\":2,\"$c\":3,\"d-e\":4}",
           "unquoted_key@1 unquoted_key@5 unquoted_key@13 unquoted_key@18"},
          {"{\xC3\xA9t\xC3\xA9:1}", "{\"\xC3\xA9t\xC3\xA9\":1}", "unquoted_key@1"},
          {"{1:'a'}", "{\"1\":\"a\"}", "unquoted_key@1 single_quotes@3"},
          {"{true:1}", "{\"true\":1}", "unquoted_key@1"}, {"{first name: 1}", NULL, NULL},
          {"{a}", NULL, NULL}, {"{a b}", NULL, NULL}, {"{:1}", NULL, NULL}, {"{2x:1}", NULL, NULL},
          {"{a.b:1}", NULL, NULL}, {"{{a:1}}", NULL, NULL});
}

static void words_without_quotes_are_strings(void **state) {
  SAMPLES({"{name: Jason Liu, age: 30}", "{\"name\":\"Jason Liu\",\"age\":30}",
           "unquoted_key@1 unquoted_value@7 unquoted_key@18"},
          {"{name: O'Brien}", "{\"name\":\"O'Brien\"}", "unquoted_key@1 unquoted_value@7"},
          {"{at: 12:30}", "{\"at\":\"12:30\"}", "unquoted_key@1 unquoted_value@5"},
          {"{on: 2024-01-05\n}", "{\"on\":\"2024-01-05\"}", "unquoted_key@1 unquoted_value@5"},
          {"[red, dark blue]", "[\"red\",\"dark blue\"]", "unquoted_value@1 unquoted_value@6"},
          {"{a: tab\there}", "{\"a\":\"tab\\u0009here\"}", "unquoted_key@1 unquoted_value@4"},
          {"{name: Liu, Jason, age: 30}", NULL, NULL}, {"{a: b: c}", NULL, NULL},
          {"{a: say \"hi\"}", NULL, NULL}, {"{a: C:\\x}", NULL, NULL}, {"{a: f{x}}", NULL, NULL},
          {"{a: Jason", NULL, NULL}, {"[a", NULL, NULL}, {"[1, 2, ...]", NULL, NULL},
          {"{a: b c: 1}", NULL, NULL}, {"{a: u'x'}", NULL, NULL}, {"{a: b'x', b: 1}", NULL, NULL},
          {"[1, \xE2\x80\xA6]", NULL, NULL}, {"{a: \xE2\x80\xA6}", NULL, NULL});
}

static void numbers_are_never_read_anew(void **state) {
  SAMPLES({"[+1, .5, -.5, 5.]", "[1,0.5,-0.5,5.0]",
           "number_form@1 number_form@5 number_form@9 number_form@14"},
          {"{\"a\": 50%}", "{\"a\":\"50%\"}", "unquoted_value@6"},
          {"{\"a\": $30}", "{\"a\":\"$30\"}", "unquoted_value@6"},
          {"{\"a\": 007}", "{\"a\":\"007\"}", "unquoted_value@6"},
          {"{\"a\": 0x1F}", "{\"a\":\"0x1F\"}", "unquoted_value@6"},
          {"{\"a\": 1_000}", "{\"a\":\"1_000\"}", "unquoted_value@6"},
          {"{\"a\": 1/5}", "{\"a\":\"1/5\"}", "unquoted_value@6"},
          {"{\"a\": 30 years}", "{\"a\":\"30 years\"}", "unquoted_value@6"},
          {"{a: 1 000}", "{\"a\":\"1 000\"}", "unquoted_key@1 unquoted_value@4"},
          {"[1 000]", NULL, NULL}, {"[1 2]", NULL, NULL}, {"[true false]", NULL, NULL},
          {"[1 null '']", NULL, NULL}, {"[1 True x]", NULL, NULL},
          {"[1 of 2]", "[\"1 of 2\"]", "unquoted_value@1"}, {"{\"a\": 1e999}", NULL, NULL},
          {"[+1e999]", NULL, NULL}, {"[-1e999, x]", NULL, NULL}, {"[-.5e999]", NULL, NULL},
          {"[.5e999]", NULL, NULL}, {"[-.5e9]", "[-0.5e9]", "number_form@1"},
          {"{\"a\": 1e999 m}", "{\"a\":\"1e999 m\"}", "unquoted_value@6"},
          {"{\"a\": NaN}", "{\"a\":\"NaN\"}", "unquoted_value@6"},
          {"{\"a\": -Infinity}", "{\"a\":\"-Infinity\"}", "unquoted_value@6"},
          {"{\"a\": 3,14}", NULL, NULL}, {"{\"a\": 3,14, \"b\": 1}", NULL, NULL},
          {"{\"a\": 1,000}", NULL, NULL}, {"[1,000, 2]", NULL, NULL}, {"[1,050]", NULL, NULL},
          {"[1, 007]", "[1,\"007\"]", "unquoted_value@4"}, {"[007,008]", NULL, NULL},
          {"{\"a\": '3,14'}", "{\"a\":\"3,14\"}", "single_quotes@6"}, {"{\"a\": 1", NULL, NULL},
          {"[1", NULL, NULL}, {"[1, 2", NULL, NULL}, {"[1, 2\n", "[1,2]", "missing_closer@6"},
          {"{\"a\": -}", "{\"a\":\"-\"}", "unquoted_value@6"});
}

static void words_of_other_languages_are_known(void **state) {
  SAMPLES(
      {"[True, False, None]", "[true,false,null]",
       "python_literal@1 python_literal@7 python_literal@14"},
      {"{'a': TRUE, 'b': NULL}", "{\"a\":true,\"b\":null}",
       "single_quotes@1 python_literal@6 single_quotes@12 python_literal@17"},
      {"{a: undefined, b: 1}", "{\"b\":1}", "unquoted_key@1 javascript_literal@4 unquoted_key@15"},
      {"{b: 1, a: undefined}", "{\"b\":1}", "unquoted_key@1 unquoted_key@7 javascript_literal@10"},
      {"[undefined]", "[null]", "javascript_literal@1"}, {"True", "true", "python_literal@0"},
      {"[\"None\"]", "[\"None\"]", ""},
      {"{a: yes}", "{\"a\":\"yes\"}", "unquoted_key@1 unquoted_value@4"}, {"{a: tru", NULL, NULL});
}

static void commas_may_be_too_many_or_missing(void **state) {
  SAMPLES({"[1,2,]", "[1,2]", "extra_comma@4"}, {"[,1]", "[1]", "extra_comma@1"},
          {"[1,,2]", "[1,2]", "extra_comma@3"},
          {"{,\"a\":1,,}", "{\"a\":1}", "extra_comma@1 extra_comma@8 extra_comma@8"},
          {"[,]", "[]", "extra_comma@1"},
          {"{\"a\":1 \"b\":2}", "{\"a\":1,\"b\":2}", "missing_comma@7"},
          {"{\"a\":\"x\" \"b\":2}", "{\"a\":\"x\",\"b\":2}", "missing_comma@9"},
          {"{\"a\":\"x\"\n b:2}", "{\"a\":\"x\",\"b\":2}", "missing_comma@10 unquoted_key@10"},
          {"{\"a\":true \"b\":null}", "{\"a\":true,\"b\":null}", "missing_comma@10"},
          {"[\"a\" \"b\"\n\"c\"]", "[\"a\",\"b\",\"c\"]", "missing_comma@5 missing_comma@9"},
          {"[1\n2]", "[1,2]", "missing_comma@3"}, {"[{}{}]", "[{},{}]", "missing_comma@3"},
          {"[{\"a\":1}\n{\"a\":2}]", "[{\"a\":1},{\"a\":2}]", "missing_comma@9"},
          {"{\"a\":{} \"b\":[] c:1}", "{\"a\":{},\"b\":[],\"c\":1}",
           "missing_comma@8 missing_comma@15 unquoted_key@15"},
          {"{\"a\":,\"b\":1}", NULL, NULL}, {"{\"a\":}", NULL, NULL}, {"{\"a\" 1}", NULL, NULL});
}

static void raw_control_characters_are_escaped(void **state) {
  SAMPLES({"[\"a\nb\nc\"]", "[\"a\\nb\\nc\"]", "raw_newline@3"},
          {"[\"a\r\nb\"]", "[\"a\\r\\nb\"]", "raw_newline@3"},
          {"[\"a\tb\x01\"]", "[\"a\\u0009b\\u0001\"]", "control_character@3"},
          {"[\"a\\\nb\"]", "[\"a\\\\\\nb\"]", "escape@3 raw_newline@4"},
          {"[\"\\d+\\s\"]", "[\"\\\\d+\\\\s\"]", "escape@2"},
          {"[\"C:\\users\"]", "[\"C:\\\\users\"]", "escape@4"},
          {"['a\\u00e9\"\n']", "[\"a\\u00e9\\\"\\n\"]", "single_quotes@1 raw_newline@10"},
          {"[\"\\", NULL, NULL});
}

static void a_quote_that_ends_nothing_is_part_of_the_text(void **state) {
  SAMPLES({"{\"a\":\"say \"hi\" now\"}", "{\"a\":\"say \\\"hi\\\" now\"}", "unescaped_quote@10"},
          {"{\"a\":\"say \"hi\"\"}", "{\"a\":\"say \\\"hi\\\"\"}", "unescaped_quote@10"},
          {"{\"a\":\"\"Hi\" she said\",\"b\":1}", "{\"a\":\"\\\"Hi\\\" she said\",\"b\":1}",
           "unescaped_quote@6"},
          {"[\"he said \"yes\", ok\"]", "[\"he said \\\"yes\\\", ok\"]", "unescaped_quote@10"},
          {"{\"a\":\"f(\"x\"}; g(\"y\")\"}", "{\"a\":\"f(\\\"x\\\"}; g(\\\"y\\\")\"}",
           "unescaped_quote@8"},
          {"{\"a\":\"print(\"hi\")\",\"b\":\"x\"}", "{\"a\":\"print(\\\"hi\\\")\",\"b\":\"x\"}",
           "unescaped_quote@12"},
          {"{\"a\":\"<a href=\"x\">y</a>\"}", "{\"a\":\"<a href=\\\"x\\\">y</a>\"}",
           "unescaped_quote@14"});
}

static void three_quotes_hold_a_text_of_many_lines(void **state) {
  SAMPLES({"{\"a\":\"\"\"x\"\"\"}", "{\"a\":\"x\"}", "triple_quotes@5"},
          {"{\"a\":\"\"\"\nif \"x\", y:\n  '\\n'\"\"\", \"b\":1}",
           "{\"a\":\"\\nif \\\"x\\\", y:\\n  '\\n'\",\"b\":1}", "triple_quotes@5 raw_newline@8"},
          {"['''it's''']", "[\"it's\"]", "triple_quotes@1"},
          {"[\"\"\"say \"hi\"\"\"\"]", "[\"say \\\"hi\\\"\"]", "triple_quotes@1"},
          {"[\"\"\"\"\"\"]", "[\"\"]", "triple_quotes@1"}, {"{\"a\":\"\"\"}", NULL, NULL},
          {"[\"\"\"a\"\"\"b\"\"\"]", NULL, NULL}, {"[\"\"\"a\"\"]", NULL, NULL},
          {"{\"\"\"a\"\"\":1}", NULL, NULL}, {"[\"\"\"a", NULL, NULL});
}

static void where_a_string_ends_is_never_guessed(void **state) {
  SAMPLES(
      {"{\"a\":\"5\" tall\",\"b\":1}", NULL, NULL}, {"{\"name: \"Jason\",\"age\":30}", NULL, NULL},
      {"{\"name\": \"Jason, \"age\": 30}", NULL, NULL},
      {"{\"name\": \"Jason, \"age\": \"30\"}", NULL, NULL},
      {"{name: \"Jason, age: \"30\"}", NULL, NULL}, {"[\"a, \"b\"]", NULL, NULL},
      {"[\"5\" tall\",\"b\",\"6\" wide\"]", NULL, NULL},
      {"{\"a\":\"x\", \"y\" and \"z\"}", NULL, NULL}, {"[\"a\"\"b\"]", NULL, NULL},
      {"[\"a \"b\", \"c\" d\"]", NULL, NULL}, {"{'a': 'the boys' #1 of 'x',\n'b': 1}", NULL, NULL},
      {"[\"a\" true, \"b\"]", NULL, NULL}, {"[\"a\" {} , \"b\"]", NULL, NULL},
      {"['' 8 '']", NULL, NULL}, {"{\"a\": \"x\" + \"y\"}", NULL, NULL},
      {"{'a': 'the boys' and 'b'}", NULL, NULL}, {"{\"a\"b\":1}", NULL, NULL},
      {"{\"a\":\"he said \"b\": c\"}", NULL, NULL}, {"\"a\" b", NULL, NULL});
}

static void lists_are_closed_behind_a_complete_value_only(void **state) {
  SAMPLES({"{\"a\":{\"b\":\"c\"}", "{\"a\":{\"b\":\"c\"}}", "missing_closer@14"},
          {"[[1],[2]", "[[1],[2]]", "missing_closer@8"},
          {"{\"a\":\"b\"", "{\"a\":\"b\"}", "missing_closer@8"},
          {"{\"a\":[1,2}", "{\"a\":[1,2]}", "missing_closer@9"},
          {"[{\"a\":1},{\"a\":2]", "[{\"a\":1},{\"a\":2}]", "missing_closer@15"},
          {"[{\"a\":true", "[{\"a\":true}]", "missing_closer@10 missing_closer@10"},
          {"{\"a\":1,", NULL, NULL}, {"{\"a\":", NULL, NULL}, {"{\"a\"", NULL, NULL},
          {"{", NULL, NULL}, {"[", NULL, NULL}, {"{\"a\":[", NULL, NULL},
          {"[{\"a\":1},", NULL, NULL}, {"{\"a\":\"b", NULL, NULL}, {"{\"a\":12", NULL, NULL},
          {"{\"a\":tr", NULL, NULL}, {"{\"a\":[1,}", NULL, NULL}, {"[1}", NULL, NULL},
          {"{\"a\":1]", NULL, NULL}, {"", NULL, NULL}, {"   ", NULL, NULL});
}

static void what_stands_behind_the_value_is_not_looked_at(void **state) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_mended mended;
  (void)state;
  assert_true(mend(INST_LIT("{\"a\":\"x\"} said \"he\" }"), true, arena, &mended));
  assert_int_equal(mended.used, 9);
  assert_true(mend(INST_LIT("{a:1}}]"), false, arena, &mended));
  assert_int_equal(mended.used, 5);
  inst_arena_free(arena);
}

static void nesting_has_its_limit(void **state) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  const inst_mending how = {.max_depth = 3};
  inst_mended mended;
  (void)state;
  assert_int_equal(inst_mend(INST_LIT("[[[,1]]]"), &how, arena, &mended), INST_MENDED);
  assert_int_equal(inst_mend(INST_LIT("[[[[1]]]]"), &how, arena, &mended), INST_BEYOND_MENDING);
  inst_arena_free(arena);
}

static void only_so_many_edits_are_listed(void **state) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  static char text[8002];
  inst_mended mended;
  size_t count = 0;
  (void)state;
  text[0] = '[';
  for (size_t i = 0; i < 2000; i++) memcpy(text + 1 + 4 * i, "'a',", 4);
  text[8001] = ']';
  assert_true(mend((inst_str){text, 8002}, false, arena, &mended));
  for (const inst_edit *edit = mended.edits; edit != NULL; edit = edit->next) count++;
  assert_int_equal(count, INST_MAX_REPAIRS);
  inst_arena_free(arena);
}

/* ---- whatever comes ---------------------------------------------------------------------------- */

/* A random value, strictly written. */
static void write_random(inst_buf *out, uint64_t *seed, int depth) {
  static const char *const scalars[] = {"null",          "true",
                                        "-0.5e-3",       "12",
                                        "\"\"",          "\"a, \\\"b\\\"\"",
                                        "\"it's: {x]\"", "\"\\u00e9\\\\\"",
                                        "\"// #\"",      "\"`\xE2\x80\x9C\""};
  uint64_t roll = check_random(seed) % 8;
  if (depth == 0 || roll > 4) {
    inst_buf_addf(out, "%s", scalars[check_random(seed) % CHECK_COUNT(scalars)]);
    return;
  }
  bool object = roll % 2 == 0;
  size_t count = check_random(seed) % 4;
  inst_buf_byte(out, object ? '{' : '[');
  for (size_t i = 0; i < count; i++) {
    if (i > 0) inst_buf_addf(out, "%s", check_random(seed) % 2 ? "," : " ,\n ");
    if (object) inst_buf_addf(out, "\"k%d, '\\\"\"%s:", (int)i, check_random(seed) % 2 ? "" : " ");
    write_random(out, seed, depth - 1);
  }
  inst_buf_byte(out, object ? '}' : ']');
}

/* Without the blanks between values, as the mender writes. */
static void assert_same_json(inst_str a, inst_str b, inst_arena *arena) {
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_json_parse(arena, a, 64, &error);
  const inst_value *w = inst_json_parse(arena, b, 64, &error);
  assert_non_null(v);
  assert_non_null(w);
  assert_true(inst_str_is(inst_json_text(arena, v), inst_json_text(arena, w)));
}

static void strict_json_of_any_shape_is_mended_to_itself(void **state) {
  uint64_t seed = 7;
  (void)state;
  for (int i = 0; i < 3000; i++) {
    inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
    inst_buf text;
    inst_mended mended;
    inst_buf_init(&text, arena->alloc);
    write_random(&text, &seed, 5);
    for (int strict = 0; strict < 2; strict++) {
      if (!mend(inst_buf_text(&text), strict != 0, arena, &mended))
        fail_msg("%.*s", (int)text.n, text.p);
      assert_null(mended.edits);
      assert_same_json(mended.text, inst_buf_text(&text), arena);
    }
    inst_buf_clear(&text);
    inst_arena_free(arena);
  }
}

/* Breaks 'text' in one place. */
static void mutate(inst_buf *text, uint64_t *seed) {
  static const char marks[] = "{}[],:\"'`/*#\\ \n\tae0.-\x01\xE2\x80\x9C";
  size_t at = (size_t)(check_random(seed) % (text->n + 1));
  char mark = marks[check_random(seed) % (sizeof marks - 1)];
  switch (check_random(seed) % 3) {
  case 0: /* less */
    if (at == text->n) return;
    memmove(text->p + at, text->p + at + 1, text->n - at - 1);
    text->n--;
    return;
  case 1: /* other */
    if (at < text->n) text->p[at] = mark;
    return;
  default: /* more */
    inst_buf_byte(text, mark);
    memmove(text->p + at + 1, text->p + at, text->n - at - 1);
    text->p[at] = mark;
  }
}

static void check_mutant(inst_str text, inst_arena *arena) {
  inst_mended mended, again;
  inst_error error = {.code = INST_E_NONE};
  char *copy = malloc(text.n > 0 ? text.n : 1); /* as large as it is, for ASan's eyes */
  memcpy(copy, text.p, text.n);
  bool strict = inst_json_parse(arena, text, 32, &error) != NULL;
  bool well = mend((inst_str){copy, text.n}, false, arena, &mended);
  free(copy);
  if (strict) assert_true(well && mended.edits == NULL);
  if (!well) return;
  const inst_value *v = inst_json_parse(arena, mended.text, 32, &error);
  bool characters = inst_utf8_span(text) < text.n || strstr(error.text, "surrogate") != NULL;
  if (v == NULL && !characters) fail_msg("%.*s: %s", (int)text.n, text.p, error.text);
  assert_true(mend(mended.text, false, arena, &again));
  assert_null(again.edits);
  assert_true(inst_str_is(again.text, mended.text));
}

static void mutated_texts_are_mended_to_strict_json_or_not_at_all(void **state) {
  uint64_t seed = 11;
  (void)state;
  for (int i = 0; i < 20000; i++) {
    inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
    inst_buf text;
    inst_buf_init(&text, arena->alloc);
    write_random(&text, &seed, 4);
    for (uint64_t n = 1 + check_random(&seed) % 4; n > 0; n--) mutate(&text, &seed);
    check_mutant(inst_buf_text(&text), arena);
    inst_buf_clear(&text);
    inst_arena_free(arena);
  }
}

static bool mend_all(inst_alloc alloc, void *ctx) {
  const inst_mending how = {.max_depth = 32};
  inst_arena *arena = inst_arena_new(alloc);
  inst_mended mended;
  (void)ctx;
  if (arena == NULL) return false;
  inst_mend_result result =
      inst_mend(INST_LIT("{a: [True, 'b\n', [[1,],], /* c */ {'d': \"say \"hi\" now\"}]"), &how,
                arena, &mended);
  assert_int_not_equal(result, INST_BEYOND_MENDING);
  inst_arena_free(arena);
  return result == INST_MENDED;
}

static void every_failing_allocation_is_told(void **state) {
  (void)state;
  assert_true(check_every_failure(mend_all, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strict_json_is_not_touched),
      cmocka_unit_test(comments_are_left_out),
      cmocka_unit_test(quotes_of_every_kind_hold_strings),
      cmocka_unit_test(keys_need_no_quotes),
      cmocka_unit_test(words_without_quotes_are_strings),
      cmocka_unit_test(numbers_are_never_read_anew),
      cmocka_unit_test(words_of_other_languages_are_known),
      cmocka_unit_test(commas_may_be_too_many_or_missing),
      cmocka_unit_test(raw_control_characters_are_escaped),
      cmocka_unit_test(a_quote_that_ends_nothing_is_part_of_the_text),
      cmocka_unit_test(three_quotes_hold_a_text_of_many_lines),
      cmocka_unit_test(where_a_string_ends_is_never_guessed),
      cmocka_unit_test(lists_are_closed_behind_a_complete_value_only),
      cmocka_unit_test(what_stands_behind_the_value_is_not_looked_at),
      cmocka_unit_test(nesting_has_its_limit),
      cmocka_unit_test(only_so_many_edits_are_listed),
      cmocka_unit_test(strict_json_of_any_shape_is_mended_to_itself),
      cmocka_unit_test(mutated_texts_are_mended_to_strict_json_or_not_at_all),
      cmocka_unit_test(every_failing_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
