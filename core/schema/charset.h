/*
** One character of a pattern, and sets of characters: \d \w \s, \p{...}, [...].
** In: the pattern at the place where one stands.  Out: the same for PCRE2, written to the scan.
** Rule: nothing is left to PCRE2's own idea of a digit, a word or a space.
*/
#ifndef INST_SCHEMA_CHARSET_H
#define INST_SCHEMA_CHARSET_H

#include "core/schema/scan.h"

/* Does an escape stand here that means a set? */
bool inst_charset_sees_set(const inst_scan *scan);

/* That escape.  These and the next: non-zero: refused. */
int inst_charset_set(inst_scan *scan);

/* A plain or escaped character that means itself. */
int inst_charset_char(inst_scan *scan);

/* The class whose '[' stands here. */
int inst_charset_class(inst_scan *scan);

/* What '.' means: 'all' with flag s. */
void inst_charset_dot(inst_scan *scan, bool all);

#define INST_CHARSET_LINE_ENDS "\\x{A}\\x{D}\\x{2028}\\x{2029}" /* class items */
#define INST_CHARSET_WORD "0-9A-Z_a-z"                          /* class items */

#endif
