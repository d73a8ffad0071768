/*
** From values to nodes: wrappers are looked through, options of unions told apart where that is
** certain.
*/
#include "core/schema/shape.h"

/* The node inside a wrapper, on the side that is asked for; 0: 'node' wraps nothing. */
static inst_node inside(const inst_schema *schema, const inst_tnode *node) {
  if (node->kind == INST_NODE_PIPE) return inst_tree_asked(schema, node);
  return inst_tree_is_wrapper(node) ? node->inner[0] : 0;
}

/* The next node on the way from 'node' inwards, of which 'steps' were taken.  By way of code a node
** may lead back to itself: then nothing is inside. */
static inst_node step_inside(const inst_schema *schema, inst_node node, uint32_t *steps) {
  return ++*steps < schema->count ? inside(schema, inst_tree_node(schema, node)) : 0;
}

static const inst_tnode *shape_of(const inst_schema *schema, inst_node node) {
  uint32_t steps = 0;
  inst_node shape = node;
  while ((node = step_inside(schema, node, &steps)) != 0) shape = node;
  return inst_tree_node(schema, shape);
}

bool inst_shape_has(const inst_schema *schema, inst_node node, inst_trait trait) {
  uint32_t steps = 0;
  for (; node != 0; node = step_inside(schema, node, &steps))
    if (inst_tree_has(inst_tree_node(schema, node), trait)) return true;
  return false;
}

/* Not where a fault is caught, nor where code comes first. */
static bool leads_strictly(const inst_schema *schema, inst_node node) {
  uint32_t steps = 0;
  for (; node != 0; node = step_inside(schema, node, &steps)) {
    const inst_tnode *shape = inst_tree_node(schema, node);
    bool code_first =
        shape->kind == INST_NODE_PIPE && inst_tree_asked(schema, shape) != shape->inner[0];
    if (shape->kind == INST_NODE_CATCH || code_first) return false;
  }
  return true;
}

static bool is_loose(const inst_schema *schema, inst_node node) {
  return inst_tree_has(shape_of(schema, node), INST_TRAIT_LOOSE);
}

/* A loose record keeps what stands under keys that do not fit.  An option of a union that is not
** strict, or that converts what it is given, may take what another refuses. */
bool inst_shape_is_strict(const inst_schema *schema, inst_node node) {
  if (!leads_strictly(schema, node) || is_loose(schema, node)) return false;
  const inst_tnode *shape = shape_of(schema, node);
  if (shape->kind != INST_NODE_UNION) return true;
  for (unsigned i = 0; i < shape->inner_count; i++)
    if (!leads_strictly(schema, shape->inner[i]) || is_loose(schema, shape->inner[i]) ||
        inst_shape_has(schema, shape->inner[i], INST_TRAIT_COERCE))
      return false;
  return true;
}

static bool is_choice(const inst_tnode *shape) {
  return shape->kind == INST_NODE_ENUM || shape->kind == INST_NODE_LITERAL;
}

bool inst_shape_is_choice(const inst_schema *schema, inst_node node) {
  const inst_tnode *shape = shape_of(schema, node);
  if (shape->kind != INST_NODE_UNION) return is_choice(shape);
  for (unsigned i = 0; i < shape->inner_count; i++)
    if (is_choice(shape_of(schema, shape->inner[i]))) return true;
  return false;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static bool holds_members(const inst_tnode *shape) {
  return shape->kind == INST_NODE_OBJECT || shape->kind == INST_NODE_RECORD;
}

static bool holds_items(const inst_tnode *shape) {
  return shape->kind == INST_NODE_ARRAY || shape->kind == INST_NODE_TUPLE;
}

/* The one option that takes such a list; NULL: there is none, or more than one, or an option that
** takes anything. */
static const inst_tnode *only_option(const inst_schema *schema, const inst_tnode *either,
                                     bool object) {
  const inst_tnode *found = NULL;
  for (unsigned i = 0; i < either->inner_count; i++) {
    const inst_tnode *shape = shape_of(schema, either->inner[i]);
    bool fits = object ? holds_members(shape) : holds_items(shape);
    bool other =
        fits ? found != NULL : shape->kind >= INST_NODE_UNION || shape->kind <= INST_NODE_UNKNOWN;
    if (other) return NULL;
    if (fits) found = shape;
  }
  return found;
}

static inst_node member_of(const inst_tnode *shape, inst_str key) {
  if (shape->kind == INST_NODE_RECORD) return shape->inner[1];
  if (shape->kind != INST_NODE_OBJECT) return 0;
  for (const inst_field *field = shape->fields; field != NULL; field = field->next)
    if (inst_str_is(field->key, key)) return field->node;
  return shape->rest;
}

static inst_node item_of(const inst_tnode *shape, size_t index) {
  if (shape->kind == INST_NODE_ARRAY) return shape->inner[0];
  if (shape->kind != INST_NODE_TUPLE) return 0;
  return index < shape->inner_count ? shape->inner[index] : shape->rest;
}

static const inst_tnode *list_shape(const inst_schema *schema, inst_node node,
                                    const inst_value *list) {
  const inst_tnode *shape = shape_of(schema, node);
  if (shape->kind != INST_NODE_UNION) return shape;
  shape = only_option(schema, shape, inst_value_kind_of(list) == INST_OBJECT);
  return shape != NULL ? shape : inst_tree_node(schema, 0);
}

inst_node inst_shape_part(const inst_schema *schema, inst_node node, const inst_value *list,
                          inst_segment at) {
  const inst_tnode *shape = list_shape(schema, node, list);
  return at.key.p != NULL ? member_of(shape, at.key) : item_of(shape, at.index);
}

const inst_field *inst_shape_required(const inst_schema *schema, inst_node node,
                                      const inst_value *object, const inst_field *field) {
  field = field != NULL ? field->next : list_shape(schema, node, object)->fields;
  while (field != NULL && !inst_shape_has(schema, field->node, INST_TRAIT_WITHHOLD))
    field = field->next;
  return field;
}
