/*
** Values to text.
*/
#include "spec/core/arena_check.h"

#include "core/json/write.h"

#include <math.h>

static inst_value *parse(const char *text) {
  inst_value *v = inst_json_parse(&scratch, inst_str_of(text), 100, NULL);
  if (v == NULL) fail_msg("no JSON: %s", text);
  return v;
}

static void check_string(inst_str text, const char *expected) {
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_json_write_string(&buf, text);
  assert_text(inst_buf_text(&buf), expected);
  inst_buf_clear(&buf);
}

static void compact_text_has_no_blanks(void **state) {
  (void)state;
  static const char *const texts[] = {
      "null",
      "true",
      "false",
      "0",
      "-7",
      "\"\"",
      "[]",
      "{}",
      "[[]]",
      "[[],{},[[1]],2]",
      "{\"a\":{\"b\":[1,2,{\"c\":null}],\"d\":{}},\"e\":\"f\"}",
      "[9223372036854775807,-9223372036854775808]",
  };
  for (size_t i = 0; i < CHECK_COUNT(texts); i++) assert_json(parse(texts[i]), texts[i]);
}

static void a_value_is_written_without_its_neighbours(void **state) {
  (void)state;
  inst_value *object = parse("{\"a\":[1],\"b\":{\"c\":2},\"d\":3}");
  assert_json(inst_find(object, "a"), "[1]");
  assert_json(inst_find(object, "b"), "{\"c\":2}");
  assert_json(inst_find(object, "d"), "3");
}

static void a_real_stays_a_real(void **state) {
  (void)state;
  assert_json(inst_real(&scratch, 30.0), "30.0");
  assert_json(inst_real(&scratch, 0.1), "0.1");
  assert_json(inst_real(&scratch, -0.0), "-0.0");
  assert_json(inst_real(&scratch, 1e300), "1e+300");
  assert_json(parse("1e2"), "100.0");
  assert_int_equal(inst_value_kind_of(parse("30.0")), INST_REAL);
}

static void what_json_has_no_word_for_is_null(void **state) {
  (void)state;
  assert_json(inst_real(&scratch, (double)NAN), "null");
  assert_json(inst_real(&scratch, (double)INFINITY), "null");
  assert_json(inst_opaque(&scratch, 3, "function"), "null");
  inst_str text = inst_json_text(&scratch, NULL);
  assert_text(text, "null");
}

static void only_what_must_be_escaped_is(void **state) {
  (void)state;
  check_string(INST_LIT("plain / text"), "\"plain / text\"");
  check_string(INST_LIT("\"\\"), "\"\\\"\\\\\"");
  check_string(INST_LIT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
  check_string(INST_LIT("a\0b\x1F\x7F"), "\"a\\u0000b\\u001f\x7F\"");
  check_string(INST_LIT("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"");
  check_string((inst_str){NULL, 0}, "\"\"");
}

static void stray_bytes_become_replacement_characters(void **state) {
  (void)state;
  check_string(INST_LIT("\xFF"), "\"\xEF\xBF\xBD\"");
  check_string(INST_LIT("a\xE2\x82\n"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\\n\"");
  check_string(INST_LIT("\xED\xA0\x80x"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx\"");
}

static void keys_are_escaped_too(void **state) {
  (void)state;
  inst_value *object = inst_object(&scratch);
  inst_put(&scratch, object, INST_LIT("a\"\n"), inst_null(&scratch));
  assert_json(object, "{\"a\\\"\\n\":null}");
}

static void every_string_reads_back(void **state) {
  (void)state;
  char bytes[4];
  for (uint32_t c = 0; c < 0x11000; c++) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    inst_arena work;
    inst_arena_init(&work, (inst_alloc){NULL, NULL});
    inst_str text = {bytes, inst_utf8_write(c, bytes)};
    inst_str json = inst_json_text(&work, inst_string(&work, text));
    inst_value *back = inst_json_parse(&work, json, 1, NULL);
    if (!inst_str_is(inst_value_text(back), text)) fail_msg("U+%04X", c);
    inst_arena_clear(&work);
  }
}

/* A string written a byte at a time. */
static void write_slowly(inst_buf *out, inst_str text) {
  inst_buf_byte(out, '"');
  for (size_t at = 0, n; at < text.n; at += n) {
    const char *c = text.p + at;
    for (n = 1; n <= 4 && at + n <= text.n && inst_utf8_span((inst_str){c, n}) < n;) n++;
    bool good = n <= 4 && at + n <= text.n;
    n = good ? n : 1;
    if (!good)
      inst_buf_add(out, INST_LIT("\xEF\xBF\xBD"));
    else if (*c == '"' || *c == '\\')
      inst_buf_addf(out, "\\%c", *c);
    else if (n == 1 && *c > 0 && *c < 0x20 && strchr("\b\f\n\r\t", *c) != NULL)
      inst_buf_addf(out, "\\%c", "btn?fr"[*c - '\b']);
    else if (n == 1 && *c >= 0 && *c < 0x20)
      inst_buf_addf(out, "\\u%04x", *c);
    else
      inst_buf_add(out, (inst_str){c, n});
  }
  inst_buf_byte(out, '"');
}

static void runs_are_written_as_single_bytes_are(void **state) {
  (void)state;
  static const char *const parts[] = {"a",
                                      "plain words, ",
                                      "\"",
                                      "\\",
                                      "\n",
                                      "\x01",
                                      "\xC3\xA9",
                                      "\xE2\x82\xAC",
                                      "\xF0\x9F\x98\x80",
                                      "\xFF",
                                      "\xE2\x82",
                                      "\xED\xA0\x80",
                                      "\xC0\x80",
                                      "0123456789abcdefghijk"};
  uint32_t random = 1;
  for (int round = 0; round < 20000; round++) {
    inst_buf text, expected, out;
    inst_buf_init(&text, (inst_alloc){NULL, NULL});
    inst_buf_init(&expected, (inst_alloc){NULL, NULL});
    inst_buf_init(&out, (inst_alloc){NULL, NULL});
    for (int i = 0; i < round % 12; i++) {
      random = random * 1664525 + 1013904223;
      inst_buf_add(&text, inst_str_of(parts[(random >> 16) % CHECK_COUNT(parts)]));
    }
    write_slowly(&expected, inst_buf_text(&text));
    inst_json_write_string(&out, inst_buf_text(&text));
    if (!inst_str_is(inst_buf_text(&out), inst_buf_text(&expected))) fail_msg("%s", text.p);
    inst_buf_clear(&text);
    inst_buf_clear(&expected);
    inst_buf_clear(&out);
  }
}

/* Whatever is looked at together, and wherever in it something does not stand for itself. */
static void strings_of_every_length_are_written_as_single_bytes_are(void **state) {
  (void)state;
  static const char specials[] = "\"\\\n\x1F\x7F\xFF ~z";
  char text[64];
  for (size_t n = 0; n < 50; n++)
    for (size_t at = 0; at <= n; at++)
      for (size_t i = 0; i < sizeof specials; i++) { /* the last is '\0' */
        inst_buf expected, out;
        inst_buf_init(&expected, (inst_alloc){NULL, NULL});
        inst_buf_init(&out, (inst_alloc){NULL, NULL});
        memset(text, 'x', sizeof text);
        if (at < n) text[at] = specials[i];
        write_slowly(&expected, (inst_str){text, n});
        inst_json_write_string(&out, (inst_str){text, n});
        if (!inst_str_is(inst_buf_text(&out), inst_buf_text(&expected)))
          fail_msg("%zu bytes, %02X at %zu", n, (unsigned)specials[i] & 0xFF, at);
        inst_buf_clear(&expected);
        inst_buf_clear(&out);
      }
}

static void lists_lie_as_deep_as_they_like(void **state) {
  (void)state;
  for (size_t depth = 1; depth < 40; depth++) {
    inst_buf text;
    inst_buf_init(&text, (inst_alloc){NULL, NULL});
    for (size_t i = 0; i < depth; i++) inst_buf_add(&text, INST_LIT("[{\"a\":"));
    inst_buf_byte(&text, '1');
    for (size_t i = 0; i < depth; i++) inst_buf_add(&text, INST_LIT(",\"b\":[]},{}]"));
    inst_value *v = inst_json_parse(&scratch, inst_buf_text(&text), 100, NULL);
    assert_true(inst_str_is(inst_json_text(&scratch, v), inst_buf_text(&text)));
    inst_buf_clear(&text);
  }
}

static void depth_costs_no_stack(void **state) {
  (void)state;
  inst_value *v = inst_array(&scratch);
  for (int i = 1; i < 1000000; i++) {
    inst_value *outer = i % 2 ? inst_object(&scratch) : inst_array(&scratch);
    inst_put_kept(outer, INST_LIT("k"), v);
    inst_push(outer, v);
    v = outer;
  }
  assert_int_equal(inst_json_text(&scratch, v).n, 500000 * (2 + 4) + 499999 * 2 + 2);
}

static bool write_all(inst_alloc alloc, void *ctx) {
  inst_arena *work = inst_arena_new(alloc);
  if (work == NULL) return false;
  inst_str text = inst_json_text(work, ctx);
  bool done = text.p != NULL;
  assert_true(done == !inst_arena_failed(work));
  inst_arena_free(work);
  inst_buf buf;
  inst_buf_init(&buf, alloc);
  inst_json_write(&buf, ctx);
  done = done && !buf.failed;
  inst_buf_clear(&buf);
  return done;
}

static void every_failure_is_reported(void **state) {
  (void)state;
  inst_value *v =
      parse("[[[[[[[[[[[[[[[{\"abcdefghijklmnopqrstuvwxyz\":[1,2.5,\"\\u0001 text\","
            "\"abcdefghijklmnopqrstuvwxyz\",\"abcdefghijklmnopqrstuvwxyz\"]}]]]]]]]]]]]]]]]");
  assert_true(check_every_failure(write_all, v) >= 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(compact_text_has_no_blanks, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_value_is_written_without_its_neighbours, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_real_stays_a_real, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_json_has_no_word_for_is_null, set_up, tear_down),
      cmocka_unit_test(only_what_must_be_escaped_is),
      cmocka_unit_test(stray_bytes_become_replacement_characters),
      cmocka_unit_test_setup_teardown(keys_are_escaped_too, set_up, tear_down),
      cmocka_unit_test(every_string_reads_back),
      cmocka_unit_test(runs_are_written_as_single_bytes_are),
      cmocka_unit_test(strings_of_every_length_are_written_as_single_bytes_are),
      cmocka_unit_test_setup_teardown(lists_lie_as_deep_as_they_like, set_up, tear_down),
      cmocka_unit_test_setup_teardown(depth_costs_no_stack, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_failure_is_reported, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
