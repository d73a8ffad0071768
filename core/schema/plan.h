/*
** A plain schema as a plan for reading: what each value must be, wrappers folded into it.
** In: a finished schema.  Out: one step a node; or none, where the schema is not plain: where code,
** a union, an intersection, a pipe or a conversion may ask for a second look at a value.
** Rule: a step may say less than its node, never more: what it does not say is left to the parse.
*/
#ifndef INST_SCHEMA_PLAN_H
#define INST_SCHEMA_PLAN_H

#include "core/schema/tree.h"

#define INST_PLAN_FIELDS 64 /* of an object: a bit for each */

typedef struct inst_step inst_step;

/* A declared field. */
typedef struct inst_slot {
  const uint64_t *likely;   /* the key as it is mostly written: "key": in words; NULL: otherwise */
  uint64_t mask;            /* the bytes of the last word that are part of it */
  uint32_t words;           /* how many words it has */
  uint32_t size;            /* how many bytes */
  uint32_t name;            /* the key's number among the names */
  const inst_step *step;    /* of its value */
  const inst_value *filled; /* what stands there when nothing came; or NULL */
  inst_str key;
} inst_slot;

/* What the rules of a text, a number or a list come to where they are bounds and no more. */
typedef struct inst_bounds {
  bool told;          /* are they? */
  bool whole;         /* must a number be whole? */
  double least, most; /* bytes, items, or the number itself */
} inst_bounds;

/* What becomes of a key that is not declared. */
typedef enum inst_undeclared { INST_DROPPED, INST_REFUSED, INST_READ } inst_undeclared;

struct inst_step {
  const inst_tnode *node; /* its kind, its rules, its values */
  inst_node_kind kind;
  bool null; /* does null pass beside? */
  inst_undeclared undeclared;
  const inst_step *item; /* ARRAY: of each item; OBJECT, RECORD, TUPLE: of what is not declared */
  const inst_slot *slots;
  uint64_t must, filled; /* a bit a slot: what must have come; what is filled in else */
  unsigned slot_count;
  const inst_step *const *places; /* TUPLE */
  unsigned place_count;
  uint32_t name;           /* ENUM, LITERAL: the number of its first value among the names */
  const inst_str *choices; /* and its values; p NULL: of one that is no text */
  uint32_t choice_count;
  bool object, array; /* may a list of that kind stand here? */
  inst_bounds bounds;
};

/* All of it lives in the arena it was made in. */
typedef struct inst_plan {
  const inst_step *root;
  inst_str *names; /* keys and choices, which a host may keep ready */
  uint32_t name_count;
} inst_plan;

/* Changes whenever the marks of the text that was read last are forgotten. */
uint64_t inst_straight_texts(const inst_straight *straight);

/* What takes anything. */
extern const inst_step inst_step_any;

/* 'schema' is kept.  False: it is not plain, or memory ran out (the arena knows). */
bool inst_plan_make(inst_plan *plan, const inst_schema *schema, inst_arena *arena);

#endif
