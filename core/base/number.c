/*
** Numbers in and out of text.
** In: a JSON number, or a double.  Out: the nearest double, or the shortest text that reads back.
** Rule: no locale.  What is given to strtod has no decimal point; what comes from snprintf is
** taken apart into digits and laid out anew.
*/
#include "core/base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANTISSA_DIGITS 19      /* so many digits always fit 64 bits */
#define DIGITS_MAX 800          /* no double needs more than 768 digits to be rounded right */
#define EXPONENT_MAX 1000000000 /* an exponent this large is not read any further */

/* ---- reading --------------------------------------------------------------------------------- */

/* A number taken apart: its value is all its digits * 10^exponent. */
typedef struct parts {
  bool negative;
  bool real;         /* has a fraction or an exponent */
  uint64_t mantissa; /* the digits as a number, when they are at most MANTISSA_DIGITS */
  size_t count;      /* of digits, without leading zeros */
  long long exponent;
} parts;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Takes digits off the front of 'text'.  Returns how many they are. */
static size_t take_digits(parts *number, inst_str *text) {
  if (text->n == 0) return 0; /* which may be no text at all: nothing is added to NULL */
  const char *at = text->p, *end = at + text->n;
  for (; at < end && is_digit(*at); at++) {
    number->mantissa = number->mantissa * 10 + (uint64_t)(*at - '0'); /* may wrap: see 'count' */
    if (number->count > 0 || *at != '0') number->count++;
  }
  size_t taken = (size_t)(at - text->p);
  *text = (inst_str){at, text->n - taken};
  return taken;
}

static bool take(inst_str *text, char c) {
  if (text->n == 0 || *text->p != c) return false;
  text->p++, text->n--;
  return true;
}

/* Takes the exponent, if there is one.  Digits past EXPONENT_MAX change nothing: no text is so long
** that its other digits could make up for them.  False: it has no digits. */
static bool take_exponent(parts *number, inst_str *text) {
  if (!take(text, 'e') && !take(text, 'E')) return true;
  number->real = true;
  bool down = take(text, '-');
  if (!down) take(text, '+');
  if (text->n == 0) return false;
  long long exponent = 0;
  for (; text->n > 0 && is_digit(*text->p); text->p++, text->n--)
    if (exponent < EXPONENT_MAX) exponent = exponent * 10 + (*text->p - '0');
  number->exponent += down ? -exponent : exponent;
  return is_digit(text->p[-1]);
}

/* Takes 'text' apart.  False: it is no JSON number. */
static bool split(parts *number, inst_str text) {
  number->negative = take(&text, '-');
  if (!take(&text, '0') && take_digits(number, &text) == 0) return false;
  if (take(&text, '.')) {
    number->real = true;
    size_t fraction = take_digits(number, &text);
    if (fraction == 0) return false;
    number->exponent = -(long long)fraction;
  }
  return take_exponent(number, &text) && text.n == 0;
}

/* A text without fraction and exponent that fits; "-0" does not, as no integer keeps its sign. */
static bool as_int(const parts *number, int64_t *i) {
  uint64_t mantissa = number->mantissa;
  if (number->real || number->count > MANTISSA_DIGITS) return false;
  if (number->negative && mantissa == 0) return false;
  if (mantissa > (uint64_t)INT64_MAX + number->negative) return false;
  *i = number->negative ? -(int64_t)(mantissa - 1) - 1 : (int64_t)mantissa;
  return true;
}

/* Powers of ten a double holds exactly: one rounding then gives the nearest double. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool as_exact_real(const parts *number, double *d) {
  if (FLT_EVAL_METHOD != 0) return false; /* this machine rounds twice */
  if (number->count > MANTISSA_DIGITS || number->mantissa > (UINT64_C(1) << 53)) return false;
  if (number->exponent < -22 || number->exponent > 22) return false;
  double m = (double)number->mantissa;
  *d = number->exponent < 0 ? m / powers[-number->exponent] : m * powers[number->exponent];
  return true;
}

/* The digits of 'text' without leading zeros and decimal point, at most DIGITS_MAX.  Where any of
** those left out is not zero, a '1' stands for them: all they can do is break a tie.  Returns how
** many were written. */
static size_t copy_digits(inst_str text, char *out) {
  size_t n = 0;
  bool more = false;
  for (const char *at = text.p; at < text.p + text.n && *at != 'e' && *at != 'E'; at++) {
    if (!is_digit(*at) || (n == 0 && *at == '0')) continue;
    if (n < DIGITS_MAX)
      out[n++] = *at;
    else if (*at != '0')
      more = true;
  }
  if (more) out[n++] = '1';
  return n;
}

/* By strtod, from digits and exponent without a decimal point: every locale reads those alike. */
static double nearest_real(const parts *number, inst_str text) {
  char copy[DIGITS_MAX + 32];
  size_t n = copy_digits(text, copy);
  long long exponent = number->exponent + (long long)number->count - (long long)n;
  if (exponent > EXPONENT_MAX) exponent = EXPONENT_MAX;
  if (exponent < -EXPONENT_MAX) exponent = -EXPONENT_MAX;
  snprintf(copy + n, sizeof copy - n, "e%lld", exponent);
  return strtod(copy, NULL);
}

inst_number_kind inst_number_read(inst_str text, int64_t *i, double *d) {
  parts number = {.mantissa = 0};
  if (!split(&number, text)) return INST_NUMBER_BAD;
  if (as_int(&number, i)) return INST_NUMBER_INT;
  if (number.count == 0)
    *d = 0;
  else if (!as_exact_real(&number, d))
    *d = nearest_real(&number, text);
  if (number.negative) *d = -*d;
  return isfinite(*d) ? INST_NUMBER_REAL : INST_NUMBER_BAD;
}

bool inst_number_has_form(inst_str text) {
  parts number = {.mantissa = 0};
  return split(&number, text);
}

/* ---- reading off a text's front -------------------------------------------------------------- */

/* How many bytes may be part of a number, right or wrong. */
static size_t span(inst_str text) {
  size_t n = 0;
  while (n < text.n && (is_digit(text.p[n]) || memchr("+-.eE", text.p[n], 5) != NULL)) n++;
  return n;
}

/* Adds the digits at 'at' to 'mantissa' (which may wrap: see their count); the end of them. */
static const char *add_digits(const char *at, const char *end, uint64_t *mantissa) {
  for (; at < end && is_digit(*at); at++) *mantissa = *mantissa * 10 + (uint64_t)(*at - '0');
  return at;
}

/* A few digits, with a point among them or without: most numbers are no more.  BAD: it is another. */
static inst_number_kind take_short(inst_str text, int64_t *i, double *d, size_t *used) {
  const char *end = text.p + text.n, *at = text.p + (text.n > 0 && text.p[0] == '-'), *first = at;
  bool negative = at > text.p;
  uint64_t mantissa = 0;
  at = add_digits(at, end, &mantissa);
  size_t whole = (size_t)(at - first), fraction = 0;
  bool real = at < end && *at == '.';
  if (real) {
    const char *point = ++at;
    at = add_digits(at, end, &mantissa);
    fraction = (size_t)(at - point);
  }
  *used = (size_t)(at - text.p);
  if (whole == 0 || (whole > 1 && *first == '0') || whole + fraction > INST_FEW_DIGITS)
    return INST_NUMBER_BAD;
  if (real ? fraction == 0 : negative && mantissa == 0) return INST_NUMBER_BAD;
  if (FLT_EVAL_METHOD != 0 || (at < end && (*at | 0x20) == 'e')) return INST_NUMBER_BAD;
  *i = negative ? -(int64_t)mantissa : (int64_t)mantissa;
  if (!real) return INST_NUMBER_INT;
  *d = (double)mantissa / powers[fraction];
  if (negative) *d = -*d;
  return INST_NUMBER_REAL;
}

inst_number_kind inst_number_take(inst_str text, int64_t *i, double *d, size_t *used) {
  inst_number_kind kind = take_short(text, i, d, used);
  if (kind != INST_NUMBER_BAD) return kind;
  *used = span(text);
  return inst_number_read((inst_str){text.p, *used}, i, d);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A positive double as decimal digits: 0.d1d2d3... * 10^point. */
typedef struct decimal {
  char digits[20];
  int count;
  int point;
} decimal;

/* The nearest decimal of 'precision' digits.  True: it reads back as 'd'. */
static bool round_to(decimal *out, double d, int precision) {
  char text[48];
  snprintf(text, sizeof text, "%.*e", precision - 1, d);
  const char *at = text;
  out->count = 0;
  for (; *at != 'e'; at++) /* whatever stands between digits is a decimal point */
    if (is_digit(*at)) out->digits[out->count++] = *at;
  out->point = (int)strtol(at + 1, NULL, 10) + 1;
  while (out->count > 1 && out->digits[out->count - 1] == '0') out->count--;
  return strtod(text, NULL) == d; /* the same locale wrote it */
}

/* Any decimal of up to 15 digits survives a normal double, so that 15 digits less their zeros are
** the shortest where they read back.  Subnormal doubles hold less and are tried from one digit. */
static void shortest(decimal *out, double d) {
  int precision = d < DBL_MIN ? 1 : 15;
  while (!round_to(out, d, precision) && precision < 17) precision++;
}

/* These write 'n' characters, none where 'n' is not positive, and return the place behind them. */
static char *add(char *to, const char *from, int n) {
  if (n > 0) memcpy(to, from, (size_t)n);
  return to + (n > 0 ? n : 0);
}

static char *add_zeros(char *to, int n) {
  for (; n > 0; n--) *to++ = '0';
  return to;
}

/* Lays the digits out as JavaScript does: plain from 1e-6 up to 1e21, else with an exponent. */
static char *lay_out(char *to, const decimal *in) {
  int whole = in->point < in->count ? in->point : in->count; /* digits before the point */
  if (in->point > 21 || in->point < -5) {
    to = add(to, in->digits, 1);
    if (in->count > 1) *to++ = '.';
    to = add(to, in->digits + 1, in->count - 1);
    return to + snprintf(to, sizeof "e+308", "e%+d", in->point - 1);
  }
  if (in->point <= 0) {
    to = add_zeros(add(to, "0.", 2), -in->point);
    return add(to, in->digits, in->count);
  }
  to = add_zeros(add(to, in->digits, whole), in->point - whole);
  if (in->count > whole) *to++ = '.';
  return add(to, in->digits + whole, in->count - whole);
}

/* Zero has no digits to find: it is laid out from the one it is written with. */
static size_t write_finite(double d, char *out) {
  char *to = out;
  decimal digits = {.digits = "0", .count = 1, .point = 1};
  if (signbit(d)) *to++ = '-';
  if (d != 0) shortest(&digits, fabs(d));
  to = lay_out(to, &digits);
  *to = '\0';
  return (size_t)(to - out);
}

static size_t write_text(const char *text, char *out) {
  size_t n = strlen(text);
  memcpy(out, text, n + 1);
  return n;
}

size_t inst_number_write(double d, bool keep_point, char out[INST_NUMBER_ROOM]) {
  if (!isfinite(d)) return write_text("null", out); /* JSON has no other word for it */
  size_t n = write_finite(d, out);
  if (keep_point && strpbrk(out, ".e") == NULL) n += write_text(".0", out + n);
  return n;
}

size_t inst_number_write_js(double d, char out[INST_NUMBER_ROOM]) {
  if (isnan(d)) return write_text("NaN", out);
  if (isinf(d)) return write_text(d < 0 ? "-Infinity" : "Infinity", out);
  return write_finite(d == 0 ? 0.0 : d, out); /* no minus before zero */
}

bool inst_number_is_int(double d, int64_t *i) {
  if (!(d >= -0x1p63 && d < 0x1p63)) return false; /* not NaN either */
  int64_t whole = (int64_t)d;
  if ((double)whole != d) return false;
  *i = whole;
  return true;
}
