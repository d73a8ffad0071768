/*
** ECMAScript pattern syntax (unicode mode) rewritten in PCRE2's, meaning for meaning.
** In: source and flags.  Out: text for PCRE2 in UTF mode, with its default newlines and with unset
** back references matching nothing; or a refusal that names the construct and its place.
** Rule 1: knows no PCRE2: text in, text out.
** Rule 2: everything not known to mean the same in both is refused.
*/
#ifndef INST_SCHEMA_PATTERN_H
#define INST_SCHEMA_PATTERN_H

#include "core/base/text.h"

#define INST_PATTERN_MAX 65535u    /* bytes of a pattern */
#define INST_PATTERN_DEPTH 200u    /* groups in groups */
#define INST_PATTERN_REPEAT 65535u /* the largest count in a quantifier */
#define INST_PATTERN_LONG 16u      /* a repeat beyond that is a run */

/* Numbers of the callouts in the translation.  They stand where matching may go on in more than one
** way or pass over many characters at once, so that whoever runs it can count the work: between
** two of them it does no more than the pattern is long.  A number beyond INST_PATTERN_REFERENCE
** less that is the group a back reference is about to compare with. */
enum inst_pattern_callout {
  INST_PATTERN_STEP,       /* a turn, a choice or a short repeat */
  INST_PATTERN_RUN_STARTS, /* a character is going to be repeated from here */
  INST_PATTERN_RUN_ENDS,   /* up to here */
  INST_PATTERN_REFERENCE,
  INST_PATTERN_ANY_REFERENCE = 255 /* the group's number did not fit */
};

/* Appends the PCRE2 text to 'out'; 'flags' are of "imsu", and of "dg", which change nothing in a
** search.  Non-zero: USAGE, naming what cannot be honoured and where (also in error->offset), or
** MEMORY. */
int inst_pattern_translate(inst_str source, inst_str flags, inst_buf *out, inst_error *error);

/* The byte of 'source' where the piece begins that became the byte 'at' of the translation, which
** must have succeeded before.  SIZE_MAX: no memory. */
size_t inst_pattern_place(inst_str source, inst_str flags, size_t at, inst_alloc alloc);

#endif
