/*
** A streamed answer, put together from its pieces.
** In: what a dialect reads in the events of a stream: texts, calls, ends, costs, a fault.
** Out: the same as one answer, and the text of it that is growing now.
** Rule: knows no wire format.  A piece costs what it is long, however much came before it.
*/
#ifndef INST_WIRE_ASSEMBLY_H
#define INST_WIRE_ASSEMBLY_H

#include "core/json/value.h"

#define INST_MAX_STRANDS 1024 /* answers and calls of one stream; of more none is taken */
#define INST_MAX_HEAD 64      /* of what a stream says of itself so much is kept */

/* A call of a tool or a function, as far as it came. */
typedef struct inst_called {
  int64_t number; /* the stream's own, or -1 */
  inst_str id, name;
  inst_buf arguments;
  struct inst_called *next;
} inst_called;

/* One of the answers of a stream; nearly always the only one. */
typedef struct inst_strand {
  int64_t number;
  inst_buf content, reasoning, refusal;
  inst_called *calls, *last_call;
  inst_called *function; /* the older spelling of a call, or NULL */
  inst_str finish;       /* why it ended, in the stream's own word; p NULL: it has not */
  struct inst_strand *next;
} inst_strand;

typedef struct inst_assembly {
  inst_arena *arena;    /* for what stays */
  inst_arena scratch;   /* for what an event needs while it is read */
  inst_value *head;     /* OBJECT: what the stream says of itself: id, model… */
  inst_value *usage;    /* as last told, or NULL */
  inst_value *fault;    /* an error the stream told of, as it came; or NULL */
  inst_strand *strands; /* in the order of their coming */
  size_t count;         /* of the answers and their calls */
  bool any;             /* has anything come at all? */
  bool closed;          /* the stream said that it is over */
} inst_assembly;

void inst_assembly_init(inst_assembly *assembly, inst_arena *arena);
void inst_assembly_clear(inst_assembly *assembly);

/* The answer of that number; a new one if there was none.  NULL: no memory, or too many. */
inst_strand *inst_assembly_strand(inst_assembly *assembly, int64_t number);
/* Where a fragment of a call belongs: by its number, else by its id, else with the last one.  A name
** that comes with another id than before begins a new call.  NULL: no memory, or too many. */
inst_called *inst_assembly_call(inst_assembly *assembly, inst_strand *strand, int64_t number,
                                inst_str id, inst_str name);
/* The one call in the older spelling.  NULL: no memory. */
inst_called *inst_assembly_function(inst_assembly *assembly, inst_strand *strand);
/* 'object's member is kept if it says something, nothing was said before, and there is room. */
void inst_assembly_note(inst_assembly *assembly, const inst_value *member);

/* Is nothing missing: did the stream say that it is over, or why its answer ended? */
bool inst_assembly_is_whole(const inst_assembly *assembly);
/* The text that is growing: of the call named so, or (name.p NULL) the content.  p NULL: nothing
** has come of it.  Lent until the next event. */
inst_str inst_assembly_text(const inst_assembly *assembly, inst_str name);
/* Have more answers or calls come than are taken? */
bool inst_assembly_is_full(const inst_assembly *assembly);
/* Has a buffer run out of memory?  (The arena knows of the rest.) */
bool inst_assembly_failed(const inst_assembly *assembly);

#endif
