/*
** Regular expressions of schemas: ECMAScript syntax (unicode mode) in, PCRE2 inside.
** In: a pattern's source and flags.  Out: does it match somewhere in a text?
** Rule 1: what cannot be honoured is refused by name when the schema is built, never ignored.
** Rule 2: matching has a limit (INST_REGEX_STEPS); passing it is an error, never a hang.
** Rule 3: the only room that includes pcre2.h; nothing of PCRE2 runs until a schema has a pattern.
*/
#ifndef INST_SCHEMA_REGEX_H
#define INST_SCHEMA_REGEX_H

#include "core/base/memory.h"

#define INST_REGEX_STEPS 1000000u /* PCRE2's match limit */

typedef struct inst_regex inst_regex;

inst_regex *inst_regex_new(inst_alloc alloc, inst_str source, inst_str flags,
                           inst_error *error); /* given; NULL: USAGE or MEMORY */
void inst_regex_free(inst_regex *regex);       /* accepts NULL */
/* 1: matches somewhere; 0: does not; -1: 'error' is LIMIT or MEMORY.  'subject' must be UTF-8
** (else 0).  Safe to call from several threads at once on one regex. */
int inst_regex_search(const inst_regex *regex, inst_str subject, inst_error *error);

#endif
