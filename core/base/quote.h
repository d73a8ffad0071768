/*
** Foreign words in our own sentences: capped, cleaned, and without the secrets of the call.
** In: what a server or a model said.  Out: what of it may stand in an error that people paste.
*/
#ifndef INST_BASE_QUOTE_H
#define INST_BASE_QUOTE_H

#include "core/base/memory.h"

/* Texts that must never be shown: keys, tokens. */
typedef struct inst_secrets {
  const inst_str *list;
  size_t count;
} inst_secrets;

/* 'text' with every secret in it as '*'s; the text itself where there is none.  The whole text is
** looked at, before anything is cut from it.  When memory is out: no text. */
inst_str inst_quote_mask(inst_str text, inst_secrets secrets, inst_arena *arena);

/* Ends 'error->text' with ": " and 'words', masked and capped at INST_QUOTE_MAX bytes. */
void inst_quote_add(inst_error *error, inst_str words, inst_secrets secrets, inst_arena *arena);

/* Puts a provider's code into 'error->reason', masked, as much as fits. */
void inst_quote_reason(inst_error *error, inst_str code, inst_secrets secrets, inst_arena *arena);

/* 'text' masked, capped (at INST_QUOTE_MAX bytes, or 'max') and cleaned, in the arena. */
inst_str inst_quote_upto(inst_str text, size_t max, inst_secrets secrets, inst_arena *arena);
static inline inst_str inst_quote(inst_str text, inst_secrets secrets, inst_arena *arena) {
  return text.p != NULL ? inst_quote_upto(text, INST_QUOTE_MAX, secrets, arena) : text;
}

#endif
