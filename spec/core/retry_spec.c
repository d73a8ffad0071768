/*
** When to try again, and how long to wait: the arithmetic alone.
*/
#include "spec/core/check.h"

#include "core/call/retry.h"

#include <math.h>

static inst_retry_hints hints(const char *should_retry, const char *after, const char *after_ms) {
  return (inst_retry_hints){inst_str_of(should_retry), inst_str_of(after), inst_str_of(after_ms)};
}

static void busy_and_broken_servers_are_worth_a_retry(void **state) {
  (void)state;
  const inst_retry_hints none = hints(NULL, NULL, NULL);
  for (int status = 0; status < 700; status++) {
    bool worth = status == 408 || status == 409 || status == 429 || status >= 500;
    assert_int_equal(inst_retry_is_worth(status, &none), worth);
  }
}

static void the_servers_word_comes_first(void **state) {
  (void)state;
  const inst_retry_hints yes = hints("TRUE", NULL, NULL), no = hints("false", NULL, NULL);
  const inst_retry_hints odd = hints("maybe", NULL, NULL), blank = hints(" true", NULL, NULL);
  assert_true(inst_retry_is_worth(401, &yes));
  assert_false(inst_retry_is_worth(503, &no));
  assert_true(inst_retry_is_worth(503, &odd));
  assert_false(inst_retry_is_worth(400, &odd));
  assert_false(inst_retry_is_worth(400, &blank));
}

static double after(const char *seconds, const char *ms, double wall) {
  const inst_retry_hints all = hints(NULL, seconds, ms);
  return inst_retry_after(&all, wall);
}

static void assert_near(double got, double wanted) {
  if (fabs(got - wanted) > 1e-9) fail_msg("%g, not %g", got, wanted);
}

static void milliseconds_come_before_seconds(void **state) {
  (void)state;
  assert_near(after("5", "250", 0), 0.25);
  assert_near(after("5", "0.5", 0), 0.0005);
  assert_near(after("5", "soon", 0), 5);
  assert_near(after("5", "60000", 0), 60);
  assert_near(after("5", "60001", 0), 5);
  assert_near(after(" 1.5 ", NULL, 0), 1.5);
}

static void what_is_no_wait_is_not_one(void **state) {
  (void)state;
  static const char *const none[] = {NULL,  "",    "0",     "-1",   "60.1",  "1e9", "Infinity",
                                     "NaN", "abc", "5 sec", "0x10", "1e999", "05",  "+5"};
  for (size_t i = 0; i < CHECK_COUNT(none); i++)
    if (!(after(none[i], NULL, 1e9) < 0)) fail_msg("%s is a wait", none[i]);
}

static void a_date_is_a_wait_where_the_time_of_day_is_known(void **state) {
  (void)state;
  const char *date = "Sun, 06 Nov 1994 08:49:37 GMT";
  assert_near(after(date, NULL, 784111777 - 30), 30);
  assert_near(after(date, NULL, 784111777 - 60), 60);
  assert_true(after(date, NULL, 784111777 - 61) < 0);
  assert_true(after(date, NULL, 784111777) < 0); /* now is no wait */
  assert_true(after(date, NULL, 784111777 + 1) < 0);
  assert_true(after(date, NULL, 0) < 0);
}

static void dates_are_counted_from_1970(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double seconds;
  } dates[] = {
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
      {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
      {"Wed, 01 Mar 2000 00:00:00 GMT", 951868800},
      {"Mon, 28 Feb 2101 00:00:00 GMT", 4138992000},
      {"Fri, 31 Dec 9999 23:59:60 GMT", 253402300800},
  };
  for (size_t i = 0; i < CHECK_COUNT(dates); i++)
    assert_near(inst_retry_date(inst_str_of(dates[i].text)), dates[i].seconds);
}

static void what_is_no_date_is_none(void **state) {
  (void)state;
  static const char *const none[] = {
      "",
      "Sun, 06 Nov 1994 08:49:37",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 6  Nov 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 32 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1969 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov -994 08:49:37 GMT",
  };
  for (size_t i = 0; i < CHECK_COUNT(none); i++)
    if (!(inst_retry_date(inst_str_of(none[i])) < 0)) fail_msg("%s is a date", none[i]);
}

static void back_off_doubles_up_to_its_limit(void **state) {
  (void)state;
  const inst_backoff usual = {INST_BACKOFF_INITIAL, INST_BACKOFF_FACTOR, INST_BACKOFF_MAX,
                              INST_BACKOFF_JITTER, false};
  const double waits[] = {0.5, 1, 2, 4, 8, 8, 8};
  for (unsigned n = 0; n < CHECK_COUNT(waits); n++) {
    assert_near(inst_retry_backoff(&usual, n, 0), waits[n]);
    assert_near(inst_retry_backoff(&usual, n, 1), waits[n] * 0.75);
    assert_near(inst_retry_backoff(&usual, n, 0.5), waits[n] * 0.875);
  }
  assert_near(inst_retry_backoff(&usual, 4000000000u, 0), 8);
}

static void other_back_offs_are_what_they_say(void **state) {
  (void)state;
  const inst_backoff none = {0, 1, 0, 0, false}, even = {3, 1, 9, 0, false};
  const inst_backoff steep = {1, 10, 50, 1, false}, short_one = {5, 2, 1, 0, false};
  assert_near(inst_retry_backoff(&none, 7, 0.5), 0);
  assert_near(inst_retry_backoff(&even, 1000, 0.5), 3);
  assert_near(inst_retry_backoff(&steep, 1, 0), 10);
  assert_near(inst_retry_backoff(&steep, 2, 0.25), 37.5);
  assert_near(inst_retry_backoff(&short_one, 0, 0), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(busy_and_broken_servers_are_worth_a_retry),
      cmocka_unit_test(the_servers_word_comes_first),
      cmocka_unit_test(milliseconds_come_before_seconds),
      cmocka_unit_test(what_is_no_wait_is_not_one),
      cmocka_unit_test(a_date_is_a_wait_where_the_time_of_day_is_known),
      cmocka_unit_test(dates_are_counted_from_1970),
      cmocka_unit_test(what_is_no_date_is_none),
      cmocka_unit_test(back_off_doubles_up_to_its_limit),
      cmocka_unit_test(other_back_offs_are_what_they_say),
  };
  return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
