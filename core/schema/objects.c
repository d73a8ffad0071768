/*
** Objects: declared fields in the schema's order, then the keys nobody declared.
*/
#include "core/schema/rooms.h"

#include "core/base/error.h"

static bool is_declared(const inst_tnode *node, inst_str key) {
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    if (inst_str_is(f->key, key)) return true;
  return false;
}

void inst_object_enter(inst_parse *p, inst_frame *f) {
  if (!inst_machine_is(f->in, INST_OBJECT)) {
    inst_machine_wrong_type(p, f, "object");
    return;
  }
  inst_machine_begin(p, f, inst_object(p->arena));
  f->field = f->node->fields;
}

/* ---- keys that are not declared -------------------------------------------------------------- */

void inst_object_reject_keys(inst_parse *p, const inst_frame *f, inst_value *keys) {
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("keys"), keys);
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_UNRECOGNIZED_KEYS,
                                      .details = details,
                                      .input = f->in,
                                      .node = f->node});
}

static void reject_unknown(inst_parse *p, const inst_frame *f) {
  inst_value *keys = NULL;
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v)) {
    if (is_declared(f->node, v->key)) continue;
    if (inst_machine_hush(p)) return;
    if (keys == NULL) keys = inst_array(p->arena);
    inst_push(keys, inst_string(p->arena, v->key));
  }
  if (keys != NULL) inst_object_reject_keys(p, f, keys);
}

static void keep_unknown(inst_parse *p, inst_frame *f) {
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v))
    if (!is_declared(f->node, v->key)) inst_put_kept(f->out, v->key, inst_value_alias(p->arena, v));
}

/* The next unknown key, against the schema of the rest. */
static void turn_rest(inst_parse *p, inst_frame *f) {
  while (f->item != NULL && is_declared(f->node, f->item->key)) f->item = inst_value_next(f->item);
  if (f->item == NULL)
    f->phase = INST_PHASE_RULES;
  else
    inst_machine_push_member(p, f->node->rest, f->item, (inst_segment){f->item->key, 0});
}

/* A rest that nothing fits says no more than STRICT does. */
static bool is_closed(inst_parse *p, const inst_tnode *node) {
  if (node->rest == 0) return node->unknown_keys == INST_KEYS_STRICT;
  return inst_tree_node(p->schema, node->rest)->kind == INST_NODE_NEVER;
}

static void end_fields(inst_parse *p, inst_frame *f) {
  bool closed = is_closed(p, f->node);
  if (f->node->rest != 0 && !closed) {
    turn_rest(p, f);
    return;
  }
  f->phase = INST_PHASE_RULES;
  if (closed)
    reject_unknown(p, f);
  else if (f->node->unknown_keys == INST_KEYS_PASS)
    keep_unknown(p, f);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Does the schema itself say "or null"?  (Whatever takes anything does not.) */
static bool is_nullable(const inst_tnode *node) {
  return node->in.null && !node->anything && node->in.absence == INST_MUST_BE_THERE;
}

void inst_object_turn(inst_parse *p, inst_frame *f) {
  const inst_field *field = f->field;
  if (field == NULL) {
    end_fields(p, f);
    return;
  }
  const inst_value *in = inst_value_find(f->in, field->key);
  if (in == NULL && p->options.nil_is_null && is_nullable(inst_tree_node(p->schema, field->node))) {
    f->field = field->next;
    return;
  }
  inst_intake asked = inst_tree_node(p->schema, field->node)->asked;
  bool null_means_absent = p->options.null_is_absent && inst_machine_is(in, INST_NULL) &&
                           asked.absence != INST_MUST_BE_THERE && !asked.null;
  inst_machine_push_member(p, field->node, null_means_absent ? NULL : in,
                           (inst_segment){field->key, 0});
}

/* A member its schema wants is missing, though the schema found nothing wrong with that. */
static void miss_member(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (inst_machine_hush(p)) return;
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_INVALID_TYPE,
                                      .details = inst_machine_types(p, "nonoptional", NULL),
                                      .path = &child->segment,
                                      .path_count = 1,
                                      .node = child->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void store_member(inst_frame *f, const inst_frame *child, bool declared) {
  if (child->out == NULL) return;
  child->out->is_field = declared;
  inst_put_kept(f->out, child->segment.key, child->out);
}

bool inst_object_forgives(const inst_frame *child) {
  return child->in == NULL && child->node->in.absence != INST_MUST_BE_THERE &&
         child->node->out_optional;
}

/* One that is missing and must not be is wrong whatever its schema made of it. */
static void resume_field(inst_parse *p, inst_frame *f, const inst_frame *child) {
  bool must = child->node->in.absence == INST_MUST_BE_THERE;
  bool found = inst_machine_found(p, child);
  f->field = f->field->next;
  if (found && inst_object_forgives(child)) {
    inst_machine_forget(p, child->mark);
    return;
  }
  inst_machine_join(f, child);
  if (child->in != NULL || !must)
    store_member(f, child, true);
  else if (!found)
    miss_member(p, f, child);
}

void inst_object_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (f->field != NULL) {
    resume_field(p, f, child);
    return;
  }
  inst_machine_join(f, child);
  store_member(f, child, false);
  f->item = inst_value_next(f->item);
}
