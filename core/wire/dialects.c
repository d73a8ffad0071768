/*
** The list of dialects, and the words they share.
*/
#include "core/wire/dialects.h"

#include "core/wire/openai_chat.h"

const inst_dialect *inst_dialect_of(const inst_provider *provider) {
  (void)provider; /* every row of today speaks the one dialect */
  return &inst_openai_chat;
}

void inst_dialect_set_reason(inst_error *error, inst_str code) {
  size_t n = code.n < sizeof error->reason ? code.n : sizeof error->reason - 1;
  if (code.p != NULL) memcpy(error->reason, code.p, n);
  error->reason[code.p != NULL ? n : 0] = '\0';
}

void inst_dialect_quote(inst_error *error, inst_str words, inst_arena *arena) {
  inst_buf buf;
  size_t used = strlen(error->text);
  if (words.n == 0) return;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, ": ");
  inst_buf_quote(&buf, words, INST_QUOTE_MAX);
  inst_str quoted = inst_buf_text(&buf);
  if (!buf.failed && used + quoted.n < sizeof error->text) {
    memcpy(error->text + used, quoted.p, quoted.n);
    error->text[used + quoted.n] = '\0';
  }
  inst_buf_clear(&buf);
}
