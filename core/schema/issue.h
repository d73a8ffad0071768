/*
** What is wrong with a value: an issue's data, and its sentence.
** In: a code, a path, details.  Out: an issue for programs, its message for people (who call a
** missing value nil) or for models.
*/
#ifndef INST_SCHEMA_ISSUE_H
#define INST_SCHEMA_ISSUE_H

#include "core/json/value.h"

/* A list that remembers its end. */
typedef struct inst_issue_list {
  inst_issue *first, *last;
} inst_issue_list;

/* An issue with what only the parse needs to know of it. */
typedef struct inst_noted_issue {
  inst_issue issue;                      /* first: every issue of ours is one of these */
  uint32_t code;                         /* the host's function that shall word it, or 0 */
  size_t weight;                         /* this one, and those of its branches */
  const struct inst_tnode *next_to_word; /* who words it where that function does not; or NULL */
  struct inst_noted_issue *next_unworded, *next_outer; /* parse.c's */
} inst_noted_issue;

inst_noted_issue *inst_issue_noted(inst_issue *issue);

/* A copy of 'issue' at the end of 'list'; what it points to is kept.  NULL: no memory. */
inst_noted_issue *inst_issue_add(inst_issue_list *list, const inst_issue *issue, inst_arena *arena);

/* How many there are in a list, those of their branches included; as many as were added. */
size_t inst_issue_count(const inst_issue *issues);

/* Words 'issue's message from its code and details. */
void inst_issue_word(inst_issue *issue, inst_arena *arena);

/* What its code and details say, whoever words it: one sentence, for people or for a model. */
void inst_issue_say(inst_buf *buf, const inst_issue *issue, bool for_model);

/* "a.b[0].c", counting items from 'base'; a key that is no identifier stands as ["key"]. */
void inst_path_write(inst_buf *buf, const inst_segment *path, size_t count, size_t base);
/* The same behind a path that stands there already, unless these steps are the 'first'. */
void inst_path_go_on(inst_buf *buf, const inst_segment *path, size_t count, size_t base,
                     bool first);

#endif
