/*
** The secrets of a call.
** In: its options.  Out: every text that no error may quote: the key, what the user's own headers
** hold instead of it, what the parameters of the URL hold, and their percent-encoded spellings.
** Rule: knows nothing of who quotes what.
*/
#ifndef INST_CALL_SECRETS_H
#define INST_CALL_SECRETS_H

#include "core/base/quote.h"

/* They live in 'arena', or stay where the options keep them.  Whether memory lasted, the arena
** knows. */
inst_secrets inst_secrets_of(const inst_call_options *options, inst_arena *arena);

#endif
