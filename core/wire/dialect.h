/*
** What a dialect is: how one wire format writes a question, reads an answer, and asks again.
** Rule: knows JSON and nothing of schemas, sockets or retries.
*/
#ifndef INST_WIRE_DIALECT_H
#define INST_WIRE_DIALECT_H

#include "core/wire/ask.h"
#include "core/wire/assembly.h"
#include "core/wire/sse.h"
#include "core/wire/complaint.h"

/* An answer in neutral form. */
typedef struct inst_answer {
  inst_code code;            /* NONE: 'text' or 'value' is the answer; else why there is none */
  inst_str text;             /* the answer's JSON text, as received */
  const inst_value *value;   /* instead of a text: arguments that came as a value; or NULL */
  bool bare;                 /* our tool was called without arguments: 'text' is "{}" */
  const inst_value *message; /* the assistant's turn as received, or NULL */
  inst_str reasoning;        /* thoughts the provider shows beside the answer, or p NULL */
  inst_str model;            /* which model answered */
  inst_str refusal;          /* the words of a refusal, or p NULL */
  inst_str finish;           /* how it ended, in the provider's own word, or p NULL */
  inst_outcome outcome;      /* the same in ours */
  inst_str request_id;       /* where the body names it */
  inst_complaint complaint;  /* what the provider said of an error of its own */
  inst_usage usage;
  const inst_value *raw_usage; /* what 'usage' was read from, or NULL */
  inst_error error;            /* when 'code' is not NONE */
} inst_answer;

typedef struct inst_dialect {
  const char *name;
  const char *path; /* behind the base URL */
  /* Puts into 'ask', which has all but parameters, secrets and stream, what every body made of it
  ** holds.  Whether memory lasted, the arena knows. */
  void (*prepare)(inst_ask *ask, inst_arena *arena);
  /* The body, made to be written at once: the user's parameters, with what the mode adds, and 'turns'
  ** (array of messages, may be empty) behind the user's messages.  NULL: no memory. */
  inst_value *(*write)(const inst_ask *ask, const inst_value *turns, inst_arena *arena);
  void (*read)(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
               inst_arena *arena);
  /* Adds to 'turns' the answer as received and 'correction' in the protocol's own terms. */
  void (*reask)(const inst_ask *ask, const inst_answer *answer, inst_str correction,
                inst_value *turns, inst_arena *arena);
  /* Takes one event of a stream.  Non-zero: it is no JSON, is nested too deep, or memory ran out. */
  int (*take)(inst_assembly *assembly, const inst_sse_event *event, unsigned max_depth,
              inst_error *error);
  /* The envelope a stream would have been, had it come whole; whether memory lasted, 'arena' knows.
  */
  inst_value *(*complete)(const inst_assembly *assembly, inst_arena *arena);
  /* What an account of the cost says, as it stands in an envelope or in an assembly. */
  void (*read_usage)(const inst_value *account, inst_usage *usage);
  /* What the body of an error status says. */
  void (*read_error)(const inst_value *body, inst_complaint *complaint, inst_arena *arena);
} inst_dialect;

#endif
