/* The engine box, which a call needs to know. */
#ifndef INST_LUA_ENGINE_H
#define INST_LUA_ENGINE_H

#include "lua/binding/binding.h"

typedef struct inst_engine_box {
  inst_engine *engine; /* NULL: closed */
  size_t waiting;      /* calls that were stepped as far as they go, and not yet driven further */
} inst_engine_box;

inst_engine_box *inst_lua_engine(lua_State *L, int i);

#endif
