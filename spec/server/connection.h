/*
** One connection: reads requests, takes steps of the script, acts.  In: "there is something to
** read", "time has passed", "there is room to write".  Out: bytes and journal lines, and what the
** poll loop must wait for.  It never waits itself, and it knows no other connection.
*/
#ifndef FAULT_CONNECTION_H
#define FAULT_CONNECTION_H

#include "spec/server/journal.h"
#include "spec/server/request.h"
#include "spec/server/script.h"

typedef enum fault_state {
  FAULT_READING,  /* a request is awaited or being read */
  FAULT_ACTING,   /* a step is being performed */
  FAULT_DRAINING, /* FIN was sent; what comes is dropped */
  FAULT_ENDED     /* closed */
} fault_state;

/* What all connections share. */
typedef struct fault_stage {
  fault_script script;
  fault_journal journal;
} fault_stage;

typedef struct fault_connection {
  int in, out; /* the same socket; or two pipes */
  fault_state state;
  fault_bytes input;      /* what came and is not used up */
  bool unread;            /* has 'input' grown since it was looked at? */
  fault_request request;  /* the one being read or answered */
  const fault_step *step; /* taken by it, or by the connection itself; NULL: none */
  fault_place place;      /* who we are, which step that is */
  bool spent;             /* the step is over, the rest of its request's body is not */
  size_t action;          /* which action of the step */
  uint64_t progress;      /* bytes of it sent; or: has it begun? */
  int64_t due;            /* when it goes on; 0: not waiting for time */
  bool blocked;           /* waiting for room to write */
  bool deaf;              /* nothing more is read */
  uint64_t sent;          /* bytes sent in all */
} fault_connection;

/* Given: fault_connection_free.  The two descriptors are ours and non-blocking from now on. */
fault_connection *fault_connection_new(int in, int out, size_t number, fault_stage *stage);
void fault_connection_free(fault_connection *connection);

/* There is something to read, the end of input included. */
void fault_connection_read(fault_connection *connection, fault_stage *stage);
/* The peer is not there any more. */
void fault_connection_lose(fault_connection *connection, fault_stage *stage);
/* Does all that can be done now. */
void fault_connection_move(fault_connection *connection, fault_stage *stage, int64_t now);

#endif
