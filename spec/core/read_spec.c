/*
** Texts to values: fed whole, byte by byte and split at each place; looked at while they arrive;
** broken in every way.
*/
#include "spec/core/check.h"

#include "core/base/memory.h"
#include "core/json/read.h"
#include "core/json/write.h"

/* ---- one text, all ways ---------------------------------------------------------------------- */

/* A reader under test and what it should say. */
typedef struct reading {
  inst_arena arena;
  inst_reader *reader;
  unsigned max_depth;
  const char *json;  /* the value written down, or NULL: refused */
  const char *error; /* then this is why */
  inst_code code;
  size_t offset;
} reading;

static void begin(void *ctx) {
  reading *r = ctx;
  inst_arena_init(&r->arena, (inst_alloc){NULL, NULL});
  r->reader = inst_reader_new(&r->arena, r->max_depth);
  assert_non_null(r->reader);
}

static void feed(void *ctx, inst_str piece) {
  reading *r = ctx;
  bool was_broken = inst_reader_error(r->reader)->code != INST_E_NONE;
  int broken = inst_reader_feed(r->reader, piece);
  if (was_broken) assert_int_equal(broken, -1);
  assert_true((broken != 0) == (inst_reader_error(r->reader)->code != INST_E_NONE));
}

static void end(void *ctx) {
  reading *r = ctx;
  inst_value *v = inst_reader_finish(r->reader);
  const inst_error *error = inst_reader_error(r->reader);
  if (r->json != NULL) {
    if (v == NULL) print_error("%s at %zu\n", error->text, error->offset);
    assert_json(v, r->json);
    assert_int_equal(error->code, INST_E_NONE);
  } else {
    assert_null(v);
    assert_string_equal(error->text, r->error);
    assert_int_equal(error->code, r->code);
    assert_int_equal(error->offset, r->offset);
    assert_null(inst_reader_finish(r->reader));
  }
  inst_reader_free(r->reader);
  inst_arena_clear(&r->arena);
}

static void accept_text(inst_str text, const char *json) {
  reading r = {.max_depth = INST_MAX_DEPTH, .json = json};
  check_feed_all_ways(&(check_feeder){begin, feed, end, &r}, text);
}

/* 'text' is read and means 'json'. */
#define accept(text, json) accept_text(INST_LIT(text), (json))

static void refuse_text(inst_str text, size_t offset, const char *error, inst_code code,
                        unsigned max_depth) {
  reading r = {.max_depth = max_depth, .error = error, .code = code, .offset = offset};
  check_feed_all_ways(&(check_feeder){begin, feed, end, &r}, text);
}

/* 'text' is refused at byte 'offset' for the reason 'error'. */
#define refuse(text, offset, error)                                                                \
  refuse_text(INST_LIT(text), (offset), (error), INST_E_JSON, INST_MAX_DEPTH)

/* ---- what is read ---------------------------------------------------------------------------- */

static void every_kind_of_value_is_read(void **state) {
  (void)state;
  accept("null", "null");
  accept("true", "true");
  accept("false", "false");
  accept("0", "0");
  accept("\"\"", "\"\"");
  accept("[]", "[]");
  accept("{}", "{}");
  accept("[null,true,false,12,-3.5e1,\"x\",[],{}]", "[null,true,false,12,-35.0,\"x\",[],{}]");
  accept("{\"a\":{\"b\":[{\"c\":1},2]},\"d\":3}", "{\"a\":{\"b\":[{\"c\":1},2]},\"d\":3}");
}

static void blanks_may_stand_between_all_parts(void **state) {
  (void)state;
  accept(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } , \"c\" : [ ] } \n",
         "{\"a\":[1,2],\"b\":{},\"c\":[]}");
  accept(" 1 ", "1");
}

static void numbers_are_read_across_pieces(void **state) {
  (void)state;
  accept("[0,-0,0.5,-0.25,1e2,1E-2,1e+2,120]", "[0,-0.0,0.5,-0.25,100.0,0.01,100.0,120]");
  accept("9223372036854775807", "9223372036854775807");
  accept("-9223372036854775808", "-9223372036854775808");
  accept("1.7976931348623157e308", "1.7976931348623157e+308");
}

static void integers_past_64_bits_become_reals(void **state) {
  (void)state;
  accept("9223372036854775808", "9223372036854776000.0");
  accept("-100000000000000000000000", "-1e+23");
}

static void strings_are_read_across_pieces(void **state) {
  (void)state;
  accept("\"plain\"", "\"plain\"");
  accept("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
  accept("\"a\\nb\\nc\"", "\"a\\nb\\nc\"");
  accept("\"\\u0000\\u0041\\u00e9\\u20AC\"", "\"\\u0000A\xC3\xA9\xE2\x82\xAC\"");
  accept("\"x\\ud83d\\ude00y\"", "\"x\xF0\x9F\x98\x80y\"");
  accept("\"\\uD834\\uDD1E\"", "\"\xF0\x9D\x84\x9E\"");
  accept("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"",
         "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"");
  accept("[\"a\",\"\",\"\\n\",\"b\"]", "[\"a\",\"\",\"\\n\",\"b\"]");
}

static void keys_are_strings_like_others(void **state) {
  (void)state;
  accept("{\"\":1,\"\\u0061\":2,\"\xE2\x82\xAC\":3,\"a\\nb\":4}",
         "{\"\":1,\"a\":2,\"\xE2\x82\xAC\":3,\"a\\nb\":4}");
}

static void last_of_two_equal_keys_wins_in_the_place_of_the_first(void **state) {
  (void)state;
  accept("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
  accept("{\"a\":1,\"\\u0061\":2}", "{\"a\":2}");
  accept("{\"a\":{\"b\":1},\"c\":2,\"a\":{\"d\":[3]}}", "{\"a\":{\"d\":[3]},\"c\":2}");
  accept("{\"a\":[1,2],\"b\":0,\"a\":\"x\",\"a\":[4]}", "{\"a\":[4],\"b\":0}");
  accept("{\"b\":0,\"a\":1,\"a\":2,\"c\":3}", "{\"b\":0,\"a\":2,\"c\":3}");
}

/* An object of 'count' members k0, k1 ..., each twice; the second time with another value. */
static void check_many_members(size_t count) {
  inst_buf text, expected;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  inst_buf_init(&expected, (inst_alloc){NULL, NULL});
  for (size_t i = 0; i < 2 * count; i++)
    inst_buf_addf(&text, "%s\"k%zu\":%zu", i > 0 ? "," : "{", i % count, i);
  for (size_t i = 0; i < count; i++)
    inst_buf_addf(&expected, "%s\"k%zu\":%zu", i > 0 ? "," : "{", i, i + count);
  inst_buf_add(&text, INST_LIT("}"));
  inst_buf_add(&expected, INST_LIT("}"));
  inst_buf_byte(&expected, '\0');
  reading r = {.max_depth = 1, .json = expected.p};
  check_feed_whole(&(check_feeder){begin, feed, end, &r}, inst_buf_text(&text));
  inst_buf_clear(&text);
  inst_buf_clear(&expected);
}

static void equal_keys_are_found_in_objects_of_all_sizes(void **state) {
  (void)state;
  for (size_t count = 1; count < 80; count++) check_many_members(count);
}

static void a_hundred_thousand_members_take_no_time(void **state) {
  (void)state;
  check_many_members(100000);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void what_stands_in_the_wrong_place_is_named(void **state) {
  (void)state;
  refuse("[1,]", 3, "unexpected ']' after a comma");
  refuse("{\"a\":1,}", 7, "unexpected '}' after a comma");
  refuse("[,1]", 1, "unexpected ',' after '['");
  refuse("{1:2}", 1, "unexpected '1' after '{'");
  refuse("{\"a\" 1}", 5, "unexpected '1' after a key");
  refuse("{\"a\":}", 5, "unexpected '}' after a colon");
  refuse("{\"a\":1 \"b\"}", 7, "unexpected '\"' after a member");
  refuse("[1 2]", 3, "unexpected '2' after an item");
  refuse("[1}", 2, "unexpected '}' after an item");
  refuse("{\"a\":1]", 6, "unexpected ']' after a member");
  refuse("]", 0, "unexpected ']' at the start");
  refuse(" 'a'", 1, "unexpected ''' at the start");
  refuse("{} {}", 3, "unexpected '{' after the end of the text");
  refuse("1 2", 2, "unexpected '2' after the end of the text");
  refuse("NaN", 0, "unexpected 'N' at the start");
  refuse("+1", 0, "unexpected '+' at the start");
  refuse("/* c */ 1", 0, "unexpected '/' at the start");
  refuse("\xEF\xBB\xBF{}", 0, "unexpected byte 0xEF at the start");
  refuse("[\0]", 1, "unexpected byte 0x00 after '['");
  refuse("[1\f]", 2, "unexpected byte 0x0C after an item");
}

static void broken_numbers_are_named(void **state) {
  (void)state;
  refuse("[01]", 2, "unexpected '1' after a leading zero");
  refuse("-x", 1, "unexpected 'x' after a minus sign");
  refuse("[1.]", 3, "unexpected ']' after a decimal point");
  refuse("1.e5", 2, "unexpected 'e' after a decimal point");
  refuse("[1e]", 3, "unexpected ']' in an exponent");
  refuse("[1e+-1]", 4, "unexpected '-' in an exponent");
  refuse("1-1", 1, "unexpected '-' after the end of the text");
  refuse("[1.5.5]", 4, "unexpected '.' after an item");
  refuse("[1e400]", 6, "a number is too large");
  refuse("-1e999", 6, "a number is too large");
}

static void broken_words_are_named(void **state) {
  (void)state;
  refuse("[tru]", 4, "unexpected ']' in a word");
  refuse("nul", 3, "the text ends inside a word");
  refuse("nulL", 3, "unexpected 'L' in a word");
  refuse("True", 0, "unexpected 'T' at the start");
  refuse("truex", 4, "unexpected 'x' after the end of the text");
}

static void broken_strings_are_named(void **state) {
  (void)state;
  static const char control[] = "a control character stands in a string without an escape";
  static const char letter[] = "a backslash is followed by no letter JSON knows";
  static const char hex[] = "\\u is not followed by four hexadecimal digits";
  static const char half[] = "a string holds half of a surrogate pair";
  refuse("\"a\nb\"", 2, control);
  refuse("\"\0\"", 1, control);
  refuse("{\"\t\":1}", 2, control);
  refuse("\"\\x\"", 2, letter);
  refuse("\"\\\xC3\xA9\"", 2, letter);
  refuse("\"\\\0\"", 2, letter);
  refuse("\"\\u12g4\"", 5, hex);
  refuse("\"\\u12\"", 5, hex);
  refuse("\"\\ud83d\"", 7, half);
  refuse("\"\\ud83dx\"", 7, half);
  refuse("\"\\ud83d\\n\"", 8, half);
  refuse("\"\\ud83d\\u0041\"", 12, half);
  refuse("\"\\ud83d\\ud83d\\ude00\"", 12, half);
  refuse("\"\\ude00\"", 6, half);
}

static void bytes_that_are_not_utf8_are_refused(void **state) {
  (void)state;
  static const char why[] = "a string holds bytes that are not UTF-8";
  refuse("\"\xFF\"", 1, why);
  refuse("\"a\x80\"", 2, why);
  refuse("\"\xC3\"", 2, why);
  refuse("\"\xC3\\n\"", 2, why);
  refuse("\"\xC0\xAF\"", 1, why);
  refuse("\"\xE2\x82\"", 3, why);
  refuse("\"\xED\xA0\x80\"", 2, why);
  refuse("\"\xF4\x90\x80\x80\"", 2, why);
  refuse("{\"\xFF\":1}", 2, why);
}

static void what_is_not_complete_is_named(void **state) {
  (void)state;
  refuse("", 0, "the text is empty");
  refuse(" \n", 2, "the text is empty");
  refuse("[", 1, "the text ends inside an array");
  refuse("[1", 2, "the text ends inside an array");
  refuse("[1,", 3, "the text ends inside an array");
  refuse("{", 1, "the text ends inside an object");
  refuse("{\"a\"", 4, "the text ends inside an object");
  refuse("{\"a\":[]", 7, "the text ends inside an object");
  refuse("\"abc", 4, "a string is not closed");
  refuse("\"abc\\", 5, "a string is not closed");
  refuse("{\"a", 3, "a string is not closed");
  refuse("-", 1, "the text ends inside a number");
  refuse("[1.", 3, "the text ends inside a number");
}

static void nesting_has_a_limit(void **state) {
  (void)state;
  static const char why[] = "the text is nested deeper than 3 levels";
  reading r = {.max_depth = 3, .json = "[{\"a\":[1]},[[]]]"};
  check_feed_all_ways(&(check_feeder){begin, feed, end, &r}, inst_str_of(r.json));
  refuse_text(INST_LIT("[[[[]]]]"), 3, why, INST_E_LIMIT, 3);
  refuse_text(INST_LIT("[{\"a\":[{}]}]"), 7, why, INST_E_LIMIT, 3);
  refuse_text(INST_LIT("[]"), 0, "the text is nested deeper than 0 levels", INST_E_LIMIT, 0);
}

static void the_default_limit_is_touched(void **state) {
  (void)state;
  char text[2 * INST_MAX_DEPTH + 3];
  size_t n = INST_MAX_DEPTH;
  memset(text, '[', n);
  memset(text + n, ']', n);
  text[2 * n] = '\0';
  reading r = {.max_depth = INST_MAX_DEPTH, .json = text};
  check_feed_whole(&(check_feeder){begin, feed, end, &r}, (inst_str){text, 2 * n});
  memset(text, '[', n + 1);
  r = (reading){.max_depth = INST_MAX_DEPTH,
                .code = INST_E_LIMIT,
                .offset = n,
                .error = "the text is nested deeper than 128 levels"};
  check_feed_whole(&(check_feeder){begin, feed, end, &r}, (inst_str){text, n + 1});
}

/* ---- what is certain so far ------------------------------------------------------------------ */

/* Feeds 'text' a byte at a time and writes what is seen after each, wherever it changed. */
static void check_views(const char *text, const char *expected) {
  inst_arena arena;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  inst_reader *reader = inst_reader_new(&arena, 10);
  inst_buf views, view, last;
  inst_buf_init(&views, arena.alloc);
  inst_buf_init(&view, arena.alloc);
  inst_buf_init(&last, arena.alloc);
  for (const char *at = text; *at != '\0'; at++) {
    assert_int_equal(inst_reader_feed(reader, (inst_str){at, 1}), 0);
    const inst_value *v = inst_reader_so_far(reader);
    view.n = 0;
    if (v != NULL) inst_json_write(&view, v);
    if (v == NULL || inst_str_is(inst_buf_text(&view), inst_buf_text(&last))) continue;
    inst_buf_addf(&views, "%.*s\n", (int)view.n, view.p);
    last.n = 0;
    inst_buf_add(&last, inst_buf_text(&view));
  }
  assert_text(inst_buf_text(&views), expected);
  inst_buf_clear(&views);
  inst_buf_clear(&view);
  inst_buf_clear(&last);
  inst_reader_free(reader);
  inst_arena_clear(&arena);
}

static void open_lists_and_strings_are_shown_as_they_grow(void **state) {
  (void)state;
  check_views("{\"ab\":\"xy\",\"c\":[true,\"z\"]}", "{}\n"
                                                    "{\"ab\":\"\"}\n"
                                                    "{\"ab\":\"x\"}\n"
                                                    "{\"ab\":\"xy\"}\n"
                                                    "{\"ab\":\"xy\",\"c\":[]}\n"
                                                    "{\"ab\":\"xy\",\"c\":[true]}\n"
                                                    "{\"ab\":\"xy\",\"c\":[true,\"\"]}\n"
                                                    "{\"ab\":\"xy\",\"c\":[true,\"z\"]}\n");
}

static void numbers_and_words_are_shown_when_complete(void **state) {
  (void)state;
  check_views("[12,null,-1.5]", "[]\n[12]\n[12,null]\n[12,null,-1.5]\n");
  check_views("{\"a\":1,\"b\":false}", "{}\n{\"a\":1}\n{\"a\":1,\"b\":false}\n");
  check_views("12", "");
  check_views("12 ", "12\n");
  check_views("true", "true\n");
}

static void only_complete_characters_of_a_string_are_shown(void **state) {
  (void)state;
  check_views("\"a\xC3\xA9\xF0\x9F\x98\x80z\"", "\"\"\n"
                                                "\"a\"\n"
                                                "\"a\xC3\xA9\"\n"
                                                "\"a\xC3\xA9\xF0\x9F\x98\x80\"\n"
                                                "\"a\xC3\xA9\xF0\x9F\x98\x80z\"\n");
  check_views("\"a\\n\\u0041\\ud83d\\ude00\"", "\"\"\n"
                                               "\"a\"\n"
                                               "\"a\\n\"\n"
                                               "\"a\\nA\"\n"
                                               "\"a\\nA\xF0\x9F\x98\x80\"\n");
}

static void a_second_member_of_one_key_shows_where_the_first_stood(void **state) {
  (void)state;
  check_views("{\"a\":1,\"b\":2,\"a\":[3]}", "{}\n"
                                             "{\"a\":1}\n"
                                             "{\"a\":1,\"b\":2}\n"
                                             "{\"a\":[],\"b\":2}\n"
                                             "{\"a\":[3],\"b\":2}\n");
}

static void nothing_is_shown_of_no_text(void **state) {
  (void)state;
  check_views(" \n", "");
}

/* What is seen of 'text' after 'n' bytes, fed in pieces that end at 'split', as text. */
static inst_str view(inst_arena *arena, const char *text, size_t n, size_t split) {
  inst_reader *reader = inst_reader_new(arena, 10);
  inst_reader_feed(reader, (inst_str){text, split});
  inst_reader_so_far(reader);
  inst_reader_feed(reader, (inst_str){text + split, n - split});
  const inst_value *v = inst_reader_so_far(reader);
  inst_str seen = v != NULL ? inst_json_text(arena, v) : INST_LIT("");
  inst_reader_free(reader);
  return seen;
}

static void what_is_seen_does_not_depend_on_the_pieces(void **state) {
  (void)state;
  static const char text[] =
      "{\"a\\n\":\"x\xC3\xA9\\u00e9y\",\"b\":[1,{\"c\":null},-2.5e1],\"a\\n\":\"z\"} ";
  for (size_t n = 0; n < sizeof text; n++) {
    inst_arena arena;
    inst_arena_init(&arena, (inst_alloc){NULL, NULL});
    inst_str whole = view(&arena, text, n, 0);
    for (size_t split = 1; split <= n; split++)
      if (!inst_str_is(view(&arena, text, n, split), whole)) fail_msg("%zu, %zu", n, split);
    inst_arena_clear(&arena);
  }
}

static void what_came_before_a_fault_can_still_be_seen(void **state) {
  (void)state;
  inst_arena arena;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  inst_reader *reader = inst_reader_new(&arena, 10);
  assert_int_equal(inst_reader_feed(reader, INST_LIT("{\"a\":[1,\"xy\n")), -1);
  assert_json(inst_reader_so_far(reader), "{\"a\":[1,\"xy\"]}");
  inst_reader_free(reader);
  inst_arena_clear(&arena);
}

static void a_long_string_costs_what_it_is_long(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  inst_reader *reader = inst_reader_new(&arena, 10);
  inst_reader_feed(reader, INST_LIT("[\""));
  for (int i = 0; i < 100000; i++) {
    inst_reader_feed(reader, INST_LIT("0123456789"));
    inst_reader_so_far(reader);
  }
  assert_true(memory.requests < 40);
  inst_reader_feed(reader, INST_LIT("\"]"));
  assert_int_equal(inst_value_text(inst_value_first(inst_reader_finish(reader))).n, 1000000);
  assert_true(memory.peak < 5000000);
  inst_reader_free(reader);
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

static void a_string_in_one_piece_is_copied_once(void **state) {
  (void)state;
  static char text[100002];
  memset(text, 'x', sizeof text);
  text[0] = text[sizeof text - 1] = '"';
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_non_null(inst_json_parse(&arena, (inst_str){text, sizeof text}, 1, NULL));
  assert_true(memory.peak < sizeof text + 3000);
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static const char sample[] =
    "{\"a\":[1,2.5,{\"b\":null}],\"c\":\"some \\u00e9 "
    "text\",\"d\":{},\"e\":[[[[[[[[[[[true]]]]]]]]]]],"
    "\"f\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,"
    "\"10\":0,\"11\":0,\"12\":0,\"13\":0,\"14\":0,\"15\":0,\"16\":{\"x\":\"y\"},\"17\":0,\"0\":1},"
    "\"g\":\"a string that is longer than the first room of a buffer, so that it must grow\"}";

/* Reads the sample in pieces of '*ctx' bytes. */
static bool read_sample(inst_alloc alloc, void *ctx) {
  size_t step = *(size_t *)ctx;
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_reader *reader = inst_reader_new(arena, 20);
  bool done = false;
  for (size_t at = 0; reader != NULL && at < sizeof sample - 1; at += step) {
    size_t left = sizeof sample - 1 - at;
    inst_reader_feed(reader, (inst_str){sample + at, left < step ? left : step});
    inst_buf view_of_it;
    inst_buf_init(&view_of_it, (inst_alloc){NULL, NULL});
    inst_json_write(&view_of_it, inst_reader_so_far(reader));
    inst_buf_clear(&view_of_it);
  }
  if (reader != NULL) {
    done = inst_reader_finish(reader) != NULL;
    if (!done) assert_int_equal(inst_reader_error(reader)->code, INST_E_MEMORY);
  }
  inst_reader_free(reader);
  inst_arena_free(arena);
  return done;
}

static void every_failure_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  size_t steps[] = {1, 7, sizeof sample};
  for (size_t i = 0; i < CHECK_COUNT(steps); i++)
    assert_true(check_every_failure(read_sample, &steps[i]) > 6);
}

static bool parse_sample(inst_alloc alloc, void *ctx) {
  (void)ctx;
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_error error;
  inst_value *v = inst_json_parse(arena, INST_LIT(sample), 20, &error);
  assert_int_equal(error.code, v != NULL ? INST_E_NONE : INST_E_MEMORY);
  inst_arena_free(arena);
  return v != NULL;
}

static void a_parse_reports_every_failure_too(void **state) {
  (void)state;
  assert_true(check_every_failure(parse_sample, NULL) > 6);
}

static void a_reader_left_in_the_middle_leaks_nothing(void **state) {
  (void)state;
  for (size_t n = 0; n < sizeof sample; n++) {
    check_memory memory = {0};
    inst_arena arena;
    inst_arena_init(&arena, check_alloc(&memory));
    inst_reader *reader = inst_reader_new(&arena, 20);
    inst_reader_feed(reader, (inst_str){sample, n});
    inst_reader_free(reader);
    inst_arena_clear(&arena);
    check_no_leaks(&memory);
  }
  inst_reader_free(NULL);
}

/* ---- the door -------------------------------------------------------------------------------- */

static void a_parse_says_what_was_wrong(void **state) {
  (void)state;
  inst_arena arena;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  inst_error error = {.code = INST_E_HTTP}; /* of an earlier call */
  assert_null(inst_json_parse(&arena, INST_LIT("[1,]"), 5, &error));
  assert_int_equal(error.code, INST_E_JSON);
  assert_int_equal(error.offset, 3);
  assert_string_equal(error.text, "unexpected ']' after a comma");
  assert_null(inst_json_parse(&arena, INST_LIT("[[]]"), 1, &error));
  assert_int_equal(error.code, INST_E_LIMIT);
  assert_null(inst_json_parse(&arena, (inst_str){NULL, 0}, 1, &error));
  assert_string_equal(error.text, "the text is empty");
  assert_null(inst_json_parse(&arena, INST_LIT("["), 1, NULL));
  assert_json(inst_json_parse(&arena, INST_LIT("[1]"), 1, &error), "[1]");
  assert_int_equal(error.code, INST_E_NONE);
  inst_arena_clear(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_value_is_read),
      cmocka_unit_test(blanks_may_stand_between_all_parts),
      cmocka_unit_test(numbers_are_read_across_pieces),
      cmocka_unit_test(integers_past_64_bits_become_reals),
      cmocka_unit_test(strings_are_read_across_pieces),
      cmocka_unit_test(keys_are_strings_like_others),
      cmocka_unit_test(last_of_two_equal_keys_wins_in_the_place_of_the_first),
      cmocka_unit_test(equal_keys_are_found_in_objects_of_all_sizes),
      cmocka_unit_test(a_hundred_thousand_members_take_no_time),
      cmocka_unit_test(what_stands_in_the_wrong_place_is_named),
      cmocka_unit_test(broken_numbers_are_named),
      cmocka_unit_test(broken_words_are_named),
      cmocka_unit_test(broken_strings_are_named),
      cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
      cmocka_unit_test(what_is_not_complete_is_named),
      cmocka_unit_test(nesting_has_a_limit),
      cmocka_unit_test(the_default_limit_is_touched),
      cmocka_unit_test(open_lists_and_strings_are_shown_as_they_grow),
      cmocka_unit_test(numbers_and_words_are_shown_when_complete),
      cmocka_unit_test(only_complete_characters_of_a_string_are_shown),
      cmocka_unit_test(a_second_member_of_one_key_shows_where_the_first_stood),
      cmocka_unit_test(nothing_is_shown_of_no_text),
      cmocka_unit_test(what_is_seen_does_not_depend_on_the_pieces),
      cmocka_unit_test(what_came_before_a_fault_can_still_be_seen),
      cmocka_unit_test(a_long_string_costs_what_it_is_long),
      cmocka_unit_test(a_string_in_one_piece_is_copied_once),
      cmocka_unit_test(every_failure_is_reported_and_leaks_nothing),
      cmocka_unit_test(a_parse_reports_every_failure_too),
      cmocka_unit_test(a_reader_left_in_the_middle_leaks_nothing),
      cmocka_unit_test(a_parse_says_what_was_wrong),
  };
  return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
