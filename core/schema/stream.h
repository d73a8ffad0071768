/*
** What those who feed a stream of the door's may ask of it besides.
*/
#ifndef INST_SCHEMA_STREAM_H
#define INST_SCHEMA_STREAM_H

#include "core/instructor.h"

/* Nothing more may come for a while: memory that is only worked in is given back. */
void inst_stream_rest(inst_stream *stream);

#endif
