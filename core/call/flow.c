/*
** Bytes to events, events to an answer, its text to what the host sees.
*/
#include "core/call/flow.h"

#include "core/base/error.h"
#include "core/schema/stream.h"

#define EVENT_SIZE 2000 /* bytes that reading an event of the usual length takes */

void inst_flow_init(inst_flow *flow, const inst_call_options *options, const inst_dialect *dialect,
                    const inst_question *question, inst_arena *arena) {
  memset(flow, 0, sizeof *flow);
  flow->options = options;
  flow->dialect = dialect;
  flow->question = question;
  flow->arena = arena;
}

/* Forgets what came in the attempt; what was shown of it stays. */
static void clear_attempt(inst_flow *flow) {
  if (flow->assembly.arena == NULL) return; /* never begun */
  inst_sse_clear(&flow->sse);
  inst_assembly_clear(&flow->assembly);
  inst_buf_clear(&flow->events);
}

void inst_flow_clear(inst_flow *flow) {
  clear_attempt(flow);
  for (inst_shown *shown = flow->attempts; shown != NULL; shown = shown->before)
    inst_stream_free(shown->stream);
  flow->attempts = NULL;
  flow->live = NULL;
}

static inst_stream *new_live(const inst_flow *flow) {
  const inst_call_options *options = flow->options;
  bool constrained = options->mode == INST_MODE_TOOLS || options->mode == INST_MODE_FUNCTIONS ||
                     options->mode == INST_MODE_JSON || options->mode == INST_MODE_JSON_SCHEMA;
  inst_stream_options how = {.alloc = flow->arena->alloc,
                             .open_strings = options->open_strings,
                             .check = options->early_stop && constrained,
                             .wrapped = flow->question->wrapped,
                             .null_is_absent = flow->question->null_is_absent,
                             .max_depth = options->max_depth};
  return inst_stream_new(options->schema, &how);
}

/* What was shown of the attempt before is let go, but for its issues. */
static void end_live(inst_flow *flow) {
  if (flow->live == NULL || inst_flow_issues(flow) != NULL) return;
  inst_stream_free(flow->live);
  flow->attempts->stream = NULL;
}

static int begin_live(inst_flow *flow) {
  inst_shown *shown = inst_arena_get(flow->arena, sizeof *shown);
  if (shown == NULL) return -1;
  flow->live = new_live(flow);
  *shown = (inst_shown){flow->live, flow->attempts};
  flow->attempts = shown;
  return flow->live != NULL ? 0 : -1;
}

int inst_flow_begin(inst_flow *flow) {
  inst_shown *attempts = flow->attempts;
  end_live(flow);
  clear_attempt(flow);
  inst_flow_init(flow, flow->options, flow->dialect, flow->question, flow->arena);
  flow->attempts = attempts;
  inst_sse_init(&flow->sse, flow->arena->alloc);
  inst_assembly_init(&flow->assembly, flow->arena);
  inst_unwrap_init(&flow->unwrap);
  inst_buf_init(&flow->events, flow->arena->alloc);
  return flow->options->schema != NULL ? begin_live(flow) : 0;
}

/* ---- what the host sees ---------------------------------------------------------------------- */

static bool is_called(const inst_flow *flow) {
  if (flow->options->schema == NULL) return false;
  return flow->options->mode == INST_MODE_TOOLS || flow->options->mode == INST_MODE_FUNCTIONS;
}

inst_str inst_flow_text(const inst_flow *flow) {
  if (flow->assembly.arena == NULL) return (inst_str){NULL, 0};
  inst_str name = is_called(flow) ? flow->question->ask.name : (inst_str){NULL, 0};
  return inst_assembly_text(&flow->assembly, name);
}

inst_usage inst_flow_usage(const inst_flow *flow) {
  inst_usage usage = {.known = false};
  if (flow->assembly.usage != NULL) flow->dialect->read_usage(flow->assembly.usage, &usage);
  return usage;
}

/* What is broken stays as it was shown: repair, or the model, has the next word. */
static int show_text(inst_flow *flow, inst_error *error) {
  inst_str text = inst_flow_text(flow);
  if (flow->frozen || text.n <= flow->shown) return 0;
  inst_str piece = {text.p + flow->shown, text.n - flow->shown};
  flow->shown = text.n;
  if (!is_called(flow)) piece = inst_unwrap_take(&flow->unwrap, piece);
  if (piece.n == 0) return 0;
  flow->fresh = true;
  if (inst_stream_feed(flow->live, piece) == 0) return 0;
  flow->frozen = true;
  if (inst_stream_error(flow->live)->code != INST_E_MEMORY) return 0;
  return inst_error_memory(error);
}

/* An event is kept behind its size until the host takes it. */
static void keep_event(inst_flow *flow, inst_str data) {
  inst_buf_add(&flow->events, (inst_str){(const char *)&data.n, sizeof data.n});
  inst_buf_add(&flow->events, data);
  flow->fresh = true;
}

inst_str inst_flow_event(inst_flow *flow) {
  inst_str event = {NULL, 0};
  if (flow->events.failed) return event; /* half an event may be the last */
  if (flow->handed_out == flow->events.n) {
    flow->handed_out = flow->events.n = 0;
    return event;
  }
  const char *at = flow->events.p + flow->handed_out;
  memcpy(&event.n, at, sizeof event.n);
  event.p = at + sizeof event.n;
  flow->handed_out += sizeof event.n + event.n;
  return event;
}

const inst_issue *inst_flow_issues(const inst_flow *flow) {
  return flow->live != NULL ? inst_stream_issues(flow->live) : NULL;
}

/* ---- what comes ------------------------------------------------------------------------------ */

/* What is no stream of events begins as JSON or as a page of HTML does. */
static inst_flow_form form_of(inst_str body) {
  body = inst_str_trim(body);
  if (body.n == 0) return INST_FLOW_UNKNOWN;
  return strchr("{[<\"", body.p[0]) != NULL && body.p[0] != '\0' ? INST_FLOW_WHOLE
                                                                 : INST_FLOW_EVENTS;
}

static int not_an_event(const inst_flow *flow, const inst_sse_event *event, const inst_error *fault,
                        inst_error *error) {
  if (fault->code != INST_E_JSON) {
    *error = *fault;
    return -1;
  }
  inst_error_clear(error);
  inst_error_set(error, INST_E_PROTOCOL, "an event of the stream is not JSON (%s)", fault->text);
  inst_quote_add(error, event->data, flow->question->ask.secrets, flow->arena);
  return -1;
}

static int take_event(inst_flow *flow, const inst_sse_event *event, inst_error *error) {
  inst_error fault = {.code = INST_E_NONE};
  bool over = inst_flow_is_over(flow);
  if (flow->dialect->take(&flow->assembly, event, flow->options->max_depth, &fault) != 0)
    return not_an_event(flow, event, &fault, error);
  if (flow->live != NULL) return show_text(flow, error);
  if (!over && !inst_flow_is_over(flow)) keep_event(flow, event->data);
  return flow->events.failed ? inst_error_memory(error) : 0;
}

static int take_events(inst_flow *flow, inst_error *error) {
  inst_sse_event event;
  while (inst_sse_next(&flow->sse, &event))
    if (take_event(flow, &event, error) != 0) return -1;
  return inst_sse_failed(&flow->sse) ? inst_error_memory(error) : 0;
}

/* Between two arrivals a stream keeps what it has found, and nothing that it only worked in: there
** may be a thousand of them. */
static void rest(inst_flow *flow) {
  inst_arena_clear(&flow->assembly.scratch);
  if (flow->live != NULL) inst_stream_rest(flow->live);
}

static bool is_success(const inst_exchange *x) {
  return x->status >= 200 && x->status < 300;
}

/* Did memory run out while the host looked? */
static bool has_lost(const inst_flow *flow) {
  return flow->live != NULL && inst_stream_error(flow->live)->code == INST_E_MEMORY;
}

int inst_flow_take(inst_flow *flow, inst_exchange *x, inst_error *error) {
  if (has_lost(flow)) return inst_error_memory(error);
  if (!is_success(x)) return 0;
  if (flow->form == INST_FLOW_UNKNOWN) flow->form = form_of(inst_buf_text(&x->body));
  if (flow->form != INST_FLOW_EVENTS) return 0;
  if (x->body.n == 0) return 0;
  inst_arena_reserve(&flow->assembly.scratch, EVENT_SIZE);
  if (inst_arena_failed(&flow->assembly.scratch)) return inst_error_memory(error);
  inst_sse_feed(&flow->sse, inst_buf_text(&x->body));
  int failed = take_events(flow, error);
  inst_exchange_used(x);
  rest(flow);
  return x->let_go.failed ? inst_error_memory(error) : failed;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* 'error' is clear. */
static int cut_off(inst_error *error) {
  inst_error_set(error, INST_E_INCOMPLETE, "the stream ended before the answer did");
  memcpy(error->reason, "cut_off", sizeof "cut_off");
  error->retryable = true;
  return -1;
}

/* The answer, or the fault the stream told of, in the place of the events. */
static int put_whole(inst_flow *flow, inst_exchange *x, inst_error *error) {
  const inst_value *whole = flow->assembly.fault;
  if (whole == NULL) whole = flow->dialect->complete(&flow->assembly, flow->arena);
  inst_str text = inst_json_text(flow->arena, whole);
  if (text.p == NULL) return inst_error_memory(error);
  x->body.n = 0;
  inst_buf_add(&x->body, text);
  return x->body.failed ? inst_error_memory(error) : 0;
}

bool inst_flow_is_over(const inst_flow *flow) {
  return flow->assembly.closed || flow->assembly.fault != NULL;
}

int inst_flow_end(inst_flow *flow, inst_exchange *x, inst_error *error) {
  if (!is_success(x) || inst_flow_take(flow, x, error) != 0) return is_success(x) ? -1 : 0;
  if (flow->form != INST_FLOW_EVENTS) return 0;
  inst_sse_finish(&flow->sse);
  if (take_events(flow, error) != 0 && error->code != INST_E_PROTOCOL) return -1;
  inst_error_clear(error); /* an event that was cut in two is none */
  bool told = flow->assembly.fault != NULL || inst_assembly_is_whole(&flow->assembly);
  return told ? put_whole(flow, x, error) : cut_off(error);
}
