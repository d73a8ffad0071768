/*
** Which option of a union a value was meant for.
** In: the union, the value, what each option found wrong.  Out: an option, or that nobody can tell.
*/
#ifndef INST_SCHEMA_NEAREST_H
#define INST_SCHEMA_NEAREST_H

#include "core/schema/tree.h"

/* Can option 'i' not fit, because a field that tells it apart says so? */
bool inst_nearest_rules_out(const inst_schema *schema, const inst_tnode *node, unsigned i,
                            const inst_value *value);

/* The branch of the option that was meant; NULL: it cannot be told.  There is a branch an option, in
** order, or fewer. */
const inst_branch *inst_nearest(const inst_schema *schema, const inst_tnode *node,
                                const inst_value *value, const inst_branch *branches);

/* What an option is called: its title or its id; or p NULL. */
inst_str inst_nearest_name(const inst_schema *schema, const inst_tnode *option);

#endif
