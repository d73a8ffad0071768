/*
** What calls with one schema and one client share, and how a call comes by it.
** In: the options of a call.  Out: its address and its question, found in the prints of the options,
** or made, and kept there for the next where nothing is kept yet.
** Rule: what is kept is never changed, for calls point into it; what was refused, or lacked memory,
** is not kept.
*/
#ifndef INST_CALL_PRINTS_H
#define INST_CALL_PRINTS_H

#include "core/call/address.h"
#include "core/call/question.h"

/* The address of a call, checked.  NULL: USAGE, or no memory, as 'arena' knows. */
inst_address *inst_prints_address(const inst_call_options *options, const inst_dialect *dialect,
                                  inst_arena *arena, inst_error *error);
/* All of the question but what each call has of its own.  Non-zero: USAGE, as inst_question_print;
** whether memory lasted, 'arena' knows. */
int inst_prints_question(inst_question *question, const inst_call_options *options,
                         const inst_dialect *dialect, inst_arena *arena, inst_error *error);

#endif
