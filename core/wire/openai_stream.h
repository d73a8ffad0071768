/*
** The events of a streamed chat completion.
** In: one event after the other.  Out: the completion it would have been, had it come whole.
*/
#ifndef INST_WIRE_OPENAI_STREAM_H
#define INST_WIRE_OPENAI_STREAM_H

#include "core/wire/assembly.h"
#include "core/wire/sse.h"

/* Takes one event.  Non-zero: it is not JSON, nest too deep, or memory ran out ('error' says). */
int inst_openai_take(inst_assembly *assembly, const inst_sse_event *event, unsigned max_depth,
                     inst_error *error);
/* The completion.  Whether memory lasted, the arena knows. */
inst_value *inst_openai_completion(const inst_assembly *assembly, inst_arena *arena);

#endif
