/*
** What the machine and its driver share beside the door.
*/
#ifndef INST_CALL_CALL_H
#define INST_CALL_CALL_H

#include "core/call/exchange.h"

/* A place where the driver keeps its handle of the exchange under way; NULL at first. */
void **inst_call_slot(inst_call *call);
/* Is an exchange of this call in the transport's hands? */
bool inst_call_is_under_way(const inst_call *call);
/* What comes is listed there by 'tag': see inst_exchange_list. */
void inst_call_list(inst_call *call, inst_news *news, uint64_t tag);
const char *inst_call_state(const inst_call *call); /* the state's name, for specs and logs */

#endif
