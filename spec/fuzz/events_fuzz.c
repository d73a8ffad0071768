/* However a stream is cut its events and completion are the same, and its text only grows; no error
** quotes a secret. */
#include "core/base/error.h"
#include "core/json/write.h"
#include "core/wire/openai_answer.h"
#include "core/wire/openai_stream.h"
#include "spec/fuzz/fuzz.h"

enum { MAX_DEPTH = 32 };
static const inst_str secret = {"sk-0", 4};

typedef struct listener {
  inst_arena arena;
  inst_sse sse;
  inst_assembly assembly;
  inst_buf shown; /* of the content, as it was seen last */
  inst_buf *log;
  inst_error error;
} listener;

static void listener_init(listener *l, inst_alloc alloc, inst_buf *log) {
  *l = (listener){.log = log};
  inst_arena_init(&l->arena, alloc);
  inst_sse_init(&l->sse, alloc);
  inst_assembly_init(&l->assembly, &l->arena);
  inst_buf_init(&l->shown, fuzz_plain());
}

static void listener_clear(listener *l) {
  inst_sse_clear(&l->sse);
  inst_assembly_clear(&l->assembly);
  inst_arena_clear(&l->arena);
  inst_buf_clear(&l->shown);
}

static bool is_lost(const listener *l) {
  return inst_sse_failed(&l->sse) || inst_assembly_failed(&l->assembly) ||
         inst_arena_failed(&l->arena) || l->error.code == INST_E_MEMORY;
}

static void look(listener *l) {
  inst_str text = inst_assembly_text(&l->assembly, (inst_str){NULL, 0});
  inst_assembly_text(&l->assembly, INST_LIT("f"));
  if (l->shown.n == 0 && text.n == 0) return;
  FUZZ_CHECK(text.n >= l->shown.n);
  FUZZ_CHECK(inst_str_starts(text, inst_buf_text(&l->shown)));
  inst_buf_add(&l->shown, (inst_str){text.p + l->shown.n, text.n - l->shown.n});
}

/* What comes after lost memory is not to be trusted. */
static bool take_events(listener *l) {
  inst_sse_event event;
  while (inst_sse_next(&l->sse, &event)) {
    if (inst_sse_failed(&l->sse)) return false;
    inst_buf_addf(l->log, "%zu ", event.name.n);
    inst_buf_add(l->log, event.name);
    inst_buf_addf(l->log, " %zu ", event.data.n);
    inst_buf_add(l->log, event.data);
    if (inst_openai_take(&l->assembly, &event, MAX_DEPTH, &l->error) != 0) return false;
    look(l);
  }
  return !inst_sse_failed(&l->sse);
}

static void listen(listener *l, inst_str text, fuzz_way way) {
  fuzz_cut cut = fuzz_cut_of(text, way);
  bool well = true;
  for (inst_str piece; well && fuzz_cut_next(&cut, &piece);) {
    inst_sse_feed(&l->sse, piece);
    well = take_events(l);
  }
  if (well) {
    inst_sse_finish(&l->sse);
    take_events(l);
  }
  fuzz_cut_end(&cut);
}

static void check_shown(inst_str text) {
  FUZZ_CHECK(inst_utf8_span(text) == text.n);
  for (size_t i = 0; i + secret.n <= text.n; i++)
    FUZZ_CHECK(memcmp(text.p + i, secret.p, secret.n) != 0);
}

/* What the provider said of its error, as it may be shown. */
static void show_complaint(listener *l, const inst_ask *ask, const inst_complaint *complaint) {
  inst_complaint shown = inst_complaint_shown(complaint, ask->secrets, &l->arena);
  check_shown(shown.message);
  check_shown(shown.code);
  check_shown(shown.type);
  check_shown(shown.param);
  check_shown(shown.failed_generation);
  inst_buf_addf(l->log, "%d ", (int)inst_complaint_class(complaint, 200));
}

/* The answer in neutral form. */
static void read_answer(listener *l, const inst_ask *ask, const inst_value *envelope) {
  inst_answer answer;
  inst_openai_answer_read(ask, envelope, &answer, &l->arena);
  if (inst_arena_failed(&l->arena)) return;
  check_shown(inst_str_of(answer.error.text));
  check_shown(inst_str_of(answer.error.reason));
  show_complaint(l, ask, &answer.complaint);
  inst_buf_addf(l->log, "%s %s %d ", inst_code_name(answer.code), answer.error.text,
                (int)answer.outcome);
  inst_buf_add(l->log, answer.text);
  if (answer.value != NULL) inst_json_write(l->log, answer.value);
}

/* In each way it may have been asked for. */
static void read_answers(listener *l, const inst_value *envelope) {
  const inst_value *schema = inst_object(&l->arena);
  const struct {
    inst_mode mode;
    bool wanted;
  } ways[] = {{INST_MODE_TOOLS, false}, {INST_MODE_TOOLS, true}, {INST_MODE_JSON, true}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    inst_ask ask = {.mode = ways[i].mode, .name = INST_LIT("f"), .secrets = {&secret, 1}};
    if (ways[i].wanted) ask.schema = schema;
    read_answer(l, &ask, envelope);
  }
}

static void write_down(listener *l) {
  const inst_assembly *a = &l->assembly;
  inst_value *completion = inst_openai_completion(a, &l->arena);
  inst_str text = inst_json_text(&l->arena, completion);
  if (is_lost(l)) return;
  inst_buf_add(l->log, text);
  inst_buf_addf(l->log, " %d %d %d ", (int)inst_assembly_is_whole(a), (int)a->any, (int)a->closed);
  if (a->fault != NULL) inst_json_write(l->log, a->fault);
  inst_buf_addf(l->log, "%s %s", inst_code_name(l->error.code), l->error.text);
  read_answers(l, completion);
  if (a->fault != NULL) read_answers(l, a->fault);
}

/* The text as the body of an answer that is no stream. */
static void read_body(listener *l, inst_str text) {
  const inst_value *body = inst_json_parse(&l->arena, text, MAX_DEPTH, &l->error);
  if (body != NULL) read_answers(l, body);
}

static bool read_events(inst_str text, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  listener l;
  listener_init(&l, alloc, log);
  listen(&l, text, way);
  if (!is_lost(&l)) write_down(&l);
  if (!is_lost(&l)) read_body(&l, text);
  bool lost = is_lost(&l);
  listener_clear(&l);
  return !lost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_run(read_events, (inst_str){(const char *)data, size});
  return 0;
}
