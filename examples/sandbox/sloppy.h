/*
** Errors as small models make them, on purpose and always the same: so that asking again can be
** seen at work.
** In: a right value, or its text.  Out: a wrong one.
*/
#ifndef SANDBOX_SLOPPY_H
#define SANDBOX_SLOPPY_H

#include "examples/sandbox/fill.h"

/* Kinds of error, and the words that choose them. */
#define BOX_SLIPS(X)                                                                               \
  X(NONE, "0 no none off false")                                                                   \
  X(WORDS, "1 yes on true words") /* "30 years" where a number belongs; else a missing key */      \
  X(MISSING, "missing")           /* the last key is left out */                                   \
  X(FENCE, "fence")               /* JSON in a fenced block, with words around it */               \
  X(PROSE, "prose")               /* words and no JSON at all */

typedef enum box_slip {
#define BOX_X(name, words) BOX_SLIP_##name,
  BOX_SLIPS(BOX_X)
#undef BOX_X
      BOX_SLIP_COUNT
} box_slip;

/* The kind a word chooses; BOX_SLIP_COUNT: none. */
box_slip box_slip_find(inst_str word);
/* Spoils the value itself, where the kind is one of those; 'schema' says which keys are needed. */
void box_slip_value(box_slip slip, box_filled *filled, const inst_value *schema, inst_arena *arena);
/* The text of the answer, spoilt where the kind is one of those. */
inst_str box_slip_text(box_slip slip, const box_filled *filled, inst_str json, inst_arena *arena);

#endif
