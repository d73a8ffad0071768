/*
** What the calls of one client with one schema share: the schema as it was printed, and what reads
** plain answers.
** Rule: the schema does not hang on it, for the table that keeps models has schemas for keys.
*/
#include "lua/binding/model.h"

#define NAMES 1 /* in the companion: the names that marks speak of */

inst_lua_model *inst_lua_model_at(lua_State *L, int i) {
  inst_lua_model *model = luaL_checkudata(L, i, INST_MODEL_BOX);
  if (model->prints == NULL) luaL_error(L, "the client is gone: the Lua state is being closed");
  return model;
}

static void read_straight(lua_State *L, inst_lua_model *model, int i, int schema) {
  inst_error error;
  model->straight = inst_straight_new(inst_lua_schema(L, schema), inst_lua_alloc(L), &error);
  if (model->straight == NULL && error.code == INST_E_MEMORY) inst_lua_no_memory(L);
  if (model->straight == NULL) return;
  inst_box_companion(L, i);
  inst_lua_push_names(L, model->straight);
  lua_rawseti(L, -2, NAMES);
  lua_pop(L, 1);
}

inst_straight *inst_lua_model_straight(lua_State *L, int i, int schema) {
  inst_lua_model *model = inst_lua_model_at(L, i);
  if (!model->known && model->straight == NULL) read_straight(L, model, i, schema);
  model->known = true;
  return model->straight;
}

void inst_lua_model_push_names(lua_State *L, int i) {
  inst_box_companion(L, i);
  lua_rawgeti(L, -1, NAMES);
  lua_remove(L, -2);
}

/* core.model() -> what the calls of one client with one schema share */
static int model_new(lua_State *L) {
  inst_lua_model *model = inst_box_new(L, sizeof *model, INST_MODEL_BOX);
  model->prints = inst_prints_new(inst_lua_alloc(L));
  return model->prints != NULL ? 1 : inst_lua_no_memory(L);
}

static int model_gc(lua_State *L) {
  inst_lua_model *model = luaL_checkudata(L, 1, INST_MODEL_BOX);
  inst_straight_free(model->straight);
  inst_prints_free(model->prints);
  *model = (inst_lua_model){NULL, NULL, true};
  return 0;
}

static const luaL_Reg functions[] = {{"model", model_new}, {NULL, NULL}};

void inst_lua_open_model(lua_State *L) {
  inst_lua_type(L, INST_MODEL_BOX, NULL, model_gc);
  inst_lua_functions(L, functions);
}
