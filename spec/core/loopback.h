/*
** A little HTTP server on loopback, for the specs of what goes over the network.
** In: a row of turns, taken one a request, in the order the requests come.  Out: the requests as
** they arrived, and counts.
** Rule: it runs in a thread of its own and knows nothing of who asks; what it recorded is read
** after loopback_stop.
*/
#ifndef SPEC_CORE_LOOPBACK_H
#define SPEC_CORE_LOOPBACK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define LOOPBACK_ROOM 64 /* connections at once, and requests in all */

typedef enum loopback_then {
  LOOPBACK_KEEP,  /* waits for the next request */
  LOOPBACK_CLOSE, /* ends the connection properly */
  LOOPBACK_RESET, /* throws it away */
  LOOPBACK_STALL  /* says nothing more, until the other side hangs up */
} loopback_then;

typedef struct loopback_turn {
  const char *text; /* what is answered */
  size_t n;
  loopback_then then;
  bool drip; /* a byte at a time */
} loopback_turn;

/* Turns that answer 'literal'. */
#define SAY(literal) SAY_THEN(literal, LOOPBACK_KEEP)
#define SAY_THEN(literal, then)                                                                    \
  { (literal), sizeof(literal) - 1, (then), false }
#define DRIP(literal)                                                                              \
  { (literal), sizeof(literal) - 1, LOOPBACK_KEEP, true }

typedef struct loopback_request {
  char *p; /* head and body; a '\0' follows */
  size_t n;
  int connection; /* its number, from 0 */
} loopback_request;

typedef struct loopback_peer {
  int fd; /* -1: the place is free */
  int number;
  char *p; /* what it sent since its last request */
  size_t n, room;
  bool waiting; /* its request is whole and unanswered */
  bool stalled;
} loopback_peer;

typedef struct loopback {
  const loopback_turn *turns; /* kept until loopback_stop */
  size_t turn_count;          /* what is asked after the last turn gets no answer but a close */
  atomic_size_t together;     /* answers nobody until so many ask, then all; may be set again */
  bool raw;                   /* any bytes are a request */

  int port;
  int listener, stop[2];
  pthread_t thread;
  atomic_int accepted; /* connections */
  atomic_int hung_up;  /* stalled connections the other side closed */
  atomic_int asked;    /* requests */
  size_t turn;         /* the next one */
  loopback_request requests[LOOPBACK_ROOM];
  loopback_peer peers[LOOPBACK_ROOM];
} loopback;

/* Fill in the first four fields, leave the rest zero. */
void loopback_start(loopback *server);
/* Ends the thread; the record stays.  May be called twice. */
void loopback_stop(loopback *server);
void loopback_clear(loopback *server); /* stops, and frees the record */

#endif
