/*
** Reading and judging an answer: status, envelope, text, schema.
*/
#include "core/call/judge.h"

#include "core/base/error.h"
#include "core/schema/issue.h"

static const inst_value *parse_body(const inst_judge *j, const inst_exchange *x) {
  inst_error ignored = {.code = INST_E_NONE};
  return inst_json_parse(j->arena, inst_buf_text(&x->body), j->max_depth, &ignored);
}

static inst_finding_kind final_or_broken(const inst_judge *j) {
  return j->error.retryable ? INST_JUDGED_BROKEN : INST_JUDGED_FINAL;
}

/* ---- statuses -------------------------------------------------------------------------------- */

static bool is_html(const inst_exchange *x) {
  inst_str body = inst_str_trim(inst_buf_text(&x->body));
  return body.n > 0 && body.p[0] == '<';
}

static inst_finding_kind judge_status(inst_judge *j, const inst_exchange *x) {
  inst_str words = {NULL, 0}, code = {NULL, 0};
  const inst_value *body = parse_body(j, x);
  if (body != NULL) j->dialect->read_error(body, &words, &code);
  if (words.p == NULL && !is_html(x)) words = inst_str_trim(inst_buf_text(&x->body));
  bool redirect = x->status >= 300 && x->status < 400 && x->location.n > 0;
  if (redirect) words = x->location;
  inst_error_set(&j->error, INST_E_HTTP,
                 redirect ? "HTTP %d, a redirect that is not followed" : "HTTP %d", x->status);
  inst_dialect_quote(&j->error, words, j->arena);
  inst_dialect_set_reason(&j->error, code);
  j->error.status = x->status;
  j->error.retryable = inst_retry_is_worth(x->status, &x->hints);
  return final_or_broken(j);
}

/* ---- the answer's text ----------------------------------------------------------------------- */

/* An answer that is not usable, in the words of its own code; the model may be asked again. */
static inst_finding_kind unsound(inst_judge *j, inst_str lines) {
  j->correction = inst_ask_correction(j->ask, lines, j->arena);
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
  inst_buf_quote(&buf, issue->message, INST_QUOTE_MAX);
  if (more > 0) inst_buf_addf(&buf, " (and %zu more)", more);
  inst_str text = inst_buf_take(&buf, j->arena);
  inst_error_set(&j->error, INST_E_VALIDATION, "the answer does not fit the schema: %s",
                 text.p ? text.p : "");
}

static inst_finding_kind judge_invalid(inst_judge *j) {
  j->issues = inst_parse_issues(j->parse);
  summarise(j);
  return unsound(j, inst_issues_for_model(j->issues, j->arena));
}

inst_finding_kind inst_judge_go_on(inst_judge *j) {
  switch (inst_parse_next(j->parse)) {
  case INST_PARSE_CODE: return INST_JUDGED_CODE;
  case INST_PARSE_VALID: j->value = inst_parse_value(j->parse); return INST_JUDGED_SOUND;
  case INST_PARSE_INVALID: return judge_invalid(j);
  default: j->error = *inst_parse_error(j->parse); return INST_JUDGED_FINAL;
  }
}

/* The root inside {value = …}, if that is how it was asked for and came. */
static const inst_value *unwrap(const inst_judge *j, const inst_value *v) {
  bool one = j->wrapped && inst_value_kind_of(v) == INST_OBJECT && inst_value_count(v) == 1;
  const inst_value *inner = one ? inst_find(v, "value") : NULL;
  return inner != NULL ? inner : v;
}

static inst_finding_kind judge_value(inst_judge *j, const inst_value *value) {
  inst_parse_options options = {.null_is_absent = j->null_is_absent};
  j->parse = inst_parse_new(j->schema, unwrap(j, value), &options, j->arena);
  if (j->parse != NULL) return inst_judge_go_on(j);
  inst_error_memory(&j->error);
  return INST_JUDGED_FINAL;
}

static inst_finding_kind judge_text(inst_judge *j) {
  inst_error fault = {.code = INST_E_NONE};
  const inst_value *value = inst_json_parse(j->arena, j->answer.text, j->max_depth, &fault);
  if (value != NULL) return judge_value(j, value);
  if (fault.code != INST_E_JSON) {
    j->error = fault;
    return INST_JUDGED_FINAL;
  }
  inst_error_set(&j->error, INST_E_JSON, "the answer is not JSON: %s", fault.text);
  inst_dialect_quote(&j->error, j->answer.text, j->arena);
  j->error.offset = fault.offset;
  return unsound(j, inst_ask_json_issue(&fault, j->arena));
}

/* ---- the envelope ---------------------------------------------------------------------------- */

static inst_finding_kind judge_no_answer(inst_judge *j) {
  j->error = j->answer.error;
  if (j->answer.code != INST_E_NO_ANSWER) return final_or_broken(j);
  j->correction = inst_ask_again(j->ask, j->arena);
  return j->correction.p != NULL ? INST_JUDGED_UNSOUND : INST_JUDGED_FINAL;
}

static inst_finding_kind judge_envelope(inst_judge *j, const inst_value *envelope) {
  j->dialect->read(j->ask, envelope, &j->answer, j->arena);
  if (inst_arena_failed(j->arena)) return inst_error_memory(&j->error), INST_JUDGED_FINAL;
  if (j->answer.code != INST_E_NONE) return judge_no_answer(j);
  if (j->schema == NULL) {
    j->value = envelope;
    return INST_JUDGED_SOUND;
  }
  return j->answer.value != NULL ? judge_value(j, j->answer.value) : judge_text(j);
}

static inst_finding_kind judge_body(inst_judge *j, const inst_exchange *x) {
  inst_error fault = {.code = INST_E_NONE};
  inst_str body = inst_buf_text(&x->body);
  const inst_value *envelope = inst_json_parse(j->arena, body, j->max_depth, &fault);
  if (envelope != NULL) return judge_envelope(j, envelope);
  if (fault.code != INST_E_JSON)
    j->error = fault;
  else {
    inst_error_set(&j->error, INST_E_PROTOCOL, "the server answered %d with %s, not JSON",
                   x->status, is_html(x) ? "a page of HTML" : "something else");
    inst_dialect_quote(&j->error, body, j->arena);
  }
  j->error.status = x->status;
  return INST_JUDGED_FINAL;
}

inst_finding_kind inst_judge_begin(inst_judge *j, const inst_exchange *x) {
  inst_error_clear(&j->error);
  memset(&j->answer, 0, sizeof j->answer);
  j->parse = NULL;
  j->value = NULL;
  j->issues = NULL;
  if (x->error.code != INST_E_NONE) {
    j->error = x->error;
    j->error.status = x->status;
    return final_or_broken(j);
  }
  return x->status >= 200 && x->status < 300 ? judge_body(j, x) : judge_status(j, x);
}
