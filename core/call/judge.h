/*
** From an answer's bytes to a verdict.
** In: a whole exchange, the ask, the schema.  Out: a value, or what is wrong and whether the model
** may be asked again, or the provider again.
** Rule: decides nothing about how often; that is the machine's.
*/
#ifndef INST_CALL_JUDGE_H
#define INST_CALL_JUDGE_H

#include "core/call/exchange.h"
#include "core/call/question.h"
#include "core/call/reading.h"
#include "core/schema/plan.h"
#include "core/wire/dialect.h"

/* What came of an answer. */
typedef enum inst_finding_kind {
  INST_JUDGED_SOUND,   /* 'value' is the result */
  INST_JUDGED_UNSOUND, /* the model's fault: 'issues' say what to correct */
  INST_JUDGED_BROKEN,  /* the provider's fault: the same request may do better later */
  INST_JUDGED_FINAL,   /* trying again is of no use */
  INST_JUDGED_CODE     /* not yet: the host's code is wanted by 'parse' */
} inst_finding_kind;

typedef struct inst_judge {
  const inst_dialect *dialect;
  const inst_question *question;
  const inst_schema *schema; /* NULL: the call is passed through */
  inst_straight *straight;   /* reads texts that fit at once; or NULL */
  bool narrow;               /* as inst_straight_read has it */
  bool unjudged;             /* a list is the result as it is */
  unsigned max_depth;
  inst_repair_level repair;
  inst_arena *arena;
  inst_usage spent; /* what such a stream told of its cost */
  inst_str partial; /* what a stream that broke gave of the answer's text; p NULL: none */
  /* what was found */
  inst_parse *parse;       /* while the validator is at work */
  const inst_value *value; /* NULL: absent, or 'marks' stand for it */
  const inst_mark *marks;  /* what 'straight' read; NULL: it did not */
  uint64_t texts;          /* as long as its number of texts is this, they are there */
  const inst_issue *issues;
  inst_str correction; /* UNSOUND: the words for the model */
  inst_answer answer;
  inst_reading reading;
  inst_error error;
} inst_judge;

/* Nothing is found yet. */
void inst_judge_forget(inst_judge *judge);
/* Begins with a whole exchange. */
inst_finding_kind inst_judge_begin(inst_judge *judge, const inst_exchange *exchange);
/* An answer that was given up while it arrived: UNSOUND for 'issues' (or FINAL: no memory). */
inst_finding_kind inst_judge_stopped(inst_judge *judge, const inst_issue *issues);
/* Goes on after the host's code has answered. */
inst_finding_kind inst_judge_go_on(inst_judge *judge);

/* What was found SOUND as marks, while they are there; or NULL. */
const inst_mark *inst_judge_marks(const inst_judge *judge);
/* The same as a value, made now where marks stood for it (NULL: no memory); NULL: absent. */
const inst_value *inst_judge_value(inst_judge *judge);

#endif
