/*
** A value as JSON the schema's way: what a table cannot say (order, an empty list, null), the
** schema says.  Judges nothing.
*/
#include "core/json/write.h"
#include "core/schema/tree.h"

/* The node behind the wrappers, on the side of the result. */
static const inst_tnode *structure(const inst_schema *schema, const inst_tnode *node) {
  while (node->inner_count > 0 && node->kind != INST_NODE_ARRAY)
    node = inst_tree_node(schema, node->inner[node->inner_count - 1]);
  return node;
}

static void write_node(inst_buf *buf, const inst_schema *schema, const inst_tnode *node,
                       const inst_value *v);

static void write_key(inst_buf *buf, inst_str key, bool *first) {
  if (!*first) inst_buf_byte(buf, ',');
  *first = false;
  inst_json_write_string(buf, key);
  inst_buf_byte(buf, ':');
}

static bool is_declared(const inst_tnode *node, inst_str key) {
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    if (inst_str_is(f->key, key)) return true;
  return false;
}

static void write_object(inst_buf *buf, const inst_schema *schema, const inst_tnode *node,
                         const inst_value *v) {
  bool first = true;
  inst_buf_byte(buf, '{');
  for (const inst_field *f = node->fields; f != NULL; f = f->next) {
    const inst_tnode *field = inst_tree_node(schema, f->node);
    const inst_value *member = inst_value_find(v, f->key);
    bool null = member == NULL && field->in.null && field->in.absence == INST_MUST_BE_THERE;
    if (member == NULL && !null) continue;
    write_key(buf, f->key, &first);
    if (null)
      inst_buf_add(buf, INST_LIT("null"));
    else
      write_node(buf, schema, field, member);
  }
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    if (is_declared(node, m->key)) continue;
    write_key(buf, m->key, &first);
    inst_json_write(buf, m);
  }
  inst_buf_byte(buf, '}');
}

static void write_array(inst_buf *buf, const inst_schema *schema, const inst_tnode *node,
                        const inst_value *v) {
  const inst_tnode *element = inst_tree_node(schema, node->inner[0]);
  inst_buf_byte(buf, '[');
  for (const inst_value *item = inst_value_first(v); item != NULL; item = inst_value_next(item)) {
    if (item != inst_value_first(v)) inst_buf_byte(buf, ',');
    write_node(buf, schema, element, item);
  }
  inst_buf_byte(buf, ']');
}

/* As deep as the schema, whose height is limited. */
static void write_node(inst_buf *buf, const inst_schema *schema, const inst_tnode *node,
                       const inst_value *v) {
  const inst_tnode *shape = structure(schema, node);
  inst_value_kind kind = inst_value_kind_of(v);
  if (shape->kind == INST_NODE_OBJECT && kind == INST_OBJECT)
    write_object(buf, schema, shape, v);
  else if (shape->kind == INST_NODE_ARRAY && (kind == INST_ARRAY || (v != NULL && v->either)))
    write_array(buf, schema, shape, v);
  else
    inst_json_write(buf, v);
}

inst_str inst_schema_write(const inst_schema *schema, const inst_value *value, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  write_node(&buf, schema, inst_tree_node(schema, schema->root), value);
  return inst_buf_take(&buf, arena);
}
