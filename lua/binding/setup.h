/* What the calls of one client share. */
#ifndef INST_LUA_SETUP_H
#define INST_LUA_SETUP_H

#include "lua/binding/binding.h"

/* What a client keeps of them at most: as many as calls may run at once, and bytes in all. */
enum { INST_SPARE_BOXES = 64, INST_SPARE_BYTES = 1 << 21 };

/* What the calls of one client share: their options, and boxes, with their memory, that served calls
** before. */
typedef struct inst_setup {
  inst_call_options options;
  inst_arena *kept; /* what the options lend */
  bool drop_nulls;  /* is what is null left out of the values of calls that do not say? */
  int spares;
  size_t spare_bytes;
} inst_setup;

inst_setup *inst_lua_setup(lua_State *L, int i);

/* Takes a box of a call that is over, and pushes it; false: there is none.  'company', here and below:
** where the setup's companion stands. */
bool inst_lua_take_box(lua_State *L, inst_setup *setup, int company);
/* Gives back the one at 'i', which holds so many bytes; false: there are enough. */
bool inst_lua_give_box(lua_State *L, inst_setup *setup, int company, int i, size_t bytes);

/* The body that create's parameters at 'i' stand for, with what the setup knows of them; all of it in
** 'arena'. */
const inst_value *inst_lua_params(lua_State *L, int i, int company, inst_arena *arena);

#define INST_USUAL_PARAMS 16

/* Parameters that are known to be the provider's. */
typedef struct inst_lua_known {
  inst_lua_member list[INST_USUAL_PARAMS + 1];
  size_t count; /* one less than there is room for */
  bool model;   /* is it among them? */
} inst_lua_known;
/* The body that they stand for; NULL: the reader refuses it. */
const inst_value *inst_lua_known_params(lua_State *L, inst_lua_known *known, int company,
                                        inst_arena *arena);

#endif
