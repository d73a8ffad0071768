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
      cmocka_unit_test(whatever_the_text_both_readers_agree),
      cmocka_unit_test(lost_memory_is_told),
  };
  return cmocka_run_group_tests_name("whole", tests, NULL, NULL);
}
