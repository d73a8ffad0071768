/*
** What each kind of node does with a value, on the stack of a parse, kind by kind.
** In: a frame on top.  Out: its phase, its result, its issues; or another frame on top of it.
** Rule: a value that comes in is never changed: what comes out is a new head over it.
** Rule: one step at a time: a node enters, turns to its members, takes back what they gave.
*/
#ifndef INST_SCHEMA_ROOMS_H
#define INST_SCHEMA_ROOMS_H

#include "core/schema/machine.h"

/* Tests the type of the value of 'f', which is on top, and begins. */
typedef void inst_enter(inst_parse *p, inst_frame *f);
/* The turn of what comes next in 'f', which is on top. */
typedef void inst_turn(inst_parse *p, inst_frame *f);
/* 'child' has ended and 'f', below which it stood, is on top again.  It is gone with the next push. */
typedef void inst_resume(inst_parse *p, inst_frame *f, const inst_frame *child);

/* scalars.c */
inst_enter inst_never_enter, inst_null_enter, inst_boolean_enter, inst_number_enter,
    inst_string_enter, inst_choice_enter;

/* wrappers.c */
inst_enter inst_wrapper_enter, inst_optional_enter, inst_nullable_enter, inst_default_enter,
    inst_prefault_enter, inst_catch_enter, inst_lazy_enter, inst_transform_enter;
inst_turn inst_prefault_turn;
inst_resume inst_nonoptional_resume, inst_default_resume, inst_catch_resume, inst_lazy_resume,
    inst_pipe_resume;

/* objects.c */
inst_enter inst_object_enter;
inst_turn inst_object_turn;
inst_resume inst_object_resume;
/* The keys of 'f's value that are not its business, as an issue. */
void inst_object_reject_keys(inst_parse *p, const inst_frame *f, inst_value *keys);
/* Is what is wrong with a member forgiven, because it is missing and may be? */
bool inst_object_forgives(const inst_frame *child);

/* records.c */
inst_enter inst_record_enter;
inst_turn inst_record_turn;
inst_resume inst_record_resume;
/* Is it the key whose turn it is, and not the value? */
bool inst_record_is_at_key(const inst_frame *f);

/* lists.c */
inst_enter inst_array_enter, inst_tuple_enter;
inst_turn inst_array_turn, inst_tuple_turn;
inst_resume inst_array_resume, inst_tuple_resume;

/* unions.c */
inst_enter inst_union_enter;
inst_turn inst_union_turn;
inst_resume inst_union_resume;
/* Does it try its options one after the other, so that one that fails is not the end? */
bool inst_union_tries(const inst_frame *f);

/* intersections.c */
inst_enter inst_intersection_enter;
inst_resume inst_intersection_resume;

#endif
