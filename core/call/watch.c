/*
** Notes of a watched call.
*/
#include "core/call/watch.h"

static void due(inst_watch *watch, inst_note_kind kind) {
  if (watch->on) watch->due |= 1u << kind;
}

void inst_watch_init(inst_watch *watch, bool on, inst_arena *arena) {
  *watch = (inst_watch){.on = on};
  if (on) watch->fault = inst_arena_get(arena, sizeof *watch->fault);
}

bool inst_watch_sending(inst_watch *watch) {
  if (!watch->on || watch->announced) return false;
  watch->announced = true;
  watch->received = false;
  due(watch, INST_NOTE_SENDING);
  return true;
}

void inst_watch_received(inst_watch *watch, const inst_exchange *exchange,
                         const inst_error *fault) {
  inst_note *note = &watch->note;
  if (!watch->on || watch->received) return;
  watch->received = true;
  watch->announced = false;
  note->status = exchange->status;
  note->headers = exchange->headers;
  note->header_count = exchange->header_count;
  note->body = inst_buf_text(&exchange->body);
  note->events = inst_buf_text(&exchange->let_go);
  if (fault != NULL) *watch->fault = *fault;
  note->fault = fault != NULL ? watch->fault : NULL;
  due(watch, INST_NOTE_RECEIVED);
}

void inst_watch_judged(inst_watch *watch) {
  due(watch, INST_NOTE_JUDGED);
}

void inst_watch_again(inst_watch *watch, double wait, bool reask) {
  watch->note.wait = wait;
  watch->note.reask = reask;
  due(watch, INST_NOTE_AGAIN);
}

bool inst_watch_next(inst_watch *watch) {
  for (unsigned kind = 0; kind < INST_NOTE_COUNT; kind++) {
    if ((watch->due & 1u << kind) == 0) continue;
    watch->due &= ~(1u << kind);
    watch->note.kind = (inst_note_kind)kind;
    return true;
  }
  return false;
}

static const char *const note_names[] = {
#define INST_X(name, text) text,
    INST_NOTES(INST_X)
#undef INST_X
};

const char *inst_note_name(inst_note_kind kind) {
  return (unsigned)kind < INST_NOTE_COUNT ? note_names[kind] : "unknown";
}
