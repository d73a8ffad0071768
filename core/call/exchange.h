/*
** What arrives for one request: status, the headers we read, the body.
** In: a transport's reports.  Out: a whole answer, or why there is none.
** Rule: bytes are kept, not understood; the limits on them stand here.
*/
#ifndef INST_CALL_EXCHANGE_H
#define INST_CALL_EXCHANGE_H

#include "core/base/memory.h"
#include "core/call/retry.h"

/* The exchanges that something came of since somebody asked; all zero: none. */
typedef struct inst_news {
  struct inst_exchange *first;
} inst_news;

typedef struct inst_exchange {
  inst_arena *arena; /* where header values go */
  size_t max_body;
  bool keeps_headers; /* all of them, not just those we read? */
  bool keeps_events;  /* what is let go, too? */
  int status;         /* 0: no head yet */
  inst_retry_hints hints;
  inst_str request_id; /* x-request-id or request-id */
  inst_str location;
  inst_header *headers; /* when it keeps them */
  size_t header_count, header_room;
  inst_buf body;
  size_t used;                        /* bytes of the body that were read and let go */
  inst_buf let_go;                    /* these bytes, when it keeps them */
  bool ended;                         /* nothing more will come */
  bool touched;                       /* something came since the machine last looked */
  bool any_byte;                      /* has anything come at all? */
  inst_news *news;                    /* where it is listed when something comes, or NULL */
  uint64_t tag;                       /* what it is told by there */
  struct inst_exchange *next, **link; /* its place in that list; 'link' is what points at it */
  inst_error error;                   /* the transport's, or a limit of ours */
} inst_exchange;

void inst_exchange_init(inst_exchange *exchange, inst_arena *arena, size_t max_body);
void inst_exchange_clear(inst_exchange *exchange);
/* Forgets the last answer, ready for the next. */
void inst_exchange_reset(inst_exchange *exchange);
/* What is in the body was read as a part of a stream, and is let go. */
void inst_exchange_used(inst_exchange *exchange);
/* After the end it takes in nothing more. */
inst_sink inst_exchange_sink(inst_exchange *exchange);
/* From now on what comes is listed in 'news', until it is listed elsewhere or nowhere (NULL). */
void inst_exchange_list(inst_exchange *exchange, inst_news *news, uint64_t tag);
/* Takes one off the list; its tag, or 0: there is none. */
uint64_t inst_news_take(inst_news *news);
/* Nobody asks any more. */
void inst_news_clear(inst_news *news);
/* What a transport told us, with a code and words whatever it left out. */
inst_error inst_exchange_fault(const inst_error *told);

#endif
