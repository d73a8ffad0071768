/*
** A value judged as a host does it: its code is run where the parse asks for it.
** In: a finished schema, a value.  Out: the verdict, the result or the issues.
** Rule: what the code says depends on the value alone, so that to ask twice is to hear the same.
*/
#ifndef SPEC_FUZZ_JUDGED_H
#define SPEC_FUZZ_JUDGED_H

#include "spec/fuzz/fuzz.h"

typedef struct fuzz_judged {
  inst_verdict verdict;
  const inst_value *value;  /* VALID; NULL: absent */
  const inst_issue *issues; /* INVALID */
  bool lost;                /* memory ran out */
} fuzz_judged;

/* All that is made lives in 'arena'. */
fuzz_judged fuzz_judge(const inst_schema *schema, const inst_value *value,
                       const inst_parse_options *options, inst_arena *arena);

/* Writes the issues down as a model is told of them, and says each to people: all is text. */
void fuzz_explain(const inst_issue *issues, inst_arena *arena, inst_buf *log);

#endif
