/*
** Which option of a union a value was most likely made by, judged by its shape alone.
** In: a union and a value.  Out: an option.
** Rule: looks at the value itself and at the literals directly in it, and no deeper.
*/
#ifndef INST_SCHEMA_OPTION_H
#define INST_SCHEMA_OPTION_H

#include "core/schema/tree.h"

/* The node behind the wrappers, on the side of the result. */
const inst_tnode *inst_option_behind(const inst_schema *schema, const inst_tnode *node);
/* The first option of those that fit best; NULL: the union has none. */
const inst_tnode *inst_option_for(const inst_schema *schema, const inst_tnode *either,
                                  const inst_value *v);

#endif
