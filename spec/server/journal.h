/*
** The journal: what the server saw, one JSON object a line, each written in one piece before the
** server goes on, so that a client that has its answer finds its request there.  In: events.
** Out: lines.  Every line has "event", "connection" (from 1) and "time" (seconds since the start).
**
**   accept    a connection was accepted; "index": the step that began with it, if one did
**   request   a step begins: "index", "over", "whole", "method", "path", "headers" ([name, value]
**             as they came), "head" (the bytes), "body"
**   bad       bytes that are no request: "head" (the bytes)
**   done      the actions of step "index" are over; "sent": bytes sent on this connection
**   gone      the peer went away before that
**
** Bytes from 0x80 up are written as they came: where a body is no UTF-8, neither is its line.
*/
#ifndef FAULT_JOURNAL_H
#define FAULT_JOURNAL_H

#include "spec/server/bytes.h"
#include "spec/server/request.h"

typedef struct fault_journal {
  int fd;
  int64_t start; /* what "time" counts from */
} fault_journal;

/* Where and when something happened. */
typedef struct fault_place {
  size_t connection; /* from 1 */
  size_t index;      /* of the step, from 1; 0: none */
  bool over;         /* is the step past the end of the script? */
} fault_place;

/* Makes the file anew, readable by its owner alone. */
void fault_journal_open(fault_journal *journal, const char *path);
void fault_journal_close(fault_journal *journal);

void fault_journal_accept(fault_journal *journal, fault_place place);
void fault_journal_request(fault_journal *journal, fault_place place, const fault_request *request,
                           const fault_bytes *input);
void fault_journal_bad(fault_journal *journal, fault_place place, const fault_bytes *input);
void fault_journal_done(fault_journal *journal, fault_place place, uint64_t sent);
void fault_journal_gone(fault_journal *journal, fault_place place, uint64_t sent);

#endif
