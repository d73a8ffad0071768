/*
** Broken JSON to strict JSON, with a list of what was changed.
** In: a text that begins with a value.  Out: the same value as the strict reader takes it, and the
** edits; or nothing, where its meaning is not certain.
** Rule 1: marks are mended, values never: no text, number or item is changed, dropped or made up.
** Rule 2: lists are closed behind a complete value only; an open string or number stays broken.
** Rule 3: one pass, no recursion, a bounded look ahead; knows no schema, no fence, no answer.
*/
#ifndef INST_JSON_REPAIR_H
#define INST_JSON_REPAIR_H

#include "core/json/value.h"

typedef struct inst_mended {
  inst_str text;          /* strict JSON, but for what the strict reader says of its characters */
  size_t used;            /* bytes of the broken text; what stands behind them was not looked at */
  const inst_edit *edits; /* in the order of the text; NULL: none was needed */
  bool words;             /* are there list items without quotes?  Prose in brackets has them. */
} inst_mended;

typedef struct inst_mending {
  size_t offset;      /* of the text in what the edits count in */
  unsigned max_depth; /* levels of nesting */
  bool strict;        /* take no text that needs an edit, and its strings as they stand */
} inst_mending;

typedef enum inst_mend_result {
  INST_MENDED,
  INST_BEYOND_MENDING,
  INST_MEND_NO_MEMORY
} inst_mend_result;

/* 'mended' lives in 'arena'.  Beyond mending, 'used' alone is told: how far it was read. */
inst_mend_result inst_mend(inst_str text, const inst_mending *how, inst_arena *arena,
                           inst_mended *mended);

/* Behind blanks and comments; 'end': nothing else stands there, as far as a bounded look goes. */
const char *inst_mend_skip(const char *at, const char *end);

/* A list of edits that grows at its end; past INST_MAX_REPAIRS it takes no more. */
typedef struct inst_edit_list {
  inst_edit *first, *last;
  size_t count;
} inst_edit_list;
/* Memory is 'arena's, and whether it lasted, the arena knows. */
void inst_edit_add(inst_edit_list *list, const inst_edit *edit, inst_arena *arena);

#endif
