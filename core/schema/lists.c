/*
** Lists: arrays, whose items are alike, and tuples, whose places each have a schema of their own.
*/
#include "core/schema/rooms.h"

#include "core/base/error.h"

static bool is_list(const inst_value *v) {
  return inst_machine_is(v, INST_ARRAY) || (inst_machine_is(v, INST_OBJECT) && v->either);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Too long by its leading checks: said once, and its items are not looked at. */
static void refuse_oversize(inst_parse *p, inst_frame *f, const inst_rule *rule) {
  inst_finding finding;
  inst_value *value = (inst_value *)f->in; /* a check of lengths leaves it alone */
  f->phase = INST_PHASE_LEAVE;
  if (inst_check_run(rule, f->node, &value, p->arena, &finding, &p->error) != 0) return;
  inst_machine_report(p, f, rule, &finding);
  f->state |= INST_HAS_ABORT;
}

void inst_array_enter(inst_parse *p, inst_frame *f) {
  if (!is_list(f->in)) {
    inst_machine_wrong_type(p, f, "array");
    return;
  }
  const inst_rule *rule = inst_check_oversize(f->node, inst_value_count(f->in));
  if (rule != NULL)
    refuse_oversize(p, f, rule);
  else
    inst_machine_begin(p, f, inst_array(p->arena));
}

void inst_array_turn(inst_parse *p, inst_frame *f) {
  inst_segment segment = {{NULL, 0}, inst_value_count(f->out)};
  if (f->item == NULL)
    f->phase = INST_PHASE_RULES;
  else
    inst_machine_push_member(p, f->node->inner[0], f->item, segment);
}

/* A list has no holes: an item that came to nothing is null. */
void inst_array_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  inst_machine_join(f, child);
  inst_push(f->out, child->out != NULL ? child->out : inst_null(p->arena));
  f->item = inst_value_next(f->item);
}

/* ---- tuples ---------------------------------------------------------------------------------- */

/* How many items must be there: those up to the last that may not be missing. */
static unsigned required(const inst_schema *schema, const inst_tnode *node) {
  unsigned n = node->inner_count;
  while (n > 0 && inst_tree_inner(schema, node, n - 1)->in.absence != INST_MUST_BE_THERE) n--;
  return n;
}

static void report_size(inst_parse *p, inst_frame *f, bool small, unsigned bound) {
  inst_arena *a = p->arena;
  if (inst_machine_hush(p)) return;
  inst_value *details = inst_object(a);
  inst_put(a, details, INST_LIT("origin"), inst_string(a, INST_LIT("array")));
  inst_put(a, details, small ? INST_LIT("minimum") : INST_LIT("maximum"), inst_int(a, bound));
  inst_put(a, details, INST_LIT("inclusive"), inst_bool(a, true));
  inst_machine_refuse(p, f, small ? INST_ISSUE_TOO_SMALL : INST_ISSUE_TOO_BIG, details);
}

void inst_tuple_enter(inst_parse *p, inst_frame *f) {
  size_t count = is_list(f->in) ? inst_value_count(f->in) : 0;
  bool closed = f->node->rest == 0;
  if (!is_list(f->in)) {
    inst_machine_wrong_type(p, f, "tuple");
  } else if (closed && count < required(p->schema, f->node)) {
    report_size(p, f, true, required(p->schema, f->node));
  } else {
    if (closed && count > f->node->inner_count) report_size(p, f, false, f->node->inner_count);
    inst_machine_begin(p, f, inst_array(p->arena));
  }
}

void inst_tuple_turn(inst_parse *p, inst_frame *f) {
  bool declared = f->turn < f->node->inner_count;
  inst_node node = declared ? f->node->inner[f->turn] : f->node->rest;
  if (node == 0 || (!declared && f->item == NULL))
    f->phase = INST_PHASE_RULES;
  else
    inst_machine_push_member(p, node, f->item, (inst_segment){{NULL, 0}, f->turn});
}

/* Items that are missing at the end leave nothing; before others they are null. */
static void store_item(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (child->out == NULL && child->in == NULL) return;
  while (inst_value_count(f->out) < f->turn && !inst_arena_failed(p->arena))
    inst_push(f->out, inst_null(p->arena));
  inst_push(f->out, child->out != NULL ? child->out : inst_null(p->arena));
}

void inst_tuple_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (inst_machine_found(p, child) && inst_object_forgives(child)) {
    inst_machine_forget(p, child->mark);
  } else {
    inst_machine_join(f, child);
    store_item(p, f, child);
  }
  if (f->item != NULL) f->item = inst_value_next(f->item);
  f->turn++;
}
