/*
** What may be one thing or another, and what must be two at once.
*/
#include "core/schema/printer.h"

/* ---- alternatives ---------------------------------------------------------------------------- */

/* Is 'out' nothing but a type, or a list of types? */
static bool is_bare(const inst_value *out) {
  return inst_value_count(out) == 1 && inst_find(out, "type") != NULL;
}

/* The types of 'out', each once. */
static void add_types(inst_printer *pr, inst_value *list, const inst_value *out) {
  const inst_value *type = inst_find(out, "type");
  bool several = inst_value_kind_of(type) == INST_ARRAY;
  for (const inst_value *v = several ? inst_value_first(type) : type; v != NULL;
       v = several ? inst_value_next(v) : NULL)
    if (!inst_printer_holds(list, v)) inst_push(list, inst_value_alias(pr->arena, v));
}

/* Alternatives of which each is nothing but a type, as one; 'all' is a list that may be used up. */
static inst_value *fold_types(inst_printer *pr, const inst_value *all) {
  inst_value *out = inst_object(pr->arena), *list = inst_array(pr->arena);
  for (const inst_value *v = inst_value_first(all); v != NULL; v = inst_value_next(v))
    add_types(pr, list, v);
  bool one = inst_value_count(list) == 1;
  inst_printer_put(pr, out, "type",
                   one ? inst_value_alias(pr->arena, inst_value_first(list)) : list);
  return out;
}

static bool are_bare(const inst_value *all) {
  for (const inst_value *v = inst_value_first(all); v != NULL; v = inst_value_next(v))
    if (!is_bare(v)) return false;
  return true;
}

/* The alternatives of 'out', where it is nothing but that. */
static inst_value *alternatives(const inst_value *out) {
  return inst_value_count(out) == 1 ? inst_find(out, "anyOf") : NULL;
}

static inst_value *one_of(inst_printer *pr, inst_value *all) {
  inst_value *out = inst_object(pr->arena);
  if (inst_value_count(all) == 1) return inst_value_alias(pr->arena, inst_value_first(all));
  if (are_bare(all)) return fold_types(pr, all);
  inst_printer_put(pr, out, "anyOf", all);
  return out;
}

inst_value *inst_print_or_null(inst_printer *pr, inst_value *out) {
  inst_value *null = inst_printer_typed(pr, "null");
  if (out == NULL || null == NULL) return NULL;
  inst_value *before = alternatives(out);
  if (before != NULL) {
    if (!inst_printer_holds(before, null)) inst_push(before, null);
    return out;
  }
  inst_value *all = inst_array(pr->arena);
  inst_push(all, out);
  inst_push(all, null);
  return one_of(pr, all);
}

/* No option: nothing fits. */
static inst_value *none_of(inst_printer *pr) {
  inst_value *out = inst_object(pr->arena);
  if (pr->profile->strict) inst_printer_refuse(pr, "union without options");
  inst_printer_put(pr, out, "not", inst_object(pr->arena));
  return out;
}

/* Each option keeps its own description. */
inst_value *inst_print_union(inst_printer *pr, const inst_tnode *node) {
  inst_value *all = inst_array(pr->arena);
  inst_lazies outside = pr->lazies;
  if (node->inner_count == 0) return none_of(pr);
  if (outside == INST_LAZY_ROOT) pr->lazies = INST_LAZY_REF;
  for (unsigned i = 0; i < node->inner_count; i++) {
    inst_value *option = inst_print_whole(pr, node->inner[i], false);
    if (option != NULL && !inst_printer_holds(all, option)) inst_push(all, option);
  }
  pr->lazies = outside;
  if (inst_tree_has(node, INST_TRAIT_EXCLUSIVE) && node->inner_count > 1)
    inst_printer_note(pr, INST_LIT("It must fit exactly one of the alternatives."));
  return one_of(pr, all);
}

/* ---- both at once ---------------------------------------------------------------------------- */

static inst_value *join(inst_printer *pr, const inst_value *a, const inst_value *b);

static bool is_object(const inst_value *v) {
  return inst_str_is(inst_find_text(v, "type"), INST_LIT("object"));
}

/* Has it no keyword but those that objects are joined by? */
static bool can_be_folded(const inst_value *v) {
  static const char *const known[] = {
      "type", "properties", "required", "additionalProperties", "description", "title", NULL};
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    size_t i = 0;
    while (known[i] != NULL && !inst_str_is(m->key, inst_str_of(known[i]))) i++;
    if (known[i] == NULL) return false;
  }
  return is_object(v);
}

/* What 'v' says of a key it does not declare; NULL: nothing (it would drop it). */
static const inst_value *others_of(const inst_value *v) {
  const inst_value *others = inst_find(v, "additionalProperties");
  return others != NULL && inst_value_kind_of(others) == INST_OBJECT ? others : NULL;
}

/* The fields of 'a', each joined with what 'b' says of it; those 'out' has already are left out. */
static void join_fields(inst_printer *pr, inst_value *out, const inst_value *a,
                        const inst_value *b) {
  const inst_value *other = inst_find(b, "properties");
  for (const inst_value *f = inst_value_first(inst_find(a, "properties")); f != NULL;
       f = inst_value_next(f)) {
    if (inst_value_find(out, f->key) != NULL) continue;
    const inst_value *too = other != NULL ? inst_value_find(other, f->key) : NULL;
    if (too == NULL) too = others_of(b);
    size_t before = inst_printer_enter(pr, f->key);
    inst_put(pr->arena, out, f->key,
             too != NULL ? join(pr, f, too) : inst_value_copy(pr->arena, f));
    inst_printer_leave(pr, before);
  }
}

static void join_required(inst_printer *pr, inst_value *out, const inst_value *v) {
  for (const inst_value *k = inst_value_first(inst_find(v, "required")); k != NULL;
       k = inst_value_next(k))
    if (!inst_printer_holds(out, k)) inst_push(out, inst_value_alias(pr->arena, k));
}

/* A key that one side drops may stand where the other keeps it. */
static inst_value *join_others(inst_printer *pr, const inst_value *a, const inst_value *b) {
  const inst_value *mine = inst_find(a, "additionalProperties");
  const inst_value *yours = inst_find(b, "additionalProperties");
  if (others_of(a) != NULL && others_of(b) != NULL) return join(pr, mine, yours);
  if (others_of(a) != NULL) return inst_value_copy(pr->arena, mine);
  if (others_of(b) != NULL) return inst_value_copy(pr->arena, yours);
  bool open = mine == NULL || yours == NULL || inst_value_bool(mine) || inst_value_bool(yours);
  return inst_bool(pr->arena, open);
}

static void join_words(inst_printer *pr, inst_value *out, const inst_value *a,
                       const inst_value *b) {
  inst_str mine = inst_find_text(a, "description"), yours = inst_find_text(b, "description");
  inst_str both = inst_str_is(mine, yours) ? mine : inst_printer_join(pr, mine, yours);
  const inst_value *title = inst_find(a, "title");
  if (title == NULL) title = inst_find(b, "title");
  if (title != NULL) inst_printer_put(pr, out, "title", inst_value_copy(pr->arena, title));
  if (both.n > 0) inst_printer_put(pr, out, "description", inst_string(pr->arena, both));
}

static inst_value *join_objects(inst_printer *pr, const inst_value *a, const inst_value *b) {
  inst_value *out = inst_printer_typed(pr, "object");
  inst_value *properties = inst_object(pr->arena), *required = inst_array(pr->arena);
  join_fields(pr, properties, a, b);
  join_fields(pr, properties, b, a);
  join_required(pr, required, a);
  join_required(pr, required, b);
  if (inst_value_count(properties) > 0) inst_printer_put(pr, out, "properties", properties);
  if (inst_value_count(required) > 0) inst_printer_put(pr, out, "required", required);
  inst_printer_put(pr, out, "additionalProperties", join_others(pr, a, b));
  join_words(pr, out, a, b);
  return out;
}

/* A copy that does not forbid what the other side may say of other keys. */
static inst_value *opened(inst_printer *pr, const inst_value *v) {
  const inst_value *others = inst_find(v, "additionalProperties");
  bool closed =
      others != NULL && inst_value_kind_of(others) == INST_BOOL && !inst_value_bool(others);
  inst_value *out = inst_object(pr->arena);
  if (!closed) return inst_value_copy(pr->arena, v);
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m))
    if (m != others) inst_put(pr->arena, out, m->key, inst_value_copy(pr->arena, m));
  return out;
}

/* Each of the alternatives 'all' joined with 'other'. */
static inst_value *join_each(inst_printer *pr, const inst_value *all, const inst_value *other,
                             bool first) {
  inst_value *out = inst_object(pr->arena), *list = inst_array(pr->arena);
  for (const inst_value *v = inst_value_first(all); v != NULL; v = inst_value_next(v))
    inst_push(list, first ? join(pr, v, other) : join(pr, other, v));
  inst_printer_put(pr, out, "anyOf", list);
  return out;
}

/* What must fit both: one object where both are objects; one by one where one side has alternatives;
** else allOf, which strict providers do not take. */
static inst_value *join(inst_printer *pr, const inst_value *a, const inst_value *b) {
  if (a == NULL || b == NULL) return NULL;
  if (inst_value_count(a) == 0 || inst_value_equal(a, b)) return inst_value_copy(pr->arena, b);
  if (inst_value_count(b) == 0) return inst_value_copy(pr->arena, a);
  if (alternatives(a) != NULL) return join_each(pr, alternatives(a), b, true);
  if (alternatives(b) != NULL) return join_each(pr, alternatives(b), a, false);
  if (can_be_folded(a) && can_be_folded(b)) return join_objects(pr, a, b);
  if (pr->profile->strict) inst_printer_refuse(pr, "intersection");
  inst_value *out = inst_object(pr->arena), *both = inst_array(pr->arena);
  inst_push(both, opened(pr, a));
  inst_push(both, opened(pr, b));
  inst_printer_put(pr, out, "allOf", both);
  return out;
}

inst_value *inst_print_intersection(inst_printer *pr, const inst_tnode *node) {
  inst_lazies outside = pr->lazies;
  pr->lazies = INST_LAZY_PART;
  inst_value *left = inst_print_whole(pr, node->inner[0], false);
  inst_value *right = inst_print_whole(pr, node->inner[1], false);
  pr->lazies = outside;
  return join(pr, left, right);
}
