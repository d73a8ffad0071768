/*
** A plain call, from create's parameters to its answer without a word of Lua in between, as most are.
** In: what create was given.  Out: the answer, and what it has cost; or the call, which Lua goes on
** with; or nothing, and the rules must look at what was given.
** Outside of coroutines the call is driven here; in a job of a map (lua/instructor/jobs.lua) the
** others go on while it waits.
*/
#include "lua/binding/call.h"

#define SLICE 0.1 /* seconds until Lua has its turn, so that Ctrl-C works */

enum { MAKE_META = 1, HERE, WAITS, UPVALUES = WAITS }; /* see asker */
enum { BOX = 1, JOB, TAG };                            /* stack indices */

/* The engine that drives the call of the box: what drove the box's last one, for that is the client's.
** NULL: none did, or it is closed. */
static inst_engine *engine_of(const inst_lua_call_box *box) {
  return box->engine != NULL ? box->engine->engine : NULL;
}

/* Lua goes on with the call. */
static int hand_back(lua_State *L) {
  lua_settop(L, BOX);
  lua_pushnil(L);
  lua_insert(L, 1);
  return 2;
}

/* Pushes the value of the call; false: this Lua cannot hold it. */
static bool push_value(lua_State *L, inst_lua_call_box *box) {
  if (inst_lua_push_answer(L, box, BOX, box->model->setup->drop_nulls) != NULL) return false;
  if (lua_isnil(L, -1)) lua_pushlightuserdata(L, NULL);
  return true;
}

/* The call came to 'want', which Lua sees to unless it is a plain end. */
static int conclude(lua_State *L, inst_lua_call_box *box, inst_want want) {
  lua_settop(L, BOX);
  bool told = want == INST_WANT_DONE && inst_lua_ended_plainly(box) && push_value(L, box);
  if (!told) return hand_back(L);
  inst_lua_push_meta(L, box);
  return 2;
}

/* ---- in a job -------------------------------------------------------------------------------- */

#if LUA_VERSION_NUM >= 503
/* Pushes the job that runs this very coroutine, and its tag; false: none does. */
static bool push_job(lua_State *L) {
  if (lua_rawgeti(L, lua_upvalueindex(HERE), 1) != LUA_TTABLE) return false;
  lua_getfield(L, JOB, "thread");
  bool runs_us = lua_tothread(L, -1) == L;
  lua_pop(L, 1);
  lua_getfield(L, JOB, "tag");
  return runs_us;
}

static int step(lua_State *L);

/* The job was let go on. */
static int go_on(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  lua_settop(L, TAG); /* somebody else may have resumed it, with anything */
  return step(L);
}

/* Hands the job back as jobs.wait_alone does; where nothing may yield it raises like that, too. */
static int yield(lua_State *L, const inst_lua_call_box *box) {
  lua_pushvalue(L, lua_upvalueindex(WAITS));
  lua_pushvalue(L, JOB);
  lua_pushvalue(L, BOX);
  inst_box_companion(L, BOX);
  lua_rawgeti(L, -1, INST_CALL_ENGINE);
  lua_replace(L, -2);
  lua_pushnumber(L, inst_call_wake(box->call));
  return lua_yieldk(L, 5, 0, go_on);
}

/* The box may serve another call from now on, which whoever drops the job is not to close. */
static void forget_call(lua_State *L) {
  lua_pushboolean(L, false);
  lua_setfield(L, JOB, "call");
}

static int step(lua_State *L) {
  inst_lua_call_box *box = lua_touserdata(L, BOX);
  inst_engine *engine = engine_of(box);
  if (engine == NULL || box->call == NULL) return hand_back(L);
  inst_want want = inst_engine_step(engine, box->call, (uint64_t)lua_tonumber(L, TAG));
  inst_lua_call_waits(box, want == INST_WANT_WAIT);
  if (want == INST_WANT_WAIT) return yield(L, box);
  forget_call(L);
  return conclude(L, box, want);
}

static int ask_in_job(lua_State *L) {
  return push_job(L) ? step(L) : hand_back(L);
}
#else /* a C function of 5.1 cannot go on after a yield, and one of 5.2 by other means: Lua waits */
static int ask_in_job(lua_State *L) {
  return hand_back(L);
}
#endif

/* ---- anywhere -------------------------------------------------------------------------------- */

/* In a coroutine others may have something to do while the call waits. */
static bool is_main_thread(lua_State *L) {
  bool is_main = lua_pushthread(L) == 1;
  lua_pop(L, 1);
  return is_main;
}

/* ask(params, what is known of the client, see inst_lua_call_open) -> value, meta; or nil and the call,
** which is gone on with; or nothing */
static int ask(lua_State *L) {
  if (!inst_lua_call_open(L)) return 0;
  lua_replace(L, BOX);
  lua_settop(L, BOX);
  inst_lua_call_box *box = lua_touserdata(L, BOX);
  inst_engine *engine = engine_of(box);
  if (engine == NULL) return hand_back(L);
  if (!is_main_thread(L)) return ask_in_job(L);
  return conclude(L, box, inst_engine_drive(engine, box->call, SLICE));
}

/* core.asker(what makes a meta of what is told of a call that ended plainly, a table with the job that is
** being resumed at 1, what jobs that wait hand back first) -> ask, and inst_lua_call_result as a
** function */
static int asker(lua_State *L) {
  luaL_checktype(L, MAKE_META, LUA_TFUNCTION);
  luaL_checktype(L, HERE, LUA_TTABLE);
  luaL_checktype(L, WAITS, LUA_TTABLE);
  lua_settop(L, UPVALUES);
  lua_pushvalue(L, MAKE_META);
  lua_pushcclosure(L, inst_lua_call_result, 1);
  lua_insert(L, 1);
  lua_pushcclosure(L, ask, UPVALUES);
  lua_insert(L, 1);
  return 2;
}

static const luaL_Reg functions[] = {{"asker", asker}, {NULL, NULL}};

void inst_lua_open_ask(lua_State *L) {
  inst_lua_functions(L, functions);
}
