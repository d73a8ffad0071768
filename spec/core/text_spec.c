/*
** Slices, growing bytes, quoting, UTF-8.
*/
#include "spec/core/check.h"

#include "core/base/utf8.h"

/* ---- slices ---------------------------------------------------------------------------------- */

static void texts_are_compared_by_their_bytes(void **state) {
  (void)state;
  assert_true(inst_str_is(INST_LIT("a\0b"), INST_LIT("a\0b")));
  assert_false(inst_str_is(INST_LIT("a\0b"), INST_LIT("a\0c")));
  assert_false(inst_str_is(INST_LIT("ab"), INST_LIT("a")));
  assert_true(inst_str_is((inst_str){NULL, 0}, INST_LIT("")));
  assert_no_text(inst_str_of(NULL));
  assert_text(inst_str_of("abc"), "abc");
}

static void letter_case_counts_for_ascii_only(void **state) {
  (void)state;
  assert_true(inst_str_is_nocase(INST_LIT("Content-TYPE"), INST_LIT("content-type")));
  assert_false(inst_str_is_nocase(INST_LIT("\xC3\x84"), INST_LIT("\xC3\xA4")));
  assert_false(inst_str_is_nocase(INST_LIT("[{"), INST_LIT("{[")));
  assert_false(inst_str_is_nocase(INST_LIT("@"), INST_LIT("`")));
}

static void a_start_may_be_the_whole_text_or_nothing(void **state) {
  (void)state;
  assert_true(inst_str_starts(INST_LIT("abc"), INST_LIT("ab")));
  assert_true(inst_str_starts(INST_LIT("abc"), INST_LIT("abc")));
  assert_true(inst_str_starts(INST_LIT("abc"), INST_LIT("")));
  assert_false(inst_str_starts(INST_LIT("ab"), INST_LIT("abc")));
  assert_false(inst_str_starts(INST_LIT("abc"), INST_LIT("b")));
}

static void blanks_are_trimmed_at_both_ends(void **state) {
  (void)state;
  assert_text(inst_str_trim(INST_LIT(" \t\r\n\f\va b \n")), "a b");
  assert_text(inst_str_trim(INST_LIT("  ")), "");
  assert_text(inst_str_trim(INST_LIT("")), "");
  assert_text(inst_str_trim(INST_LIT("\xC2\xA0x")), "\xC2\xA0x");
}

/* ---- growing bytes --------------------------------------------------------------------------- */

static bool grow_a_buffer(inst_alloc alloc, void *ctx) {
  (void)ctx;
  inst_buf buf;
  inst_buf_init(&buf, alloc);
  for (int i = 0; i < 100; i++) {
    inst_buf_add(&buf, INST_LIT("some words "));
    inst_buf_byte(&buf, '#');
    inst_buf_addf(&buf, "%d;", i);
  }
  bool done = !buf.failed;
  if (done) assert_int_equal(buf.n, 100 * 13 + 10 + 90 * 2);
  inst_buf_clear(&buf);
  return done;
}

static void every_failure_of_a_buffer_is_remembered(void **state) {
  (void)state;
  assert_true(check_every_failure(grow_a_buffer, NULL) >= 5);
}

static void a_failed_buffer_takes_no_more(void **state) {
  (void)state;
  check_memory memory = {.fail_at = 2};
  inst_buf buf;
  inst_buf_init(&buf, check_alloc(&memory));
  inst_buf_add(&buf, INST_LIT("abc"));
  inst_buf_addf(&buf, "%100s", "x");
  assert_true(buf.failed);
  inst_buf_byte(&buf, 'd');
  assert_text(inst_buf_text(&buf), "abc");
  inst_buf_clear(&buf);
  assert_false(buf.failed);
  inst_buf_byte(&buf, 'd');
  assert_text(inst_buf_text(&buf), "d");
  inst_buf_clear(&buf);
  check_no_leaks(&memory);
}

static void an_empty_buffer_is_an_empty_text(void **state) {
  (void)state;
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_buf_add(&buf, (inst_str){NULL, 0});
  assert_text(inst_buf_text(&buf), "");
  assert_null(buf.p);
}

static void a_size_no_machine_has_fails(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_buf buf;
  inst_buf_init(&buf, check_alloc(&memory));
  inst_buf_add(&buf, (inst_str){"x", SIZE_MAX});
  assert_true(buf.failed);
  assert_int_equal(memory.requests, 0);
  inst_buf_clear(&buf);
}

static void taken_bytes_live_in_the_arena(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_buf buf;
  inst_arena_init(&arena, check_alloc(&memory));
  inst_buf_init(&buf, check_alloc(&memory));
  inst_buf_add(&buf, INST_LIT("abc"));
  inst_str text = inst_buf_take(&buf, &arena);
  assert_int_equal(memory.blocks, 1);
  assert_string_equal(text.p, "abc");
  assert_text(inst_buf_take(&buf, &arena), "");
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

static void what_a_failed_buffer_gives_is_no_text_and_the_arena_knows(void **state) {
  (void)state;
  check_memory memory = {.fail_at = 1};
  inst_arena arena;
  inst_buf buf;
  inst_arena_init(&arena, check_alloc(&memory));
  inst_buf_init(&buf, check_alloc(&memory));
  inst_buf_add(&buf, INST_LIT("abc"));
  assert_no_text(inst_buf_take(&buf, &arena));
  assert_true(inst_arena_failed(&arena));
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

/* ---- bytes that grow in an arena --------------------------------------------------------------- */

static void what_fits_into_an_arena_stays_where_it_was_written(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_buf buf;
  inst_arena_init(&arena, check_alloc(&memory));
  inst_arena_reserve(&arena, 100);
  inst_buf_init_in(&buf, &arena);
  inst_buf_add(&buf, INST_LIT("abc"));
  inst_buf_byte(&buf, 'd');
  const char *written = buf.p;
  inst_str text = inst_buf_take(&buf, &arena);
  assert_ptr_equal(text.p, written);
  assert_string_equal(text.p, "abcd");
  char *next = inst_arena_get(&arena, 8);
  assert_true(next > text.p + text.n && next < text.p + text.n + 16);
  assert_int_equal(memory.requests, 1);
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

/* Writes 'n' bytes where an arena has room for 'room'; false: memory ran out. */
static bool take_what_grew_in_an_arena(inst_alloc alloc, size_t room, size_t n) {
  inst_arena arena;
  inst_buf buf;
  inst_arena_init(&arena, alloc);
  if (room > 0) inst_arena_reserve(&arena, room);
  inst_buf_init_in(&buf, &arena);
  for (size_t i = 0; i < n; i++) inst_buf_byte(&buf, (char)('a' + i % 26));
  inst_str text = inst_buf_take(&buf, &arena);
  bool done = !inst_arena_failed(&arena);
  if (done) {
    assert_int_equal(text.n, n);
    assert_int_equal(text.p[n], 0);
    for (size_t i = 0; i < n; i++) assert_int_equal(text.p[i], 'a' + i % 26);
  }
  inst_arena_clear(&arena);
  return done;
}

static void what_outgrows_an_arena_is_copied_into_it(void **state) {
  (void)state;
  for (size_t room = 0; room < 20; room++)
    for (size_t n = 0; n < 40; n++) {
      check_memory memory = {0};
      assert_true(take_what_grew_in_an_arena(check_alloc(&memory), room, n));
      check_no_leaks(&memory);
    }
}

static bool grow_in_an_arena(inst_alloc alloc, void *ctx) {
  (void)ctx;
  return take_what_grew_in_an_arena(alloc, 10, 5000);
}

static void every_failure_in_an_arena_is_told_to_it(void **state) {
  (void)state;
  assert_true(check_every_failure(grow_in_an_arena, NULL) >= 4);
}

static void what_is_cleared_leaves_the_arena_as_it_was(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_buf buf;
  inst_arena_init(&arena, check_alloc(&memory));
  char *before = inst_arena_get(&arena, 8);
  inst_buf_init_in(&buf, &arena);
  inst_buf_add(&buf, INST_LIT("abc"));
  inst_buf_clear(&buf);
  assert_ptr_equal(inst_arena_get(&arena, 8), before + 8);
  inst_buf_add(&buf, INST_LIT("elsewhere"));
  assert_text(inst_buf_take(&buf, &arena), "elsewhere");
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

/* ---- quoting --------------------------------------------------------------------------------- */

static void check_quote(inst_str text, size_t max, const char *expected) {
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_buf_quote(&buf, text, max);
  assert_text(inst_buf_text(&buf), expected);
  inst_buf_clear(&buf);
}

static void a_short_text_is_quoted_whole(void **state) {
  (void)state;
  check_quote(INST_LIT("abc"), 3, "abc");
  check_quote(INST_LIT(""), 3, "");
  check_quote(INST_LIT("caf\xC3\xA9"), 5, "caf\xC3\xA9");
}

static void a_long_text_is_cut_between_characters_and_marked(void **state) {
  (void)state;
  check_quote(INST_LIT("abcd"), 3, "abc\xE2\x80\xA6");
  check_quote(INST_LIT("caf\xC3\xA9"), 4, "caf\xE2\x80\xA6");
  check_quote(INST_LIT("\xF0\x9F\x98\x80"), 3, "\xE2\x80\xA6");
  check_quote(INST_LIT("a"), 0, "\xE2\x80\xA6");
}

static void controls_become_blanks_and_stray_bytes_question_marks(void **state) {
  (void)state;
  check_quote(INST_LIT("a\nb\x1B[0m\x7F"), 20, "a b [0m ");
  check_quote(INST_LIT("a\0b"), 20, "a b");
  check_quote(INST_LIT("x\xC2\x85y\xC2\xA0"), 20, "x y\xC2\xA0");
  check_quote(INST_LIT("a\xFF\xE2\x82z"), 20, "a???z");
  check_quote(INST_LIT("\xED\xA0\x80"), 20, "???");
}

/* A text quoted a character at a time. */
static void quote_slowly(inst_buf *out, inst_str text, size_t max) {
  size_t at = 0;
  for (size_t n; at < text.n; at += n) {
    const char *c = text.p + at;
    for (n = 1; n <= 4 && at + n <= text.n && inst_utf8_span((inst_str){c, n}) < n;) n++;
    bool good = n <= 4 && at + n <= text.n;
    if (!good) n = 1;
    if (at + n > max) break;
    bool control = n == 1
                       ? (unsigned char)*c < 0x20 || *c == 0x7F
                       : n == 2 && memcmp(c, "\xC2\x80", 2) >= 0 && memcmp(c, "\xC2\x9F", 2) <= 0;
    inst_buf_add(out, !good ? INST_LIT("?") : control ? INST_LIT(" ") : (inst_str){c, n});
  }
  if (at < text.n) inst_buf_add(out, INST_LIT("\xE2\x80\xA6"));
}

static void runs_are_quoted_as_single_characters_are(void **state) {
  (void)state;
  static const char *const parts[] = {"a",        "req_0123456789abcdef",
                                      " ~",       "\x7F",
                                      "\n",       "\x1F",
                                      "\xC2\x85", "\xC3\xA9",
                                      "\xFF",     "\xE2\x82\xAC",
                                      "\xE2",     "\xF0\x9F\x98",
                                      "1234567",  "\x80"};
  uint32_t random = 1;
  for (int round = 0; round < 20000; round++) {
    inst_buf text, expected;
    inst_buf_init(&text, (inst_alloc){NULL, NULL});
    inst_buf_init(&expected, (inst_alloc){NULL, NULL});
    for (int i = 0; i < round % 7; i++) {
      random = random * 1664525 + 1013904223;
      inst_buf_add(&text, inst_str_of(parts[(random >> 16) % CHECK_COUNT(parts)]));
    }
    size_t max = (random >> 8) % 40;
    quote_slowly(&expected, inst_buf_text(&text), max);
    inst_buf_byte(&expected, '\0');
    check_quote(inst_buf_text(&text), max, expected.p);
    inst_buf_clear(&text);
    inst_buf_clear(&expected);
  }
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

static void every_code_point_is_written_and_read_back(void **state) {
  (void)state;
  for (uint32_t c = 0; c <= 0x10FFFF; c++) {
    char bytes[4];
    size_t n = inst_utf8_write(c, bytes);
    bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (inst_utf8_span((inst_str){bytes, n}) != (surrogate ? 0 : n)) fail_msg("U+%04X", c);
    if (!surrogate && inst_utf8_count((inst_str){bytes, n}) != 1) fail_msg("U+%04X", c);
  }
  char bytes[4];
  assert_int_equal(inst_utf8_write(0x110000, bytes), 4);
  assert_int_equal(inst_utf8_span((inst_str){bytes, 4}), 0);
}

/* Every row of four bytes out of those at the edges, against the definition by value. */
static size_t well_formed(const unsigned char *p) {
  if (p[0] < 0x80) return 1;
  size_t n = p[0] >= 0xF0 && p[0] < 0xF8 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC0 || p[0] >= 0xF8) return 0;
  uint32_t c = p[0] & (0x7Fu >> n);
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (p[i] & 0x3F);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
  return n;
}

static void spans_agree_with_the_definition(void **state) {
  (void)state;
  static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                        0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                        0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  size_t n = CHECK_COUNT(edges);
  for (size_t i = 0; i < n * n * n * n; i++) {
    unsigned char p[8] = {edges[i % n], edges[i / n % n], edges[i / n / n % n],
                          edges[i / n / n / n], 0xFF}; /* a stopper */
    size_t expected = 0, step;
    while (expected < 4 && (step = well_formed(p + expected)) > 0) expected += step;
    size_t span = inst_utf8_span((inst_str){(const char *)p, 4});
    if (span != expected) fail_msg("%02X %02X %02X %02X", p[0], p[1], p[2], p[3]);
  }
}

static void a_span_is_found_at_every_distance_from_a_word_border(void **state) {
  (void)state;
  char text[40];
  for (size_t at = 0; at < 36; at++) {
    memset(text, 'x', sizeof text);
    memcpy(text + at, "\xE2\x82\xAC", 3);
    assert_int_equal(inst_utf8_span((inst_str){text, sizeof text}), sizeof text);
    assert_int_equal(inst_utf8_span((inst_str){text, at + 2}), at);
    text[at + 1] = 'x';
    assert_int_equal(inst_utf8_span((inst_str){text, sizeof text}), at);
  }
}

static void steps_say_how_much_of_a_character_came(void **state) {
  (void)state;
  inst_utf8 utf8 = {0};
  assert_true(inst_utf8_step(&utf8, 0xF0));
  assert_int_equal(utf8.have, 1);
  assert_int_equal(utf8.need, 3);
  assert_false(inst_utf8_step(&utf8, 0x80));
  assert_true(inst_utf8_step(&utf8, 0x9F));
  assert_true(inst_utf8_step(&utf8, 0x98));
  assert_int_equal(utf8.have, 3);
  assert_true(inst_utf8_step(&utf8, 0x80));
  assert_int_equal(utf8.have, 0);
  assert_int_equal(utf8.need, 0);
  assert_true(inst_utf8_step(&utf8, 'x'));
  assert_false(inst_utf8_step(&utf8, 0x80));
}

static void a_stray_byte_counts_as_one(void **state) {
  (void)state;
  assert_int_equal(inst_utf8_count(INST_LIT("")), 0);
  assert_int_equal(inst_utf8_count(INST_LIT("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
  assert_int_equal(inst_utf8_count(INST_LIT("a\xFF\xE2\x82z")), 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_are_compared_by_their_bytes),
      cmocka_unit_test(letter_case_counts_for_ascii_only),
      cmocka_unit_test(a_start_may_be_the_whole_text_or_nothing),
      cmocka_unit_test(blanks_are_trimmed_at_both_ends),
      cmocka_unit_test(every_failure_of_a_buffer_is_remembered),
      cmocka_unit_test(a_failed_buffer_takes_no_more),
      cmocka_unit_test(an_empty_buffer_is_an_empty_text),
      cmocka_unit_test(a_size_no_machine_has_fails),
      cmocka_unit_test(taken_bytes_live_in_the_arena),
      cmocka_unit_test(what_a_failed_buffer_gives_is_no_text_and_the_arena_knows),
      cmocka_unit_test(what_fits_into_an_arena_stays_where_it_was_written),
      cmocka_unit_test(what_outgrows_an_arena_is_copied_into_it),
      cmocka_unit_test(every_failure_in_an_arena_is_told_to_it),
      cmocka_unit_test(what_is_cleared_leaves_the_arena_as_it_was),
      cmocka_unit_test(a_short_text_is_quoted_whole),
      cmocka_unit_test(a_long_text_is_cut_between_characters_and_marked),
      cmocka_unit_test(controls_become_blanks_and_stray_bytes_question_marks),
      cmocka_unit_test(runs_are_quoted_as_single_characters_are),
      cmocka_unit_test(every_code_point_is_written_and_read_back),
      cmocka_unit_test(spans_agree_with_the_definition),
      cmocka_unit_test(a_span_is_found_at_every_distance_from_a_word_border),
      cmocka_unit_test(steps_say_how_much_of_a_character_came),
      cmocka_unit_test(a_stray_byte_counts_as_one),
  };
  return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
