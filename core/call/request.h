/*
** A request put together: URL, headers, body.
** In: an ask, its turns, the call's options.  Out: bytes ready to be sent, the same for every retry.
** Rule: the key stands in a header here and nowhere else.
*/
#ifndef INST_CALL_REQUEST_H
#define INST_CALL_REQUEST_H

#include "core/wire/dialect.h"

/* Fills 'request' from 'arena'.  Non-zero: MEMORY, or USAGE (a header that cannot be sent). */
int inst_request_build(inst_request *request, const inst_call_options *options,
                       const inst_dialect *dialect, const inst_ask *ask, const inst_value *turns,
                       inst_arena *arena, inst_error *error);

#endif
