/*
** Nodes around another one: what is missing, null, filled in, caught, and what code makes of a
** value.
*/
#include "core/schema/rooms.h"

#include "core/base/error.h"

void inst_wrapper_enter(inst_parse *p, inst_frame *f) {
  inst_machine_enter_inner(p, f, f->node->inner[0]);
}

void inst_optional_enter(inst_parse *p, inst_frame *f) {
  inst_intake inner = inst_tree_node(p->schema, f->node->inner[0])->in;
  if (f->in == NULL && inner.absence != INST_IS_FILLED_IN)
    inst_machine_accept(p, f);
  else
    inst_wrapper_enter(p, f);
}

void inst_nullable_enter(inst_parse *p, inst_frame *f) {
  if (inst_machine_is(f->in, INST_NULL))
    inst_machine_accept(p, f);
  else
    inst_wrapper_enter(p, f);
}

/* A wrapper that hands on "missing" still must not give it. */
void inst_nonoptional_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  inst_machine_resume_inner(p, f, child);
  if (f->out == NULL && !inst_machine_found(p, child)) inst_machine_wrong_type(p, f, "nonoptional");
}

/* ---- filling in ------------------------------------------------------------------------------ */

/* The node's own value: a copy, since code may change the result. */
static void use_value(inst_parse *p, inst_frame *f, inst_task task) {
  if (f->node->code != 0) {
    inst_machine_ask(p, task, f->node->code);
    return;
  }
  f->out = inst_value_copy(p->arena, inst_value_first(f->node->values));
  if (f->out == NULL) inst_machine_fail(p);
}

void inst_default_enter(inst_parse *p, inst_frame *f) {
  if (f->in != NULL) {
    inst_wrapper_enter(p, f);
    return;
  }
  f->phase = INST_PHASE_RULES;
  use_value(p, f, INST_TASK_DEFAULT);
}

void inst_default_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  inst_machine_resume_inner(p, f, child);
  if (child->out == NULL && child->state == 0) use_value(p, f, INST_TASK_DEFAULT);
}

void inst_prefault_enter(inst_parse *p, inst_frame *f) {
  if (f->in != NULL) {
    inst_wrapper_enter(p, f);
    return;
  }
  f->phase = INST_PHASE_INNER;
  use_value(p, f, INST_TASK_DEFAULT);
}

/* What was filled in goes the way of what comes in. */
void inst_prefault_turn(inst_parse *p, inst_frame *f) {
  inst_machine_push(p, f->node->inner[0], f->out);
}

/* ---- catching -------------------------------------------------------------------------------- */

void inst_catch_enter(inst_parse *p, inst_frame *f) {
  f->asks = f->node->code == 0 && !inst_tree_inner(p->schema, f->node, 0)->collects;
  if (f->asks) p->asking++;
  inst_wrapper_enter(p, f);
}

/* Whatever was wrong inside is gone; only a function is told of it. */
void inst_catch_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (f->asks) p->asking--;
  inst_machine_resume_inner(p, f, child);
  if (!inst_machine_found(p, child)) return;
  inst_issue *caught = inst_machine_take(p, child->mark);
  p->issue_count -= inst_issue_count(caught);
  inst_machine_shorten(p, caught, 0);
  p->caught = caught;
  f->state = 0;
  use_value(p, f, INST_TASK_CATCH);
}

/* ---- where a schema leads back --------------------------------------------------------------- */

/* What was asked before is not asked again. */
void inst_lazy_enter(inst_parse *p, inst_frame *f) {
  const inst_memo_entry *known = NULL;
  if (p->asking > 0) known = inst_memo_find(&p->memo, f->node, f->in);
  if (known == NULL) {
    inst_wrapper_enter(p, f);
  } else if (known->out == NULL) {
    inst_machine_hush(p);
  } else {
    f->out = inst_value_alias(p->arena, known->out);
    f->phase = INST_PHASE_RULES;
  }
}

void inst_lazy_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  inst_machine_resume_inner(p, f, child);
  if (p->asking > 0) inst_memo_note(&p->memo, p->arena, f->node, f->in, f->out);
}

/* ---- code ------------------------------------------------------------------------------------ */

void inst_transform_enter(inst_parse *p, inst_frame *f) {
  inst_machine_accept(p, f);
  inst_machine_ask(p, INST_TASK_TRANSFORM, f->node->code);
}

void inst_pipe_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  bool ended = f->turn > 0;
  inst_machine_resume_inner(p, f, child);
  if (ended) return;
  if ((child->state & (INST_HAS_HARD | INST_HAS_STOPPED)) != 0) {
    f->state |= INST_HAS_STOPPED;
    return;
  }
  f->turn++;
  f->phase = INST_PHASE_INNER;
  inst_machine_push(p, f->node->inner[1], child->out);
}
