/*
** Filling an inst_error: once, by whoever saw the fault first.
*/
#ifndef INST_BASE_ERROR_H
#define INST_BASE_ERROR_H

#include "core/instructor.h"

/* Fills 'error' (NULL: nobody asks) unless it holds a fault already.  Always returns -1. */
int inst_error_set(inst_error *error, inst_code code, const char *format, ...) INST_PRINTF(3, 4);

/* The one sentence for lost memory. */
int inst_error_memory(inst_error *error);

void inst_error_clear(inst_error *error);

#endif
