/*
** Server-sent events, fed in pieces of any size.
** In: bytes of an event stream.  Out: one event after the other: its name and its data.
** Rule 1: the WHATWG's rules for lines, fields and dispatch; identifiers and retry times are of no
**         use here and are dropped.
** Rule 2: two things the rules would lose are kept: a last event without its blank line, and the
**         field "error", which some servers write where others write data.
*/
#ifndef INST_WIRE_SSE_H
#define INST_WIRE_SSE_H

#include "core/base/text.h"

typedef struct inst_sse_event {
  inst_str name; /* of the field "event"; "error" for a field of that name; else empty */
  inst_str data; /* its lines, joined by "\n" */
} inst_sse_event;

typedef struct inst_sse {
  inst_str piece;    /* what is left of the bytes being fed */
  inst_buf line;     /* what earlier pieces had of the line under way */
  inst_buf name;     /* of the event under way… */
  inst_buf data;     /* …and its data */
  bool has_data;     /* an event without data is none */
  bool handed_out;   /* the event under way was handed out and is forgotten first */
  bool after_return; /* the last byte was CR: an LF behind it belongs to it */
  bool begun;        /* has a line ended yet?  Before that a byte order mark may stand */
  bool ended;        /* no more bytes will come */
} inst_sse;

void inst_sse_init(inst_sse *sse, inst_alloc alloc);
void inst_sse_clear(inst_sse *sse);
/* 'bytes' (kept until inst_sse_next says false) go on where the last ones ended. */
void inst_sse_feed(inst_sse *sse, inst_str bytes);
/* No more bytes will come: what is left is an event if it has data. */
void inst_sse_finish(inst_sse *sse);
/* The next event, lent until the next call.  False: there is none yet. */
bool inst_sse_next(inst_sse *sse, inst_sse_event *event);
bool inst_sse_failed(const inst_sse *sse); /* memory ran out: no event comes any more */

#endif
