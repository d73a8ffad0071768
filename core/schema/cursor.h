/*
** Following a value while its text is read.
** In: a reader at work.  Out: its values in the order of the text: begun, grown, complete.
** Rule 1: a value is passed once, however small the pieces of the text are.
** Rule 2: what may be seen of a value before it is complete, the schema says; without one, all.
*/
#ifndef INST_SCHEMA_CURSOR_H
#define INST_SCHEMA_CURSOR_H

#include "core/json/read.h"
#include "core/schema/tree.h"

typedef struct inst_level inst_level;

typedef struct inst_cursor {
  const inst_reader *reader;
  const inst_schema *schema; /* or NULL */
  bool wrapped;              /* the root may stand alone inside {value = …} */
  bool all;                  /* everything is seen: what the schema says is passed over */
  bool open_strings;         /* are texts seen that have not ended? */
  inst_alloc alloc;
  inst_level *levels; /* the lists that were opened and not closed yet, outermost first */
  size_t depth, room;
  const inst_value *growing; /* the text that was begun and not closed yet, or NULL */
  size_t grown;              /* bytes of it that were seen */
  bool ended;                /* the root was begun */
  bool failed;               /* memory ran out */
} inst_cursor;

void inst_cursor_clear(inst_cursor *cursor);
/* The next change; false: there is none for now.  'node' (may be NULL) becomes the node of its value,
** 0 where that is not certain. */
bool inst_cursor_next(inst_cursor *cursor, inst_change *change, inst_node *node);
/* Begins again with the root. */
void inst_cursor_restart(inst_cursor *cursor);
/* The place of the value of the last change: one step for each list around it.  Written to 'path',
** which has room for the cursor's depth and one. */
size_t inst_cursor_path(const inst_cursor *cursor, inst_segment *path);
/* Is all that stands around the last change certain to be judged part by part? */
bool inst_cursor_is_strict(const inst_cursor *cursor);

#endif
