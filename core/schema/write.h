/*
** What writing offers beside the door.
*/
#ifndef INST_SCHEMA_WRITE_H
#define INST_SCHEMA_WRITE_H

#include "core/schema/tree.h"

/* inst_schema_write, of what stands at 'node'. */
inst_str inst_schema_write_at(const inst_schema *schema, const inst_tnode *node,
                              const inst_value *value, inst_arena *arena);

#endif
