/*
** A value as JSON the schema's way: what a table cannot say (order, an empty list, null), the
** schema says.  Judges nothing.
** Beyond MAX_LEVELS a value is written as it is: only a schema that refers to itself leads there.
*/
#include "core/schema/write.h"

#include "core/json/write.h"
#include "core/schema/option.h"

#define MAX_LEVELS INST_MAX_SCHEMA_HEIGHT
#define MAX_SHAPES 16 /* sides of intersections that one value is written by */
#define MAX_STEPS 64  /* unions and intersections on the way to them */

/* What says how a value is written: one node, or both sides of an intersection. */
typedef struct shapes {
  const inst_tnode *list[MAX_SHAPES];
  size_t count, steps;
} shapes;

/* One writing. */
typedef struct writer {
  inst_buf *buf;
  const inst_schema *schema;
  unsigned level;
} writer;

static void write_node(writer *w, const inst_tnode *node, const inst_value *v);

/* Adds what is behind 'node' for 'v'. */
static void add_shapes(shapes *all, const inst_schema *schema, const inst_tnode *node,
                       const inst_value *v) {
  node = inst_option_behind(schema, node);
  if (all->steps++ >= MAX_STEPS || all->count == MAX_SHAPES) return;
  if (node->kind == INST_NODE_UNION) {
    const inst_tnode *option = inst_option_for(schema, node, v);
    if (option != NULL) add_shapes(all, schema, option, v);
  } else if (node->kind == INST_NODE_INTERSECTION) {
    add_shapes(all, schema, inst_tree_inner(schema, node, 0), v);
    add_shapes(all, schema, inst_tree_inner(schema, node, 1), v);
  } else {
    all->list[all->count++] = node;
  }
}

/* The first of the shapes that is of either kind; NULL: none. */
static const inst_tnode *shape_of(const shapes *all, inst_node_kind a, inst_node_kind b) {
  for (size_t i = 0; i < all->count; i++)
    if (all->list[i]->kind == a || all->list[i]->kind == b) return all->list[i];
  return NULL;
}

/* ---- objects --------------------------------------------------------------------------------- */

static void write_key(writer *w, inst_str key, bool *first) {
  if (!*first) inst_buf_byte(w->buf, ',');
  *first = false;
  inst_json_write_string(w->buf, key);
  inst_buf_byte(w->buf, ':');
}

/* Do the first 'count' shapes declare the key? */
static bool is_declared(const shapes *all, size_t count, inst_str key) {
  for (size_t i = 0; i < count; i++)
    for (const inst_field *f = all->list[i]->fields; f != NULL; f = f->next)
      if (inst_str_is(f->key, key)) return true;
  return false;
}

static void write_field(writer *w, const inst_field *f, const inst_value *v, bool *first) {
  const inst_tnode *field = inst_tree_node(w->schema, f->node);
  const inst_value *member = inst_value_find(v, f->key);
  bool null = member == NULL && field->in.null && field->in.absence == INST_MUST_BE_THERE;
  if (member == NULL && !null) return;
  write_key(w, f->key, first);
  if (null)
    inst_buf_add(w->buf, INST_LIT("null"));
  else
    write_node(w, field, member);
}

/* The node of what no shape declares; NULL: there is none. */
static const inst_tnode *others_of(const writer *w, const shapes *all) {
  for (size_t i = 0; i < all->count; i++) {
    const inst_tnode *shape = all->list[i];
    if (shape->kind == INST_NODE_RECORD) return inst_tree_inner(w->schema, shape, 1);
    if (shape->kind == INST_NODE_OBJECT && shape->rest != 0)
      return inst_tree_node(w->schema, shape->rest);
  }
  return NULL;
}

static void write_others(writer *w, const shapes *all, const inst_value *v, bool *first) {
  const inst_tnode *node = others_of(w, all);
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    if (is_declared(all, all->count, m->key)) continue;
    write_key(w, m->key, first);
    if (node != NULL)
      write_node(w, node, m);
    else
      inst_json_write(w->buf, m);
  }
}

static void write_object(writer *w, const shapes *all, const inst_value *v) {
  bool first = true;
  inst_buf_byte(w->buf, '{');
  for (size_t i = 0; i < all->count; i++)
    for (const inst_field *f = all->list[i]->fields; f != NULL; f = f->next)
      if (!is_declared(all, i, f->key)) write_field(w, f, v, &first);
  write_others(w, all, v, &first);
  inst_buf_byte(w->buf, '}');
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The node of the item at 'i'; NULL: there is none. */
static const inst_tnode *item_of(const writer *w, const inst_tnode *list, unsigned i) {
  if (list->kind == INST_NODE_ARRAY) return inst_tree_inner(w->schema, list, 0);
  if (i < list->inner_count) return inst_tree_inner(w->schema, list, i);
  return list->rest != 0 ? inst_tree_node(w->schema, list->rest) : NULL;
}

static void write_list(writer *w, const inst_tnode *list, const inst_value *v) {
  unsigned i = 0;
  inst_buf_byte(w->buf, '[');
  for (const inst_value *item = inst_value_first(v); item != NULL; item = inst_value_next(item)) {
    const inst_tnode *node = item_of(w, list, i);
    if (i++ > 0) inst_buf_byte(w->buf, ',');
    if (node != NULL)
      write_node(w, node, item);
    else
      inst_json_write(w->buf, item);
  }
  inst_buf_byte(w->buf, ']');
}

/* ---- all ------------------------------------------------------------------------------------- */

/* By the shapes of 'node', which must be asked for before 'v' is looked into. */
static void write_shaped(writer *w, const inst_tnode *node, const inst_value *v) {
  shapes all;
  all.count = all.steps = 0;
  add_shapes(&all, w->schema, node, v);
  const inst_tnode *list = shape_of(&all, INST_NODE_ARRAY, INST_NODE_TUPLE);
  bool object = shape_of(&all, INST_NODE_OBJECT, INST_NODE_RECORD) != NULL;
  if (list != NULL && (inst_value_kind_of(v) == INST_ARRAY || v->either))
    write_list(w, list, v);
  else if (object && inst_value_kind_of(v) == INST_OBJECT)
    write_object(w, &all, v);
  else
    inst_json_write(w->buf, v);
}

static void write_node(writer *w, const inst_tnode *node, const inst_value *v) {
  bool parts =
      v != NULL && (inst_value_kind_of(v) == INST_ARRAY || inst_value_kind_of(v) == INST_OBJECT);
  if (!parts || w->level == MAX_LEVELS) {
    inst_json_write(w->buf, v);
    return;
  }
  w->level++;
  write_shaped(w, node, v);
  w->level--;
}

inst_str inst_schema_write_at(const inst_schema *schema, const inst_tnode *node,
                              const inst_value *value, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  writer w = {&buf, schema, 0};
  write_node(&w, node, value);
  return inst_buf_take(&buf, arena);
}

inst_str inst_schema_write(const inst_schema *schema, const inst_value *value, inst_arena *arena) {
  return inst_schema_write_at(schema, inst_tree_node(schema, schema->root), value, arena);
}
