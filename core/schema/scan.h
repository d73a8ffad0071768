/*
** A pattern being read, and its translation being written.
** In: ECMAScript text, a character at a time.  Out: PCRE2 text, and refusals with their place.
** Rule: every character written is a letter, a digit, '_' or an \x{...}, so that no character of
** the pattern can turn into syntax of PCRE2's.
*/
#ifndef INST_SCHEMA_SCAN_H
#define INST_SCHEMA_SCAN_H

#include "core/base/text.h"

typedef struct inst_scan {
  inst_str source;   /* the pattern; UTF-8 */
  size_t at;         /* its next byte */
  bool fold;         /* letters match in either case: flag i */
  inst_buf *out;     /* the translation */
  inst_error *error; /* where refusals go; may be NULL */
} inst_scan;

bool inst_scan_is_at_end(const inst_scan *scan);
bool inst_scan_sees(const inst_scan *scan, const char *text); /* does 'text' stand next? */
bool inst_scan_take(inst_scan *scan, const char *text);       /* and steps over it */
char inst_scan_peek(const inst_scan *scan, size_t ahead);     /* '\0' behind the end */
uint32_t inst_scan_next(inst_scan *scan);                     /* a code point; not at the end */
bool inst_scan_number(inst_scan *scan, uint32_t *number);     /* decimal, stops at 2^32 - 1 */
bool inst_scan_hex(inst_scan *scan, size_t digits, uint32_t *value); /* exactly so many digits */

void inst_scan_put(inst_scan *scan, const char *pcre);
void inst_scan_put_char(inst_scan *scan, uint32_t code_point);

/* USAGE: the construct 'what' at byte 'at' of the source, and what is wrong with it.  Always -1. */
int inst_scan_refuse(inst_scan *scan, size_t at, const char *what, const char *verdict);
/* The same, the construct being 'n' bytes of the source. */
int inst_scan_refuse_text(inst_scan *scan, size_t at, size_t n, const char *verdict);

#endif
