/*
** A schema out of a line of letters: any bytes mean some schema, and a hand can write one.
**   values      s string  n number  i integer  b boolean  z null  a any  u unknown  v never
**               l literal  e enum  m at most 9  t trimmed, two at least  r a+  f email
**               c, B, S coerced number, boolean, string  g number within bounds  w a…b…c
**               d and any byte: the format it says
**               @ the root again, through LAZY
**   groups      {..} object with fields a, b, c… (the tenth is "value")  <..> union
**               (..) intersection  |..; exclusive union
**               [..] array; of several: a tuple, whose rest is the last  V..; tuple without a rest
**   behind one  ? optional  ~ nullable  ! nonoptional  : readonly  = default  + prefault  ^ catch
**               % record of it  & record by enum  K record of the two before  - strict  * passthrough  _ catchall
**               L loose record  A partial record  $ discriminator "a"  F fallback  o one or two
**               . shown when whole  , its object waits for it  R refine  T transform  P preprocess
**               O overwrite  D, Q, C default, prefault, catch by code  M message  G message by code
** A group that is not closed ends with the line; a closing mark without its group says nothing.
*/
#ifndef SPEC_FUZZ_LETTERS_H
#define SPEC_FUZZ_LETTERS_H

#include "core/json/value.h"

/* An input is a line of letters for the schema, and behind it the text. */
void fuzz_letters_split(inst_str input, inst_str *letters, inst_str *text);
/* Builds into 'schema', which is to be finished; returns the root. */
inst_node fuzz_letters(inst_schema *schema, inst_str letters);

#endif
