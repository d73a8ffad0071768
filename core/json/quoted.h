/*
** One string of a JSON text that is whole: read in one pass, copied only where it has escapes.
** In: the text from behind the opening quote on.  Out: the string, and how much of the text it took.
** Rule: as strict as the reader that is fed in pieces (string.h), and silent: who wants to know what
** is wrong asks that one.
*/
#ifndef INST_JSON_QUOTED_H
#define INST_JSON_QUOTED_H

#include "core/base/text.h"

/* How many bytes 'text' begins with that stand for themselves: well-formed characters, no control,
** no quote, no backslash.  'wide' becomes true when some of them are not ASCII. */
size_t inst_quoted_span(inst_str text, bool *wide);

/* Reads on from the first backslash, at 'span', up to the closing quote; 'out' has room for as many
** bytes as 'text' has.  Returns how many bytes were read, with the quote; 0: it is no JSON. */
size_t inst_quoted_unescape(inst_str text, size_t span, char *out, inst_str *string, bool *wide);

#endif
