/*
** A value put together from the changes of a stream, as a host would.
** Rule: knows nothing of the text; a change that says what cannot be stops the run.
*/
#ifndef SPEC_FUZZ_SHOWN_H
#define SPEC_FUZZ_SHOWN_H

#include "spec/fuzz/fuzz.h"

enum { FUZZ_SHOWN_DEPTH = 64 };

typedef struct fuzz_shown {
  inst_arena arena;
  inst_value *root;                    /* NULL: nothing was shown */
  inst_value *lists[FUZZ_SHOWN_DEPTH]; /* those that are open, outermost first */
  size_t depth;
  inst_value *growing; /* the text that is open, or NULL */
} fuzz_shown;

void fuzz_shown_init(fuzz_shown *shown);
void fuzz_shown_clear(fuzz_shown *shown);
void fuzz_shown_take(fuzz_shown *shown, const inst_change *change);

#endif
