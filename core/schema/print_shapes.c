/*
** Objects, arrays, tuples and records: what has parts of its own.
*/
#include "core/schema/printer.h"

/* ---- objects --------------------------------------------------------------------------------- */

/* An object of which nothing is known yet but that it is one. */
typedef struct object {
  inst_value *out, *properties, *required;
} object;

static object begin_object(inst_printer *pr) {
  return (object){inst_printer_typed(pr, "object"), inst_object(pr->arena), inst_array(pr->arena)};
}

/* Strict providers want every field required; what may be missing may then be null. */
static void print_field(inst_printer *pr, object *o, inst_str key, inst_node number) {
  inst_intake asked = inst_tree_node(pr->schema, number)->asked;
  bool must = asked.absence == INST_MUST_BE_THERE, strict = pr->profile->strict;
  size_t before = inst_printer_enter(pr, key);
  inst_value *field = inst_print_whole(pr, number, strict && !must && !asked.null);
  inst_printer_leave(pr, before);
  inst_put(pr->arena, o->properties, key, field);
  if (strict || must) inst_push(o->required, inst_string(pr->arena, key));
}

static inst_value *end_object(inst_printer *pr, object *o, inst_value *others) {
  inst_printer_put(pr, o->out, "properties", o->properties);
  if (inst_value_count(o->required) > 0) inst_printer_put(pr, o->out, "required", o->required);
  inst_printer_put(pr, o->out, "additionalProperties", others);
  return o->out;
}

/* What stands under keys that are not declared.  Strict providers let none be: where any value may,
** the model is asked for none. */
static inst_value *print_others(inst_printer *pr, const inst_tnode *node) {
  inst_node_kind kind = inst_tree_node(pr->schema, node->rest)->kind;
  bool open = node->unknown_keys == INST_KEYS_PASS;
  if (node->rest != 0) open = kind == INST_NODE_ANY || kind == INST_NODE_UNKNOWN;
  if (node->rest == 0 || open || kind == INST_NODE_NEVER)
    return inst_bool(pr->arena, open && !pr->profile->strict);
  if (pr->profile->strict) inst_printer_refuse(pr, "catchall");
  size_t before = inst_printer_enter(pr, INST_LIT("[]"));
  inst_value *out = inst_print_whole(pr, node->rest, false);
  inst_printer_leave(pr, before);
  return out;
}

inst_value *inst_print_object(inst_printer *pr, const inst_tnode *node) {
  object o = begin_object(pr);
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    print_field(pr, &o, f->key, f->node);
  return end_object(pr, &o, print_others(pr, node));
}

inst_value *inst_print_inside(inst_printer *pr, inst_str key, inst_node number) {
  object o = begin_object(pr);
  print_field(pr, &o, key, number);
  return end_object(pr, &o, inst_bool(pr->arena, false));
}

/* ---- arrays and tuples ----------------------------------------------------------------------- */

static inst_value *print_item(inst_printer *pr, inst_node number) {
  size_t before = inst_printer_enter(pr, INST_LIT("[]"));
  inst_value *out = inst_print_whole(pr, number, false);
  inst_printer_leave(pr, before);
  return out;
}

inst_value *inst_print_array(inst_printer *pr, const inst_tnode *node) {
  inst_value *out = inst_printer_typed(pr, "array");
  inst_printer_put(pr, out, "items", print_item(pr, node->inner[0]));
  return out;
}

/* How many items must be there. */
static unsigned required_items(const inst_printer *pr, const inst_tnode *node) {
  unsigned n = node->inner_count;
  while (n > 0 && inst_tree_inner(pr->schema, node, n - 1)->asked.absence != INST_MUST_BE_THERE)
    n--;
  return n;
}

/* What any of the items may be. */
static inst_value *print_any_of(inst_printer *pr, const inst_value *items) {
  inst_value *list = inst_array(pr->arena), *out = inst_object(pr->arena);
  for (const inst_value *v = inst_value_first(items); v != NULL; v = inst_value_next(v))
    if (!inst_printer_holds(list, v)) inst_push(list, inst_value_copy(pr->arena, v));
  if (inst_value_count(list) == 1) return inst_value_copy(pr->arena, inst_value_first(list));
  inst_printer_put(pr, out, "anyOf", list);
  return out;
}

/* Strict providers know no places in a list: they are told what an item may be, and the model which
** stands where. */
static void print_places_strictly(inst_printer *pr, inst_value *out, inst_value *items,
                                  inst_value *rest) {
  const inst_value *first = inst_value_first(items);
  bool alike = true;
  for (const inst_value *v = first; v != NULL; v = inst_value_next(v))
    alike = alike && inst_value_equal(v, first);
  if (rest != NULL) alike = alike && (first == NULL || inst_value_equal(rest, first));
  if (!alike) inst_printer_say_value(pr, "The items are, in this order:", items, "");
  if (!alike && rest != NULL) inst_printer_say_value(pr, "All behind them are", rest, "");
  if (rest != NULL) inst_push(items, rest);
  inst_value *any = print_any_of(pr, items);
  inst_printer_put(pr, out, "items", inst_value_count(items) > 0 ? any : inst_object(pr->arena));
}

inst_value *inst_print_tuple(inst_printer *pr, const inst_tnode *node) {
  inst_value *out = inst_printer_typed(pr, "array"), *items = inst_array(pr->arena);
  unsigned count = node->inner_count, least = required_items(pr, node);
  for (unsigned i = 0; i < count; i++) inst_push(items, print_item(pr, node->inner[i]));
  inst_value *rest = node->rest != 0 ? print_item(pr, node->rest) : NULL;
  if (pr->profile->strict) {
    print_places_strictly(pr, out, items, rest);
  } else {
    if (count > 0) inst_printer_put(pr, out, "prefixItems", items);
    inst_printer_put(pr, out, "items", rest);
  }
  if (least > 0) inst_printer_put(pr, out, "minItems", inst_int(pr->arena, least));
  if (node->rest == 0) inst_printer_put(pr, out, "maxItems", inst_int(pr->arena, count));
  return out;
}

/* ---- records --------------------------------------------------------------------------------- */

/* The keys of a record, where they can be counted: a list of texts, or NULL. */
static const inst_value *finite_keys(const inst_printer *pr, const inst_tnode *node) {
  const inst_tnode *key = inst_tree_inner(pr->schema, node, 0);
  while (key->kind == INST_NODE_LAZY || key->kind == INST_NODE_READONLY)
    key = inst_tree_inner(pr->schema, key, 0);
  if (key->kind != INST_NODE_ENUM && key->kind != INST_NODE_LITERAL) return NULL;
  for (const inst_value *v = inst_value_first(key->values); v != NULL; v = inst_value_next(v))
    if (inst_value_kind_of(v) != INST_STRING) return NULL;
  return key->values;
}

static inst_value *print_member(inst_printer *pr, const inst_tnode *node, inst_str key) {
  size_t before = inst_printer_enter(pr, key);
  inst_value *out = inst_print_whole(pr, node->inner[1], false);
  inst_printer_leave(pr, before);
  return out;
}

/* All keys are known, and must be there: strict providers take it for an object. */
static inst_value *print_known(inst_printer *pr, const inst_tnode *node, const inst_value *keys) {
  object o = begin_object(pr);
  for (const inst_value *v = inst_value_first(keys); v != NULL; v = inst_value_next(v)) {
    inst_put(pr->arena, o.properties, inst_value_text(v),
             print_member(pr, node, inst_value_text(v)));
    inst_push(o.required, inst_value_copy(pr->arena, v));
  }
  return end_object(pr, &o, inst_bool(pr->arena, false));
}

/* What a key must be like: a text, even where it is read as a number. */
static inst_value *print_key(inst_printer *pr, inst_node number) {
  inst_value *out = inst_print_whole(pr, number, false);
  inst_str type = inst_find_text(out, "type");
  if (!inst_str_is(type, INST_LIT("number")) && !inst_str_is(type, INST_LIT("integer"))) return out;
  inst_value *digits = inst_object(pr->arena);
  inst_printer_put(pr, digits, "pattern", inst_printer_text(pr, "^-?\\d+(\\.\\d+)?$"));
  return digits;
}

static bool is_any_text(const inst_value *out) {
  return inst_value_count(out) == 1 && inst_str_is(inst_find_text(out, "type"), INST_LIT("string"));
}

/* What does not fit stays as it is, so that no keyword holds: the model is told. */
static void say_loosely(inst_printer *pr, const inst_value *key, const inst_value *value) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_add(&buf, inst_json_text(pr->arena, value));
  inst_buf_addf(&buf, " wherever its key fits ");
  inst_buf_add(&buf, inst_json_text(pr->arena, key));
  inst_printer_say(pr, "A value must fit", inst_buf_take(&buf, pr->arena), "");
}

inst_value *inst_print_record(inst_printer *pr, const inst_tnode *node) {
  const inst_value *keys = finite_keys(pr, node);
  bool whole = keys != NULL && !inst_tree_has(node, INST_TRAIT_PARTIAL);
  bool loose = inst_tree_has(node, INST_TRAIT_LOOSE);
  if (pr->profile->strict && whole && !loose) return print_known(pr, node, keys);
  if (pr->profile->strict) inst_printer_refuse(pr, "record");
  inst_value *out = inst_printer_typed(pr, "object");
  inst_value *key = print_key(pr, node->inner[0]);
  inst_value *value = print_member(pr, node, INST_LIT("[]"));
  if (loose && !is_any_text(key)) {
    say_loosely(pr, key, value);
    return out;
  }
  if (!is_any_text(key)) inst_printer_put(pr, out, "propertyNames", key);
  inst_printer_put(pr, out, "additionalProperties", value);
  if (whole) inst_printer_put(pr, out, "required", inst_value_copy(pr->arena, keys));
  return out;
}
