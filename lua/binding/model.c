/*
** What the calls of one client with one schema share: the schema as it was printed, and what reads
** plain answers.
** Rule: the schema does not hang on it, for the table that keeps models has schemas for keys.
*/
#include "lua/binding/model.h"

bool inst_lua_has_model(lua_State *L, int i) {
  const inst_lua_model *model = lua_touserdata(L, i);
  return model->prints != NULL && model->setup->kept != NULL;
}

inst_lua_model *inst_lua_model_at(lua_State *L, int i) {
  inst_lua_model *model = luaL_checkudata(L, i, INST_MODEL_BOX);
  if (!inst_lua_has_model(L, i)) luaL_error(L, "the client is gone: the Lua state is being closed");
  return model;
}

static void make_straight(lua_State *L, inst_lua_model *model) {
  inst_error error;
  model->straight = inst_straight_new(model->schema, inst_lua_alloc(L), &error);
  if (model->straight == NULL && error.code == INST_E_MEMORY) inst_lua_no_memory(L);
}

static void keep_names(lua_State *L, const inst_lua_model *model, int i) {
  inst_box_companion(L, i);
  inst_lua_push_names(L, model->straight);
  lua_rawseti(L, -2, INST_MODEL_NAMES);
  lua_pop(L, 1);
}

/* Where memory ran out half way, the other half is left to the next. */
inst_straight *inst_lua_model_straight(lua_State *L, inst_lua_model *model, int i) {
  if (model->known) return model->straight;
  if (model->straight == NULL) make_straight(L, model);
  if (model->straight != NULL) keep_names(L, model, i);
  model->known = true;
  return model->straight;
}

/* core.model(setup, schema or nil) -> what the calls of one client with one schema share */
static int model_new(lua_State *L) {
  lua_settop(L, 2);
  inst_setup *setup = inst_lua_setup(L, 1);
  const inst_schema *schema = lua_isnil(L, 2) ? NULL : inst_lua_schema(L, 2);
  inst_lua_model *model = inst_box_new(L, sizeof *model, INST_MODEL_BOX);
  model->setup = setup;
  model->schema = schema;
  model->known = schema == NULL;
  inst_box_companion(L, 3);
  lua_pushvalue(L, 1);
  lua_rawseti(L, 4, INST_MODEL_SETUP);
  inst_box_companion(L, 1);
  lua_rawseti(L, 4, INST_MODEL_COMPANY);
  lua_settop(L, 3);
  model->prints = inst_prints_new(inst_lua_alloc(L));
  return model->prints != NULL ? 1 : inst_lua_no_memory(L);
}

static int model_gc(lua_State *L) {
  inst_lua_model *model = luaL_checkudata(L, 1, INST_MODEL_BOX);
  inst_straight_free(model->straight);
  inst_prints_free(model->prints);
  model->straight = NULL;
  model->prints = NULL;
  return 0;
}

static const luaL_Reg functions[] = {{"model", model_new}, {NULL, NULL}};

void inst_lua_open_model(lua_State *L) {
  inst_lua_type(L, INST_MODEL_BOX, NULL, model_gc);
  inst_lua_functions(L, functions);
}
