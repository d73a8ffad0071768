/*
** A chat completion as OpenAI's wire writes it, whole or as a stream.
** In: what was asked and the value that answers it.  Out: the body of the reply.
** Rule: knows forms only; the value comes filled.
*/
#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

#include "examples/sandbox/ask.h"
#include "examples/sandbox/http.h"
#include "examples/sandbox/sloppy.h"

/* What stands around every answer. */
typedef struct box_frame {
  unsigned long serial; /* counts the answers */
  int64_t created;      /* seconds since 1970 */
  size_t prompt_bytes;  /* of the request */
} box_frame;

/* Answers 'ask' by rules, with an error of the kind 'slip'.  False: memory is out. */
bool box_answer_write(const box_ask *ask, box_slip slip, const box_frame *frame, inst_arena *arena,
                      box_reply *reply);

#endif
