/*
** The values a node lets pass, where they can be counted: a record's keys, a union's discriminator.
** In: a schema that is being finished.  Out: the lists in its nodes, or the fault.
*/
#ifndef INST_SCHEMA_FINITE_H
#define INST_SCHEMA_FINITE_H

#include "core/schema/tree.h"

/* Non-zero: USAGE (an option that its discriminator does not tell from others) or MEMORY, noted. */
int inst_finite_work_out(inst_schema *schema);

#endif
