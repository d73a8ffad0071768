/*
** Issues as texts, with what was wrong inside the options of a union.
** In: a list of issues.  Out: lines for a model (which counts from 0), or a line for people (who
** count from 1).
*/
#ifndef INST_SCHEMA_EXPLAIN_H
#define INST_SCHEMA_EXPLAIN_H

#include "core/schema/issue.h"

/* inst_issues_for_model, with 'root' before every path: where the value stands; or NULL. */
inst_str inst_issue_lines(const inst_issue *issues, const inst_segment *root, inst_arena *arena);

#endif
