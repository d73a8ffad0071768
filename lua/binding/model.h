/* What the calls of one client with one schema share. */
#ifndef INST_LUA_MODEL_H
#define INST_LUA_MODEL_H

#include "lua/binding/binding.h"

typedef struct inst_lua_model {
  inst_prints *prints;     /* NULL: the model is gone */
  inst_straight *straight; /* NULL: see 'known' */
  bool known;              /* has it been looked whether the schema is plain? */
} inst_lua_model;

/* The model at 'i'; raises where it is gone. */
inst_lua_model *inst_lua_model_at(lua_State *L, int i);
/* What reads plain answers for the model at 'i', whose schema is that at 'schema'; NULL: the schema
** is not plain. */
inst_straight *inst_lua_model_straight(lua_State *L, int i, int schema);
/* Pushes the list of names that its marks speak of. */
void inst_lua_model_push_names(lua_State *L, int i);

#endif
