/*
** A schema and a text to a value.
** In: a JSON Schema and what the user wrote.  Out: a value of the schema's form, filled by rules
** with what the text says; the same in, the same out.
** Rule 1: an explicit stack of places being filled, with limits; a schema that refers to itself
** ends where it would look at the same text again.
** Rule 2: the surest fields are filled first, whatever their order; the value keeps the schema's.
*/
#ifndef SANDBOX_FILL_H
#define SANDBOX_FILL_H

#include "examples/sandbox/source.h"

#define BOX_FILL_DEPTH 32     /* levels of one value */
#define BOX_FILL_FIELDS 5000u /* places of one value */
#define BOX_FILL_BRANCHES 32  /* branches of one choice that are tried */

typedef struct box_filled {
  inst_value *value;
  inst_value *number; /* the first number found for a place that takes only numbers, or NULL */
  box_unit unit;      /* of that place */
} box_filled;

/* 'name' is what the whole is called, or empty.  False: memory is out. */
bool box_fill(box_filled *filled, const inst_value *schema, inst_str name, inst_str text,
              inst_arena *arena);

#endif
