/*
** A script: what the server does, one step for each request.  In: a file of lines, described
** below.  Out: steps, handed out in order.  It must not know requests or sockets.
**
**   step              begins a step; "step repeat" (the last one only): it serves all that follow
**   on MOMENT         when it begins: request (read whole; the rule), head, accept
**   ACTION …          what it does, one line each: FAULT_ACTIONS; a number comes before a text
**
** In a text a byte may be written as a backslash and two hexadecimal digits.  Lines that begin
** with '#' and empty lines say nothing.
*/
#ifndef FAULT_SCRIPT_H
#define FAULT_SCRIPT_H

#include "spec/server/bytes.h"

/* Actions: name, word, takes a number?, takes a text?  After the last one the connection waits
** for the next request, or is closed if the request asked for that. */
#define FAULT_ACTIONS(X)                                                                           \
  X(SEND, "send", 0, 1)   /* these bytes */                                                        \
  X(DRIP, "drip", 1, 1)   /* these bytes, one at a time, so many microseconds between two */       \
  X(FILL, "fill", 1, 1)   /* so many bytes, the text over and over */                              \
  X(SLEEP, "sleep", 1, 0) /* milliseconds */                                                       \
  X(DEAF, "deaf", 0, 0)   /* read nothing more from this connection */                             \
  X(STALL, "stall", 0, 0) /* nothing more, until the peer goes away */                             \
  X(CLOSE, "close", 0, 0) /* FIN; what the peer still sends is read and dropped */                 \
  X(DROP, "drop", 0, 0)   /* close(2) at once; what the peer still sends is answered by RST */     \
  X(RESET, "reset", 0, 0) /* RST */

typedef enum fault_word {
#define FAULT_X(name, word, number, text) FAULT_##name,
  FAULT_ACTIONS(FAULT_X)
#undef FAULT_X
      FAULT_WORD_COUNT
} fault_word;

typedef enum fault_moment {
  FAULT_ON_REQUEST, /* the whole request was read */
  FAULT_ON_HEAD,    /* its head was read */
  FAULT_ON_ACCEPT   /* the connection was accepted; on a standing connection, as ON_HEAD */
} fault_moment;

typedef struct fault_action {
  fault_word word;
  uint64_t number;  /* as FAULT_ACTIONS says */
  fault_bytes text; /* FILL: repeated until it makes a good block */
} fault_action;

typedef struct fault_step {
  fault_moment moment;
  fault_action *actions;
  size_t count;
} fault_step;

typedef struct fault_script {
  fault_step *steps;
  size_t count;
  size_t taken;   /* steps handed out, those after the end included */
  bool repeat;    /* the last step serves all that follow */
  fault_step end; /* what is done when the script is over: a 500 that says so */
  fault_step bad; /* what is done with bytes that are no request: a 400 and FIN */
} fault_script;

/* Reads a script; ends the program, naming the line, if it is none. */
void fault_script_init(fault_script *script, const char *path);
void fault_script_clear(fault_script *script);

/* The next step and its number from 1; lent.  'over' tells that the script was used up. */
const fault_step *fault_script_take(fault_script *script, size_t *index, bool *over);
/* Does the next step begin when a connection is accepted? */
bool fault_script_is_eager(const fault_script *script);

#endif
