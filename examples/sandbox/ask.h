/*
** What a chat completion request asks for.
** In: the request's body as JSON.  Out: the user's text, the schema and where it stood, the form
** the answer has to have.
** Rule: lends from the body; knows nothing of how fields are filled.
*/
#ifndef SANDBOX_ASK_H
#define SANDBOX_ASK_H

#include "core/json/value.h"

typedef enum box_form {
  BOX_FORM_TEXT,     /* no schema: some words */
  BOX_FORM_JSON,     /* the content is JSON */
  BOX_FORM_FENCE,    /* the content is a fenced block: the schema stood in the prompt alone */
  BOX_FORM_FUNCTION, /* function_call */
  BOX_FORM_TOOL      /* tool_calls */
} box_form;

typedef struct box_ask {
  box_form form;
  inst_str text; /* of the user, before anybody answered */
  inst_str model;
  const inst_value *schema; /* NULL: none */
  inst_str name;            /* of the tool, the function or the schema; may be empty */
  bool thinks;              /* the prompt wants thoughts in a tag before the answer */
  bool stream;
  bool usage; /* of a stream: it ends with an account */
  bool first; /* nobody has answered yet in this conversation */
} box_ask;

/* Non-zero: 'error' has a sentence for the client, and 'param' names the part of the body it is
** about, or is NULL. */
int box_ask_read(box_ask *ask, const inst_value *body, inst_arena *arena, const char **param,
                 inst_error *error);

#endif
