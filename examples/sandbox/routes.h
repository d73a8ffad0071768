/*
** Which path answers what.
** In: a request.  Out: a reply.
** Rule: no request, however broken, goes without an answer that says what is wrong with it.
*/
#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

#include "examples/sandbox/http.h"
#include "examples/sandbox/sloppy.h"

typedef struct box_routes {
  inst_alloc alloc;
  box_slip slip;        /* how the first answer of a conversation errs */
  unsigned port;        /* told to whoever asks for "/" */
  unsigned long serial; /* of the last answer */
} box_routes;

/* A box_handler: 'ctx' is a box_routes. */
void box_routes_answer(void *ctx, const box_http *request, box_reply *reply);

#endif
