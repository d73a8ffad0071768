/*
** What came back from a speaker of OpenAI's chat completions.
** In: an ask, an envelope.  Out: the answer in neutral form, or why there is none.
** Rule: takes every member that any speaker is known to send, wherever it stands; a member that is
** missing or of another type is no fault.
*/
#ifndef INST_WIRE_OPENAI_ANSWER_H
#define INST_WIRE_OPENAI_ANSWER_H

#include "core/wire/dialect.h"

/* Without a schema the call is passed through: what is there is told, and only an error that stands
** in the place of the answer is a fault. */
void inst_openai_answer_read(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                             inst_arena *arena);

/* OpenAI's names, then those of gateways that speak the Responses API's, DeepSeek's, Perplexity's. */
void inst_openai_usage_read(const inst_value *account, inst_usage *usage);

#endif
