/*
** The server: a listening socket on loopback (or two pipes), and a poll loop.  In: a script.
** Out: answers and a journal.  It must not know what an action does.
*/
#ifndef FAULT_SERVE_H
#define FAULT_SERVE_H

#include <stdbool.h>

typedef struct fault_serve_options {
  const char *script, *journal; /* paths */
  int port;                     /* 0: the kernel chooses */
  int receive_buffer;           /* bytes the kernel keeps for a deaf server; 0: its own choice */
  bool until_eof;               /* end when stdin ends */
  bool stdio;                   /* serve one connection, that of stdin and stdout */
} fault_serve_options;

/* Serves until SIGTERM, or as the options say.  Returns the program's exit status. */
int fault_serve(const fault_serve_options *options);

/* A socket listening on 127.0.0.1; '*port' is filled in when it was 0. */
int fault_listen(int *port, int receive_buffer);

#endif
