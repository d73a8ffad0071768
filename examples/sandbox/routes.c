/*
** A table of paths, and the errors of those who miss it.
*/
#include "examples/sandbox/routes.h"

#include <time.h>

#include "core/json/write.h"
#include "examples/sandbox/answer.h"

/* ---- errors ---------------------------------------------------------------------------------- */

/* An error in the form OpenAI gives it. */
static void fail(box_reply *reply, int status, const char *param, const char *code, inst_str text) {
  reply->status = status;
  reply->type = "application/json";
  reply->events = false;
  reply->body.n = 0;
  inst_buf_add(&reply->body, INST_LIT("{\"error\":{\"message\":"));
  inst_json_write_string(&reply->body, text);
  inst_buf_addf(&reply->body, ",\"type\":\"%s\",\"param\":",
                status >= 500 ? "server_error" : "invalid_request_error");
  if (param != NULL)
    inst_buf_addf(&reply->body, "\"%s\"", param);
  else
    inst_buf_add(&reply->body, INST_LIT("null"));
  inst_buf_addf(&reply->body, ",\"code\":\"%s\"}}", code);
}

/* For a request that could not be read. */
static void fail_broken(const box_http *request, box_reply *reply) {
  static const struct row {
    int status;
    const char *code, *text;
  } rows[] = {
      {413, "request_too_large", "The body is larger than 8 MiB."},
      {431, "headers_too_large", "The head of the request is larger than 64 KiB."},
      {500, "out_of_memory", "There is not enough memory for this request."},
      {501, "not_implemented", "This method or transfer encoding is not known here."},
      {505, "http_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].status != request->status) continue;
    fail(reply, rows[i].status, NULL, rows[i].code, inst_str_of(rows[i].text));
    return;
  }
  fail(reply, 400, NULL, "bad_request", INST_LIT("This is not an HTTP request."));
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void about(box_routes *routes, const box_http *request, box_reply *reply) {
  (void)request;
  reply->type = "text/plain; charset=utf-8";
  inst_buf_addf(
      &reply->body,
      "The sandbox of instructor.\n\n"
      "It speaks as an OpenAI-compatible service does, but answers by rules, not by a "
      "language model:\nit reads the schema and the user's text in a request and fills the "
      "schema with what it finds there.\nIt knows some English and runs on this machine "
      "alone.\n\n"
      "Point a client at it:\n\n"
      "  OpenAI { base_url = \"http://127.0.0.1:%u/v1\" }\n\n"
      "  POST /v1/chat/completions   tools, functions, response_format, stream\n"
      "  GET  /v1/models\n\n"
      "With the header \"x-sandbox-sloppy: 1\" (or words, missing, fence, prose) the first "
      "answer of a\nconversation errs as small models do.\n",
      routes->port);
}

static void models(box_routes *routes, const box_http *request, box_reply *reply) {
  (void)routes, (void)request;
  inst_buf_addf(&reply->body,
                "{\"object\":\"list\",\"data\":[{\"id\":\"sandbox\",\"object\":\"model\","
                "\"created\":0,\"owned_by\":\"rules, not a model\"}]}");
}

/* The header wins over the option, and only the first answer of a conversation errs. */
static box_slip slip_of(const box_routes *routes, const box_http *request, const box_ask *ask) {
  box_slip slip = routes->slip;
  if (request->sloppy.n > 0) {
    slip = box_slip_find(inst_buf_text(&request->sloppy));
    if (slip == BOX_SLIP_COUNT) slip = BOX_SLIP_WORDS;
  }
  return ask->first ? slip : BOX_SLIP_NONE;
}

/* Answers a chat completion with the memory of 'arena'. */
static void complete_in(box_routes *routes, const box_http *request, box_reply *reply,
                        inst_arena *arena) {
  box_ask ask;
  inst_error error = {0};
  const char *param = NULL;
  inst_str text = inst_buf_text(&request->body);
  const inst_value *body = inst_json_parse(arena, text, INST_MAX_DEPTH, &error);
  int status = body == NULL ? -1 : box_ask_read(&ask, body, arena, &param, &error);
  if (status == 0) {
    box_frame frame = {++routes->serial, (int64_t)time(NULL), text.n};
    box_slip slip = slip_of(routes, request, &ask);
    if (box_answer_write(&ask, slip, &frame, arena, reply)) return;
    error.code = INST_E_MEMORY;
  }
  if (error.code == INST_E_MEMORY) {
    fail(reply, 500, NULL, "out_of_memory",
         INST_LIT("There is not enough memory for this request."));
  } else if (body == NULL) {
    fail(reply, 400, NULL, "invalid_json", inst_str_of(error.text));
  } else {
    fail(reply, 400, param, "invalid_request", inst_str_of(error.text));
  }
}

static void complete(box_routes *routes, const box_http *request, box_reply *reply) {
  inst_arena arena;
  inst_arena_init(&arena, routes->alloc);
  complete_in(routes, request, reply, &arena);
  inst_arena_clear(&arena);
}

/* ---- routes ---------------------------------------------------------------------------------- */

static const struct route {
  const char *path; /* the end of the path; "/" is the whole of it */
  const char *method;
  void (*answer)(box_routes *routes, const box_http *request, box_reply *reply);
} table[] = {
    {"/", "GET", about},
    {"/models", "GET", models},
    {"/chat/completions", "POST", complete},
};

/* Any path that ends as the route's does. */
static bool leads(const struct route *route, inst_str path) {
  inst_str end = inst_str_of(route->path);
  if (path.n < end.n || (end.n == 1 && path.n > 1)) return false;
  return inst_str_is((inst_str){path.p + path.n - end.n, end.n}, end);
}

void box_routes_answer(void *ctx, const box_http *request, box_reply *reply) {
  inst_str path = inst_buf_text(&request->path);
  if (request->state == BOX_HTTP_BROKEN) {
    fail_broken(request, reply);
    return;
  }
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (!leads(&table[i], path)) continue;
    bool head = strcmp(request->method, "HEAD") == 0 && strcmp(table[i].method, "GET") == 0;
    if (head || strcmp(request->method, table[i].method) == 0) {
      table[i].answer(ctx, request, reply);
      return;
    }
    reply->allow = table[i].method;
    fail(reply, 405, NULL, "method_not_allowed", INST_LIT("This path takes another method."));
    return;
  }
  fail(reply, 404, NULL, "not_found",
       INST_LIT("There is nothing at this path: try POST /v1/chat/completions."));
}
