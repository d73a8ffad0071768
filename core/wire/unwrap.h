/*
** The JSON of an answer that is still arriving, taken out of what surrounds it.
** In: an answer's text in pieces of any size.  Out: the pieces of its first block of JSON.
** Rule: what a text is judged by is found in the whole of it (fence.h); this is for looking early.
*/
#ifndef INST_WIRE_UNWRAP_H
#define INST_WIRE_UNWRAP_H

#include "core/base/text.h"

typedef struct inst_unwrap {
  uint8_t state;
  uint8_t n;    /* how much of a tag or a fence has come */
  char mark;    /* what the fence is made of */
  char tag[12]; /* what came of a tag, in lower case */
} inst_unwrap;

/* Ready for a text. */
void inst_unwrap_init(inst_unwrap *unwrap);
/* Takes 'text', the next piece; what of it is JSON, lent from it (it may be empty). */
inst_str inst_unwrap_take(inst_unwrap *unwrap, inst_str text);

#endif
