/*
** A schema as JSON Schema, in the profile of a provider: what the schema takes in, objects closed,
** fields in order, no bounds the user did not write.
** What a profile cannot say in keywords it says in words, in the description; what it cannot say at
** all is refused by name and path: nothing that a value is judged by is dropped in silence.
*/
#include "core/schema/print.h"

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/schema/printer.h"
#include "core/schema/write.h"

#define MAX_INLINED 4

/* ---- kinds ----------------------------------------------------------------------------------- */

/* The one type all values have, or NULL. */
static const char *common_type(const inst_value *values) {
  const inst_value *v = inst_value_first(values);
  const char *type = inst_value_kind_name(v);
  for (; v != NULL; v = inst_value_next(v))
    if (strcmp(inst_value_kind_name(v), type) != 0) return NULL;
  return type;
}

static inst_value *print_values(inst_printer *pr, const inst_tnode *node) {
  const char *type = common_type(node->values);
  inst_value *out = type ? inst_printer_typed(pr, type) : inst_object(pr->arena);
  if (node->kind == INST_NODE_LITERAL && inst_value_count(node->values) == 1)
    inst_printer_put(pr, out, "const", inst_value_copy(pr->arena, inst_value_first(node->values)));
  else
    inst_printer_put(pr, out, "enum", inst_value_copy(pr->arena, node->values));
  return out;
}

/* Nothing fits.  Strict providers have no word for that, but where a field may be missing, null
** comes to the same. */
static inst_value *print_never(inst_printer *pr) {
  if (pr->profile->strict) return inst_printer_typed(pr, "null");
  inst_value *out = inst_object(pr->arena);
  inst_printer_put(pr, out, "not", inst_object(pr->arena));
  return out;
}

static inst_value *print_node(inst_printer *pr, inst_node number);

static inst_value *print_nullable(inst_printer *pr, const inst_tnode *node) {
  inst_value *inner = print_node(pr, node->inner[0]);
  bool null = inst_tree_node(pr->schema, node->inner[0])->asked.null;
  return null ? inner : inst_print_or_null(pr, inner);
}

/* A default as the schema writes it: an empty table of the host's is a list where lists stand. */
static inst_value *default_of(inst_printer *pr, const inst_tnode *node, const inst_value *value) {
  const inst_tnode *inner = inst_tree_node(pr->schema, node->inner[0]);
  inst_error error = {.code = INST_E_NONE};
  inst_str text = inst_schema_write_at(pr->schema, inner, value, pr->arena);
  inst_value *out = inst_json_parse(pr->arena, text, INST_MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) pr->arena->failed = true;
  return out != NULL ? out : inst_value_copy(pr->arena, value);
}

/* A default is a result: where code stands before it, it is nothing that could come in. */
static inst_value *print_default(inst_printer *pr, const inst_tnode *node) {
  inst_value *out = print_node(pr, node->inner[0]);
  const inst_value *value = inst_value_first(node->values);
  bool result = node->kind == INST_NODE_DEFAULT;
  if (value == NULL || (result && node->transforms) || node->code != 0) return out;
  if (pr->profile->strict)
    inst_printer_say_value(pr, "The default is", default_of(pr, node, value), "");
  else if (out != NULL)
    inst_replace(pr->arena, out, INST_LIT("default"), default_of(pr, node, value));
  return out;
}

/* By way of code a lazy node may lead back to itself at once: some day it is a reference. */
static inst_value *print_lazy(inst_printer *pr, const inst_tnode *node) {
  if (pr->lazies == INST_LAZY_REF || pr->inlined == MAX_INLINED)
    return inst_printer_refer(pr, node->inner[0]);
  pr->inlined++;
  inst_value *out = print_node(pr, node->inner[0]);
  pr->inlined--;
  return out;
}

static inst_value *print_scalar(inst_printer *pr, const inst_tnode *node) {
  switch (node->kind) {
  case INST_NODE_NULL: return inst_printer_typed(pr, "null");
  case INST_NODE_BOOLEAN: return inst_printer_typed(pr, "boolean");
  case INST_NODE_NUMBER: return inst_printer_typed(pr, "number");
  case INST_NODE_STRING: return inst_printer_typed(pr, "string");
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return print_values(pr, node);
  case INST_NODE_NEVER: return print_never(pr);
  default: return inst_object(pr->arena); /* any, unknown, transform: anything */
  }
}

/* What is made of parts: none of them is the root any more. */
static inst_value *print_shape(inst_printer *pr, const inst_tnode *node) {
  inst_lazies outside = pr->lazies;
  inst_value *out = NULL;
  pr->lazies = INST_LAZY_REF;
  switch (node->kind) {
  case INST_NODE_OBJECT: out = inst_print_object(pr, node); break;
  case INST_NODE_ARRAY: out = inst_print_array(pr, node); break;
  case INST_NODE_TUPLE: out = inst_print_tuple(pr, node); break;
  default: out = inst_print_record(pr, node); break;
  }
  pr->lazies = outside;
  return out;
}

static inst_value *print_kind(inst_printer *pr, const inst_tnode *node) {
  switch (node->kind) {
  case INST_NODE_OBJECT:
  case INST_NODE_ARRAY:
  case INST_NODE_TUPLE:
  case INST_NODE_RECORD: return print_shape(pr, node);
  case INST_NODE_UNION: return inst_print_union(pr, node);
  case INST_NODE_INTERSECTION: return inst_print_intersection(pr, node);
  case INST_NODE_LAZY: return print_lazy(pr, node);
  case INST_NODE_OPTIONAL:
  case INST_NODE_NONOPTIONAL:
  case INST_NODE_READONLY:
  case INST_NODE_CATCH: return print_node(pr, node->inner[0]);
  case INST_NODE_PIPE: return print_node(pr, inst_tree_asked(pr->schema, node));
  case INST_NODE_NULLABLE: return print_nullable(pr, node);
  case INST_NODE_DEFAULT:
  case INST_NODE_PREFAULT: return print_default(pr, node);
  default: return print_scalar(pr, node);
  }
}

/* Metadata is no rule: what strict providers do not take is left out, but for examples. */
static void print_meta(inst_printer *pr, inst_value *out, const inst_tnode *node) {
  for (const inst_value *v = inst_value_first(node->meta); v != NULL; v = inst_value_next(v)) {
    inst_str key = inst_value_key(v);
    bool plain = inst_str_is(key, INST_LIT("description")) || inst_str_is(key, INST_LIT("title"));
    if (inst_str_is(key, INST_LIT("id"))) continue; /* a name of ours, no keyword */
    if (plain || !pr->profile->strict)
      inst_replace(pr->arena, out, key, inst_value_copy(pr->arena, v));
    else if (inst_str_is(key, INST_LIT("examples")))
      inst_printer_say_value(pr, "Examples:", v, "");
  }
}

/* A node with its wrappers. */
static inst_value *print_node(inst_printer *pr, inst_node number) {
  const inst_tnode *node = inst_tree_node(pr->schema, number);
  inst_value *out = print_kind(pr, node);
  if (out == NULL) return NULL;
  print_meta(pr, out, node);
  inst_print_checks(pr, out, node);
  inst_printer_set_apart(pr, out);
  return out;
}

inst_value *inst_print_whole(inst_printer *pr, inst_node number, bool forced) {
  inst_str outside = pr->notes;
  pr->notes = INST_LIT("");
  inst_value *out = print_node(pr, number);
  if (forced) out = inst_print_or_null(pr, out);
  inst_printer_put_notes(pr, out);
  pr->notes = outside;
  return out;
}

/* ---- the root -------------------------------------------------------------------------------- */

/* What was referred to, which may refer to more. */
static void print_definitions(inst_printer *pr, inst_value *out) {
  inst_value *all = inst_object(pr->arena);
  for (const inst_definition *d = pr->first; d != NULL; d = d->next) {
    size_t before = inst_printer_enter(pr, d->name);
    inst_put(pr->arena, all, d->name, inst_print_whole(pr, d->node, false));
    inst_printer_leave(pr, before);
  }
  if (pr->first != NULL) inst_printer_put(pr, out, "$defs", all);
}

/* Ends a printing with the root 'out'. */
static inst_value *end(inst_printer *pr, inst_value *out) {
  if (out != NULL) print_definitions(pr, out);
  bool lost = pr->path.failed || inst_arena_failed(pr->arena);
  inst_buf_clear(&pr->path);
  if (lost) inst_error_memory(pr->error);
  return lost || pr->refused ? NULL : out;
}

static inst_printer begin(const inst_schema *schema, const inst_profile *profile, inst_arena *arena,
                          inst_error *error) {
  inst_printer pr = {.schema = schema, .profile = profile, .arena = arena, .error = error};
  pr.notes = INST_LIT("");
  inst_buf_init(&pr.path, arena->alloc);
  return pr;
}

inst_value *inst_schema_print(const inst_schema *schema, const inst_profile *profile,
                              inst_arena *arena, inst_error *error) {
  inst_printer pr = begin(schema, profile, arena, error);
  pr.lazies = INST_LAZY_ROOT;
  inst_value *out = inst_print_whole(&pr, schema->root, false);
  pr.lazies = INST_LAZY_REF;
  return end(&pr, out);
}

inst_value *inst_schema_print_inside(const inst_schema *schema, const inst_profile *profile,
                                     inst_str key, inst_arena *arena, inst_error *error) {
  inst_printer pr = begin(schema, profile, arena, error);
  return end(&pr, inst_print_inside(&pr, key, schema->root));
}
