/* From Lua tables of options to the core's. */
#ifndef INST_LUA_OPTIONS_H
#define INST_LUA_OPTIONS_H

#include "lua/binding/binding.h"

/* What a client keeps of them at most: as many as calls may run at once, and bytes in all. */
enum { INST_SPARE_ARENAS = 64, INST_SPARE_BYTES = 1 << 21 };

/* What the calls of one client share: their options, and memory that served calls before. */
typedef struct inst_setup {
  inst_call_options options;
  inst_arena *kept; /* what the options lend */
  inst_arena *spare[INST_SPARE_ARENAS];
  size_t spares, spare_bytes;
} inst_setup;

inst_setup *inst_lua_setup(lua_State *L, int i);

/* An arena for one call; to be given back.  NULL: no memory. */
inst_arena *inst_lua_take_arena(inst_setup *setup, inst_alloc alloc);
void inst_lua_give_arena(inst_setup *setup, inst_arena *arena);

/* Puts the options in the table at 'i' over 'options'.  What it lends lives in 'arena' or in the
** table. */
void inst_lua_call_options(lua_State *L, int i, inst_call_options *options, inst_arena *arena);

/* The body that the table at 'i' stands for, all of it in 'arena'. */
const inst_value *inst_lua_params(lua_State *L, int i, inst_arena *arena);

#endif
