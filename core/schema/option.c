/*
** How well a value fits a node, by its shape.
*/
#include "core/schema/option.h"

#define MAX_NESTING 8 /* unions in unions that are looked into */

typedef enum fit {
  NOT_AT_ALL,
  BY_TYPE,     /* nothing more is known */
  BY_FIELDS,   /* an object with the fields and literals that must be there */
  IN_EVERY_WAY /* and with no others */
} fit;

static bool is_wrapper(const inst_tnode *node) {
  return node->kind == INST_NODE_PIPE || inst_tree_is_wrapper(node);
}

/* By way of code a node may lead back to itself: then nothing is behind it. */
const inst_tnode *inst_option_behind(const inst_schema *schema, const inst_tnode *node) {
  for (uint32_t i = 0; i < schema->count; i++) {
    if (!is_wrapper(node)) return node;
    node = inst_tree_inner(schema, node, node->inner_count - 1);
  }
  return &schema->nodes[0];
}

static bool is_kind(const inst_value *v, inst_value_kind kind) {
  return v != NULL && inst_value_kind_of(v) == kind;
}

static bool is_list(const inst_value *v) {
  return is_kind(v, INST_ARRAY) || (is_kind(v, INST_OBJECT) && v->either);
}

static bool is_choice(const inst_tnode *node) {
  return node->kind == INST_NODE_LITERAL || node->kind == INST_NODE_ENUM;
}

static bool is_among(const inst_value *values, const inst_value *v) {
  for (const inst_value *one = inst_value_first(values); one != NULL; one = inst_value_next(one))
    if (v != NULL && inst_value_equal(one, v)) return true;
  return false;
}

/* Is the field there where it must be, and does it say what it must say? */
static bool fits_field(const inst_schema *schema, const inst_tnode *field, const inst_value *v) {
  bool null = v == NULL || is_kind(v, INST_NULL);
  const inst_tnode *behind = inst_option_behind(schema, field);
  if (null) return field->in.absence != INST_MUST_BE_THERE || field->in.null;
  return !is_choice(behind) || is_among(behind->values, v);
}

static fit fit_of_object(const inst_schema *schema, const inst_tnode *node, const inst_value *v) {
  size_t known = 0;
  if (!is_kind(v, INST_OBJECT)) return NOT_AT_ALL;
  for (const inst_field *f = node->fields; f != NULL; f = f->next) {
    const inst_value *member = inst_value_find(v, f->key);
    if (!fits_field(schema, inst_tree_node(schema, f->node), member)) return BY_TYPE;
    known += member != NULL;
  }
  return known == inst_value_count(v) ? IN_EVERY_WAY : BY_FIELDS;
}

static fit fit_of_tuple(const inst_tnode *node, const inst_value *v) {
  size_t n = is_list(v) ? inst_value_count(v) : 0;
  if (!is_list(v)) return NOT_AT_ALL;
  return n == node->inner_count || (n > node->inner_count && node->rest != 0) ? IN_EVERY_WAY
                                                                              : BY_TYPE;
}

static fit if_so(bool fits) {
  return fits ? IN_EVERY_WAY : NOT_AT_ALL;
}

static fit fit_of(const inst_schema *schema, const inst_tnode *node, const inst_value *v,
                  unsigned level);

/* The best of the options, or the worst of both sides. */
static fit fit_of_parts(const inst_schema *schema, const inst_tnode *node, const inst_value *v,
                        unsigned level) {
  bool best = node->kind == INST_NODE_UNION;
  fit all = best ? NOT_AT_ALL : IN_EVERY_WAY;
  if (level == MAX_NESTING) return BY_TYPE;
  for (unsigned i = 0; i < node->inner_count; i++) {
    fit one = fit_of(schema, inst_tree_inner(schema, node, i), v, level + 1);
    if (best ? one > all : one < all) all = one;
  }
  return all;
}

static fit fit_of(const inst_schema *schema, const inst_tnode *node, const inst_value *v,
                  unsigned level) {
  if (is_kind(v, INST_NULL) && node->in.null) return IN_EVERY_WAY;
  node = inst_option_behind(schema, node);
  switch (node->kind) {
  case INST_NODE_BOOLEAN: return if_so(is_kind(v, INST_BOOL));
  case INST_NODE_NUMBER: return if_so(inst_value_is_number(v));
  case INST_NODE_STRING: return if_so(is_kind(v, INST_STRING));
  case INST_NODE_NULL: return if_so(is_kind(v, INST_NULL));
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return if_so(is_among(node->values, v));
  case INST_NODE_OBJECT: return fit_of_object(schema, node, v);
  case INST_NODE_ARRAY: return if_so(is_list(v));
  case INST_NODE_TUPLE: return fit_of_tuple(node, v);
  case INST_NODE_RECORD: return is_kind(v, INST_OBJECT) ? BY_FIELDS : NOT_AT_ALL;
  case INST_NODE_UNION:
  case INST_NODE_INTERSECTION: return fit_of_parts(schema, node, v, level);
  case INST_NODE_NEVER: return NOT_AT_ALL;
  default: return BY_TYPE;
  }
}

const inst_tnode *inst_option_for(const inst_schema *schema, const inst_tnode *either,
                                  const inst_value *v) {
  const inst_tnode *best = NULL;
  fit best_fit = NOT_AT_ALL;
  for (unsigned i = 0; i < either->inner_count; i++) {
    const inst_tnode *option = inst_tree_inner(schema, either, i);
    fit one = fit_of(schema, option, v, 0);
    if (best != NULL && one <= best_fit) continue;
    best = option;
    best_fit = one;
  }
  return best;
}
