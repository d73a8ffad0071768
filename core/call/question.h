/*
** What a call asks: the options checked, the schema printed, the response model named.
** In: the options of a call.  Out: the question in neutral form, ready for a dialect.
** Rule: whatever the provider's row decides about the schema is decided here.
*/
#ifndef INST_CALL_QUESTION_H
#define INST_CALL_QUESTION_H

#include "core/schema/tree.h"
#include "core/wire/ask.h"

typedef struct inst_question {
  inst_ask ask;
  bool wrapped;        /* the root is asked for as {value = …}, for it is not an object */
  bool null_is_absent; /* the schema is printed strictly: null may stand for a missing field */
} inst_question;

/* Non-zero: USAGE. */
int inst_question_check(const inst_call_options *options, inst_error *error);
/* 'options' must have passed the check; headers and key are kept.  Non-zero: USAGE, the provider
** takes no such schema.  Whether memory lasted, the arena knows. */
int inst_question_prepare(inst_question *question, const inst_call_options *options,
                          inst_arena *arena, inst_error *error);

#endif
