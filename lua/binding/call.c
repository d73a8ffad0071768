/*
** A call as a userdata.  It is driven by an engine, or step by step by whoever moves the bytes.
** The companion table keeps what C cannot hold, the schema at [0], the engine at "engine" and the
** options at "options".
*/
#include "lua/binding/engine.h"
#include "lua/binding/live.h"
#include "lua/binding/options.h"

#include <string.h>

typedef struct call_box {
  inst_call *call;
  inst_engine_box *engine; /* the box that drives it, or NULL; kept alive by the companion */
  inst_lua_view view;      /* of a streamed answer… */
  size_t attempt;          /* …of this attempt; 0: none yet */
  double ahead;            /* seconds the call's clock is ahead of ours */
} call_box;

static call_box *check_box(lua_State *L) {
  return luaL_checkudata(L, 1, INST_CALL_BOX);
}

static inst_call *check_call(lua_State *L) {
  call_box *box = check_box(L);
  if (box->call == NULL) luaL_error(L, "the call is closed");
  return box->call;
}

/* NULL: the call is closed.  A driver that was waiting meanwhile is told that it failed, and what he
** still reports is of no interest. */
static inst_call *find_call(lua_State *L) {
  return check_box(L)->call;
}

/* core.call(schema or nil, options with a provider's row) -> call; or nil, error */
static int call_new(lua_State *L) {
  inst_call_options options;
  inst_error error = {.code = INST_E_NONE};
  lua_settop(L, 2);
  luaL_checktype(L, 2, LUA_TTABLE);
  const inst_schema *schema = lua_isnil(L, 1) ? NULL : inst_lua_schema(L, 1);
  call_box *box = inst_box_new(L, sizeof *box, INST_CALL_BOX);
  inst_box_companion(L, 3);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 0);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "options"); /* the call points into provider, gate and prints */
  inst_lua_call_options(L, 2, &options, inst_lua_arena(L));
  options.alloc = inst_lua_alloc(L);
  options.schema = schema;
  box->call = inst_call_new(&options, &error);
  inst_lua_arena_done(L, 5);
  if (box->call == NULL) return inst_lua_raise(L, &error);
  lua_settop(L, 3);
  return 1;
}

/* core.gate() -> what the calls of one client share: see inst_gate */
static int gate_new(lua_State *L) {
  inst_box_bare(L, sizeof(inst_gate), INST_GATE_BOX);
  return 1;
}

/* core.prints() -> what calls with one schema and one client share: see inst_prints */
static int prints_new(lua_State *L) {
  inst_prints **box = inst_box_bare(L, sizeof *box, INST_PRINTS_BOX);
  *box = inst_prints_new(inst_lua_alloc(L));
  return *box != NULL ? 1 : inst_lua_no_memory(L);
}

static int prints_gc(lua_State *L) {
  inst_prints **box = luaL_checkudata(L, 1, INST_PRINTS_BOX);
  inst_prints_free(*box);
  *box = NULL;
  return 0;
}

static int call_gc(lua_State *L) {
  call_box *box = check_box(L);
  inst_call *call = box->call;
  if (call == NULL) return 0;
  box->call = NULL;
  inst_lua_view_free(L, &box->view);
  if (box->engine != NULL && box->engine->engine != NULL)
    inst_engine_drop(box->engine->engine, call);
  inst_call_free(call);
  return 0;
}

/* ---- driving --------------------------------------------------------------------------------- */

static int push_want(lua_State *L, inst_want want) {
  lua_pushstring(L, inst_want_name(want));
  return 1;
}

/* call:drive(engine, seconds) -> want */
static int call_drive(lua_State *L) {
  call_box *box = check_box(L);
  inst_engine_box *engine = inst_lua_engine(L, 2);
  if (box->call == NULL) return push_want(L, INST_WANT_FAILED);
  if (engine->engine == NULL) return luaL_error(L, "the client is closed");
  if (box->engine != engine) {
    inst_box_companion(L, 1);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "engine");
    box->engine = engine;
  }
  return push_want(L, inst_engine_drive(engine->engine, box->call, luaL_checknumber(L, 3)));
}

/* call:next() -> want, seconds until it must be looked at again */
static int call_next(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return push_want(L, INST_WANT_FAILED);
  double now = inst_clock() + check_box(L)->ahead;
  push_want(L, inst_call_next(call, now));
  lua_pushnumber(L, inst_call_wake(call) - now);
  return 2;
}

/* call:skip(seconds): they pass at once, on the clock of call:next() */
static int call_skip(lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  if (seconds > 0) check_box(L)->ahead += seconds;
  return 0;
}

/* call:ready() -> has it something to do? */
static int call_ready(lua_State *L) {
  const inst_call *call = find_call(L);
  lua_pushboolean(L, call == NULL || inst_call_is_ready(call, inst_clock()));
  return 1;
}

/* call:wake() -> seconds until it must be looked at */
static int call_wake(lua_State *L) {
  const inst_call *call = find_call(L);
  lua_pushnumber(L, call != NULL ? inst_call_wake(call) - inst_clock() : 0);
  return 1;
}

static void push_header(lua_State *L, const inst_call *call, const inst_header *header) {
  lua_createtable(L, 2, 1);
  inst_lua_push_str(L, header->name);
  lua_rawseti(L, -2, 1);
  inst_lua_push_str(L, header->value);
  lua_rawseti(L, -2, 2);
  lua_pushboolean(L, inst_call_hides(call, header->name));
  lua_setfield(L, -2, "secret");
}

static void push_headers(lua_State *L, const inst_call *call, const inst_header *headers,
                         size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_header(L, call, &headers[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* call:request() -> {method =, url =, headers = {{name, value, secret =}, …}, body =} */
static int call_request(lua_State *L) {
  const inst_call *call = check_call(L);
  const inst_request *request = inst_call_request(call);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, request->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, request->url);
  lua_setfield(L, -2, "url");
  inst_lua_push_str(L, request->body);
  lua_setfield(L, -2, "body");
  push_headers(L, call, request->headers, request->header_count);
  lua_setfield(L, -2, "headers");
  return 1;
}

/* call:sent() */
static int call_sent(lua_State *L) {
  inst_call_sent(check_call(L), NULL);
  return 0;
}

/* call:patience() -> seconds to connect; seconds until the answer must begin */
static int call_patience(lua_State *L) {
  inst_call *call = check_call(L);
  lua_pushnumber(L, inst_call_request(call)->connect_timeout);
  lua_pushnumber(L, inst_call_wake(call) - inst_clock());
  return 2;
}

/* call:receive(status, headers as {name = value}, body or nil): a whole answer at once; without a
** body its head, which call:feed and call:finish follow */
static int call_receive(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  inst_sink sink = inst_call_sink(call);
  int status = (int)luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 4);
  if (!lua_isnil(L, 4)) luaL_checktype(L, 4, LUA_TSTRING);
  sink.head(sink.ctx, status);
  for (lua_pushnil(L); lua_next(L, 3) != 0; lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING)
      sink.header(sink.ctx, inst_lua_str(L, -2), inst_lua_str(L, -1));
  if (lua_isnil(L, 4)) return 0;
  sink.body(sink.ctx, inst_lua_str(L, 4));
  sink.end(sink.ctx, NULL);
  return 0;
}

/* call:feed(bytes): more of the answer's body; nothing came when there are none */
static int call_feed(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  inst_sink sink = inst_call_sink(call);
  luaL_checktype(L, 2, LUA_TSTRING);
  inst_str bytes = inst_lua_str(L, 2);
  if (bytes.n > 0) sink.body(sink.ctx, bytes);
  return 0;
}

/* call:finish(): the answer is whole */
static int call_finish(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  inst_sink sink = inst_call_sink(call);
  sink.end(sink.ctx, NULL);
  return 0;
}

/* The kind of that name; a transport that names none has lost the connection. */
static inst_code find_code(const char *name) {
  for (int code = 0; name != NULL && code < INST_CODE_COUNT; code++)
    if (strcmp(inst_code_name((inst_code)code), name) == 0) return (inst_code)code;
  return INST_E_NETWORK;
}

/* 'text' (NULL: none) into 'out', as much as fits. */
static void copy_text(char *out, size_t room, const char *text) {
  size_t n = text != NULL ? strlen(text) : 0;
  if (n >= room) n = room - 1;
  if (n > 0) memcpy(out, text, n);
  out[n] = '\0';
}

/* call:lose(message, {retryable =, kind =, status =, code = or reason =}): the exchange under way failed */
static int call_lose(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  inst_sink sink = inst_call_sink(call);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  lua_getfield(L, 3, "retryable");
  lua_getfield(L, 3, "kind");
  lua_getfield(L, 3, "status");
  lua_getfield(L, 3, "code");
  if (lua_isnil(L, -1)) {
    lua_getfield(L, 3, "reason");
    lua_replace(L, -2);
  }
  inst_error error = {.code = find_code(lua_tostring(L, 5)),
                      .status = (int)lua_tonumber(L, 6),
                      .retryable = lua_toboolean(L, 4)};
  copy_text(error.reason, sizeof error.reason, lua_tostring(L, 7));
  copy_text(error.text, sizeof error.text, luaL_checkstring(L, 2));
  sink.end(sink.ctx, &error);
  return 0;
}

static int call_dropped(lua_State *L) {
  if (find_call(L) != NULL) inst_call_dropped(find_call(L));
  return 0;
}

/* call:rest(seconds) */
static int call_rest(lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  if (find_call(L) != NULL) inst_call_rest(find_call(L), seconds);
  return 0;
}

static int call_cancel(lua_State *L) {
  if (find_call(L) != NULL) inst_call_cancel(find_call(L));
  return 0;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* Pushes the tables of the view of the attempt under way, new ones for a new attempt; their index. */
static int push_view(lua_State *L, call_box *box, bool drop_nulls) {
  inst_box_companion(L, 1);
  int companion = lua_gettop(L);
  if (box->attempt != inst_call_attempt(box->call)) {
    inst_lua_view_free(L, &box->view);
    box->attempt = inst_call_attempt(box->call);
    inst_lua_view_new(L);
    lua_setfield(L, companion, "view");
  }
  box->view.drop_nulls = drop_nulls;
  lua_getfield(L, companion, "view");
  return lua_gettop(L);
}

/* call:look(drop_nulls) -> the live value or nil, the number of its attempt, has it changed? */
static int call_look(lua_State *L) {
  inst_call *call = check_call(L);
  call_box *box = check_box(L);
  inst_stream *stream = inst_call_live(call);
  if (stream == NULL) return 0;
  int tables = push_view(L, box, lua_toboolean(L, 2));
  bool changed = inst_lua_view_take(L, tables, stream, &box->view);
  lua_pushinteger(L, (lua_Integer)box->attempt);
  lua_pushboolean(L, changed);
  return 3;
}

/* Is the view that of what is arriving?  (Its keys are lent from there.) */
static bool is_current(const call_box *box) {
  return box->attempt != 0 && box->attempt == inst_call_attempt(box->call) &&
         inst_call_live(box->call) != NULL;
}

/* call:completed() -> list of paths */
static int call_completed(lua_State *L) {
  static const inst_lua_view none;
  check_call(L);
  const call_box *box = check_box(L);
  inst_lua_push_completed(L, is_current(box) ? &box->view : &none);
  return 1;
}

/* call:delta() */
static int call_delta(lua_State *L) {
  check_call(L);
  call_box *box = check_box(L);
  if (!is_current(box)) return 0;
  inst_lua_push_delta(L, push_view(L, box, box->view.drop_nulls));
  return 1;
}

/* call:path() */
static int call_path(lua_State *L) {
  inst_stream *stream = inst_call_live(check_call(L));
  if (stream == NULL) return 0;
  inst_lua_push_place(L, stream);
  return 1;
}

/* call:event() -> the data of the next event, or nil */
static int call_event(lua_State *L) {
  inst_lua_push_str(L, inst_call_event(check_call(L)));
  return 1;
}

/* call:commit() */
static int call_commit(lua_State *L) {
  inst_call_commit(check_call(L));
  return 0;
}

/* ---- the user's code ------------------------------------------------------------------------- */

/* The parse that waits for the user's code. */
static inst_parse *check_parse(lua_State *L, inst_call *call) {
  inst_parse *parse = inst_call_parse(call);
  if (parse == NULL) luaL_error(L, "no function of the user's is waited for");
  return parse;
}

/* call:task() -> task, function, subject, issue */
static int call_task(lua_State *L) {
  inst_call *call = check_call(L);
  inst_box_companion(L, 1);
  int anchors = lua_gettop(L);
  lua_rawgeti(L, anchors, 0);
  return inst_lua_push_task(L, check_parse(L, call), lua_gettop(L), anchors);
}

/* call:answer(value) */
static int call_answer(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  lua_settop(L, 2);
  inst_box_companion(L, 1);
  inst_lua_answer(L, check_parse(L, call), 2, inst_call_arena(call), 3);
  return 0;
}

/* call:object(message, path, fatal) */
static int call_object(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return 0;
  lua_settop(L, 4);
  inst_lua_object(L, check_parse(L, call), 2, inst_call_arena(call));
  return 0;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *key, inst_str text) {
  if (text.p == NULL) return; /* the tables are new: what is not set is nil */
  inst_lua_push_str(L, text);
  lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, double d) {
  lua_pushnumber(L, d);
  lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, int64_t i) {
  inst_lua_push_integer(L, i);
  lua_setfield(L, -2, key);
}

/* A count a server sent: what this Lua cannot hold exactly is rounded, for it must not raise. */
static void set_count(lua_State *L, const char *key, int64_t i) {
  if (inst_lua_holds(i))
    set_integer(L, key, i);
  else
    set_number(L, key, (double)i);
}

static void set_string(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

#define ATTEMPT_FIELDS 12 /* of a good one: more make the table grow */

/* Pushes the usage as a table; nil when no provider said. */
static void push_usage(lua_State *L, const inst_usage *usage) {
  if (!usage->known) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, 6);
  set_count(L, "input_tokens", usage->input_tokens);
  set_count(L, "output_tokens", usage->output_tokens);
  set_count(L, "total_tokens", usage->total_tokens);
  set_count(L, "cached_tokens", usage->cached_tokens);
  set_count(L, "cache_write_tokens", usage->cache_write_tokens);
  set_count(L, "reasoning_tokens", usage->reasoning_tokens);
}

/* What the provider said of its own error. */
static void set_complaint(lua_State *L, const inst_complaint *said) {
  if (said->error_class != INST_CLASS_NONE)
    set_string(L, "class", inst_class_name(said->error_class));
  set_text(L, "said", said->message);
  set_text(L, "code", said->code);
  set_text(L, "type", said->type);
  set_text(L, "param", said->param);
  set_text(L, "failed_generation", said->failed_generation);
}

/* How the answer ended. */
static void set_ending(lua_State *L, const inst_attempt *attempt) {
  set_text(L, "finish_reason", attempt->finish_reason);
  if (attempt->outcome != INST_OUTCOME_NONE)
    set_string(L, "outcome", inst_outcome_name(attempt->outcome));
  set_text(L, "refusal", attempt->refusal);
}

static void push_attempt(lua_State *L, const inst_attempt *attempt) {
  lua_createtable(L, 0, ATTEMPT_FIELDS);
  if (attempt->status != 0) set_integer(L, "status", attempt->status);
  if (attempt->code != INST_E_NONE) set_string(L, "kind", inst_code_name(attempt->code));
  set_text(L, "message", attempt->message);
  set_text(L, "text", attempt->text);
  set_text(L, "reasoning", attempt->reasoning);
  set_text(L, "request_id", attempt->request_id);
  set_text(L, "model", attempt->model);
  set_ending(L, attempt);
  set_complaint(L, &attempt->complaint);
  set_number(L, "seconds", attempt->seconds);
  if (attempt->first_byte >= 0) set_number(L, "first_byte", attempt->first_byte);
  set_number(L, "waited", attempt->waited);
  if (attempt->retry_after >= 0) set_number(L, "retry_after", attempt->retry_after);
  lua_pushboolean(L, attempt->reask);
  lua_setfield(L, -2, "reask");
  if (attempt->stopped) {
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "stopped");
  }
  push_usage(L, &attempt->usage);
  lua_setfield(L, -2, "usage");
  if (attempt->raw_usage != NULL && inst_lua_unfit(attempt->raw_usage) == NULL) {
    inst_lua_push(L, attempt->raw_usage, 0, false);
    lua_setfield(L, -2, "raw_usage");
  }
  inst_lua_push_repairs(L, attempt->repairs);
  lua_setfield(L, -2, "repairs");
  if (attempt->issues == NULL) return;
  inst_lua_push_issues(L, attempt->issues);
  lua_setfield(L, -2, "issues");
}

/* call:attempts() -> list */
static int call_attempts(lua_State *L) {
  int n = 0;
  const inst_attempt *attempt = inst_call_attempts(check_call(L));
  lua_createtable(L, 1, 0);
  for (; attempt != NULL; attempt = attempt->next) {
    push_attempt(L, attempt);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* call:usage() */
static int call_usage(lua_State *L) {
  inst_usage usage = inst_call_usage(check_call(L));
  push_usage(L, &usage);
  return 1;
}

/* call:value(drop_nulls) -> value; or nil and why this Lua cannot hold it */
static int call_value(lua_State *L) {
  inst_call *call = check_call(L);
  bool drop_nulls = lua_toboolean(L, 2);
  const inst_value *value = inst_call_value(call);
  const char *unfit = value != NULL ? inst_lua_unfit(value) : NULL;
  if (unfit != NULL) {
    lua_pushnil(L);
    lua_pushstring(L, unfit);
    return 2;
  }
  inst_box_companion(L, 1);
  inst_lua_push(L, value, lua_gettop(L), drop_nulls);
  return 1;
}

/* Pushes {kind =, message =, retryable =, status =, code =, reason =}. */
static void push_error(lua_State *L, const inst_error *error) {
  lua_newtable(L);
  set_string(L, "kind", inst_code_name(error->code));
  set_string(L, "message", error->text);
  lua_pushboolean(L, error->retryable);
  lua_setfield(L, -2, "retryable");
  if (error->status != 0) set_integer(L, "status", error->status);
  if (error->reason[0] != '\0')
    set_string(L, error->code == INST_E_INCOMPLETE ? "reason" : "code", error->reason);
}

/* call:error() -> the error, with issues */
static int call_error(lua_State *L) {
  inst_call *call = check_call(L);
  const inst_error *error = inst_call_error(call);
  push_error(L, error);
  if (inst_call_issues(call) != NULL && error->code == INST_E_VALIDATION) {
    inst_lua_push_issues(L, inst_call_issues(call));
    lua_setfield(L, -2, "issues");
  }
  return 1;
}

static void push_received(lua_State *L, const inst_call *call, const inst_note *note) {
  lua_createtable(L, 0, 4);
  if (note->status != 0) set_integer(L, "status", note->status);
  push_headers(L, call, note->headers, note->header_count);
  lua_setfield(L, -2, "headers");
  set_text(L, "body", note->body);
  if (note->fault == NULL) return;
  push_error(L, note->fault);
  lua_setfield(L, -2, "fault");
}

/* call:note() -> what happened, and {status =, headers =, body =, fault =} of what was received or
** {wait =, reask =} where there will be another attempt */
static int call_note(lua_State *L) {
  const inst_call *call = check_call(L);
  const inst_note *note = inst_call_note(call);
  lua_pushstring(L, inst_note_name(note->kind));
  if (note->kind == INST_NOTE_RECEIVED) return push_received(L, call, note), 2;
  if (note->kind != INST_NOTE_AGAIN) return 1;
  lua_createtable(L, 0, 2);
  set_number(L, "wait", note->wait);
  lua_pushboolean(L, note->reask);
  lua_setfield(L, -2, "reask");
  return 2;
}

/* call:body() -> the last answer's bytes */
static int call_body(lua_State *L) {
  inst_lua_push_str(L, inst_call_body(check_call(L)));
  return 1;
}

static const luaL_Reg methods[] = {
    {"drive", call_drive},         {"next", call_next},
    {"request", call_request},     {"sent", call_sent},
    {"receive", call_receive},     {"lose", call_lose},
    {"dropped", call_dropped},     {"rest", call_rest},
    {"cancel", call_cancel},       {"task", call_task},
    {"answer", call_answer},       {"object", call_object},
    {"attempts", call_attempts},   {"usage", call_usage},
    {"value", call_value},         {"error", call_error},
    {"body", call_body},           {"close", call_gc},
    {"ready", call_ready},         {"wake", call_wake},
    {"patience", call_patience},   {"feed", call_feed},
    {"finish", call_finish},       {"skip", call_skip},
    {"note", call_note},           {"look", call_look},
    {"completed", call_completed}, {"delta", call_delta},
    {"path", call_path},           {"event", call_event},
    {"commit", call_commit},       {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"call", call_new}, {"gate", gate_new}, {"prints", prints_new}, {NULL, NULL}};

void inst_lua_open_call(lua_State *L) {
  inst_lua_type(L, INST_CALL_BOX, methods, call_gc);
  inst_lua_type(L, INST_PRINTS_BOX, NULL, prints_gc);
  luaL_newmetatable(L, INST_GATE_BOX);
  lua_pop(L, 1);
  inst_lua_functions(L, functions);
}
