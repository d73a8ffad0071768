/* The engine box, which a call needs to know. */
#ifndef INST_LUA_ENGINE_H
#define INST_LUA_ENGINE_H

#include "lua/binding/binding.h"

typedef struct inst_engine_box {
  inst_engine *engine; /* NULL: closed */
} inst_engine_box;

inst_engine_box *inst_lua_engine(lua_State *L, int i);

#endif
