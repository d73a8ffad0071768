/*
** The server: sockets on loopback, one thread, poll().
** In: bytes from any number of clients.  Out: the answers a handler gives.
** Rule 1: binds 127.0.0.1 and nothing else.
** Rule 2: a connection that is rubbish, slow or gone costs that connection and nothing more.
*/
#ifndef SANDBOX_SERVE_H
#define SANDBOX_SERVE_H

#include "examples/sandbox/http.h"

#define BOX_SERVE_CONNECTIONS 128 /* at once; more wait in the kernel's queue */
#define BOX_SERVE_IDLE 60         /* seconds a silent connection is kept */
#define BOX_SERVE_LINGER 2        /* seconds for a refused client to read why */

typedef struct box_server box_server;

/* Answers 'request', which is READY or BROKEN, into 'reply'. */
typedef void (*box_handler)(void *ctx, const box_http *request, box_reply *reply);

/* Listens on 'port' (0: the kernel chooses).  Given: box_server_free.  NULL: 'error' says why. */
box_server *box_server_new(unsigned port, box_handler handler, void *ctx, inst_alloc alloc,
                           inst_error *error);
void box_server_free(box_server *server); /* accepts NULL */
unsigned box_server_port(const box_server *server);
/* Rests so many milliseconds between two events of a stream, so that it can be watched. */
void box_server_set_pace(box_server *server, unsigned milliseconds);
/* Serves until there is something to read from 'stop', or 'stream' ends (-1: none). */
void box_server_run(box_server *server, int stop, int stream);

#endif
