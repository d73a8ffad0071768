/*
** What the calls of one client share: their options, read once, and boxes that served calls before.
** In: a client's options.  Out: the setup; and of it and create's parameters the body of a request.
*/
#include "lua/binding/setup.h"

#include "lua/binding/call.h"
#include "lua/binding/options.h"
#include "lua/binding/provider.h"

inst_setup *inst_lua_setup(lua_State *L, int i) {
  inst_setup *setup = luaL_checkudata(L, i, INST_SETUP_BOX);
  if (setup->kept == NULL) luaL_error(L, "the client is gone: the Lua state is being closed");
  return setup;
}

/* What the companion of a setup keeps; behind it stand the boxes of calls that are over. */
enum { OPTIONS = 1, OURS, DEFAULTS, BOXES };

/* core.setup(options with a provider's row, names of create's that are not the provider's, its
** parameters where a call gives none) -> what the calls of one client share */
static int setup_new(lua_State *L) {
  lua_settop(L, 3);
  for (int i = 1; i <= 3; i++) luaL_checktype(L, i, LUA_TTABLE);
  inst_setup *setup = inst_box_new(L, sizeof *setup, INST_SETUP_BOX);
  setup->kept = inst_arena_new(inst_lua_alloc(L));
  if (setup->kept == NULL) return inst_lua_no_memory(L);
  inst_box_companion(L, 4);
  lua_pushvalue(L, 1); /* the options point into its texts, the row and the gate */
  lua_rawseti(L, -2, OPTIONS);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, OURS);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, DEFAULTS);
  inst_call_defaults(&setup->options);
  lua_getfield(L, 1, "provider");
  setup->options.provider = inst_lua_provider(L, -1);
  setup->options.mode = setup->options.provider->default_mode;
  inst_lua_call_options(L, 1, &setup->options, setup->kept);
  lua_getfield(L, 1, "drop_nulls");
  setup->drop_nulls = lua_toboolean(L, -1);
  lua_settop(L, 4);
  return 1;
}

bool inst_lua_take_box(lua_State *L, inst_setup *setup, int company) {
  if (setup->spares == 0) return false;
  int place = BOXES + --setup->spares;
  lua_rawgeti(L, company, place);
  lua_pushnil(L);
  lua_rawseti(L, company, place);
  return true;
}

static int setup_gc(lua_State *L) {
  inst_setup *setup = luaL_checkudata(L, 1, INST_SETUP_BOX);
  lua_settop(L, 1);
  inst_box_companion(L, 1);
  for (; inst_lua_take_box(L, setup, 2); lua_pop(L, 1))
    inst_lua_call_free(L, lua_touserdata(L, -1));
  inst_arena_free(setup->kept);
  setup->kept = NULL;
  return 0;
}

bool inst_lua_give_box(lua_State *L, inst_setup *setup, int company, int i, size_t bytes) {
  bool full = setup->spares == INST_SPARE_BOXES || setup->spare_bytes + bytes > INST_SPARE_BYTES;
  if (setup->kept == NULL || full) return false;
  lua_pushvalue(L, i);
  lua_rawseti(L, company, BOXES + setup->spares); /* which may find no memory */
  setup->spare_bytes += bytes;
  setup->spares++;
  return true;
}

const inst_value *inst_lua_params(lua_State *L, int i, int company, inst_arena *arena) {
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true};
  int top = lua_gettop(L);
  luaL_checktype(L, i, LUA_TTABLE);
  lua_rawgeti(L, company, OURS);
  lua_rawgeti(L, company, DEFAULTS);
  lua_getfield(L, i, "extra_body");
  const inst_lua_layers layers = {.over = lua_istable(L, top + 3) ? top + 3 : 0,
                                  .over_name = {"extra_body", 10},
                                  .main = i,
                                  .left_out = top + 1,
                                  .under = top + 2};
  const inst_value *params = inst_lua_read_layers(&reader, &layers);
  lua_settop(L, top);
  return params;
}

const inst_value *inst_lua_known_params(lua_State *L, inst_lua_known *known, int company,
                                        inst_arena *arena) {
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true, .quiet = true};
  int top = lua_gettop(L);
  lua_rawgeti(L, company, DEFAULTS);
  if (!known->model) known->list[known->count++] = (inst_lua_member){{"model", 5}, top + 1};
  const inst_value *params = inst_lua_read_members(&reader, known->list, known->count);
  lua_settop(L, top);
  return reader.spoilt ? NULL : params;
}

static const luaL_Reg functions[] = {{"setup", setup_new}, {NULL, NULL}};

void inst_lua_open_setup(lua_State *L) {
  inst_lua_type(L, INST_SETUP_BOX, NULL, setup_gc);
  inst_lua_functions(L, functions);
}
