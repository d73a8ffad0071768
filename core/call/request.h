/*
** A request put together: URL, headers, body.
** In: an ask, its turns, the call's options and address.  Out: bytes ready to be sent, the same for
** every retry.
*/
#ifndef INST_CALL_REQUEST_H
#define INST_CALL_REQUEST_H

#include "core/call/address.h"
#include "core/wire/dialect.h"

/* Fills 'request' from 'arena'; 'address' is completed where it is not.  Non-zero: MEMORY, or USAGE
** (a header that cannot be sent). */
int inst_request_build(inst_request *request, const inst_call_options *options,
                       inst_address *address, const inst_dialect *dialect, const inst_ask *ask,
                       const inst_value *turns, inst_arena *arena, inst_error *error);

#endif
