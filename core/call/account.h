/*
** The account of a call: what each attempt did and what it cost.
*/
#ifndef INST_CALL_ACCOUNT_H
#define INST_CALL_ACCOUNT_H

#include "core/call/judge.h"

typedef struct inst_account {
  inst_attempt *first, *last;
  inst_attempt *open; /* the one under way, or NULL */
  size_t count;
  inst_usage usage; /* over all attempts */
} inst_account;

void inst_usage_add(inst_usage *sum, const inst_usage *usage);

/* A new attempt at the end of the account.  Without memory there is none, as the arena knows. */
void inst_account_open(inst_account *account, bool reask, double waited, inst_arena *arena);
/* What became of the attempt under way, if there is one: the answer (NULL: none was read), its
** cost, and 'error' (NULL: its answer was used). */
void inst_account_close(inst_account *account, const inst_exchange *exchange,
                        const inst_judge *judge, const inst_error *error, double seconds,
                        inst_secrets secrets, inst_arena *arena);

#endif
