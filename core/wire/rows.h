/*
** The rows of the providers we know: data alone.
** Rule: to add a provider, add a row; what rows mean, and how one is found, stands elsewhere.
*/
#ifndef INST_WIRE_ROWS_H
#define INST_WIRE_ROWS_H

#include "core/instructor.h"

/* The last one is "compatible", any server that speaks the dialect. */
extern const inst_provider inst_rows[];
extern const size_t inst_row_count;

#endif
