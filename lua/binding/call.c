/*
** A call as a userdata, driven: by an engine, or step by step by whoever moves the bytes.
*/
#include "lua/binding/call.h"

#include <string.h>

/* NULL: the call is closed.  A driver that was waiting meanwhile is told that it failed, and what he
** still reports is of no interest. */
static inst_call *find_call(lua_State *L) {
  return inst_lua_check_call(L, 1)->call;
}

/* core.gate() -> what the calls of one client share: see inst_gate */
static int gate_new(lua_State *L) {
  inst_box_bare(L, sizeof(inst_gate), INST_GATE_BOX);
  return 1;
}

/* ---- driving --------------------------------------------------------------------------------- */

static int push_want(lua_State *L, inst_want want) {
  lua_pushstring(L, inst_want_name(want));
  return 1;
}

/* The engine at 2, which is to drive the call of the box at 1 and is kept alive by it. */
static inst_engine *check_engine(lua_State *L, inst_lua_call_box *box) {
  bool known = box->engine != NULL && lua_touserdata(L, 2) == box->engine;
  inst_engine_box *engine = known ? box->engine : inst_lua_engine(L, 2);
  if (engine->engine == NULL) luaL_error(L, "the client is closed");
  if (known) return engine->engine;
  inst_lua_call_waits(box, false); /* of the other engine */
  inst_box_companion(L, 1);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, INST_CALL_ENGINE);
  box->engine = engine;
  return engine->engine;
}

/* call:drive(engine, seconds) -> want */
static int call_drive(lua_State *L) {
  inst_lua_call_box *box = inst_lua_check_call(L, 1);
  inst_engine *engine = check_engine(L, box);
  if (box->call == NULL) return push_want(L, INST_WANT_FAILED);
  inst_lua_call_waits(box, false);
  return push_want(L, inst_engine_drive(engine, box->call, luaL_checknumber(L, 3)));
}

/* call:step(engine, tag) -> want, when it must be looked at again by the clock of core.clock */
static int call_step(lua_State *L) {
  inst_lua_call_box *box = inst_lua_check_call(L, 1);
  inst_engine *engine = check_engine(L, box);
  inst_call *call = box->call;
  if (call == NULL) return push_want(L, INST_WANT_FAILED);
  inst_want want = inst_engine_step(engine, call, (uint64_t)luaL_checknumber(L, 3));
  inst_lua_call_waits(box, want == INST_WANT_WAIT);
  push_want(L, want);
  lua_pushnumber(L, inst_call_wake(call));
  return 2;
}

/* call:next() -> want, seconds until it must be looked at again */
static int call_next(lua_State *L) {
  inst_call *call = find_call(L);
  if (call == NULL) return push_want(L, INST_WANT_FAILED);
  double now = inst_clock() + inst_lua_check_call(L, 1)->ahead;
  push_want(L, inst_call_next(call, now));
  lua_pushnumber(L, inst_call_wake(call) - now);
  return 2;
}

/* call:skip(seconds): they pass at once, on the clock of call:next() */
static int call_skip(lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  if (seconds > 0) inst_lua_check_call(L, 1)->ahead += seconds;
  return 0;
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

void inst_lua_push_headers(lua_State *L, const inst_call *call, const inst_header *headers,
                           size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_header(L, call, &headers[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* call:request() -> {method =, url =, headers = {{name, value, secret =}, …}, body =} */
static int call_request(lua_State *L) {
  const inst_call *call = inst_lua_call(L, 1);
  const inst_request *request = inst_call_request(call);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, request->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, request->url);
  lua_setfield(L, -2, "url");
  inst_lua_push_str(L, request->body);
  lua_setfield(L, -2, "body");
  inst_lua_push_headers(L, call, request->headers, request->header_count);
  lua_setfield(L, -2, "headers");
  return 1;
}

/* call:sent() */
static int call_sent(lua_State *L) {
  inst_call_sent(inst_lua_call(L, 1), NULL);
  return 0;
}

/* call:patience() -> seconds to connect; seconds until the answer must begin */
static int call_patience(lua_State *L) {
  inst_call *call = inst_lua_call(L, 1);
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

/* call:count() -> attempts so far, the one under way included */
static int call_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)inst_call_attempt(inst_lua_call(L, 1)));
  return 1;
}

static int call_cancel(lua_State *L) {
  if (find_call(L) != NULL) inst_call_cancel(find_call(L));
  return 0;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* Pushes the tables of the view of the attempt under way, new ones for a new attempt; their index. */
static int push_view(lua_State *L, inst_lua_call_box *box, bool drop_nulls) {
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
  inst_call *call = inst_lua_call(L, 1);
  inst_lua_call_box *box = inst_lua_check_call(L, 1);
  inst_stream *stream = inst_call_live(call);
  if (stream == NULL) return 0;
  int tables = push_view(L, box, lua_toboolean(L, 2));
  bool changed = inst_lua_view_take(L, tables, stream, &box->view);
  lua_pushinteger(L, (lua_Integer)box->attempt);
  lua_pushboolean(L, changed);
  return 3;
}

/* Is the view that of what is arriving?  (Its keys are lent from there.) */
static bool is_current(const inst_lua_call_box *box) {
  return box->attempt != 0 && box->attempt == inst_call_attempt(box->call) &&
         inst_call_live(box->call) != NULL;
}

/* call:completed() -> list of paths */
static int call_completed(lua_State *L) {
  static const inst_lua_view none;
  inst_lua_call(L, 1);
  const inst_lua_call_box *box = inst_lua_check_call(L, 1);
  inst_lua_push_completed(L, is_current(box) ? &box->view : &none);
  return 1;
}

/* call:delta() */
static int call_delta(lua_State *L) {
  inst_lua_call(L, 1);
  inst_lua_call_box *box = inst_lua_check_call(L, 1);
  if (!is_current(box)) return 0;
  inst_lua_push_delta(L, push_view(L, box, box->view.drop_nulls));
  return 1;
}

/* call:path() */
static int call_path(lua_State *L) {
  inst_stream *stream = inst_call_live(inst_lua_call(L, 1));
  if (stream == NULL) return 0;
  inst_lua_push_place(L, stream);
  return 1;
}

/* call:event() -> the data of the next event, or nil */
static int call_event(lua_State *L) {
  inst_lua_push_str(L, inst_call_event(inst_lua_call(L, 1)));
  return 1;
}

/* call:commit() */
static int call_commit(lua_State *L) {
  inst_call_commit(inst_lua_call(L, 1));
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
  inst_call *call = inst_lua_call(L, 1);
  inst_box_companion(L, 1);
  int anchors = lua_gettop(L);
  lua_rawgeti(L, anchors, INST_CALL_SCHEMA);
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

static const luaL_Reg methods[] = {
    {"drive", call_drive},
    {"step", call_step},
    {"next", call_next},
    {"request", call_request},
    {"sent", call_sent},
    {"receive", call_receive},
    {"lose", call_lose},
    {"dropped", call_dropped},
    {"count", call_count},
    {"rest", call_rest},
    {"cancel", call_cancel},
    {"task", call_task},
    {"answer", call_answer},
    {"object", call_object},
    {"patience", call_patience},
    {"feed", call_feed},
    {"finish", call_finish},
    {"skip", call_skip},
    {"look", call_look},
    {"completed", call_completed},
    {"delta", call_delta},
    {"path", call_path},
    {"event", call_event},
    {"commit", call_commit},
    {NULL, NULL},
};

/* What most calls are driven with can be had without asking each call for it. */
static const luaL_Reg functions[] = {
    {"gate", gate_new}, {"drive", call_drive}, {"step", call_step}, {NULL, NULL}};

void inst_lua_open_call(lua_State *L) {
  inst_lua_open_call_box(L);
  inst_lua_add_methods(L, methods);
  inst_lua_open_told(L);
  luaL_newmetatable(L, INST_GATE_BOX);
  lua_pop(L, 1);
  inst_lua_functions(L, functions);
}
