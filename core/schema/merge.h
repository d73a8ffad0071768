/*
** Two results for one value, made into one.
** In: what both sides of an intersection gave.  Out: their union, or the place where they differ.
*/
#ifndef INST_SCHEMA_MERGE_H
#define INST_SCHEMA_MERGE_H

#include "core/json/value.h"

/* Objects are joined key by key, lists item by item where they are as long as each other; all else
** must be equal.  NULL: no memory, or 'path' and 'count' say where they cannot be merged. */
inst_value *inst_merge(inst_arena *arena, const inst_value *a, const inst_value *b,
                       inst_segment **path, size_t *count);

#endif
