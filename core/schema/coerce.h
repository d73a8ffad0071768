/*
** Values of one type made from values of any, by JavaScript's rules: String(v), Number(v), truth.
** In: a value, or none.  Out: the value it stands for, or that it stands for none.
** Rule: knows no schema and no issue; a host's opaque value is never converted.
*/
#ifndef INST_SCHEMA_COERCE_H
#define INST_SCHEMA_COERCE_H

#include "core/json/value.h"

/* 'v' (NULL: none) as a node of 'kind' takes it: STRING, NUMBER or BOOLEAN.  NULL: it cannot be
** converted, or memory is out; 'why' is then what JavaScript calls what came of it ("NaN"), or
** NULL. */
inst_value *inst_coerce(inst_node_kind kind, const inst_value *v, inst_arena *arena,
                        const char **why);

#endif
