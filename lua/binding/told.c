/*
** What came of a call, told to Lua: value, account, error, notes.
** Rule: what is read of every call comes value by value, for Lua fills tables faster than C does
** from outside.
*/
#include "lua/binding/call.h"

#include <string.h>

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

static void set_flag(lua_State *L, const char *key, bool flag) {
  lua_pushboolean(L, flag);
  lua_setfield(L, -2, key);
}

static void set_string(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
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

/* The attempt of that number, from 1; NULL: there is none. */
static const inst_attempt *find_attempt(const inst_call *call, lua_Integer number) {
  const inst_attempt *attempt = inst_call_attempts(call);
  while (attempt != NULL && --number > 0) attempt = attempt->next;
  return attempt;
}

static void push_optional(lua_State *L, double d, bool is_known) {
  if (is_known)
    lua_pushnumber(L, d);
  else
    lua_pushnil(L);
}

static void push_outcome(lua_State *L, const inst_attempt *attempt) {
  bool ended = attempt->outcome != INST_OUTCOME_NONE;
  lua_pushstring(L, ended ? inst_outcome_name(attempt->outcome) : NULL);
}

static void push_raw_usage(lua_State *L, const inst_value *usage) {
  if (usage != NULL && inst_lua_unfit(usage) == NULL)
    inst_lua_push(L, usage, 0, false);
  else
    lua_pushnil(L);
}

static bool has_complaint(const inst_complaint *said) {
  return said->error_class != INST_CLASS_NONE || said->message.p != NULL || said->code.p != NULL ||
         said->type.p != NULL || said->param.p != NULL || said->failed_generation.p != NULL;
}

/* Is there anything that call:attempt does not tell? */
static bool has_trouble(const inst_attempt *attempt) {
  return attempt->code != INST_E_NONE || attempt->reasoning.p != NULL ||
         attempt->refusal.p != NULL || attempt->repairs != NULL || attempt->issues != NULL ||
         attempt->stopped || attempt->retry_after >= 0 || has_complaint(&attempt->complaint);
}

/* Pushes an attempt's status or false, text, request id, model, finish reason, outcome, seconds,
** seconds to the first byte, seconds waited, is it a re-ask?, the provider's usage; returns 11. */
static int push_attempt(lua_State *L, const inst_attempt *attempt) {
  if (attempt->status != 0)
    lua_pushinteger(L, attempt->status);
  else
    lua_pushboolean(L, false);
  inst_lua_push_str(L, attempt->text);
  inst_lua_push_str(L, attempt->request_id);
  inst_lua_push_str(L, attempt->model);
  inst_lua_push_str(L, attempt->finish_reason);
  push_outcome(L, attempt);
  lua_pushnumber(L, attempt->seconds);
  push_optional(L, attempt->first_byte, attempt->first_byte >= 0);
  lua_pushnumber(L, attempt->waited);
  lua_pushboolean(L, attempt->reask);
  push_raw_usage(L, attempt->raw_usage);
  return 11;
}

/* call:attempt(number) -> nothing where there is none; else does call:trouble have more?, and what
** push_attempt pushes */
static int call_attempt(lua_State *L) {
  const inst_attempt *attempt = find_attempt(inst_lua_call(L, 1), luaL_checkinteger(L, 2));
  if (attempt == NULL) return 0;
  lua_pushboolean(L, has_trouble(attempt));
  return 1 + push_attempt(L, attempt);
}

/* call:trouble(number) -> the other fields of that attempt */
static int call_trouble(lua_State *L) {
  const inst_attempt *attempt = find_attempt(inst_lua_call(L, 1), luaL_checkinteger(L, 2));
  lua_newtable(L);
  if (attempt == NULL) return 1;
  if (attempt->code != INST_E_NONE) set_string(L, "kind", inst_code_name(attempt->code));
  set_text(L, "message", attempt->message);
  set_text(L, "reasoning", attempt->reasoning);
  set_text(L, "refusal", attempt->refusal);
  set_complaint(L, &attempt->complaint);
  if (attempt->retry_after >= 0) set_number(L, "retry_after", attempt->retry_after);
  if (attempt->stopped) set_flag(L, "stopped", true);
  inst_lua_push_repairs(L, attempt->repairs);
  lua_setfield(L, -2, "repairs");
  if (attempt->issues == NULL) return 1;
  inst_lua_push_issues(L, attempt->issues);
  lua_setfield(L, -2, "issues");
  return 1;
}

/* A count a server sent: what this Lua cannot hold exactly is rounded, for it must not raise. */
static void push_count(lua_State *L, int64_t i) {
  if (inst_lua_holds(i))
    inst_lua_push_integer(L, i);
  else
    lua_pushnumber(L, (double)i);
}

/* Pushes the tokens: input, output, total, cached, written to a cache, reasoning; returns how many
** were pushed, which is none where no provider said. */
static int push_usage(lua_State *L, const inst_usage *usage) {
  if (!usage->known) return 0;
  push_count(L, usage->input_tokens);
  push_count(L, usage->output_tokens);
  push_count(L, usage->total_tokens);
  push_count(L, usage->cached_tokens);
  push_count(L, usage->cache_write_tokens);
  push_count(L, usage->reasoning_tokens);
  return 6;
}

/* call:usage(number or nil: over all attempts) -> what push_usage pushes */
static int call_usage(lua_State *L) {
  const inst_call *call = inst_lua_call(L, 1);
  lua_Integer number = luaL_optinteger(L, 2, 0);
  const inst_attempt *attempt = number > 0 ? find_attempt(call, number) : NULL;
  inst_usage usage = attempt != NULL ? attempt->usage : inst_call_usage(call);
  return push_usage(L, &usage);
}

/* ---- a plain end ----------------------------------------------------------------------------- */

/* Most calls are answered at once, and few look at their attempt: Lua makes one of what it is told
** here, when somebody does. */

bool inst_lua_ended_plainly(const inst_lua_call_box *box) {
  const inst_attempt *only = inst_call_attempts(box->call);
  bool plain = box->plain && only != NULL && only->next == NULL && only->status == 200;
  return plain && !has_trouble(only);
}

/* Of a call that ended plainly, which is closed then and whose box stands at 1, pushes the answer's
** bytes, its text, model, request id, finish reason, outcome, seconds waited, seconds to the first
** byte, seconds of the whole call, and what push_usage pushes; returns how many. */
static int push_plain(lua_State *L, inst_lua_call_box *box) {
  const inst_call *call = box->call;
  const inst_attempt *only = inst_call_attempts(call);
  inst_lua_push_str(L, inst_call_body(call));
  inst_lua_push_str(L, only->text);
  inst_lua_push_str(L, only->model);
  inst_lua_push_str(L, only->request_id);
  inst_lua_push_str(L, only->finish_reason);
  push_outcome(L, only);
  lua_pushnumber(L, only->waited);
  push_optional(L, only->first_byte, only->first_byte >= 0);
  lua_pushnumber(L, inst_call_seconds(call));
  int told = 9 + push_usage(L, &only->usage);
  inst_lua_call_give_back(L, box, 1);
  return told;
}

void inst_lua_push_meta(lua_State *L, inst_lua_call_box *box) {
  lua_pushvalue(L, lua_upvalueindex(1));
  int told = push_plain(L, box);
  lua_call(L, told, 1);
}

/* core.raw_usage(text of a completion) -> what it tells of its cost, as it came, or nil */
static int raw_usage(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_settop(L, 1);
  inst_arena *arena = inst_lua_arena(L);
  const inst_value *completion = inst_json_parse(arena, inst_lua_str(L, 1), INST_MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) return inst_lua_no_memory(L);
  push_raw_usage(L, inst_completion_usage(completion));
  inst_lua_arena_done(L, 2);
  return 1;
}

/* ---- value and error ------------------------------------------------------------------------- */

int inst_lua_call_result(lua_State *L) {
  inst_lua_call_box *box = inst_lua_check_call(L, 1);
  bool drop_nulls = lua_toboolean(L, 2);
  if (box->call == NULL) return luaL_error(L, "the call is closed");
  lua_settop(L, 1);
  const char *unfit = inst_lua_push_answer(L, box, 1, drop_nulls);
  lua_pushstring(L, unfit);
  if (unfit != NULL || !inst_lua_ended_plainly(box)) return 2;
  inst_lua_push_meta(L, box);
  return 3;
}

/* call:seconds() -> since its driver began */
static int call_seconds(lua_State *L) {
  lua_pushnumber(L, inst_call_seconds(inst_lua_call(L, 1)));
  return 1;
}

/* Pushes {kind =, message =, retryable =, status =, code =, reason =}. */
static void push_error(lua_State *L, const inst_error *error) {
  lua_newtable(L);
  set_string(L, "kind", inst_code_name(error->code));
  set_string(L, "message", error->text);
  set_flag(L, "retryable", error->retryable);
  if (error->status != 0) set_integer(L, "status", error->status);
  if (error->reason[0] != '\0')
    set_string(L, error->code == INST_E_INCOMPLETE ? "reason" : "code", error->reason);
}

/* call:error() -> the error, with issues */
static int call_error(lua_State *L) {
  inst_call *call = inst_lua_call(L, 1);
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
  inst_lua_push_headers(L, call, note->headers, note->header_count);
  lua_setfield(L, -2, "headers");
  set_text(L, "body", note->body);
  if (note->events.n > 0) set_text(L, "events", note->events);
  if (note->fault == NULL) return;
  push_error(L, note->fault);
  lua_setfield(L, -2, "fault");
}

/* call:note() -> what happened, and {status =, headers =, body =, events =, fault =} of what was received or
** {wait =, reask =} where there will be another attempt */
static int call_note(lua_State *L) {
  const inst_call *call = inst_lua_call(L, 1);
  const inst_note *note = inst_call_note(call);
  lua_pushstring(L, inst_note_name(note->kind));
  if (note->kind == INST_NOTE_RECEIVED) return push_received(L, call, note), 2;
  if (note->kind != INST_NOTE_AGAIN) return 1;
  lua_createtable(L, 0, 2);
  set_number(L, "wait", note->wait);
  set_flag(L, "reask", note->reask);
  return 2;
}

/* call:body() -> the last answer's bytes */
static int call_body(lua_State *L) {
  inst_lua_push_str(L, inst_call_body(inst_lua_call(L, 1)));
  return 1;
}

static const luaL_Reg functions[] = {{"raw_usage", raw_usage}, {NULL, NULL}};

static const luaL_Reg methods[] = {
    {"attempt", call_attempt}, {"trouble", call_trouble},
    {"usage", call_usage},     {"seconds", call_seconds},
    {"error", call_error},     {"body", call_body},
    {"note", call_note},       {NULL, NULL},
};

void inst_lua_open_told(lua_State *L) {
  inst_lua_add_methods(L, methods);
  inst_lua_functions(L, functions);
}
