/*
** A plain call, from create's parameters to its answer without a word of Lua in between, as most are.
** In: what create was given.  Out: the answer, and what it has cost; or the call, which Lua goes on
** with; or nothing, and the rules must look at what was given.
*/
#include "lua/binding/call.h"

#define SLICE 0.1 /* seconds until Lua has its turn, so that Ctrl-C works */

/* In a coroutine others may have something to do while the call waits. */
static bool is_main_thread(lua_State *L) {
  bool is_main = lua_pushthread(L) == 1;
  lua_pop(L, 1);
  return is_main;
}

/* Has the call of the box an answer, at once?  (It is driven by what drove the box's last one: that is
** the client's.) */
static bool is_answered(lua_State *L, inst_lua_call_box *box) {
  inst_engine *engine = box->engine != NULL ? box->engine->engine : NULL;
  if (engine == NULL || !is_main_thread(L)) return false;
  return inst_engine_drive(engine, box->call, SLICE) == INST_WANT_DONE &&
         inst_lua_ended_plainly(box);
}

/* Pushes the value of the call whose box stands at 1; false: this Lua cannot hold it. */
static bool push_value(lua_State *L, inst_lua_call_box *box) {
  if (inst_lua_push_answer(L, box, 1, box->model->setup->drop_nulls) != NULL) return false;
  if (lua_isnil(L, -1)) lua_pushlightuserdata(L, NULL);
  return true;
}

/* ask(params, what is known of the client, see inst_lua_call_open) -> value, meta; or nil and the call,
** which is gone on with; or nothing */
static int ask(lua_State *L) {
  if (!inst_lua_call_open(L)) return 0;
  lua_replace(L, 1);
  lua_settop(L, 1);
  inst_lua_call_box *box = lua_touserdata(L, 1);
  if (!is_answered(L, box) || !push_value(L, box)) {
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1);
    return 2;
  }
  inst_lua_push_meta(L, box);
  return 2;
}

/* core.asker(what makes a meta of what is told of a call that ended plainly) -> ask, and
** inst_lua_call_result as a function */
static int asker(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, ask, 1);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, inst_lua_call_result, 1);
  return 2;
}

static const luaL_Reg functions[] = {{"asker", asker}, {NULL, NULL}};

void inst_lua_open_ask(lua_State *L) {
  inst_lua_functions(L, functions);
}
