/*
** What is known of a value and a lazy node while it is only asked whether it fits.
** Without it, options that lead back to their union would be asked twice as often at each level.
*/
#ifndef INST_SCHEMA_MEMO_H
#define INST_SCHEMA_MEMO_H

#include "core/schema/tree.h"

typedef struct inst_memo_entry {
  const inst_tnode *node; /* NULL: the place is free */
  const inst_value *in;
  const inst_value *out; /* NULL: it does not fit */
} inst_memo_entry;

typedef struct inst_memo {
  inst_memo_entry *entries;
  size_t count, room; /* room is 0 or a power of 2 */
} inst_memo;

/* NULL: nothing is known. */
const inst_memo_entry *inst_memo_find(const inst_memo *memo, const inst_tnode *node,
                                      const inst_value *in);
/* 'out' for 'in', or NULL for "does not fit", in the place of what was known.  Values without parts
** are asked again as fast.  Lost memory is the arena's to know. */
void inst_memo_note(inst_memo *memo, inst_arena *arena, const inst_tnode *node,
                    const inst_value *in, const inst_value *out);

#endif
