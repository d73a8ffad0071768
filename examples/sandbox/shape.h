/*
** What a JSON Schema asks for at one place: types, members, branches, whatever spelling it has.
** In: a schema as JSON.  Out: one view over a node, what it refers to and what it is joined with.
** Rule 1: changes nothing and builds nothing; a view lends from the schema.
** Rule 2: never follows more than a fixed number of references, so no schema can hold it up.
*/
#ifndef SANDBOX_SHAPE_H
#define SANDBOX_SHAPE_H

#include "core/json/value.h"

#define BOX_SHAPE_PARTS 16     /* nodes one view joins: itself, $ref, allOf */
#define BOX_SHAPE_REQUIRED 512 /* names looked at in one 'required' */

typedef enum box_type {
  BOX_T_STRING = 1 << 0,
  BOX_T_NUMBER = 1 << 1,
  BOX_T_INTEGER = 1 << 2,
  BOX_T_BOOLEAN = 1 << 3,
  BOX_T_OBJECT = 1 << 4,
  BOX_T_ARRAY = 1 << 5,
  BOX_T_NULL = 1 << 6
} box_type;

typedef struct box_shape {
  const inst_value *root; /* the whole schema: where references lead */
  const inst_value *parts[BOX_SHAPE_PARTS];
  size_t count;
  const inst_value *choice; /* anyOf or oneOf with more than one branch that is not null */
  unsigned types;           /* box_type bits, without null; 0: anything */
  bool nullable;
} box_shape;

void box_shape_read(box_shape *shape, const inst_value *root, const inst_value *node);
/* The first value of that keyword, or NULL. */
const inst_value *box_shape_get(const box_shape *shape, const char *keyword);
inst_str box_shape_text(const box_shape *shape, const char *keyword); /* p NULL: none */
/* A number, or 'otherwise'. */
double box_shape_number(const box_shape *shape, const char *keyword, double otherwise);
bool box_shape_requires(const box_shape *shape, inst_str name);
/* The values it is one of, appended to 'members' (an array); false: it is not an enumeration. */
bool box_shape_members(const box_shape *shape, inst_arena *arena, inst_value *members);
/* The property after 'last' (NULL: the first), over all parts; NULL: none. */
const inst_value *box_shape_property(const box_shape *shape, const inst_value *last, size_t *part);
/* Is 'v' a JSON Schema rather than any object? */
bool box_shape_is_schema(const inst_value *v);

#endif
