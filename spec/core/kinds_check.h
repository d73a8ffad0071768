/*
** More words for schemas: nodes of several nodes, and what stands around one.
*/
#ifndef SPEC_CORE_KINDS_CHECK_H
#define SPEC_CORE_KINDS_CHECK_H

#include "spec/core/schema_check.h"

#define WANTED(what, got) "invalid_type: Invalid input: expected " what ", received " got

/* A node around two: INTERSECTION, RECORD. */
static inline inst_node pair_of(bench *b, inst_node_kind kind, inst_node left, inst_node right) {
  inst_node outer = wrap(b, kind, left);
  inst_schema_inner(b->schema, outer, right);
  return outer;
}

/* UNION or TUPLE of up to four; 0 is none. */
static inline inst_node row_of(bench *b, inst_node_kind kind, inst_node first, inst_node second,
                               inst_node third, inst_node fourth) {
  const inst_node all[] = {first, second, third, fourth};
  inst_node outer = node(b, kind);
  for (size_t i = 0; i < 4 && all[i] != 0; i++) inst_schema_inner(b->schema, outer, all[i]);
  return outer;
}

static inline inst_node either_of(bench *b, inst_node first, inst_node second) {
  return row_of(b, KIND(UNION), first, second, 0, 0);
}

static inline inst_node with_trait(bench *b, inst_node target, inst_trait trait) {
  inst_schema_trait(b->schema, target, trait);
  return target;
}

static inline inst_node with_rest(bench *b, inst_node target, inst_node rest) {
  inst_schema_rest(b->schema, target, rest);
  return target;
}

static inline inst_node told_by(bench *b, const char *key, inst_node target) {
  inst_schema_discriminator(b->schema, target, inst_str_of(key));
  return target;
}

/* DEFAULT and its like around 'inner', with a value or a function. */
static inline inst_node with_value(bench *b, inst_node_kind kind, inst_node inner,
                                   const char *value) {
  inst_node made = wrap(b, kind, inner);
  inst_schema_value(b->schema, made, json(b, value));
  return made;
}

static inline inst_node by_code(bench *b, inst_node_kind kind, inst_node inner, uint32_t code) {
  inst_node made = wrap(b, kind, inner);
  inst_schema_code(b->schema, made, code);
  return made;
}

static inline inst_node literal(bench *b, const char *value) {
  inst_node made = node(b, KIND(LITERAL));
  inst_schema_value(b->schema, made, json(b, value));
  return made;
}

static inline inst_node strict(bench *b, inst_node object) {
  inst_schema_unknown_keys(b->schema, object, INST_KEYS_STRICT);
  return object;
}

/* An object of so many members, 'key' and a number each: were each looked for among all of them, a
** spec would not end. */
static inline inst_value *large_object(bench *b, const char *key, int count) {
  inst_value *object = inst_object(b->arena);
  for (int i = 0; i < count; i++) {
    char name[40];
    int n = snprintf(name, sizeof name, "%s%d", key, i);
    inst_put(b->arena, object, (inst_str){name, (size_t)n}, inst_int(b->arena, i));
  }
  return object;
}

#define LARGE 300000 /* members */

static inline inst_node text(bench *b) {
  return node(b, KIND(STRING));
}

static inline inst_node number(bench *b) {
  return node(b, KIND(NUMBER));
}

#endif
