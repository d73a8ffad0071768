/*
** Dates, times and durations of ISO 8601, as far as RFC 3339 and the options of the check go.
*/
#include "core/schema/format_is.h"

/* The number that stands in 'n' digits at 'at'; -1: it does not. */
static int digits(inst_str text, size_t at, size_t n) {
  int number = 0;
  if (at + n > text.n || inst_run((inst_str){text.p, at + n}, at, INST_DIGIT) != n) return -1;
  for (size_t i = at; i < at + n; i++) number = number * 10 + (text.p[i] - '0');
  return number;
}

static bool has(inst_str text, size_t at, char c) {
  return at < text.n && text.p[at] == c;
}

static int days_of(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[month - 1];
}

bool inst_format_is_date(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (text.n != 10 || !has(text, 4, '-') || !has(text, 7, '-')) return false;
  return year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

/* Bytes of "HH:MM" at the start; 0: it is none. */
static size_t minutes(inst_str text) {
  int hour = digits(text, 0, 2), minute = digits(text, 3, 2);
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && text.p[2] == ':' ? 5 : 0;
}

/* Bytes of ":SS" and what stands behind its point, at 'at'; 0: no such thing, or too many digits. */
static size_t seconds(inst_str text, size_t at, const inst_format_options *options) {
  int second = has(text, at, ':') ? digits(text, at + 1, 2) : -1;
  if (second < 0 || second > 59) return 0;
  size_t fraction = has(text, at + 3, '.') ? inst_run(text, at + 4, INST_DIGIT) : 0;
  if (!options->has_precision) return fraction > 0 ? 4 + fraction : 3;
  if ((size_t)options->precision > fraction) return 0;
  return options->precision > 0 ? 4 + (size_t)options->precision : 3;
}

/* Bytes of a time at the start; 0: it is none.  Without a word on precision, seconds may be left
** out where 'brief'. */
static size_t clock_time(inst_str text, const inst_format_options *options, bool brief) {
  size_t n = minutes(text);
  if (n == 0 || (options->has_precision && options->precision < 0)) return n;
  size_t more = seconds(text, n, options);
  return more > 0 ? n + more : options->has_precision || !brief ? 0 : n;
}

bool inst_format_is_time(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)arena;
  size_t n = clock_time(text, options, true);
  return n > 0 && n == text.n;
}

/* Is 'text' a zone the options allow? */
static bool is_zone(inst_str text, const inst_format_options *options) {
  if (text.n == 0) return options->local;
  if (inst_str_is(text, INST_LIT("Z"))) return true;
  if (!options->offset || text.n != 6 || (text.p[0] != '+' && text.p[0] != '-')) return false;
  return minutes(inst_run_rest(text, 1)) == 5;
}

bool inst_format_is_datetime(inst_str text, const inst_format_options *options, inst_arena *arena) {
  if (text.n < 11 || text.p[10] != 'T') return false;
  if (!inst_format_is_date((inst_str){text.p, 10}, options, arena)) return false;
  inst_str behind = inst_run_rest(text, 11);
  size_t n = clock_time(behind, options, false);
  if (n == 0) return options->local && inst_format_is_time(behind, options, arena);
  return is_zone(inst_run_rest(behind, n), options);
}

/* Bytes of a number and its unit at 'at'; 0: it is none.  Seconds may have a fraction. */
static size_t amount(inst_str text, size_t at, char unit) {
  size_t n = inst_run(text, at, INST_DIGIT);
  if (n == 0) return 0;
  if (unit == 'S' && (has(text, at + n, '.') || has(text, at + n, ','))) {
    size_t fraction = inst_run(text, at + n + 1, INST_DIGIT);
    if (fraction == 0) return 0;
    n += 1 + fraction;
  }
  return has(text, at + n, unit) ? n + 1 : 0;
}

/* Steps over amounts in these units, in their order, each once at most.  How many there were. */
static size_t amounts(inst_str text, size_t *at, const char *units) {
  size_t count = 0;
  for (; *units != '\0'; units++) {
    size_t n = amount(text, *at, *units);
    *at += n;
    count += n > 0;
  }
  return count;
}

bool inst_format_is_duration(inst_str text, const inst_format_options *options, inst_arena *arena) {
  size_t at = 1;
  (void)options, (void)arena;
  if (!has(text, 0, 'P')) return false;
  if (amounts(text, &at, "W") > 0) return at == text.n;
  size_t count = amounts(text, &at, "YMD");
  if (has(text, at, 'T')) {
    at++;
    if (amounts(text, &at, "HMS") == 0) return false;
    count++;
  }
  return count > 0 && at == text.n;
}
