/*
** Reading and judging an answer: status, envelope, text, schema.
*/
#include "core/call/judge.h"

#include "core/base/error.h"
#include "core/schema/explain.h"
#include "core/schema/tree.h"
#include "core/wire/fence.h"

static inst_finding_kind final_or_broken(const inst_judge *j) {
  return j->error.retryable ? INST_JUDGED_BROKEN : INST_JUDGED_FINAL;
}

/* ---- statuses -------------------------------------------------------------------------------- */

static bool is_html(const inst_exchange *x) {
  inst_str body = inst_str_trim(inst_buf_text(&x->body));
  return body.n > 0 && body.p[0] == '<';
}

/* What the server said about it: its own words and code, or the body as it is. */
static void read_status_body(inst_judge *j, const inst_exchange *x, const inst_value *body) {
  inst_complaint *said = &j->answer.complaint;
  if (body != NULL) j->dialect->read_error(body, said, j->arena);
  if (!inst_complaint_is_any(said)) said->message = inst_str_trim(inst_buf_text(&x->body));
  said->error_class = inst_complaint_class(said, x->status);
}

static void quote_status(inst_judge *j, const inst_exchange *x) {
  inst_secrets secrets = j->question->ask.secrets;
  const inst_complaint *said = &j->answer.complaint;
  if (!is_html(x)) inst_quote_add(&j->error, said->message, secrets, j->arena);
  inst_quote_reason(&j->error, inst_complaint_key(said), secrets, j->arena);
}

/* Do the words say no more than the status does? */
static bool is_bare(inst_str words) {
  static const char *const phrases[] = {"",
                                        "{}",
                                        "not found",
                                        "404 not found",
                                        "404 page not found",
                                        "file not found",
                                        "method not allowed",
                                        "405 method not allowed"};
  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
    if (inst_str_is_nocase(words, inst_str_of(phrases[i]))) return true;
  return false;
}

/* Did the server say nothing of what is not there?  Then it knows not even the address. */
static bool is_lost(const inst_judge *j, const inst_exchange *x) {
  bool silent = is_html(x) || is_bare(j->answer.complaint.message);
  return silent && (x->status == 404 || x->status == 405);
}

/* A prompt that a filter stopped is filtered, whatever the status. */
static void blame_status(inst_judge *j, const inst_exchange *x) {
  if (x->status >= 300 && x->status < 400 && x->location.n > 0) {
    inst_error_set(&j->error, INST_E_HTTP, "HTTP %d, a redirect that is not followed", x->status);
    inst_quote_add(&j->error, x->location, j->question->ask.secrets, j->arena);
    return;
  }
  if (j->answer.complaint.error_class == INST_CLASS_CONTENT_FILTER)
    inst_error_set(&j->error, INST_E_CONTENT_FILTER,
                   "HTTP %d, a content filter stopped the request", x->status);
  else
    inst_error_set(&j->error, INST_E_HTTP, "HTTP %d%s", x->status,
                   is_lost(j, x) ? ", there is no such address: is the base URL right?" : "");
  quote_status(j, x);
}

static inst_finding_kind unsound(inst_judge *j, inst_str lines);

/* The provider itself refused what the model wrote, and shows it: the model may be asked again. */
static bool is_models_fault(const inst_judge *j) {
  return j->schema != NULL && !j->error.retryable && j->answer.complaint.failed_generation.n > 0;
}

static inst_finding_kind judge_refused_text(inst_judge *j) {
  const inst_complaint *said = &j->answer.complaint;
  inst_secrets secrets = j->question->ask.secrets;
  j->answer.text = said->failed_generation;
  inst_buf lines;
  inst_buf_init(&lines, j->arena->alloc);
  inst_buf_addf(&lines, "\n- it was refused: ");
  inst_buf_add(&lines, inst_quote_upto(said->message, INST_SAID_MAX, secrets, j->arena));
  return unsound(j, inst_buf_take(&lines, j->arena));
}

static inst_finding_kind judge_status(inst_judge *j, const inst_exchange *x) {
  inst_error fault = {.code = INST_E_NONE};
  const inst_value *body = inst_json_parse(j->arena, inst_buf_text(&x->body), j->max_depth, &fault);
  if (fault.code == INST_E_MEMORY) {
    j->error = fault;
    return INST_JUDGED_FINAL;
  }
  read_status_body(j, x, body);
  blame_status(j, x);
  j->error.retryable = inst_retry_is_worth(x->status, &x->hints);
  return is_models_fault(j) ? judge_refused_text(j) : final_or_broken(j);
}

/* ---- the answer's text ----------------------------------------------------------------------- */

/* An answer that is not usable, in the words of its own code; the model may be asked again. */
static inst_finding_kind unsound(inst_judge *j, inst_str lines) {
  j->correction = inst_ask_correction(&j->question->ask, lines, j->arena);
  if (j->correction.p != NULL) return INST_JUDGED_UNSOUND;
  inst_error_clear(&j->error);
  inst_error_memory(&j->error);
  return INST_JUDGED_FINAL;
}

/* One sentence of the first issue, for people. */
static void summarise(inst_judge *j) {
  const inst_issue *issue = j->issues;
  size_t more = 0;
  inst_buf buf;
  for (const inst_issue *i = issue->next; i != NULL; i = i->next) more++;
  inst_buf_init(&buf, j->arena->alloc);
  inst_path_write(&buf, issue->path, issue->path_count, 1);
  if (issue->path_count > 0) inst_buf_addf(&buf, ": ");
  inst_buf_quote(&buf, inst_issue_explain(issue, j->arena), INST_QUOTE_MAX);
  if (more > 0) inst_buf_addf(&buf, " (and %zu more)", more);
  inst_str text = inst_buf_take(&buf, j->arena);
  inst_error_set(&j->error, INST_E_VALIDATION, "the answer does not fit the schema: %s",
                 text.p ? text.p : "");
}

static inst_finding_kind judge_invalid(inst_judge *j, const inst_issue *issues) {
  const inst_segment wrapper = {INST_WRAPPER_KEY, 0};
  j->issues = issues;
  if (j->answer.bare)
    inst_error_set(&j->error, INST_E_NO_ANSWER, "the model called the tool without arguments");
  else
    summarise(j);
  return unsound(j, inst_issue_lines(j->issues, j->reading.inside ? &wrapper : NULL, j->arena));
}

static inst_finding_kind judge_value(inst_judge *j);

/* Items are judged by whoever takes them; a root that is no list of them is judged here. */
static inst_finding_kind judge_reading(inst_judge *j) {
  const inst_value *v = j->reading.value;
  bool list = v != NULL && inst_value_kind_of(v) == INST_ARRAY;
  if (!j->unjudged || !list) return judge_value(j);
  j->value = v;
  return INST_JUDGED_SOUND;
}

static inst_finding_kind judge_value(inst_judge *j) {
  j->parse = inst_parse_new(j->schema, j->reading.value, &j->reading.fitting.options, j->arena);
  if (j->parse != NULL) return inst_judge_go_on(j);
  inst_error_memory(&j->error);
  return INST_JUDGED_FINAL;
}

/* What does not fit may do so repaired; it is not begun twice. */
inst_finding_kind inst_judge_go_on(inst_judge *j) {
  inst_verdict verdict = inst_parse_next(j->parse);
  if (verdict == INST_PARSE_INVALID && inst_reading_mend(&j->reading)) return judge_reading(j);
  switch (verdict) {
  case INST_PARSE_CODE: return INST_JUDGED_CODE;
  case INST_PARSE_VALID: j->value = inst_parse_value(j->parse); return INST_JUDGED_SOUND;
  case INST_PARSE_INVALID: return judge_invalid(j, inst_parse_issues(j->parse));
  default: j->error = *inst_parse_error(j->parse); return INST_JUDGED_FINAL;
  }
}

/* A plain answer that fits is read and judged in one pass.  (A smaller limit of depth than the
** reader's own is not its business.) */
static bool read_straight(inst_judge *j) {
  if (j->straight == NULL || j->unjudged || j->question->wrapped || j->max_depth < INST_MAX_DEPTH)
    return false;
  j->marks = inst_straight_read(j->straight, j->answer.text, j->narrow);
  j->texts = inst_straight_texts(j->straight);
  return j->marks != NULL;
}

static inst_finding_kind judge_text(inst_judge *j) {
  if (read_straight(j)) return INST_JUDGED_SOUND;
  const inst_error *fault = &j->reading.error;
  bool read = inst_reading_text(&j->reading, j->answer.text) == 0;
  if (j->answer.reasoning.p == NULL) j->answer.reasoning = j->reading.thoughts;
  if (read) return judge_reading(j);
  if (fault->code != INST_E_JSON) {
    j->error = *fault;
    return INST_JUDGED_FINAL;
  }
  inst_error_set(&j->error, INST_E_JSON, "the answer is not JSON: %s", fault->text);
  j->error.offset = fault->offset;
  return unsound(j, inst_ask_json_issue(fault, j->arena));
}

static inst_finding_kind judge_answer(inst_judge *j) {
  if (j->answer.value == NULL) return judge_text(j);
  inst_reading_value(&j->reading, j->answer.value);
  return judge_reading(j);
}

/* ---- the envelope ---------------------------------------------------------------------------- */

static inst_finding_kind judge_no_answer(inst_judge *j) {
  j->error = j->answer.error;
  if (j->answer.code != INST_E_NO_ANSWER) return final_or_broken(j);
  j->correction = inst_ask_again(&j->question->ask, j->arena);
  return j->correction.p != NULL ? INST_JUDGED_UNSOUND : INST_JUDGED_FINAL;
}

static inst_finding_kind judge_envelope(inst_judge *j, const inst_exchange *x,
                                        const inst_value *envelope) {
  inst_complaint *said = &j->answer.complaint;
  j->dialect->read(&j->question->ask, envelope, &j->answer, j->arena);
  said->error_class = inst_complaint_class(said, x->status);
  if (inst_arena_failed(j->arena)) return inst_error_memory(&j->error), INST_JUDGED_FINAL;
  if (j->answer.text.p == NULL) j->answer.text = j->partial;
  if (j->answer.code != INST_E_NONE) return judge_no_answer(j);
  if (j->schema == NULL) {
    j->value = envelope;
    return INST_JUDGED_SOUND;
  }
  return judge_answer(j);
}

/* A success that is not JSON: something else than the provider answered. */
static void not_json(inst_judge *j, const inst_exchange *x) {
  inst_str body = inst_str_trim(inst_buf_text(&x->body));
  const char *what = body.n == 0  ? "nothing"
                     : is_html(x) ? "a page of HTML, not JSON"
                                  : "something else than JSON";
  inst_error_set(&j->error, INST_E_PROTOCOL, "the server answered %d with %s", x->status, what);
  inst_quote_add(&j->error, body, j->question->ask.secrets, j->arena);
}

static inst_finding_kind judge_body(inst_judge *j, const inst_exchange *x) {
  inst_error fault;
  inst_error_clear(&fault);
  const inst_value *envelope =
      inst_json_parse(j->arena, inst_buf_text(&x->body), j->max_depth, &fault);
  if (envelope != NULL) return judge_envelope(j, x, envelope);
  if (fault.code == INST_E_JSON)
    not_json(j, x);
  else
    j->error = fault;
  return INST_JUDGED_FINAL;
}

static inst_finding_kind judge_exchange(inst_judge *j, const inst_exchange *x) {
  if (x->error.code == INST_E_NONE)
    return x->status >= 200 && x->status < 300 ? judge_body(j, x) : judge_status(j, x);
  j->error = x->error;
  return final_or_broken(j);
}

static void begin_reading(const inst_judge *j, inst_reading *reading) {
  inst_mode mode = j->question->ask.mode;
  INST_ZERO_TO_ERROR(reading);
  reading->fitting = (inst_fitting){.schema = j->schema,
                                    .options = {.null_is_absent = j->question->null_is_absent},
                                    .level = j->repair,
                                    .max_depth = j->max_depth,
                                    .arena = j->arena};
  reading->wrapped = j->question->wrapped;
  reading->fence_asked = mode == INST_MODE_MD_JSON || mode == INST_MODE_THINKING_MD_JSON;
  reading->thoughts_asked = mode == INST_MODE_THINKING_MD_JSON;
}

void inst_judge_forget(inst_judge *j) {
  inst_error_clear(&j->error);
  INST_ZERO_TO_ERROR(&j->answer);
  j->answer.text = j->partial;
  j->answer.usage = j->spent;
  begin_reading(j, &j->reading);
  j->parse = NULL;
  j->value = NULL;
  j->marks = NULL;
  j->issues = NULL;
}

inst_finding_kind inst_judge_begin(inst_judge *j, const inst_exchange *x) {
  inst_judge_forget(j);
  return judge_exchange(j, x);
}

/* What came of the turn is no whole one, and is not sent back. */
inst_finding_kind inst_judge_stopped(inst_judge *j, const inst_issue *issues) {
  inst_judge_forget(j);
  j->reading.inside = j->question->wrapped;
  return judge_invalid(j, issues);
}

/* ---- what was found -------------------------------------------------------------------------- */

const inst_mark *inst_judge_marks(const inst_judge *j) {
  return j->marks != NULL && inst_straight_texts(j->straight) == j->texts ? j->marks : NULL;
}

/* What was read straight fits the other way, too. */
const inst_value *inst_judge_value(inst_judge *j) {
  if (j->marks == NULL || j->value != NULL) return j->value;
  if (inst_reading_text(&j->reading, j->answer.text) != 0) return NULL;
  judge_value(j);
  return j->value;
}
