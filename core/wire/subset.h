/*
** Does a schema fit what a provider takes?
** In: a JSON Schema as printed, a row.  Out: yes; or which keyword, where, and what to do instead.
** What is said as well in words (a format the provider does not know) goes into the description;
** nothing else is changed, and nothing is left out in silence.
*/
#ifndef INST_WIRE_SUBSET_H
#define INST_WIRE_SUBSET_H

#include "core/json/value.h"

/* 'strict': OpenAI's strict rules are asked for.  'skip' (or p NULL) is the field of the root that
** the user knows nothing of: no place names it.  Non-zero: USAGE. */
int inst_subset_fit(inst_value *schema, const inst_provider *row, bool strict, inst_str skip,
                    inst_arena *arena, inst_error *error);

#endif
