/*
** A streamed answer on its way.
** In: the bytes of an exchange as they come.  Out: changes for the host to see, and at the end the
** whole answer in the exchange's place, as if it had come at once.
** Rule 1: nothing is judged here but what can no longer come right.
** Rule 2: a stream that ends before it is over is no answer.
*/
#ifndef INST_CALL_FLOW_H
#define INST_CALL_FLOW_H

#include "core/call/exchange.h"
#include "core/call/question.h"
#include "core/wire/assembly.h"
#include "core/wire/dialect.h"
#include "core/wire/sse.h"
#include "core/wire/unwrap.h"

typedef enum inst_flow_form {
  INST_FLOW_UNKNOWN, /* not enough has come to tell */
  INST_FLOW_EVENTS,
  INST_FLOW_WHOLE /* no events: a server that does not stream, or an error; judged as it is */
} inst_flow_form;

typedef struct inst_flow {
  const inst_call_options *options;
  const inst_dialect *dialect;
  const inst_question *question;
  inst_arena *arena;
  inst_flow_form form;
  inst_sse sse;
  inst_assembly assembly;
  inst_unwrap unwrap;
  inst_stream *live; /* what the host sees of the answer; NULL: there is no schema */
  inst_buf events;   /* without a schema: the events the host has not taken, each behind its size */
  size_t handed_out; /* bytes of them that it has taken */
  size_t shown;      /* bytes of the answer's text that 'live' was fed */
  bool fresh;        /* something came that the host has not looked at */
  bool frozen;       /* 'live' found the text broken: no more is shown */
  inst_error fault;  /* what broke the stream: nothing more is taken of it */
} inst_flow;

/* All that is passed is kept.  Zero memory is an initialised flow that was not begun. */
void inst_flow_init(inst_flow *flow, const inst_call_options *options, const inst_dialect *dialect,
                    const inst_question *question, inst_arena *arena);
void inst_flow_clear(inst_flow *flow);
/* Ready for an attempt.  Non-zero: no memory. */
int inst_flow_begin(inst_flow *flow);

/* Takes what has come in 'exchange' since the last time.  Non-zero: 'error' says what is wrong. */
int inst_flow_take(inst_flow *flow, inst_exchange *exchange, inst_error *error);
/* The exchange has ended: what is whole is put into it as one answer.  Non-zero: as above. */
int inst_flow_end(inst_flow *flow, inst_exchange *exchange, inst_error *error);
/* What can no longer come right; or NULL. */
const inst_issue *inst_flow_issues(const inst_flow *flow);
/* The answer's text as far as it came, lent until the next take; p NULL: none. */
inst_str inst_flow_text(const inst_flow *flow);
/* Without a schema: the next event the host has not taken; p NULL: none. */
inst_str inst_flow_event(inst_flow *flow);

#endif
