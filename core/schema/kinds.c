/*
** The list of kinds: which function of which room a node is handed to.
*/
#include "core/schema/kinds.h"

#include "core/schema/rooms.h"

static bool forgives(const inst_frame *f, const inst_frame *child) {
  (void)f;
  return inst_object_forgives(child);
}

static bool tries(const inst_frame *f, const inst_frame *child) {
  (void)child;
  return inst_union_tries(f);
}

static bool catches(const inst_frame *f, const inst_frame *child) {
  (void)f, (void)child;
  return true;
}

static bool is_at_key(const inst_frame *f, const inst_frame *child) {
  (void)child;
  return inst_record_is_at_key(f);
}

/* What may be NULL is never called, or is false. */
static const struct {
  inst_enter *enter;
  inst_resume *resume;
  inst_turn *turn;
  bool (*absorbs)(const inst_frame *f, const inst_frame *child);
} kinds[INST_NODE_COUNT] = {
    [INST_NODE_ANY] = {inst_machine_accept, NULL, NULL, NULL},
    [INST_NODE_UNKNOWN] = {inst_machine_accept, NULL, NULL, NULL},
    [INST_NODE_NEVER] = {inst_never_enter, NULL, NULL, NULL},
    [INST_NODE_NULL] = {inst_null_enter, NULL, NULL, NULL},
    [INST_NODE_BOOLEAN] = {inst_boolean_enter, NULL, NULL, NULL},
    [INST_NODE_NUMBER] = {inst_number_enter, NULL, NULL, NULL},
    [INST_NODE_STRING] = {inst_string_enter, NULL, NULL, NULL},
    [INST_NODE_LITERAL] = {inst_choice_enter, NULL, NULL, NULL},
    [INST_NODE_ENUM] = {inst_choice_enter, NULL, NULL, NULL},
    [INST_NODE_OBJECT] = {inst_object_enter, inst_object_resume, inst_object_turn, forgives},
    [INST_NODE_ARRAY] = {inst_array_enter, inst_array_resume, inst_array_turn, NULL},
    [INST_NODE_TUPLE] = {inst_tuple_enter, inst_tuple_resume, inst_tuple_turn, forgives},
    [INST_NODE_RECORD] = {inst_record_enter, inst_record_resume, inst_record_turn, is_at_key},
    [INST_NODE_UNION] = {inst_union_enter, inst_union_resume, inst_union_turn, tries},
    [INST_NODE_INTERSECTION] = {inst_intersection_enter, inst_intersection_resume, NULL, NULL},
    [INST_NODE_OPTIONAL] = {inst_optional_enter, inst_machine_resume_inner, NULL, NULL},
    [INST_NODE_NULLABLE] = {inst_nullable_enter, inst_machine_resume_inner, NULL, NULL},
    [INST_NODE_NONOPTIONAL] = {inst_wrapper_enter, inst_nonoptional_resume, NULL, NULL},
    [INST_NODE_READONLY] = {inst_wrapper_enter, inst_machine_resume_inner, NULL, NULL},
    [INST_NODE_DEFAULT] = {inst_default_enter, inst_default_resume, NULL, NULL},
    [INST_NODE_PREFAULT] = {inst_prefault_enter, inst_machine_resume_inner, inst_prefault_turn,
                            NULL},
    [INST_NODE_CATCH] = {inst_catch_enter, inst_catch_resume, NULL, catches},
    [INST_NODE_PIPE] = {inst_wrapper_enter, inst_pipe_resume, NULL, NULL},
    [INST_NODE_LAZY] = {inst_lazy_enter, inst_lazy_resume, NULL, NULL},
    [INST_NODE_TRANSFORM] = {inst_transform_enter, NULL, NULL, NULL},
};

void inst_kinds_enter(inst_parse *p, inst_frame *f) {
  f->rule = f->node->rules;
  kinds[f->node->kind].enter(p, f);
}

void inst_kinds_turn(inst_parse *p, inst_frame *f) {
  kinds[f->node->kind].turn(p, f);
}

void inst_kinds_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  kinds[f->node->kind].resume(p, f, child);
}

bool inst_kinds_absorbs(const inst_frame *f, const inst_frame *child) {
  return kinds[f->node->kind].absorbs != NULL && kinds[f->node->kind].absorbs(f, child);
}
