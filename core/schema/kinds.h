/*
** What each kind of node does with a value, on the stack of a parse.
** Rule: one step at a time: a node enters, turns to its members, takes back what they gave.
*/
#ifndef INST_SCHEMA_KINDS_H
#define INST_SCHEMA_KINDS_H

#include "core/schema/machine.h"

/* Tests the type of the value of 'f', which is on top, and begins. */
void inst_kinds_enter(inst_parse *p, inst_frame *f);
/* The next member's turn in the object or array 'f', which is on top. */
void inst_kinds_turn(inst_parse *p, inst_frame *f);
/* 'child' has ended and 'f', below which it stood, is on top again. */
void inst_kinds_resume(inst_parse *p, inst_frame *f, const inst_frame *child);

#endif
