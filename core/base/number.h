/*
** Numbers in and out of text, in no locale.
*/
#ifndef INST_BASE_NUMBER_H
#define INST_BASE_NUMBER_H

#include "core/instructor.h"

#define INST_NUMBER_ROOM 32 /* bytes any number's text fits in, with its '\0' */

typedef enum inst_number_kind {
  INST_NUMBER_BAD,
  INST_NUMBER_INT,
  INST_NUMBER_REAL
} inst_number_kind;

/* Reads a text that is a JSON number and nothing else.  INT where it has no fraction and no
** exponent and fits int64_t ("-0" is REAL); BAD where it is no JSON number or overflows double. */
inst_number_kind inst_number_read(inst_str text, int64_t *i, double *d);

/* Is 'text' a JSON number and nothing else, be it too large for a double? */
bool inst_number_has_form(inst_str text);

/* Reads the number that 'text' begins with, up to the first byte that no number holds;
** 'used': how many bytes those are. */
inst_number_kind inst_number_take(inst_str text, int64_t *i, double *d, size_t *used);

#define INST_FEW_DIGITS 15 /* so many are an integer that a double holds */

/* Takes an integer of few digits off the front of what stands between '*at' and 'end': most numbers
** are no more.  False: it is another number, or none, or ends where the text does; nothing is
** taken. */
static inline bool inst_number_take_few(const char **at, const char *end, int64_t *i) {
  if (*at == end) return false;
  bool negative = **at == '-';
  const char *first = *at + negative, *p = first;
  uint64_t n = 0;
  for (unsigned digit; p < end && (digit = (unsigned char)*p - (unsigned)'0') <= 9; p++)
    n = n * 10 + digit;
  size_t digits = (size_t)(p - first);
  if (p == end || *p == '.' || (*p | 0x20) == 'e') return false;
  if (digits - 1 >= INST_FEW_DIGITS || (*first == '0' && (negative || digits > 1))) return false;
  *i = negative ? -(int64_t)n : (int64_t)n;
  *at = p;
  return true;
}

/* The shortest JSON text that reads back as the same double; "1.0" keeps its ".0" when 'keep_point'
** (so that a real stays a real).  Returns the length. */
size_t inst_number_write(double d, bool keep_point, char out[INST_NUMBER_ROOM]);

/* As JavaScript prints it, for messages: "5" for 5.0, "1e+21", "1e-7", "0.000001". */
size_t inst_number_write_js(double d, char out[INST_NUMBER_ROOM]);

/* 'd' as an integer, when it is one exactly. */
bool inst_number_is_int(double d, int64_t *i);

#endif
