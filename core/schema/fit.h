/*
** Does a value fit, as far as can be told without the host's code; and can it be made to?
** In: a value, a schema, what may be changed.  Out: yes or no, the value that fits, its edits.
** Rule 1: only where an issue stands is anything changed, and only if then all fits.
** Rule 2: no code of the host's is run here: what code makes of a value counts as right.
** Rule 3: a value that comes in is never changed: what comes out is a copy.
*/
#ifndef INST_SCHEMA_FIT_H
#define INST_SCHEMA_FIT_H

#include "core/json/repair.h"
#include "core/schema/machine.h"

typedef struct inst_fitting {
  const inst_schema *schema;
  inst_parse_options options;
  inst_repair_level level;
  unsigned max_depth;
  inst_arena *arena; /* of all that is made; whether memory lasted, it knows */
} inst_fitting;

/* '*value' (NULL: absent) may become a changed copy; the edits are put behind those of 'list', where
** there must be room for all of them: no value is changed in silence. */
bool inst_fit(const inst_fitting *fitting, const inst_value **value, inst_edit_list *list);

/* What is wrong with 'value', found without code: beyond a limit, that is an issue that says nothing.
** NULL: nothing, or memory has run out. */
const inst_issue *inst_fit_issues(const inst_fitting *fitting, const inst_value *value);

/* Is there, for each of 'issues', something that might help? */
bool inst_fit_may_help(inst_repair_level level, const inst_issue *issues);

#endif
