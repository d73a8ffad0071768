/*
** Reads one HTTP/1 request out of the bytes that have come so far.  In: a connection's input,
** as often as it has grown.  Out: how far the request is, and its parts.
** It must not know sockets or scripts.
*/
#ifndef FAULT_REQUEST_H
#define FAULT_REQUEST_H

#include "spec/server/bytes.h"

/* How much of a request is there. */
typedef enum fault_phase {
  FAULT_IN_HEAD, /* the head has not ended */
  FAULT_IN_BODY, /* the head can be read */
  FAULT_WHOLE,   /* so can the body */
  FAULT_BAD      /* this is no request */
} fault_phase;

/* A part of the input.  Not a pointer: the input moves when it grows. */
typedef struct fault_part {
  size_t at, n;
} fault_part;

typedef struct fault_header {
  fault_part name;
  fault_part value; /* without the blanks around it */
} fault_header;

/* All zero is one that has not begun. */
typedef struct fault_request {
  fault_phase phase;
  size_t head;   /* bytes of the head, its empty line included; 0: not known yet */
  size_t used;   /* bytes of the input that were read so far; all of it when WHOLE */
  size_t looked; /* bytes in which the end of the head was looked for */
  fault_part method, path;
  fault_header *headers; /* in the order they came; owned */
  size_t header_count;
  bool chunked;     /* the body comes in chunks */
  bool last_chunk;  /* the chunk of size 0 was read; a trailer may follow */
  bool closes;      /* the connection ends with this request */
  bool expects;     /* the peer waits for "100 Continue" */
  uint64_t left;    /* bytes the body (or the chunk, with its CRLF) still lacks */
  fault_bytes body; /* without chunk sizes; owned */
} fault_request;

/* Goes on reading 'input'; the same input must be handed in each time, grown at its end. */
fault_phase fault_request_read(fault_request *request, const fault_bytes *input);
void fault_request_clear(fault_request *request);

#endif
