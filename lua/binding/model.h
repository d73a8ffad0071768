/* What the calls of one client with one schema, or with none, share. */
#ifndef INST_LUA_MODEL_H
#define INST_LUA_MODEL_H

#include "lua/binding/setup.h"

typedef struct inst_lua_model {
  inst_setup *setup;         /* of the client; kept alive by the companion */
  const inst_schema *schema; /* or NULL; whoever uses it keeps it alive */
  inst_prints *prints;       /* NULL: the model is gone */
  inst_straight *straight;   /* NULL: see 'known' */
  bool known;                /* has it been looked whether the schema is plain? */
} inst_lua_model;

/* What the companion keeps: the names that marks speak of, the setup, and the setup's companion. */
enum { INST_MODEL_NAMES = 1, INST_MODEL_SETUP, INST_MODEL_COMPANY };

/* The model at 'i'; raises where it is gone. */
inst_lua_model *inst_lua_model_at(lua_State *L, int i);
/* Is the model at 'i', which must be one, still there? */
bool inst_lua_has_model(lua_State *L, int i);
/* What reads plain answers for the model at 'i'; NULL: the schema is not plain. */
inst_straight *inst_lua_model_straight(lua_State *L, inst_lua_model *model, int i);

#endif
