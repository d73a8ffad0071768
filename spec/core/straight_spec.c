/*
** Texts against plain schemas, read straight: which schemas are plain, which texts go that way, and
** that where it says yes the parse says the same.  (assert_valid and assert_invalid of all the other
** specs of schemas compare the two ways as well.)
*/
#include "spec/core/schema_check.h"

static inst_straight *straight_of(bench *b) {
  inst_error error;
  inst_straight *s = inst_straight_new(b->schema, check_alloc(&b->memory), &error);
  if (s == NULL && error.code != INST_E_NONE) fail_msg("%s", error.text);
  return s;
}

/* Reads each of 'texts' and expects all of them to go the straight way, or none. */
static void check_texts(bench *b, const char *const *texts, size_t count, bool straight) {
  inst_straight *s = straight_of(b);
  assert_non_null(s);
  for (size_t i = 0; i < count; i++)
    if (check_straight(s, b->schema, inst_str_of(texts[i])) != straight)
      fail_msg("%s: goes the %s way", texts[i], straight ? "long" : "straight");
  inst_straight_free(s);
}

#define assert_straight(b, ...)                                                                    \
  check_texts((b), (const char *const[]){__VA_ARGS__},                                             \
              CHECK_COUNT(((const char *const[]){__VA_ARGS__})), true)
#define assert_not_straight(b, ...)                                                                \
  check_texts((b), (const char *const[]){__VA_ARGS__},                                             \
              CHECK_COUNT(((const char *const[]){__VA_ARGS__})), false)

/* ---- schemas --------------------------------------------------------------------------------- */

static inst_node a_union(bench *b) {
  return wrap(b, KIND(UNION), node(b, KIND(STRING)));
}

static inst_node an_intersection(bench *b) {
  inst_node both = wrap(b, KIND(INTERSECTION), node(b, KIND(ANY)));
  inst_schema_inner(b->schema, both, node(b, KIND(ANY)));
  return both;
}

static inst_node a_pipe(bench *b) {
  return pipe_of(b, node(b, KIND(STRING)), node(b, KIND(STRING)));
}

static inst_node a_transform(bench *b) {
  return transform(b, 1);
}

static inst_node a_refined_one(bench *b) {
  return with_code(b, node(b, KIND(STRING)), CHECK(REFINE), 1);
}

static inst_node a_default_by_code(bench *b) {
  inst_node made = wrap(b, KIND(DEFAULT), node(b, KIND(STRING)));
  inst_schema_code(b->schema, made, 1);
  return made;
}

static inst_node a_converted_one(bench *b) {
  inst_node made = node(b, KIND(NUMBER));
  inst_schema_trait(b->schema, made, INST_TRAIT_COERCE);
  return made;
}

static inst_node a_record_of_certain_keys(bench *b) {
  inst_node record = wrap(b, KIND(RECORD), choice(b, KIND(ENUM), "[\"a\",\"b\"]"));
  inst_schema_inner(b->schema, record, node(b, KIND(NUMBER)));
  return record;
}

static inst_node more_fields_than_bits(bench *b) {
  inst_node object = node(b, KIND(OBJECT)), text = node(b, KIND(STRING));
  char key[8];
  for (int i = 0; i < 65; i++) {
    snprintf(key, sizeof key, "k%d", i);
    field(b, object, key, text);
  }
  return object;
}

static inst_node many_wrappers(bench *b) {
  inst_node made = node(b, KIND(STRING));
  for (int i = 0; i < 30; i++) made = wrap(b, KIND(READONLY), made);
  return made;
}

static void a_schema_that_may_look_twice_is_not_plain(void **state) {
  (void)state;
  static inst_node (*const makers[])(bench *) = {a_union,
                                                 an_intersection,
                                                 a_pipe,
                                                 a_transform,
                                                 a_refined_one,
                                                 a_default_by_code,
                                                 a_converted_one,
                                                 many_wrappers,
                                                 a_record_of_certain_keys,
                                                 more_fields_than_bits};
  for (size_t i = 0; i < CHECK_COUNT(makers); i++) {
    bench *b = set_bench();
    finish(b, wrap(b, KIND(ARRAY), makers[i](b)));
    if (straight_of(b) != NULL) fail_msg("maker %zu", i);
    clear_bench(b);
  }
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void anything_is_read_as_strictly_as_by_the_reader(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(ANY)));
  assert_straight(b, " null ", "true", "\tfalse\r\n", "0", "-0", "-0.0", "12.5e-3", "1E+2",
                  "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                  "123456789012345678901234567890", "0.1234567890123456789", "5e-324", "\"\"",
                  "\"\\u00e9\\ud83d\\ude00\\n\\/\"", "\"\xC3\xBC\xE6\x97\xA5\xF0\x9F\x9A\x80\"",
                  "[]", "[[],[1,[2]],{}]", "{\"a\":{\"b\":[null]},\"\":1,\"\\u0061\":2}");
  assert_not_straight(b, "", " ", "nul", "nulll", "tru", "+1", "01", "-", "1.", ".5", "1e", "1e+",
                      "1e999", "1 2", "\"", "\"\\\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud83d\"",
                      "\"\\ud83d\\u0041\"", "\"\\ude00\"", "\"a\nb\"", "\"\xC3\"", "\"\xC0\xAF\"",
                      "\"\xED\xA0\x80\"", "\"\xE0\x80\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xFF\"",
                      "[", "[1", "[1,", "[1,]", "[,]", "[1}", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
                      "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1]", "]",
                      "\xEF\xBB\xBF"
                      "1",
                      "'a'", "[1]x", "/**/1");
  clear_bench(b);
}

/* A string of 'n' letters, with 'what' in the place of those from 'at' on. */
static void put_string(inst_buf *text, size_t n, size_t at, const char *what) {
  inst_buf_byte(text, '"');
  for (size_t i = 0; i < n; i++) {
    if (i == at) inst_buf_addf(text, "%s", what);
    inst_buf_byte(text, (char)('a' + i % 26));
  }
  inst_buf_byte(text, '"');
}

/* Long strings are looked through many bytes at once. */
static void what_is_special_in_a_string_is_seen_wherever_it_stands(void **state) {
  (void)state;
  static const char *const well[] = {"",
                                     "\\n",
                                     "\\\\\\\"",
                                     "\\u0041",
                                     "\\ud83d\\ude00",
                                     "\xC3\xBC",
                                     "\\u00Fc",
                                     "\x7F",
                                     "\xE6\x97\xA5",
                                     "\\/",
                                     "\xF0\x9F\x9A\x80\xC3\xBC",
                                     "\\t\xE2\x82\xAC\\b"};
  static const char *const ill[] = {"\"",       "\n",      "\x1F",    "\xFF",    "\xC3",
                                    "\xE6\x97", "\\u12g4", "\\ud83d", "\\ude00", "\\x"};
  bench *b = set_bench();
  inst_buf text;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  finish(b, wrap(b, KIND(ARRAY), node(b, KIND(STRING))));
  inst_straight *s = straight_of(b);
  for (size_t n = 1; n < 36; n++) {
    for (size_t i = 0; i < n * CHECK_COUNT(well); i++) {
      bool first_too = i % 2 == 0;
      text.n = 0;
      inst_buf_addf(&text, first_too ? "[\"\\n\"," : "[");
      put_string(&text, n, i % n, well[i / n]);
      inst_buf_addf(&text, n % 2 == 0 ? "]" : ",\"ordinary\"]");
      if (!check_straight(s, b->schema, inst_buf_text(&text)))
        fail_msg("%.*s", (int)text.n, text.p);
    }
    for (size_t i = 0; i < n * CHECK_COUNT(ill); i++) {
      text.n = 0;
      inst_buf_addf(&text, n % 2 == 0 ? "[\"\\n\"," : "[");
      put_string(&text, n, i % n, ill[i / n]);
      inst_buf_addf(&text, "]");
      if (check_straight(s, b->schema, inst_buf_text(&text))) fail_msg("%.*s", (int)text.n, text.p);
    }
  }
  inst_buf_clear(&text);
  inst_straight_free(s);
  clear_bench(b);
}

static void numbers_of_any_length_end_where_they_end(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(NUMBER)));
  assert_straight(b, "7", "-7", "123456789012345", "-123456789012345", "1234567890123456",
                  "-9007199254740993", "12345678901234567890", "0", "-0", "0.0", "-0.5", "10e0",
                  "100000000000000E0", "123456789012345.5");
  assert_not_straight(b, "-", "00", "-01", "007", "1-", "1+1", "12a", "1,2", ",", "1]", "1}", "--1",
                      "-a", "1.", "1.e1", "1e", "0x1", "1_000");
  inst_straight *s = straight_of(b);
  assert_false(check_straight(s, b->schema, ((inst_str){"1\0", 2})));
  inst_straight_free(s);
  clear_bench(b);
}

static void depth_has_the_readers_limit(void **state) {
  (void)state;
  bench *b = set_bench();
  char text[2 * INST_MAX_DEPTH + 3];
  finish(b, node(b, KIND(ANY)));
  memset(text, '[', INST_MAX_DEPTH);
  memset(text + INST_MAX_DEPTH, ']', INST_MAX_DEPTH);
  text[2 * INST_MAX_DEPTH] = '\0';
  assert_straight(b, text);
  memset(text, '[', INST_MAX_DEPTH + 1);
  memset(text + INST_MAX_DEPTH + 1, ']', INST_MAX_DEPTH + 1);
  text[2 * INST_MAX_DEPTH + 2] = '\0';
  assert_not_straight(b, text);
  clear_bench(b);
}

static void a_narrow_host_gets_no_integer_it_cannot_hold(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, node(b, KIND(ANY)));
  inst_straight *s = straight_of(b);
  assert_non_null(inst_straight_read(s, INST_LIT("[9007199254740992,-9007199254740992]"), true));
  assert_null(inst_straight_read(s, INST_LIT("[9007199254740993]"), true));
  assert_null(inst_straight_read(s, INST_LIT("[-9007199254740993]"), true));
  assert_non_null(inst_straight_read(s, INST_LIT("[9007199254740993]"), false));
  inst_straight_free(s);
  clear_bench(b);
}

/* ---- objects --------------------------------------------------------------------------------- */

/* {a: string >= 2, b?: int, c: number = 5 or null, d: list of enum} */
static inst_node an_object(bench *b) {
  inst_node object = object_of(b, "a", with_number(b, node(b, KIND(STRING)), CHECK(MIN), 2));
  field(b, object, "b", wrap(b, KIND(OPTIONAL), with(b, node(b, KIND(NUMBER)), CHECK(INT))));
  field(b, object, "c", filled(b, wrap(b, KIND(NULLABLE), node(b, KIND(NUMBER))), "5"));
  field(b, object, "d", wrap(b, KIND(ARRAY), choice(b, KIND(ENUM), "[\"x\",\"yy\",1]")));
  return object;
}

static void fields_come_in_any_order_and_are_filled_in(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, an_object(b));
  assert_straight(b, "{\"a\":\"xx\",\"b\":1,\"c\":2.5,\"d\":[\"x\",\"yy\",1,1.0]}",
                  "{\"d\":[],\"c\":null,\"b\":1.0,\"a\":\"xx\"}", "{ \"a\" : \"xx\" , \"d\":[] }",
                  "{\"\\u0061\":\"\\u0061\\u0062\",\"d\":[\"\\u0078\"]}",
                  "{\"z\":{\"a\":[1,{}]},\"a\":\"\xC3\xBC\xC3\xBC\",\"y\":null,\"d\":[],\"y\":2}");
  assert_not_straight(b, "{}", "{\"a\":\"xx\"}", "{\"a\":\"x\",\"d\":[]}",
                      "{\"a\":\"\xC3\xBC\",\"d\":[]}", "{\"a\":\"xx\",\"d\":[\"z\"]}",
                      "{\"a\":\"xx\",\"d\":[2]}", "{\"a\":\"xx\",\"b\":1.5,\"d\":[]}",
                      "{\"a\":\"xx\",\"b\":null,\"d\":[]}", "{\"a\":\"xx\",\"d\":{}}", "[]", "1",
                      "{\"a\":\"xx\",\"d\":[],\"z\":01}", "{\"a\":\"xx\",\"d\":[],\"z\":{\"q\":}}");
  clear_bench(b);
}

/* Texts that hold 'key' as their first key, their last, their only one, and with blanks about it. */
static void check_key(bench *b, const char *key, const char *written) {
  static const char *const forms[] = {"{\"%s\":1,\"other\":2}", "{\"other\":1,\"%s\":2}",
                                      "{\"%s\":1}", "{ \"%s\" : 1 }", "{\n  \"%s\": 1\n}"};
  inst_node object = node(b, KIND(OBJECT));
  field(b, object, key, node(b, KIND(NUMBER)));
  field(b, object, "other", wrap(b, KIND(OPTIONAL), node(b, KIND(NUMBER))));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, object);
  char *text = malloc(strlen(written) + 40);
  for (size_t i = 0; i < CHECK_COUNT(forms); i++) {
    const char *const head = strstr(forms[i], "%s");
    size_t n = (size_t)(head - forms[i]);
    memcpy(text, forms[i], n);
    strcpy(text + n, written);
    strcat(text, head + 2);
    assert_straight(b, text);
    text[n + strlen(written) / 2] ^= 1;
    assert_not_straight(b, text);
  }
  free(text);
  start_over(b);
}

/* Keys are compared in words. */
static void keys_of_any_length_are_told_apart(void **state) {
  (void)state;
  bench *b = set_bench();
  char key[40] = "";
  for (size_t n = 1; n < sizeof key; n++) {
    key[n - 1] = (char)('A' + n % 26);
    check_key(b, key, key);
  }
  check_key(b, "\xC3\xBCnder", "\xC3\xBCnder");
  check_key(b, "a\"b", "a\\\"b");
  char long_key[2001];
  memset(long_key, 'k', sizeof long_key - 1);
  long_key[sizeof long_key - 1] = '\0';
  check_key(b, long_key, long_key);
  clear_bench(b);
}

static void a_field_that_comes_twice_is_left_to_the_parse(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, an_object(b));
  assert_not_straight(b, "{\"a\":\"xx\",\"d\":[],\"a\":\"yy\"}", "{\"d\":1,\"d\":[],\"a\":\"xx\"}");
  clear_bench(b);
}

static void keys_nobody_declared_go_by_the_schemas_word(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", node(b, KIND(ANY)));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  finish(b, object);
  assert_straight(b, "{\"a\":{\"b\":1}}");
  assert_not_straight(b, "{\"a\":1,\"b\":2}");
  start_over(b);
  object = object_of(b, "a", node(b, KIND(ANY)));
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_PASS);
  finish(b, object);
  assert_straight(b, "{\"b\":[{\"c\":1}],\"a\":null,\"b\":2}");
  start_over(b);
  object = object_of(b, "a", node(b, KIND(ANY)));
  inst_schema_rest(b->schema, object, node(b, KIND(NUMBER)));
  finish(b, object);
  assert_straight(b, "{\"b\":1,\"a\":\"x\",\"c\":2}");
  assert_not_straight(b, "{\"b\":\"x\",\"a\":1}");
  start_over(b);
  object = object_of(b, "a", node(b, KIND(ANY)));
  inst_schema_rest(b->schema, object, node(b, KIND(NEVER)));
  finish(b, object);
  assert_straight(b, "{\"a\":1}");
  assert_not_straight(b, "{\"a\":1,\"b\":1}");
  clear_bench(b);
}

static void records_and_tuples_are_read(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node record = wrap(b, KIND(RECORD), node(b, KIND(STRING)));
  inst_node tuple = wrap(b, KIND(TUPLE), node(b, KIND(STRING)));
  inst_schema_inner(b->schema, tuple, node(b, KIND(BOOLEAN)));
  inst_schema_inner(b->schema, record, tuple);
  finish(b, record);
  assert_straight(b, "{}", "{\"k\":[\"x\",true],\"l\":[\"y\",false],\"k\":[\"z\",true]}");
  assert_not_straight(b, "{\"k\":[]}", "{\"k\":[\"x\"]}", "{\"k\":[\"x\",true,1]}", "{\"k\":{}}");
  start_over(b);
  tuple = wrap(b, KIND(TUPLE), node(b, KIND(STRING)));
  inst_schema_rest(b->schema, tuple, node(b, KIND(NUMBER)));
  finish(b, tuple);
  assert_straight(b, "[\"x\"]", "[\"x\",1,2]");
  assert_not_straight(b, "[]", "[\"x\",\"y\"]");
  clear_bench(b);
}

static void what_stands_in_itself_is_read(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY));
  inst_node tree = object_of(b, "v", node(b, KIND(NUMBER)));
  field(b, tree, "next", wrap(b, KIND(OPTIONAL), lazy));
  inst_schema_inner(b->schema, lazy, tree);
  finish(b, tree);
  assert_straight(b, "{\"v\":1}", "{\"v\":1,\"next\":{\"v\":2,\"next\":{\"v\":3}}}");
  assert_not_straight(b, "{\"v\":1,\"next\":{\"v\":2,\"next\":{}}}");
  clear_bench(b);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void checks_are_the_parses_own(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node text = with_number(b, node(b, KIND(STRING)), CHECK(MIN), 2);
  with_number(b, text, CHECK(MAX), 4);
  with_text(b, text, CHECK(REGEX), "^\\p{L}+$");
  finish(b, text);
  assert_straight(b, "\"ab\"", "\"\xC3\xBC\xC3\xBC\"", "\"\xF0\x90\x90\x80\xC3\xBC\"");
  assert_not_straight(b, "\"a\"", "\"\xF0\x90\x90\x80\"", "\"abcde\"", "\"a1\"");
  start_over(b);
  text = with(b, node(b, KIND(STRING)), CHECK(TRIM));
  finish(b, wrap(b, KIND(ARRAY), with(b, text, CHECK(TO_UPPER))));
  assert_straight(b, "[\" ab \",\"\",\"\\t\xC3\xBC\"]");
  start_over(b);
  inst_node count = with_number(b, node(b, KIND(NUMBER)), CHECK(GT), 1);
  with_number(b, count, CHECK(LT), 9007199254740993.0);
  finish(b, with_number(b, count, CHECK(MULTIPLE_OF), 0.5));
  assert_straight(b, "1.5", "2", "9007199254740991");
  assert_not_straight(b, "1", "0.5", "1.25", "9007199254740993", "1e300");
  start_over(b);
  finish(b, with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(LENGTH), 2));
  assert_straight(b, "[1,[2,3,4]]");
  assert_not_straight(b, "[1]", "[1,2,3]");
  clear_bench(b);
}

static void bounds_are_kept_to_the_last_bit(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, with_number(b, with_number(b, node(b, KIND(NUMBER)), CHECK(GT), 0), CHECK(LT), 1));
  assert_straight(b, "5e-324", "0.5", "0.99999999999999988");
  assert_not_straight(b, "0", "-0", "-0.0", "1", "1.0", "0.99999999999999999");
  start_over(b);
  inst_node n = with(b, node(b, KIND(NUMBER)), CHECK(INT));
  finish(b, with_number(b, with_number(b, n, CHECK(MIN), -2.5), CHECK(MAX), 999999999999999));
  assert_straight(b, "-2", "-2.0", "999999999999999", "1e3");
  assert_not_straight(b, "-3", "-2.5", "0.5", "1000000000000000", "9999999999999999999");
  start_over(b);
  n = with_number(b, node(b, KIND(STRING)), CHECK(LENGTH), 3);
  finish(b, n);
  assert_straight(b, "\"abc\"", "\"\xC3\xBC\xC3\xBC\xC3\xBC\"", "\"a\\u00fc\\n\"");
  assert_not_straight(b, "\"\"", "\"ab\"", "\"abcd\"", "\"\xC3\xBC\xC3\xBC\"", "\"a\xC3\xBC\"");
  start_over(b);
  finish(b, with_number(b, wrap(b, KIND(ARRAY), node(b, KIND(ANY))), CHECK(MIN), 2));
  assert_straight(b, "[1,2]", "[[],[],[]]");
  assert_not_straight(b, "[]", "[1]");
  clear_bench(b);
}

static void choices_are_of_any_kind_but_lists(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, choice(b, KIND(LITERAL), "[\"a\",1,true,null,2.5]"));
  assert_straight(b, "\"a\"", "1", "1.0", "true", "null", "2.5", "25e-1");
  assert_not_straight(b, "\"b\"", "2", "false", "[]", "{}", "\"\"", "\"1\"");
  start_over(b);
  finish(b, choice(b, KIND(ENUM), "[\"\",0,\"aa\"]"));
  assert_straight(b, "\"\"", "0", "\"aa\"", "\"\\u0061a\"");
  assert_not_straight(b, "\"a\"", "\"aaa\"", "\"0\"");
  clear_bench(b);
}

/* ---- at random ------------------------------------------------------------------------------- */

static const char alphabet[] = "{}[]\",:\\0123456789.eE+-tfn abcdz\xC3\xBC\n";

/* One byte more, less or other, or a part once more. */
static size_t mutate(char *text, size_t n, uint64_t *seed) {
  size_t at = check_random(seed) % (n + 1);
  char c = alphabet[check_random(seed) % (sizeof alphabet - 1)];
  switch (check_random(seed) % 3) {
  case 0:
    memmove(text + at + 1, text + at, n - at);
    text[at] = c;
    return n + 1;
  case 1:
    if (at == n) return n;
    memmove(text + at, text + at + 1, n - at - 1);
    return n - 1;
  default:
    if (at < n) text[at] = c;
    return n;
  }
}

static void whatever_the_text_both_ways_agree(void **state) {
  (void)state;
  static const char good[] =
      "{\"a\":\"x\\u00fcx\",\"b\":-12,\"c\":1.5e1,\"d\":[\"x\",1],\"z\":[{}]}";
  bench *b = set_bench();
  uint64_t seed = 5;
  size_t straight = 0;
  finish(b, an_object(b));
  inst_straight *s = straight_of(b);
  for (int i = 0; i < 40000; i++) {
    char text[sizeof good + 8];
    size_t n = sizeof good - 1;
    memcpy(text, good, n);
    for (uint64_t k = check_random(&seed) % 4; k > 0; k--) n = mutate(text, n, &seed);
    if (check_straight(s, b->schema, ((inst_str){text, n}))) straight++;
  }
  assert_true(straight > 10000 && straight < 30000);
  inst_straight_free(s);
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Reads a text with escapes and rewritten strings; false: it did not go the straight way. */
static bool read_once(inst_alloc alloc, void *ctx) {
  const bench *b = ctx;
  inst_error error;
  inst_straight *s = inst_straight_new(b->schema, alloc, &error);
  bool done = s != NULL;
  if (!done) assert_int_equal(error.code, INST_E_MEMORY);
  for (int i = 0; i < 2 && done; i++) {
    done = inst_straight_read(s, INST_LIT("[\" \\n x\",\"y \"]"), false) != NULL;
    inst_straight_done(s);
  }
  inst_straight_free(s);
  return done;
}

static void without_memory_a_text_goes_the_other_way(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, wrap(b, KIND(ARRAY), with(b, node(b, KIND(STRING)), CHECK(TRIM))));
  assert_true(check_every_failure(read_once, b) >= 5);
  clear_bench(b);
}

static void room_that_was_wanted_for_once_is_given_back(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_buf text;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  finish(b, node(b, KIND(ANY)));
  inst_straight *s = straight_of(b);
  size_t before = b->memory.bytes;
  inst_buf_addf(&text, "[\"\\n\"");
  for (int i = 0; i < 100000; i++) inst_buf_addf(&text, ",1");
  inst_buf_byte(&text, ']');
  assert_non_null(inst_straight_read(s, inst_buf_text(&text), false));
  assert_true(b->memory.bytes > before + 1000000);
  inst_straight_done(s);
  assert_true(b->memory.bytes <= before);
  inst_buf_clear(&text);
  inst_straight_free(s);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_schema_that_may_look_twice_is_not_plain),
      cmocka_unit_test(anything_is_read_as_strictly_as_by_the_reader),
      cmocka_unit_test(what_is_special_in_a_string_is_seen_wherever_it_stands),
      cmocka_unit_test(numbers_of_any_length_end_where_they_end),
      cmocka_unit_test(depth_has_the_readers_limit),
      cmocka_unit_test(a_narrow_host_gets_no_integer_it_cannot_hold),
      cmocka_unit_test(fields_come_in_any_order_and_are_filled_in),
      cmocka_unit_test(keys_of_any_length_are_told_apart),
      cmocka_unit_test(a_field_that_comes_twice_is_left_to_the_parse),
      cmocka_unit_test(keys_nobody_declared_go_by_the_schemas_word),
      cmocka_unit_test(records_and_tuples_are_read),
      cmocka_unit_test(what_stands_in_itself_is_read),
      cmocka_unit_test(checks_are_the_parses_own),
      cmocka_unit_test(bounds_are_kept_to_the_last_bit),
      cmocka_unit_test(choices_are_of_any_kind_but_lists),
      cmocka_unit_test(whatever_the_text_both_ways_agree),
      cmocka_unit_test(without_memory_a_text_goes_the_other_way),
      cmocka_unit_test(room_that_was_wanted_for_once_is_given_back),
  };
  return cmocka_run_group_tests_name("straight", tests, NULL, NULL);
}
