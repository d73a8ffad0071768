/*
** What printing offers beside the door.
*/
#ifndef INST_SCHEMA_PRINT_H
#define INST_SCHEMA_PRINT_H

#include "core/instructor.h"

/* JSON Schema of an object whose one field 'key' is what the schema takes in: for providers that
** want an object at the root.  NULL: as inst_schema_print. */
inst_value *inst_schema_print_inside(const inst_schema *schema, const inst_profile *profile,
                                     inst_str key, inst_arena *arena, inst_error *error);

#endif
