/*
** Back-off and Retry-After.  The rules are those of the official OpenAI clients.
*/
#include "core/call/retry.h"

#include "core/base/number.h"

#define ASKED_MAX 1e15 /* seconds; what is longer says nothing */

bool inst_retry_is_worth(int status, const inst_retry_hints *hints) {
  if (inst_str_is_nocase(hints->should_retry, INST_LIT("true"))) return true;
  if (inst_str_is_nocase(hints->should_retry, INST_LIT("false"))) return false;
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

/* A plain number above 0 and of at most 'max'; negative: it is none (0 counts as not said). */
static double number_up_to(inst_str text, double max) {
  int64_t i;
  double d;
  if (text.p == NULL) return -1;
  switch (inst_number_read(inst_str_trim(text), &i, &d)) {
  case INST_NUMBER_INT: d = (double)i; break;
  case INST_NUMBER_REAL: break;
  default: return -1;
  }
  return d > 0 && d <= max ? d : -1;
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* Days from 1970-01-01 to a date of the Gregorian calendar ('month' from 1). */
static int64_t days_to(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = year / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* 'count' digits at 'at'; negative: they are none. */
static int64_t digits(inst_str text, size_t at, size_t count) {
  int64_t n = 0;
  for (size_t i = at; i < at + count; i++) {
    if (text.p[i] < '0' || text.p[i] > '9') return -1;
    n = n * 10 + (text.p[i] - '0');
  }
  return n;
}

static int64_t month_of(const char *name) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int64_t i = 0; i < 12; i++)
    if (memcmp(names + 3 * i, name, 3) == 0) return i + 1;
  return -1;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
double inst_retry_date(inst_str text) {
  text = inst_str_trim(text);
  if (text.n != 29 || text.p[3] != ',' || memcmp(text.p + 25, " GMT", 4) != 0) return -1;
  int64_t day = digits(text, 5, 2), month = month_of(text.p + 8), year = digits(text, 12, 4);
  int64_t hour = digits(text, 17, 2), minute = digits(text, 20, 2), second = digits(text, 23, 2);
  if (day < 1 || day > 31 || month < 1 || year < 1970) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return (double)(days_to(year, month, day) * 86400 + hour * 3600 + minute * 60 + second);
}

/* The first that says it: milliseconds, seconds, a date.  Longer ones than 'max' count as not said. */
static double asked_up_to(const inst_retry_hints *hints, double wall, double max) {
  double wait = number_up_to(hints->retry_after_ms, max * 1000);
  if (wait >= 0) return wait / 1000;
  wait = number_up_to(hints->retry_after, max);
  if (wait >= 0) return wait;
  double date = inst_retry_date(hints->retry_after);
  if (date < 0 || wall <= 0) return -1;
  wait = date - wall;
  return wait > 0 && wait <= max ? wait : -1;
}

double inst_retry_after(const inst_retry_hints *hints, double wall) {
  return asked_up_to(hints, wall, INST_RETRY_AFTER_MAX);
}

double inst_retry_asked(const inst_retry_hints *hints, double wall) {
  return asked_up_to(hints, wall, ASKED_MAX);
}

double inst_retry_backoff(const inst_backoff *backoff, unsigned n, double random) {
  double wait = backoff->initial;
  for (unsigned i = 0; i < n && wait < backoff->max; i++) wait *= backoff->factor;
  if (wait > backoff->max) wait = backoff->max;
  return wait * (1 - backoff->jitter * random);
}
