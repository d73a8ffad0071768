/*
** The kinds of nodes, for whoever works the stack of a parse and need not know one from another.
*/
#ifndef INST_SCHEMA_KINDS_H
#define INST_SCHEMA_KINDS_H

#include "core/schema/machine.h"

/* Tests the type of the value of 'f', which is on top, and begins. */
void inst_kinds_enter(inst_parse *p, inst_frame *f);
/* The turn of what comes next in 'f', which is on top. */
void inst_kinds_turn(inst_parse *p, inst_frame *f);
/* 'child' has ended and 'f', below which it stood, is on top again. */
void inst_kinds_resume(inst_parse *p, inst_frame *f, const inst_frame *child);
/* Is a fault in 'child', which stands above 'f', not yet the end of 'f'? */
bool inst_kinds_absorbs(const inst_frame *f, const inst_frame *child);

#endif
