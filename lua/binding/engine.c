/*
** An engine as a userdata: a transport at work, serving any number of calls.
*/
#include "lua/binding/engine.h"

enum { BATCH = 256 }; /* of news */

inst_engine_box *inst_lua_engine(lua_State *L, int i) {
  return luaL_checkudata(L, i, INST_ENGINE_BOX);
}

/* The option 'key' of the table at 2, kept alive in the companion at 'companion'. */
static const char *option(lua_State *L, int companion, const char *key) {
  lua_getfield(L, 2, key);
  const char *text = lua_tostring(L, -1);
  lua_setfield(L, companion, key);
  return text;
}

/* core.engine(transport, {proxy =, ca_file =, cert_file =, key_file =, user_agent =}) */
static int engine_new(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  luaL_checktype(L, 1, LUA_TLIGHTUSERDATA);
  luaL_checktype(L, 2, LUA_TTABLE);
  const inst_transport *transport = lua_touserdata(L, 1);
  inst_engine_box *box = inst_box_new(L, sizeof *box, INST_ENGINE_BOX);
  inst_box_companion(L, -1);
  int companion = lua_gettop(L);
  inst_transport_options options = {
      .proxy = option(L, companion, "proxy"),
      .ca_file = option(L, companion, "ca_file"),
      .cert_file = option(L, companion, "cert_file"),
      .key_file = option(L, companion, "key_file"),
      .user_agent = option(L, companion, "user_agent"),
  };
  box->engine = inst_engine_new(transport, &options, inst_lua_alloc(L), &error);
  if (box->engine == NULL) return inst_lua_raise(L, &error);
  lua_settop(L, companion - 1);
  return 1;
}

/* engine:pump(seconds): moves the bytes of all its calls */
static int engine_pump(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  inst_engine_box *box = inst_lua_engine(L, 1);
  double seconds = luaL_checknumber(L, 2);
  if (box->engine == NULL) return luaL_error(L, "the client is closed");
  if (inst_engine_pump(box->engine, seconds, &error) != 0) return inst_lua_raise(L, &error);
  return 0;
}

/* Takes the tags of calls that something came for, at most BATCH, the least first. */
static int take_news(inst_engine *engine, uint64_t *tags) {
  int count = 0;
  for (uint64_t tag; count < BATCH && (tag = inst_engine_news(engine)) != 0; count++) {
    int at = count;
    for (; at > 0 && tags[at - 1] > tag; at--) tags[at] = tags[at - 1];
    tags[at] = tag;
  }
  return count;
}

/* engine:news(tags) -> how many calls something came for, each told once; may there be more?  Their
** tags are put into the list 'tags', the least first. */
static int engine_news(lua_State *L) {
  uint64_t tags[BATCH];
  inst_engine_box *box = inst_lua_engine(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int count = box->engine != NULL ? take_news(box->engine, tags) : 0;
  for (int i = 0; i < count; i++) {
    inst_lua_push_integer(L, (int64_t)tags[i]);
    lua_rawseti(L, 2, i + 1);
  }
  lua_pushinteger(L, count);
  lua_pushboolean(L, count == BATCH);
  return 2;
}

/* engine:waiting() -> how many calls are waited for */
static int engine_waiting(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)inst_lua_engine(L, 1)->waiting);
  return 1;
}

static int engine_close(lua_State *L) {
  inst_engine_box *box = inst_lua_engine(L, 1);
  inst_engine *engine = box->engine;
  box->engine = NULL;
  inst_engine_free(engine);
  return 0;
}

static const luaL_Reg methods[] = {{"pump", engine_pump},
                                   {"news", engine_news},
                                   {"waiting", engine_waiting},
                                   {"close", engine_close},
                                   {NULL, NULL}};
static const luaL_Reg functions[] = {{"engine", engine_new}, {NULL, NULL}};

void inst_lua_open_engine(lua_State *L) {
  inst_lua_type(L, INST_ENGINE_BOX, methods, engine_close);
  inst_lua_functions(L, functions);
}
