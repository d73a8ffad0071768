/*
** What the specs of the sandbox share: JSON that can be read in a C source.
*/
#ifndef SPEC_CORE_SANDBOX_CHECK_H
#define SPEC_CORE_SANDBOX_CHECK_H

#include "spec/core/check.h"

#include "examples/sandbox/routes.h"

/* Makes the single quotes double. */
static inline void double_quotes(char *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (p[i] == '\'') p[i] = '"';
  }
}

/* 'text' with its single quotes double, and a '\0' behind it. */
static inline inst_str json_of(inst_arena *arena, const char *text) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_add(&buf, inst_str_of(text));
  double_quotes(buf.p, buf.n);
  return inst_buf_take(&buf, arena);
}

/* ---- a question and its answer --------------------------------------------------------------- */

/* The system's memory. */
static const inst_alloc plain = {NULL, NULL};

#define USER                                                                                       \
  "{'type':'object','properties':{'name':{'type':'string'},'age':{'type':"                         \
  "'number'}},'required':['name','age']}"
#define QUESTION "{'role':'user','content':'Zoe Park is 41 years old'}"
#define ASK(rest) "{'model':'m','messages':[" QUESTION "]," rest "}"
#define TOOL "'tools':[{'type':'function','function':{'name':'User','parameters':" USER "}}]"
#define FORMAT                                                                                     \
  "'response_format':{'type':'json_schema','json_schema':{'name':'User','schema':" USER "}}"
#define ZOE "{'name':'Zoe Park','age':41}"

/* A whole request for a chat completion.  Single quotes in 'body' stand for double ones. */
static inline void write_request(inst_buf *out, inst_str body) {
  inst_buf_addf(out, "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %zu\r\n\r\n", body.n);
  inst_buf_add(out, body);
  double_quotes(out->p, out->n);
}

/* One exchange without a socket.  The reply's body is 'arena's. */
typedef struct exchange {
  inst_arena arena;
  int status;
  const char *type;
  inst_str body;
  inst_value *json; /* NULL where the body is not JSON */
} exchange;

/* Single quotes in 'body' stand for double ones. */
static inline void send_to(exchange *e, const char *method, const char *path, const char *sloppy,
                           inst_str body, box_slip slip) {
  box_routes routes = {.slip = slip, .port = 1};
  box_http http;
  box_reply reply;
  inst_buf head;
  inst_error error = {0};
  inst_arena_init(&e->arena, plain);
  inst_buf_init(&head, plain);
  inst_buf_addf(&head, "%s %s HTTP/1.1\r\ncontent-length: %zu\r\n", method, path, body.n);
  if (sloppy != NULL) inst_buf_addf(&head, "X-Sandbox-Sloppy: %s\r\n", sloppy);
  inst_buf_addf(&head, "\r\n");
  box_http_init(&http, plain);
  box_reply_init(&reply, plain);
  inst_buf_add(&head, body);
  double_quotes(head.p, head.n);
  box_http_feed(&http, inst_buf_text(&head));
  assert_true(http.state >= BOX_HTTP_READY);
  box_routes_answer(&routes, &http, &reply);
  e->status = reply.status;
  e->type = reply.type;
  e->body = inst_arena_copy(&e->arena, inst_buf_text(&reply.body));
  e->json = inst_json_parse(&e->arena, e->body, INST_MAX_DEPTH, &error);
  inst_buf_clear(&head);
  box_reply_clear(&reply);
  box_http_clear(&http);
}

#endif
