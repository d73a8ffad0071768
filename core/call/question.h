/*
** What a call asks: the options checked, the schema printed, the response model named.
** In: the options of a call.  Out: the question in neutral form, ready for a dialect.
** Rule: whatever the provider's row decides about the schema is decided here.
*/
#ifndef INST_CALL_QUESTION_H
#define INST_CALL_QUESTION_H

#include "core/schema/tree.h"
#include "core/wire/dialect.h"

typedef struct inst_question {
  inst_ask ask;
  bool wrapped;        /* the root is asked for as {value = …}, for it is not an object */
  bool null_is_absent; /* the schema is printed strictly: null may stand for a missing field */
} inst_question;

/* Non-zero: USAGE.  The second needs what the first has seen. */
int inst_question_check(const inst_call_options *options, inst_error *error);
int inst_question_check_model(const inst_call_options *options, inst_error *error);

/* A question is put together in three steps; 'options' must have passed the checks.  Whether memory
** lasted, the arena knows.
** First, where there is a schema: it is printed for the provider and the mode, which 'question' has.
** Non-zero: USAGE, the provider takes no such schema. */
int inst_question_print(inst_question *question, const inst_call_options *options,
                        inst_arena *arena, inst_error *error);
/* Then what else is the same whatever the parameters: name, description, prompt, offer. */
void inst_question_word(inst_question *question, const inst_call_options *options,
                        const inst_dialect *dialect, inst_arena *arena);
/* Last what each call has of its own. */
void inst_question_put(inst_question *question, const inst_call_options *options,
                       inst_secrets secrets, inst_arena *arena);

#endif
