/*
** Values without parts: their type is all there is to test, or the list of those that will do.
*/
#include "core/schema/coerce.h"
#include "core/schema/rooms.h"

/* What comes is made a value of the type, if it can be. */
static void enter_coerced(inst_parse *p, inst_frame *f, const char *type) {
  const char *why;
  inst_value *made = inst_coerce(f->node->kind, f->in, p->arena, &why);
  if (made != NULL) {
    f->out = made;
    f->phase = INST_PHASE_RULES;
    return;
  }
  if (inst_machine_hush(p)) return;
  inst_value *details = inst_object(p->arena);
  inst_str got = inst_str_of(why != NULL ? why : inst_value_kind_name(f->in));
  inst_put(p->arena, details, INST_LIT("expected"), inst_string(p->arena, inst_str_of(type)));
  inst_put(p->arena, details, INST_LIT("received"), inst_string(p->arena, got));
  inst_machine_refuse(p, f, INST_ISSUE_INVALID_TYPE, details);
}

static void enter_scalar(inst_parse *p, inst_frame *f, bool fits, const char *type) {
  if (inst_tree_has(f->node, INST_TRAIT_COERCE))
    enter_coerced(p, f, type);
  else if (fits)
    inst_machine_accept(p, f);
  else
    inst_machine_wrong_type(p, f, type);
}

void inst_never_enter(inst_parse *p, inst_frame *f) {
  inst_machine_wrong_type(p, f, "never");
}

void inst_null_enter(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_NULL), "null");
}

void inst_boolean_enter(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_BOOL), "boolean");
}

void inst_number_enter(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_value_is_number(f->in), "number");
}

void inst_string_enter(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_STRING), "string");
}

void inst_choice_enter(inst_parse *p, inst_frame *f) {
  const inst_value *v = inst_value_first(f->node->values);
  while (v != NULL && !inst_value_equal(v, f->in)) v = inst_value_next(v);
  if (v != NULL) {
    inst_machine_accept(p, f);
    return;
  }
  if (inst_machine_hush(p)) return;
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("values"), inst_value_copy(p->arena, f->node->values));
  inst_machine_refuse(p, f, INST_ISSUE_INVALID_VALUE, details);
}
