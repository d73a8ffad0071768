/*
** Filling an inst_error.
*/
#include "spec/core/check.h"

#include "core/base/error.h"

static void the_first_fault_is_the_one_told(void **state) {
  (void)state;
  inst_error error = {.code = INST_E_NONE};
  assert_int_equal(inst_error_set(&error, INST_E_HTTP, "status %d", 500), -1);
  assert_int_equal(inst_error_set(&error, INST_E_USAGE, "later"), -1);
  assert_int_equal(error.code, INST_E_HTTP);
  assert_string_equal(error.text, "status 500");
  inst_error_clear(&error);
  assert_int_equal(error.code, INST_E_NONE);
  assert_string_equal(error.text, "");
}

static void nothing_is_left_of_a_fault_that_was_cleared(void **state) {
  (void)state;
  inst_error error = {.status = 500, .retryable = true, .offset = 7, .reason = "why"};
  inst_error_set(&error, INST_E_HTTP, "status %d", 500);
  inst_error_clear(&error);
  assert_int_equal(error.code, INST_E_NONE);
  assert_int_equal(error.status, 0);
  assert_false(error.retryable);
  assert_int_equal(error.offset, 0);
  assert_string_equal(error.reason, "");
  assert_string_equal(error.text, "");
}

static void nobody_needs_to_ask(void **state) {
  (void)state;
  assert_int_equal(inst_error_set(NULL, INST_E_HTTP, "x"), -1);
  assert_int_equal(inst_error_memory(NULL), -1);
}

static void lost_memory_has_one_sentence(void **state) {
  (void)state;
  inst_error error = {.code = INST_E_NONE};
  assert_int_equal(inst_error_memory(&error), -1);
  assert_int_equal(error.code, INST_E_MEMORY);
  assert_string_equal(error.text, "memory ran out");
}

/* A text of 'blanks' and then 'character' many times; what the error keeps of it is well-formed. */
static void cut(size_t blanks, const char *character) {
  char text[2 * sizeof((inst_error *)0)->text];
  memset(text, ' ', blanks);
  size_t n = blanks, step = strlen(character);
  for (; n + step < sizeof text; n += step) memcpy(text + n, character, step);
  text[n] = '\0';
  inst_error error = {.code = INST_E_NONE};
  inst_error_set(&error, INST_E_HTTP, "%s", text);
  inst_str kept = inst_str_of(error.text);
  assert_true(kept.n < sizeof error.text);
  assert_true(kept.n + step >= sizeof error.text);
  assert_int_equal(inst_utf8_span(kept), kept.n);
}

static void a_long_text_is_cut_between_characters(void **state) {
  (void)state;
  for (size_t blanks = 0; blanks < 5; blanks++) {
    cut(blanks, "x");
    cut(blanks, "\xC3\xA9");
    cut(blanks, "\xE2\x82\xAC");
    cut(blanks, "\xF0\x9F\x98\x80");
  }
}

static void a_text_that_just_fits_is_whole(void **state) {
  (void)state;
  char text[sizeof((inst_error *)0)->text];
  memset(text, 'x', sizeof text);
  memcpy(text + sizeof text - 4, "\xE2\x82\xAC", 4);
  inst_error error = {.code = INST_E_NONE};
  inst_error_set(&error, INST_E_HTTP, "%s", text);
  assert_string_equal(error.text, text);
}

static void every_code_has_its_name(void **state) {
  (void)state;
  assert_string_equal(inst_code_name(INST_E_NONE), "none");
  assert_string_equal(inst_code_name(INST_E_CONTENT_FILTER), "content_filter");
  for (int code = 0; code < INST_CODE_COUNT; code++)
    assert_non_null(inst_code_name((inst_code)code));
  assert_string_equal(inst_code_name(INST_CODE_COUNT), "unknown");
}

static void what_has_an_error_is_zeroed_as_far_as_it_counts(void **state) {
  (void)state;
  struct {
    int number;
    char text[30];
    void *p;
    inst_error error;
  } it;
  memset(&it, 0xFF, sizeof it);
  INST_ZERO_TO_ERROR(&it);
  assert_int_equal(it.number, 0);
  for (size_t i = 0; i < sizeof it.text; i++) assert_int_equal(it.text[i], 0);
  assert_null(it.p);
  assert_int_equal(it.error.code, INST_E_NONE);
  assert_int_equal(it.error.status, 0);
  assert_int_equal(it.error.offset, 0);
  assert_false(it.error.retryable);
  assert_string_equal(it.error.text, "");
  assert_string_equal(it.error.reason, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_fault_is_the_one_told),
      cmocka_unit_test(nothing_is_left_of_a_fault_that_was_cleared),
      cmocka_unit_test(nobody_needs_to_ask),
      cmocka_unit_test(lost_memory_has_one_sentence),
      cmocka_unit_test(a_long_text_is_cut_between_characters),
      cmocka_unit_test(a_text_that_just_fits_is_whole),
      cmocka_unit_test(what_has_an_error_is_zeroed_as_far_as_it_counts),
      cmocka_unit_test(every_code_has_its_name),
  };
  return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
