/*
** UTF-8 a byte at a time, for readers whose text arrives in pieces.  Whole texts: see text.h.
*/
#ifndef INST_BASE_UTF8_H
#define INST_BASE_UTF8_H

#include "core/base/text.h"

/* Where in a character we are; all zero between two characters. */
typedef struct inst_utf8 {
  uint8_t need;      /* bytes still missing */
  uint8_t have;      /* bytes that came; 0 unless some are missing */
  uint8_t low, high; /* what the next byte may be */
} inst_utf8;

/* Takes one byte.  False: no well-formed text goes on like this, and the state is as before. */
bool inst_utf8_step(inst_utf8 *state, unsigned char byte);

#endif
