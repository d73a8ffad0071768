/*
** The question in neutral form, and the words we put to a model.
** In: the user's parameters, the mode, the schema already printed.  Out: texts in one voice.
** Rule: a dialect decides where a text stands; what it says stands here.
*/
#ifndef INST_WIRE_ASK_H
#define INST_WIRE_ASK_H

#include "core/base/quote.h"
#include "core/json/value.h"

typedef struct inst_ask {
  const inst_value *params; /* the user's body: OBJECT */
  const inst_provider *provider;
  inst_mode mode;
  inst_str name, description; /* of the response model */
  const inst_value *schema;   /* JSON Schema; NULL: pass the call through */
  bool stream;                /* is the answer asked for piece by piece? */
  inst_str schema_text;       /* the same as JSON text, where it is at hand; else p NULL */
  bool strict;                /* is it written by OpenAI's strict rules? */
  inst_str prompt;            /* what the mode has to say to the model; or p NULL */
  inst_str offer;             /* the dialect's: the schema as a request carries it, as JSON */
  inst_str choice;            /* the dialect's: that the model is to take it, as JSON */
  inst_secrets secrets;       /* what no error may quote */
} inst_ask;

/* 'name' as every provider takes it: letters and digits, other characters as '_', at most 64. */
inst_str inst_ask_name(inst_str name, inst_arena *arena);

/* Can 'messages' be this: a list (or an empty table, which may be one), or one user's text? */
bool inst_ask_is_conversation(const inst_value *v);

/* The system message of the modes that answer in text; p NULL for those that call. */
inst_str inst_ask_prompt(const inst_ask *ask, inst_arena *arena);

/* What is wrong with an answer, and what to do now.  'issues' are lines, each begun by "\n". */
inst_str inst_ask_correction(const inst_ask *ask, inst_str issues, inst_arena *arena);
/* The same when the model did not answer at all. */
inst_str inst_ask_again(const inst_ask *ask, inst_arena *arena);

/* The one issue of an answer that is no JSON, as such a line. */
inst_str inst_ask_json_issue(const inst_error *error, inst_arena *arena);

#endif
