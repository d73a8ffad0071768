/*
** What a provider says when it fails: the shapes of error bodies, and what the error is about.
** In: a body that is no answer.  Out: the provider's own words, code and the rest.
** Rule: reads whatever is there and never fails; decides nothing about trying again.
*/
#ifndef INST_WIRE_COMPLAINT_H
#define INST_WIRE_COMPLAINT_H

#include "core/base/quote.h"
#include "core/json/value.h"

/* Reads an error body in any shape the speakers of OpenAI's dialects use:
**   {error = {message, type, code, param}}, {error = "text"}, the members at the top,
**   {detail = "text"} or {detail = {{loc, msg}, …}} (FastAPI), {errors = {…}}, any of them in a list.
** 'error_class' stays NONE. */
void inst_complaint_read(const inst_value *body, inst_complaint *complaint, inst_arena *arena);

/* Does it say anything at all? */
bool inst_complaint_is_any(const inst_complaint *complaint);

/* What machines go by: the code; where that is a number, which only repeats the status, or is
** missing, the type. */
inst_str inst_complaint_key(const inst_complaint *complaint);

/* What it is about.  'status' is HTTP's; where that is a success, the body's own counts. */
inst_error_class inst_complaint_class(const inst_complaint *complaint, int status);

/* As it may be shown: secrets masked, the words capped. */
inst_complaint inst_complaint_shown(const inst_complaint *complaint, inst_secrets secrets,
                                    inst_arena *arena);

#endif
