/*
** Filling an inst_error: once, by whoever saw the fault first.
*/
#ifndef INST_BASE_ERROR_H
#define INST_BASE_ERROR_H

#include "core/instructor.h"

#include <string.h>

/* Fills 'error' (NULL: nobody asks) unless it holds a fault already.  Always returns -1. */
int inst_error_set(inst_error *error, inst_code code, const char *format, ...) INST_PRINTF(3, 4);

/* The one sentence for lost memory. */
int inst_error_memory(inst_error *error);

/* Of the texts only their first bytes: this is done before all that may fail. */
static inline void inst_error_clear(inst_error *error) {
  error->code = INST_E_NONE;
  error->status = 0;
  error->retryable = false;
  error->offset = 0;
  error->reason[0] = error->text[0] = '\0';
}

/* Zeroes '*object', whose last member is an 'error', and clears that: most of its bytes are texts. */
#define INST_ZERO_TO_ERROR(object)                                                                 \
  (memset((object), 0, (size_t)((char *)&(object)->error - (char *)(object))),                     \
   inst_error_clear(&(object)->error))

#endif
