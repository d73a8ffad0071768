/*
** What is wrong with a value: an issue's data, and its sentence.
** In: a code, a path, details.  Out: an issue for programs, a message for people (who count from 1
** and call a missing value nil), a line for models (who count from 0).
*/
#ifndef INST_SCHEMA_ISSUE_H
#define INST_SCHEMA_ISSUE_H

#include "core/json/value.h"

/* A list that remembers its end. */
typedef struct inst_issue_list {
  inst_issue *first, *last;
} inst_issue_list;

/* A new issue at the end of 'list'; 'path' and 'details' are kept.  NULL: no memory. */
inst_issue *inst_issue_add(inst_issue_list *list, inst_issue_code code, const inst_segment *path,
                           size_t path_count, const inst_value *details, const inst_value *input,
                           inst_arena *arena);

/* Words 'issue's message from its code and details. */
void inst_issue_word(inst_issue *issue, inst_arena *arena);

/* "a.b[0].c", counting items from 'base'; a key that is no identifier stands as ["key"]. */
void inst_path_write(inst_buf *buf, const inst_segment *path, size_t count, size_t base);

#endif
