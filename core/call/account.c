/*
** Attempts and their cost.
*/
#include "core/call/account.h"

void inst_account_open(inst_account *account, bool reask, double waited, inst_arena *arena) {
  inst_attempt *attempt = inst_arena_get(arena, sizeof *attempt);
  account->open = attempt;
  if (attempt == NULL) return;
  *attempt = (inst_attempt){.reask = reask, .waited = waited, .first_byte = -1, .retry_after = -1};
  if (account->last != NULL)
    account->last->next = attempt;
  else
    account->first = attempt;
  account->last = attempt;
  account->count++;
}

void inst_usage_add(inst_usage *sum, const inst_usage *usage) {
  sum->input_tokens += usage->input_tokens;
  sum->output_tokens += usage->output_tokens;
  sum->total_tokens += usage->total_tokens;
  sum->cached_tokens += usage->cached_tokens;
  sum->cache_write_tokens += usage->cache_write_tokens;
  sum->reasoning_tokens += usage->reasoning_tokens;
  sum->known = sum->known || usage->known;
}

/* Arguments that came as a value are shown as the text they would have been. */
static inst_str answer_text(const inst_answer *answer, inst_arena *arena) {
  return answer->value != NULL ? inst_json_text(arena, answer->value) : answer->text;
}

/* The header's; else one that the body names. */
static inst_str request_id(const inst_exchange *exchange, const inst_judge *judge) {
  if (exchange->request_id.p != NULL || judge == NULL) return exchange->request_id;
  inst_str said = judge->answer.complaint.request_id;
  return said.p != NULL ? said : judge->answer.request_id;
}

void inst_account_close(inst_account *account, const inst_exchange *exchange,
                        const inst_judge *judge, const inst_error *error, double seconds,
                        inst_secrets secrets, inst_arena *arena) {
  inst_attempt *attempt = account->open;
  account->open = NULL;
  if (attempt == NULL) return;
  attempt->status = exchange->status;
  attempt->request_id = inst_quote(request_id(exchange, judge), secrets, arena);
  attempt->seconds = seconds;
  if (judge != NULL) {
    attempt->text = answer_text(&judge->answer, arena);
    attempt->reasoning = judge->answer.reasoning;
    attempt->refusal = judge->answer.refusal;
    attempt->finish_reason = judge->answer.finish;
    attempt->outcome = judge->answer.outcome;
    attempt->complaint = inst_complaint_shown(&judge->answer.complaint, secrets, arena);
    attempt->issues = judge->issues;
    attempt->repairs = judge->reading.edits.first;
    attempt->usage = judge->answer.usage;
    attempt->raw_usage = judge->answer.raw_usage;
    attempt->model = judge->answer.model;
    inst_usage_add(&account->usage, &attempt->usage);
  }
  if (error == NULL) return;
  attempt->code = error->code;
  attempt->message = inst_arena_copy(arena, inst_str_of(error->text));
}
