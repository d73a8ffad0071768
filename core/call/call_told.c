/*
** What came of a call, and what it is at: for those who made it.
*/
#include "core/call/call_parts.h"

const inst_value *inst_call_value(const inst_call *call) {
  return call->state == INST_S_DONE ? inst_judge_value(call->judge) : NULL;
}
const inst_mark *inst_call_marks(const inst_call *call) {
  return call->state == INST_S_DONE ? inst_judge_marks(call->judge) : NULL;
}
const inst_error *inst_call_error(const inst_call *call) {
  return &call->error;
}
const inst_issue *inst_call_issues(const inst_call *call) {
  return call->judge != NULL ? call->judge->issues : NULL;
}
const inst_note *inst_call_note(const inst_call *call) {
  return &call->watch.note;
}
const inst_edit *inst_call_repairs(const inst_call *call) {
  return call->judge != NULL ? call->judge->reading.edits.first : NULL;
}
const inst_attempt *inst_call_attempts(const inst_call *call) {
  return call->account.first;
}
inst_usage inst_call_usage(const inst_call *call) {
  inst_usage sum = call->account.usage;
  inst_usage told = inst_flow_usage(&call->flow);
  if (call->account.open != NULL) inst_usage_add(&sum, &told);
  return sum;
}
double inst_call_seconds(const inst_call *call) {
  return call->now - call->start;
}
inst_str inst_call_body(const inst_call *call) {
  return inst_buf_text(&call->exchange.body);
}
inst_arena *inst_call_arena(inst_call *call) {
  return call->arena;
}
void **inst_call_slot(inst_call *call) {
  return &call->slot;
}
void inst_call_list(inst_call *call, inst_news *news, uint64_t tag) {
  inst_exchange_list(&call->exchange, news, tag);
}
const char *inst_call_state(const inst_call *call) {
  return inst_state_name(call->state);
}

static const char *const want_names[] = {
#define INST_X(name, text) text,
    INST_WANTS(INST_X)
#undef INST_X
};

const char *inst_want_name(inst_want want) {
  return (unsigned)want < INST_WANT_COUNT ? want_names[want] : "unknown";
}
