/*
** Writes the journal.  In: events, with the request they belong to.  Out: JSON lines, each in one
** write.  It must not know sockets, and it decides nothing.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void fault_journal_open(fault_journal *journal, const char *path) {
  journal->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (journal->fd < 0) fault_die("%s: %s", path, strerror(errno));
  journal->start = fault_clock();
}

void fault_journal_close(fault_journal *journal) {
  close(journal->fd);
}

/* ---- members of a line ------------------------------------------------------------------------- */

static void add_number(fault_bytes *line, const char *key, uint64_t number) {
  fault_bytes_add_text(line, key);
  fault_bytes_add_number(line, number);
}

static void add_flag(fault_bytes *line, const char *key, bool flag) {
  fault_bytes_add_text(line, key);
  fault_bytes_add_text(line, flag ? "true" : "false");
}

/* A part of some bytes as a JSON string. */
static void add_part(fault_bytes *line, const char *key, const fault_bytes *input,
                     fault_part part) {
  fault_bytes_add_text(line, key);
  fault_bytes_add_json(line, part.n ? input->p + part.at : "", part.n); /* p may be NULL */
}

/* Pairs in a list, since an object would lose order and repetition. */
static void add_headers(fault_bytes *line, const fault_request *request, const fault_bytes *input) {
  fault_bytes_add_text(line, ",\"headers\":[");
  for (size_t i = 0; i < request->header_count; i++) {
    add_part(line, i ? ",[" : "[", input, request->headers[i].name);
    add_part(line, ",", input, request->headers[i].value);
    fault_bytes_add_text(line, "]");
  }
  fault_bytes_add_text(line, "]");
}

/* The members every line has. */
static fault_bytes begin(const fault_journal *journal, const char *event, fault_place place) {
  fault_bytes line = {0};
  fault_bytes_add_text(&line, "{\"event\":\"");
  fault_bytes_add_text(&line, event);
  add_number(&line, "\",\"connection\":", place.connection);
  fault_bytes_add_text(&line, ",\"time\":");
  fault_bytes_add_seconds(&line, fault_clock() - journal->start);
  if (place.index) add_number(&line, ",\"index\":", place.index);
  return line;
}

/* Writes the line and frees it. */
static void end(fault_journal *journal, fault_bytes line) {
  fault_bytes_add_text(&line, "}\n");
  if (!fault_write_all(journal->fd, line.p, line.n))
    fault_die("the journal cannot be written: %s", strerror(errno));
  fault_bytes_clear(&line);
}

/* ---- lines ------------------------------------------------------------------------------------- */

void fault_journal_accept(fault_journal *journal, fault_place place) {
  end(journal, begin(journal, "accept", place));
}

void fault_journal_request(fault_journal *journal, fault_place place, const fault_request *request,
                           const fault_bytes *input) {
  fault_bytes line = begin(journal, "request", place);
  add_flag(&line, ",\"over\":", place.over);
  add_flag(&line, ",\"whole\":", request->phase == FAULT_WHOLE);
  add_part(&line, ",\"method\":", input, request->method);
  add_part(&line, ",\"path\":", input, request->path);
  add_headers(&line, request, input);
  add_part(&line, ",\"head\":", input, (fault_part){0, request->head});
  add_part(&line, ",\"body\":", &request->body, (fault_part){0, request->body.n});
  end(journal, line);
}

void fault_journal_bad(fault_journal *journal, fault_place place, const fault_bytes *input) {
  fault_bytes line = begin(journal, "bad", place);
  add_part(&line, ",\"head\":", input, (fault_part){0, input->n});
  end(journal, line);
}

/* How a step ended, and how much the peer may have seen by then. */
static void write_end(fault_journal *journal, const char *event, fault_place place, uint64_t sent) {
  fault_bytes line = begin(journal, event, place);
  add_number(&line, ",\"sent\":", sent);
  end(journal, line);
}

void fault_journal_done(fault_journal *journal, fault_place place, uint64_t sent) {
  write_end(journal, "done", place, sent);
}

void fault_journal_gone(fault_journal *journal, fault_place place, uint64_t sent) {
  write_end(journal, "gone", place, sent);
}
