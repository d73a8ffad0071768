/*
** Whole texts read at once: what comes out is what the reader that is fed gives, and what is not read
** that way is left to it.
*/
#include "spec/core/check.h"

#include "core/json/read.h"
#include "core/json/whole.h"

static inst_value *fed(inst_arena *arena, inst_str text) {
  inst_reader *reader = inst_reader_new(arena, INST_MAX_DEPTH);
  assert_non_null(reader);
  inst_value *v = inst_reader_feed(reader, text) == 0 ? inst_reader_finish(reader) : NULL;
  inst_reader_free(reader);
  return v;
}

/* Reads 'text' in memory exactly as large as it is.  True: it was read at once. */
static bool check_both(inst_str text) {
  check_memory memory = {.blocks = 0};
  inst_arena *arena = inst_arena_new(check_alloc(&memory));
  char *exact = malloc(text.n > 0 ? text.n : 1);
  assert_non_null(exact);
  memcpy(exact, text.p, text.n);
  text.p = exact;
  inst_value *whole = inst_whole_read(arena, text, INST_MAX_DEPTH), *wanted = fed(arena, text);
  if (whole != NULL && wanted == NULL) fail_msg("%.*s", (int)text.n, text.p);
  if (whole != NULL)
    check_text_at(inst_json_text(arena, whole), inst_json_text(arena, wanted), __FILE__, __LINE__);
  free(exact);
  inst_arena_free(arena);
  check_no_leaks(&memory);
  return whole != NULL;
}

/* ---- strings in windows ---------------------------------------------------------------------- */

enum { LONGEST = 40, AROUND = 50 };

/* What may stand at one place of a string, and in how many bytes. */
static const inst_str specials[] = {
    {"x", 1},
    {"\\n", 2},
    {"\\\"", 2},
    {"\\u00e9", 6},
    {"\xC3\xA9", 2},
    {"\\u0041", 6},
    {"\\ud83d\\ude00", 12},
    {"\xF0\x9F\x98\x80", 4},
    {"\\x", 2},
    {"\\ud83d ", 7},
    {"\x01", 1},
    {"\xC3", 1},
};

/* All texts and keys end in a '\0' that is not counted. */
static void check_ends(const inst_value *v) {
  if (inst_value_kind_of(v) == INST_STRING) assert_int_equal(v->u.s.p[v->u.s.n], '\0');
  for (const inst_value *part = inst_value_first(v); part != NULL; part = inst_value_next(part)) {
    if (part->key.p != NULL) assert_int_equal(part->key.p[part->key.n], '\0');
    check_ends(part);
  }
}

/* Reads 'text' into an arena that has 'left' bytes left, and again as it is fed. */
static void check_in_room(inst_str text, size_t left) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  assert_non_null(inst_arena_get(arena, 1));
  assert_true((size_t)(arena->end - arena->at) > left);
  char *before = arena->end - left;
  memset(before - 8, '~', 8);
  arena->at = before;
  inst_value *whole = inst_whole_read(arena, text, INST_MAX_DEPTH), *wanted = fed(arena, text);
  if ((whole == NULL) != (wanted == NULL)) fail_msg("%.*s", (int)text.n, text.p);
  assert_memory_equal(before - 8, "~~~~~~~~", 8);
  if (whole != NULL) {
    check_text_at(inst_json_text(arena, whole), inst_json_text(arena, wanted), __FILE__, __LINE__);
    check_ends(whole);
  }
  inst_arena_free(arena);
}

/* Strings are read sixteen bytes at a time where the text and the arena have so many: each length,
** with each special thing at each place, near the end of the text and far from it. */
static void strings_of_all_lengths_are_read_alike(void **state) {
  (void)state;
  char buffer[128];
  for (size_t kind = 0; kind < CHECK_COUNT(specials); kind++)
    for (size_t n = 0; n < LONGEST; n++)
      for (size_t at = 0; at <= n; at++) {
        size_t special = n > 0 || kind > 0 ? specials[kind].n : 0;
        int size =
            snprintf(buffer, sizeof buffer, "{\"%.*s%.*s%.*s\":[\"%.*s\"]%*s}", (int)at,
                     "abcdefghijklmnopqrstuvwxyz0123456789.,;:-+", (int)special, specials[kind].p,
                     (int)(n - at), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:-+", (int)n,
                     "0123456789 0123456789 0123456789 0123456789", (int)(n % 20), "");
        check_in_room((inst_str){buffer, (size_t)size}, 900);
      }
}

/* Where the arena has no sixteen bytes left, or not as many as the text, nothing else comes out. */
static void arenas_that_end_anywhere_get_the_same(void **state) {
  (void)state;
  static const char *const texts[] = {
      "{\"abc\":\"0123456789\",\"\":[\"0123456789abcdef\",1,\"\\n\\u00e9 and more behind it\"]}",
      "[\"\\\"\",\"0123456789abcde\",\"\xC3\xA9\",{\"a\\tb\":{}},\"0123456789abcdef0123456789\"]",
  };
  for (size_t i = 0; i < CHECK_COUNT(texts); i++)
    for (size_t left = 0; left < 900; left++) check_in_room(inst_str_of(texts[i]), left);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static inst_str nested(inst_buf *buf, size_t depth) {
  buf->n = 0;
  for (size_t i = 0; i < depth; i++) inst_buf_addf(buf, i % 2 == 0 ? "[" : "{\"a\":");
  inst_buf_byte(buf, '0');
  for (size_t i = depth; i-- > 0;) inst_buf_byte(buf, i % 2 == 0 ? ']' : '}');
  return inst_buf_text(buf);
}

static void depth_is_counted_alike(void **state) {
  (void)state;
  inst_buf buf;
  inst_error error;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  for (unsigned depth = 1; depth < AROUND; depth++) {
    inst_str text = nested(&buf, depth);
    if ((inst_whole_read(arena, text, depth) != NULL) != (depth <= 48)) fail_msg("%u", depth);
    assert_null(inst_whole_read(arena, text, depth - 1));
    assert_non_null(inst_json_parse(arena, text, depth, &error));
    assert_null(inst_json_parse(arena, text, depth - 1, &error));
    assert_int_equal(error.code, INST_E_LIMIT);
  }
  inst_arena_free(arena);
  inst_buf_clear(&buf);
}

/* Keys of one shape (their length and ends), of which some are the same: each is looked for. */
static void keys_that_look_alike_are_told_apart(void **state) {
  (void)state;
  assert_true(check_both(INST_LIT("{\"axb\":1,\"ayb\":2,\"azb\":3,\"\":4,\"a\":5}")));
  assert_false(check_both(INST_LIT("{\"axb\":1,\"ayb\":2,\"axb\":3}")));
  assert_false(check_both(INST_LIT("{\"\":1,\"\":2}")));
  assert_false(check_both(INST_LIT("{\"a\":1,\"\\u0061\":2}")));
  assert_true(check_both(INST_LIT("[{\"a\":1},{\"a\":{\"a\":2}},{\"a\":3}]")));
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void most_texts_are_read_at_once(void **state) {
  (void)state;
  static const char *const texts[] = {
      "null",
      " [ ] ",
      "{\"a\":[1,-2.50,true,false,null,{\"b\":\"c\"}],\"\":{}}",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\xC3\xBC\"",
      "{\"\\u0061\":\"\\\"x\\\"\",\"b\":\"long enough for a word or two of bytes\"}",
      "[0,-0,1e5,9223372036854775807,18446744073709551616,0.1]",
  };
  for (size_t i = 0; i < CHECK_COUNT(texts); i++)
    if (!check_both(inst_str_of(texts[i]))) fail_msg("%s", texts[i]);
}

static void others_are_left_to_the_reader(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",         " ",       "{\"a\":1,\"a\":2}",
      "[1,]",     "[1 2]",   "{\"a\"}",
      "\"\\\"",   "\"\\x\"", "\"\\ud83d\"",
      "\"\xFF\"", "\"\n\"",  "01",
      "1e999",    "tru",     "[",
      "{\"a\":",  "1 1",     "]",
      "\"a",      "{1:2}",   "\"\\",
  };
  for (size_t i = 0; i < CHECK_COUNT(texts); i++)
    if (check_both(inst_str_of(texts[i]))) fail_msg("%s", texts[i]);
}

static void the_last_of_two_members_still_wins_in_the_place_of_the_first(void **state) {
  (void)state;
  inst_error error;
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  assert_json(inst_json_parse(arena, INST_LIT("{\"a\":1,\"b\":2,\"a\":3}"), 8, &error),
              "{\"a\":3,\"b\":2}");
  inst_arena_free(arena);
}

static void large_objects_know_their_keys(void **state) {
  (void)state;
  inst_buf text;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  for (int i = 0; i < 200; i++) inst_buf_addf(&text, "%c\"k%d\":%d", i > 0 ? ',' : '{', i, i);
  size_t n = text.n;
  inst_buf_byte(&text, '}');
  assert_true(check_both(inst_buf_text(&text)));
  text.n = n;
  inst_buf_addf(&text, ",\"k7\":1}");
  assert_false(check_both(inst_buf_text(&text)));
  inst_buf_clear(&text);
}

static void whatever_the_text_both_readers_agree(void **state) {
  (void)state;
  static const char good[] = "{\"a\":[\"x\\u00fc\\n\",-1.5e2,{}],\"b\":{\"c\":null,\"d\":true}}";
  static const char alphabet[] = "{}[]\",:\\019.e-tfnu abcd\xC3\xBC\n";
  uint64_t seed = 11;
  size_t at_once = 0;
  for (int i = 0; i < 30000; i++) {
    char text[sizeof good];
    memcpy(text, good, sizeof good);
    for (uint64_t k = check_random(&seed) % 3; k > 0; k--)
      text[check_random(&seed) % (sizeof good - 1)] =
          alphabet[check_random(&seed) % (sizeof alphabet - 1)];
    if (check_both((inst_str){text, sizeof good - 1})) at_once++;
  }
  assert_true(at_once > 5000 && at_once < 25000);
}

static bool read_once(inst_alloc alloc, void *ctx) {
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  inst_error error;
  bool done = inst_json_parse(arena, *(const inst_str *)ctx, 64, &error) != NULL;
  if (!done) assert_int_equal(error.code, INST_E_MEMORY);
  inst_arena_free(arena);
  return done;
}

static void lost_memory_is_told(void **state) {
  (void)state;
  inst_buf text;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  for (int i = 0; i < 100; i++) inst_buf_addf(&text, "%c\"k%d\":\"\\n\"", i > 0 ? ',' : '{', i);
  inst_buf_byte(&text, '}');
  inst_str whole = inst_buf_text(&text);
  assert_true(check_every_failure(read_once, &whole) > 5);
  inst_buf_clear(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(most_texts_are_read_at_once),
      cmocka_unit_test(others_are_left_to_the_reader),
      cmocka_unit_test(the_last_of_two_members_still_wins_in_the_place_of_the_first),
      cmocka_unit_test(large_objects_know_their_keys),
      cmocka_unit_test(strings_of_all_lengths_are_read_alike),
      cmocka_unit_test(arenas_that_end_anywhere_get_the_same),
      cmocka_unit_test(depth_is_counted_alike),
      cmocka_unit_test(keys_that_look_alike_are_told_apart),
      cmocka_unit_test(whatever_the_text_both_readers_agree),
      cmocka_unit_test(lost_memory_is_told),
  };
  return cmocka_run_group_tests_name("whole", tests, NULL, NULL);
}
