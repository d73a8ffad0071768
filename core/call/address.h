/*
** Where the requests of a call go, and under which headers.
** In: the options of a call.  Out: URL, headers and secrets, the same for every request of every
** call with such options.
** Rule: the key stands in a header here and nowhere else.
*/
#ifndef INST_CALL_ADDRESS_H
#define INST_CALL_ADDRESS_H

#include "core/base/quote.h"

typedef struct inst_address {
  const inst_provider *provider; /* this and the next four: what it was made of */
  inst_str base_url;             /* p NULL: the provider's */
  inst_str api_key;
  const inst_header *given; /* the user's headers */
  size_t given_count;
  inst_secrets secrets;       /* what no error may quote */
  const char *url;            /* with the dialect's path; NULL: not complete yet */
  const inst_header *headers; /* as they are sent */
  size_t header_count;
} inst_address;

/* Non-zero: USAGE, the options name no URL, or none that could be asked. */
int inst_address_check(const inst_call_options *options, inst_error *error);
/* Copies what the options say.  Whether memory lasted, the arena knows. */
void inst_address_init(inst_address *address, const inst_call_options *options, inst_arena *arena);
/* Makes URL and headers.  Non-zero: MEMORY, or USAGE (a header that cannot be sent). */
int inst_address_complete(inst_address *address, const char *path, inst_arena *arena,
                          inst_error *error);
/* Was it made of such options? */
bool inst_address_is_of(const inst_address *address, const inst_call_options *options);

#endif
