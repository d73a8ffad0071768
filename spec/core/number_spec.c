/*
** Numbers in and out of text.
*/
#include "spec/core/check.h"

#include "core/base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>

/* ---- reading --------------------------------------------------------------------------------- */

static void check_int(const char *text, int64_t expected) {
  int64_t i = 0;
  double d = 0;
  if (inst_number_read(inst_str_of(text), &i, &d) != INST_NUMBER_INT || i != expected)
    fail_msg("%s", text);
}

static void check_real(const char *text, double expected) {
  int64_t i = 0;
  double d = 0;
  if (inst_number_read(inst_str_of(text), &i, &d) != INST_NUMBER_REAL) fail_msg("%s", text);
  if (memcmp(&d, &expected, sizeof d) != 0) fail_msg("%s gave %.17g", text, d);
}

static void check_bad(const char *text) {
  int64_t i;
  double d;
  if (inst_number_read(inst_str_of(text), &i, &d) != INST_NUMBER_BAD) fail_msg("%s", text);
}

static void whole_numbers_that_fit_are_ints(void **state) {
  (void)state;
  check_int("0", 0);
  check_int("7", 7);
  check_int("-1", -1);
  check_int("1234567890123456789", 1234567890123456789);
  check_int("9223372036854775807", INT64_MAX);
  check_int("-9223372036854775808", INT64_MIN);
}

static void whole_numbers_that_do_not_fit_are_reals(void **state) {
  (void)state;
  check_real("9223372036854775808", 9223372036854775808.0);
  check_real("-9223372036854775809", -9223372036854775808.0);
  check_real("18446744073709551616", 18446744073709551616.0);
  check_real("100000000000000000000000", 1e23);
}

static void a_fraction_or_an_exponent_makes_a_real(void **state) {
  (void)state;
  check_real("1.0", 1.0);
  check_real("1e0", 1.0);
  check_real("-0", -0.0);
  check_real("-0.0", -0.0);
  check_real("0e5", 0.0);
  check_real("0.000e-400", 0.0);
  check_real("1E+2", 100.0);
  check_real("1e-2", 0.01);
  check_real("0.1", 0.1);
  check_real("123.456e-7", 123.456e-7);
}

static void what_json_does_not_write_is_bad(void **state) {
  (void)state;
  static const char *const texts[] = {"",    "-",   "+1",  ".5",  "1.",  "1.e5", "1e",    "1e+",
                                      "1e-", "01",  "-01", "00",  "1 ",  " 1",   "0x1",   "1e5.",
                                      "1,5", "NaN", "--1", "1-1", "-a",  "1.5.", "1e5e5", "inf",
                                      "1.+", "0e",  "-.5", "1f",  "1_0", "1e+-2"};
  for (size_t n = 0; n < CHECK_COUNT(texts); n++) check_bad(texts[n]);
}

static void what_passes_a_double_is_bad_and_what_is_too_small_is_zero(void **state) {
  (void)state;
  check_bad("1e309");
  check_bad("-1e309");
  check_bad("1e999999999999999999999999");
  check_bad("1797693134862315900000000000000e279");
  check_real("1.7976931348623157e308", DBL_MAX);
  check_real("1e-999999999999999999999999", 0.0);
  check_real("-1e-400", -0.0);
  check_real("5e-324", 5e-324);
  check_real("2e-324", 0.0);
  check_real("2.2250738585072014e-308", DBL_MIN);
}

/* Ties and near ties between two doubles, with more digits than any double needs. */
static void long_texts_are_rounded_right(void **state) {
  (void)state;
  static char text[5000];
  check_real("9007199254740993.0", 9007199254740992.0); /* a tie goes to the even one */
  memset(text, '0', sizeof text);
  memcpy(text, "9007199254740993.0", 18);
  text[3000] = '1'; /* the least bit more is no tie */
  text[3001] = '\0';
  check_real(text, 9007199254740994.0);
  memset(text, '0', sizeof text);
  memcpy(text, "0.", 2);
  memcpy(text + 4000, "1e3999", 7);
  check_real(text, 1.0);
  memset(text, '0', sizeof text);
  text[0] = '1';
  memcpy(text + 4001, "e-4000", 7);
  check_real(text, 1.0);
}

static void check_against_strtod(const char *text) {
  int64_t i = 0;
  double d = 0, expected = strtod(text, NULL);
  if (inst_number_read(inst_str_of(text), &i, &d) != INST_NUMBER_REAL) fail_msg("%s", text);
  if (memcmp(&d, &expected, sizeof d) != 0) fail_msg("%s gave %.17g", text, d);
}

/* Where 'text' is a number, it is taken off the front when 'behind' stands behind it; where it is
** none, it is not taken, or not all of it. */
static void check_taken(const char *text, char behind) {
  char both[64];
  int64_t i = 0, wanted_i = 0;
  double d = 0, wanted_d = 0;
  size_t used;
  size_t n = (size_t)snprintf(both, sizeof both, "%s%c", text, behind);
  inst_number_kind wanted = inst_number_read(inst_str_of(text), &wanted_i, &wanted_d);
  inst_number_kind kind = inst_number_take((inst_str){both, n}, &i, &d, &used);
  bool rest = kind != INST_NUMBER_BAD && used < n - 1; /* then the text is broken there */
  if (rest ? wanted != INST_NUMBER_BAD : kind != wanted) fail_msg("%s", text);
  if (wanted == INST_NUMBER_INT) assert_int_equal(i, wanted_i);
  if (wanted == INST_NUMBER_REAL) assert_memory_equal(&d, &wanted_d, sizeof d);
  const char *at = both;
  bool few = inst_number_take_few(&at, both + n, &i), all = at == both + n - 1;
  if (few && all && (wanted != INST_NUMBER_INT || i != wanted_i)) fail_msg("%s", text);
  if (few ? !all && wanted != INST_NUMBER_BAD : at != both) fail_msg("%s", text);
  if (!few && wanted == INST_NUMBER_INT && strlen(text) <= INST_FEW_DIGITS) fail_msg("%s", text);
  at = both;
  if (all) assert_false(inst_number_take_few(&at, both + n - 1, &i)); /* more might follow */
}

static void numbers_taken_off_a_text_are_those_that_are_read(void **state) {
  (void)state;
  static const char *const texts[] = {
      "0",
      "-0",
      "7",
      "-7",
      "00",
      "-01",
      "1.",
      "1.5",
      "-",
      "-.5",
      "1e5",
      "1E5",
      "--1",
      "+1",
      "1.5.2",
      "12-3",
      "1e+",
      "",
      "0.0",
      "-0.0",
      "0e0",
      "9007199254740993",
      "123456789012345",
      "1234567890123456",
      "-999999999999999",
      "9223372036854775808",
  };
  uint64_t random = 7;
  for (size_t k = 0; k < CHECK_COUNT(texts); k++) {
    check_taken(texts[k], ',');
    check_taken(texts[k], ' ');
  }
  for (int n = 0; n < 20000; n++) {
    char text[8];
    size_t length = 1 + check_random(&random) % 6;
    for (size_t k = 0; k < length; k++) text[k] = "0123456789-.e"[check_random(&random) % 13];
    text[length] = '\0';
    check_taken(text, ']');
  }
}

static void random_texts_agree_with_the_c_library(void **state) {
  (void)state;
  uint64_t random = 88172645463325252u;
  for (int n = 0; n < 20000; n++) {
    char text[64];
    uint64_t bits = check_random(&random);
    int exponent = (int)(check_random(&random) % 60) - 30;
    if (n % 3 == 0) exponent *= 9;
    snprintf(text, sizeof text, "%s%llu.%llue%d", n % 2 ? "-" : "",
             (unsigned long long)(bits >> (n % 64)),
             (unsigned long long)(check_random(&random) % 1000), exponent);
    check_against_strtod(text);
  }
}

/* ---- writing --------------------------------------------------------------------------------- */

static void check_write(double d, const char *bare, const char *with_point, const char *js) {
  char out[INST_NUMBER_ROOM];
  assert_int_equal(inst_number_write(d, false, out), strlen(bare));
  assert_string_equal(out, bare);
  assert_int_equal(inst_number_write(d, true, out), strlen(with_point));
  assert_string_equal(out, with_point);
  assert_int_equal(inst_number_write_js(d, out), strlen(js));
  assert_string_equal(out, js);
}

static void doubles_are_written_as_javascript_does(void **state) {
  (void)state;
  check_write(0.0, "0", "0.0", "0");
  check_write(-0.0, "-0", "-0.0", "0");
  check_write(5.0, "5", "5.0", "5");
  check_write(-30.0, "-30", "-30.0", "-30");
  check_write(0.1, "0.1", "0.1", "0.1");
  check_write(-12.5, "-12.5", "-12.5", "-12.5");
  check_write(1e-6, "0.000001", "0.000001", "0.000001");
  check_write(1e-7, "1e-7", "1e-7", "1e-7");
  check_write(1.5e-10, "1.5e-10", "1.5e-10", "1.5e-10");
  check_write(1e20, "100000000000000000000", "100000000000000000000.0", "100000000000000000000");
  check_write(1e21, "1e+21", "1e+21", "1e+21");
  check_write(1.25e22, "1.25e+22", "1.25e+22", "1.25e+22");
  check_write(123456789012345680.0, "123456789012345680", "123456789012345680.0",
              "123456789012345680");
  check_write(0.30000000000000004, "0.30000000000000004", "0.30000000000000004",
              "0.30000000000000004");
  check_write(1.0 / 3, "0.3333333333333333", "0.3333333333333333", "0.3333333333333333");
  check_write(5e-324, "5e-324", "5e-324", "5e-324");
  check_write(DBL_MAX, "1.7976931348623157e+308", "1.7976931348623157e+308",
              "1.7976931348623157e+308");
  check_write(9007199254740993.0, "9007199254740992", "9007199254740992.0", "9007199254740992");
}

static void what_is_not_finite_has_a_word(void **state) {
  (void)state;
  check_write((double)INFINITY, "null", "null", "Infinity");
  check_write(-(double)INFINITY, "null", "null", "-Infinity");
  check_write((double)NAN, "null", "null", "NaN");
}

static void check_round_trip(double d) {
  char out[INST_NUMBER_ROOM];
  int64_t i;
  double back = 0;
  size_t n = inst_number_write(d, true, out);
  assert_true(n < INST_NUMBER_ROOM);
  if (inst_number_read((inst_str){out, n}, &i, &back) != INST_NUMBER_REAL) fail_msg("%s", out);
  if (memcmp(&back, &d, sizeof d) != 0) fail_msg("%.17g came back as %.17g", d, back);
}

static void every_double_reads_back(void **state) {
  (void)state;
  uint64_t random = 88172645463325252u;
  for (int n = 0; n < 20000; n++) {
    uint64_t bits = check_random(&random);
    if (n % 16 == 0) bits &= UINT64_C(0x800FFFFFFFFFFFFF); /* subnormal */
    double d;
    memcpy(&d, &bits, sizeof d);
    if (isfinite(d)) check_round_trip(d);
  }
  for (int exponent = -1074; exponent < 1024; exponent++) {
    check_round_trip(ldexp(1.0, exponent));
    check_round_trip(nextafter(ldexp(1.0, exponent), 0));
  }
}

/* ---- whole numbers --------------------------------------------------------------------------- */

static void a_double_is_an_int_when_it_is_one_exactly(void **state) {
  (void)state;
  int64_t i = 0;
  assert_true(inst_number_is_int(5.0, &i) && i == 5);
  assert_true(inst_number_is_int(-0.0, &i) && i == 0);
  assert_true(inst_number_is_int(-9223372036854775808.0, &i) && i == INT64_MIN);
  assert_true(inst_number_is_int(9007199254740992.0, &i) && i == 9007199254740992);
  assert_false(inst_number_is_int(5.5, &i));
  assert_false(inst_number_is_int(9223372036854775808.0, &i));
  assert_false(inst_number_is_int((double)NAN, &i));
  assert_false(inst_number_is_int((double)INFINITY, &i));
}

/* ---- locales --------------------------------------------------------------------------------- */

/* Some locale whose decimal point is a comma, or NULL. */
static const char *comma_locale(void) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8",
                                      "de_DE",       "ps_AF",      "fa_IR"};
  for (size_t i = 0; i < CHECK_COUNT(names); i++)
    if (setlocale(LC_ALL, names[i]) != NULL && strcmp(localeconv()->decimal_point, ".") != 0)
      return names[i];
  return NULL;
}

static void no_locale_changes_anything(void **state) {
  if (comma_locale() == NULL) skip();
  doubles_are_written_as_javascript_does(state);
  every_double_reads_back(state);
  check_real("1.5", 1.5);
  check_real("123.4567890123456789012345", 0x1.edd3c07fb4c99p+6);
  check_real("1.7976931348623157e308", DBL_MAX);
  check_bad("1,5");
  setlocale(LC_ALL, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_numbers_that_fit_are_ints),
      cmocka_unit_test(whole_numbers_that_do_not_fit_are_reals),
      cmocka_unit_test(a_fraction_or_an_exponent_makes_a_real),
      cmocka_unit_test(what_json_does_not_write_is_bad),
      cmocka_unit_test(what_passes_a_double_is_bad_and_what_is_too_small_is_zero),
      cmocka_unit_test(long_texts_are_rounded_right),
      cmocka_unit_test(numbers_taken_off_a_text_are_those_that_are_read),
      cmocka_unit_test(random_texts_agree_with_the_c_library),
      cmocka_unit_test(doubles_are_written_as_javascript_does),
      cmocka_unit_test(what_is_not_finite_has_a_word),
      cmocka_unit_test(every_double_reads_back),
      cmocka_unit_test(a_double_is_an_int_when_it_is_one_exactly),
      cmocka_unit_test(no_locale_changes_anything),
  };
  return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
