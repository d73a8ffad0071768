/*
** HTTP/1.1 as a server reads and writes it, fed in pieces of any size.
** In: bytes.  Out: one request after the other, or the status that says why there is none.
** Rule 1: no socket; what is read and written are buffers.
** Rule 2: every size has a limit, and what is not plainly a request is refused.
*/
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include "core/base/text.h"

#define BOX_HTTP_HEAD (64u << 10) /* bytes of a request's head, its chunk sizes and its trailer */
#define BOX_HTTP_BODY (8u << 20)  /* bytes of a request's body */
#define BOX_HTTP_METHOD 16        /* bytes of a method's name, with its '\0' */

typedef enum box_http_state {
  BOX_HTTP_START, /* the request line */
  BOX_HTTP_HEADERS,
  BOX_HTTP_LENGTH, /* a body of known length */
  BOX_HTTP_SIZE,   /* the line before a chunk */
  BOX_HTTP_CHUNK,
  BOX_HTTP_AFTER, /* the end of the line behind a chunk */
  BOX_HTTP_TRAILER,
  BOX_HTTP_READY, /* a request is there */
  BOX_HTTP_BROKEN /* 'status' says why */
} box_http_state;

typedef struct box_http {
  box_http_state state;
  int status; /* BROKEN: what to answer */
  char method[BOX_HTTP_METHOD];
  inst_buf path; /* without the query */
  inst_buf body;
  inst_buf sloppy; /* the header x-sandbox-sloppy; not there: empty */
  bool keep;       /* may another request follow on the connection? */
  bool chunks;     /* does the client take an answer in chunks? */
  bool expects;    /* it waits for "100 Continue" */
  /* while reading */
  inst_buf line;
  size_t head;         /* bytes of head so far */
  size_t left;         /* of the body or the chunk */
  bool sized, chunked; /* how the body's end is told */
} box_http;

void box_http_init(box_http *http, inst_alloc alloc);
void box_http_clear(box_http *http);
/* Takes bytes until a request is ready or refused; returns how many it took. */
size_t box_http_feed(box_http *http, inst_str bytes);
/* Makes ready for the next request on the same connection. */
void box_http_next(box_http *http);

/* An answer. */
typedef struct box_reply {
  int status;
  const char *type;  /* of its body */
  const char *allow; /* 405: the methods there are; else NULL */
  bool events;       /* the body is server-sent events: each is sent alone */
  inst_buf body;
} box_reply;

void box_reply_init(box_reply *reply, inst_alloc alloc);
void box_reply_clear(box_reply *reply);
/* Appends the bytes of 'reply' to 'out'; 'keep': the connection stays open afterwards. */
void box_reply_write(const box_reply *reply, const box_http *http, bool keep, inst_buf *out);
/* The bytes up to the end of the first event in 'out' from 'at' on, as box_reply_write wrote it. */
size_t box_reply_event_end(inst_str out, size_t at);

#endif
