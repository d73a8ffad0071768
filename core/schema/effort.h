/*
** How much a parse may do for the value it is given.
** In: each step onto the stack.  Out: go on, or LIMIT.
** Why: options and sides with code are run whole, each on the same value; where they lead back to
** their union or intersection, each level of the value doubles the work, and a short text would fill
** the memory of any machine.
*/
#ifndef INST_SCHEMA_EFFORT_H
#define INST_SCHEMA_EFFORT_H

#include "core/schema/tree.h"

#define INST_FREE_STEPS 1000000 /* of any parse, however small its value */
#define INST_STEPS_EACH 8       /* more for each node of the schema and each value in it */
#define INST_LARGE_ANSWER 1000  /* members; what code gives and is larger counts like the value */

typedef struct inst_effort {
  uint64_t steps, allowed; /* 'allowed' 0: as many as are free */
  bool counted;            /* are the values counted in what is allowed? */
} inst_effort;

/* One step more, for a parse of 'root'.  False: it is one too many, or memory is out, as 'error'
** says. */
bool inst_effort_spend(inst_effort *effort, const inst_schema *schema, const inst_value *root,
                       inst_alloc alloc, inst_error *error);
/* The host's code gave 'answer', which is to be parsed as well.  False: memory is out. */
bool inst_effort_add(inst_effort *effort, const inst_schema *schema, const inst_value *answer,
                     inst_alloc alloc);

#endif
