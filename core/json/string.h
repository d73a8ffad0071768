/*
** One JSON string, fed in pieces.
** In: the bytes behind the opening quote.  Out: the text meant, checked to be UTF-8.
** Rule 1: a string without escapes that lies whole in one piece is lent from there, not copied.
** Rule 2: what came so far can be looked at, in complete characters.
*/
#ifndef INST_JSON_STRING_H
#define INST_JSON_STRING_H

#include "core/base/utf8.h"

typedef enum inst_string_state {
  INST_STRING_OPEN,  /* all bytes are used and more must come */
  INST_STRING_WHOLE, /* the closing quote was used */
  INST_STRING_BROKEN /* the byte behind those used is wrong */
} inst_string_state;

typedef struct inst_string_reader {
  inst_buf text;     /* what earlier pieces and escapes gave */
  inst_str whole;    /* at WHOLE: the text; lent until the next feed or the end of the piece */
  const char *fault; /* at BROKEN: a sentence */
  inst_utf8 utf8;    /* where in a character the last byte was */
  uint8_t escape;    /* where in an escape */
  uint8_t digits;    /* hexadecimal digits that came */
  uint16_t unit;     /* their value */
  uint16_t first;    /* the first half of a surrogate pair whose second must follow, or 0 */
} inst_string_reader;

/* How many bytes 'text' begins with that stand for themselves: ASCII, no control, no quote, no
** backslash. */
size_t inst_string_plain(inst_str text);

void inst_string_init(inst_string_reader *string, inst_alloc alloc);
void inst_string_clear(inst_string_reader *string);
/* Forgets the text and waits for a new one. */
void inst_string_begin(inst_string_reader *string);
/* 'text.failed' must be asked afterwards. */
inst_string_state inst_string_feed(inst_string_reader *string, inst_str bytes, size_t *used);
inst_str inst_string_so_far(const inst_string_reader *string); /* lent until the next feed */

#endif
