/* What the rooms of a call's box share: call_box.c makes and frees it, call.c drives it, told.c tells
** what came of it. */
#ifndef INST_LUA_CALL_H
#define INST_LUA_CALL_H

#include "lua/binding/engine.h"
#include "lua/binding/live.h"
#include "lua/binding/model.h"
#include "lua/binding/setup.h"

/* What the companion keeps beside the host's objects, which stand at 1, 2, 3…; COMPANY: the companion
** of the model's setup. */
enum { INST_CALL_SCHEMA = 0, INST_CALL_MODEL = -1, INST_CALL_COMPANY = -2, INST_CALL_ENGINE = -3 };

typedef struct inst_lua_call_box {
  const void *mark;        /* of the type, see inst_box_check */
  inst_call *call;         /* NULL: it is closed */
  inst_arena *arena;       /* the call's */
  inst_lua_model *model;   /* kept alive by the companion */
  inst_engine_box *engine; /* the box that drives it, or NULL; kept alive too */
  size_t spare_bytes;      /* of the arena, while the setup keeps the box */
  bool waiting;            /* does the engine's box count it? */
  bool plain;              /* may the box serve another call after this one? */
  bool pushing;            /* is the model's reader held? */
  inst_lua_view view;      /* of a streamed answer… */
  size_t attempt;          /* …of this attempt; 0: none yet */
  double ahead;            /* seconds the call's clock is ahead of ours */
} inst_lua_call_box;

/* Where call_new and the opener have what a call is made of: the schema (or nil), the model, create's
** parameters, the call's own options (or nil), max_retries (or nil), and name and description beside
** the schema (or nil). */
enum {
  INST_NEW_SCHEMA = 1,
  INST_NEW_MODEL,
  INST_NEW_PARAMS,
  INST_NEW_OWN,
  INST_NEW_RETRIES,
  INST_NEW_NAME,
  INST_NEW_DESCRIPTION
};
/* Pushes a call of the model, which is still there.  False, where all parameters are 'known' (else NULL): it was refused quietly. */
bool inst_lua_call_new(lua_State *L, inst_lua_known *known);

/* Pushes a plain call for what create was given, which stands at 1; false: the rules must look at that.
** At 2 stands what is known of the client, a list: the names that have passed, the metatable of
** schemas, models by compiled schema, max_retries or false; and three places for what is kept there
** (there already, so that keeping takes no memory). */
bool inst_lua_call_open(lua_State *L);

inst_lua_call_box *inst_lua_check_call(lua_State *L, int i);
/* The call of the box at 'i'; raises where it is closed. */
inst_call *inst_lua_call(lua_State *L, int i);

/* Pushes the value of a call that is done, whose box stands at 'i'; or nil, and why this Lua cannot
** hold it. */
const char *inst_lua_push_answer(lua_State *L, inst_lua_call_box *box, int i, bool drop_nulls);
/* Was one attempt all, and is there nothing special to tell of it? */
bool inst_lua_ended_plainly(const inst_lua_call_box *box);
/* Pushes the meta of such a call, which is closed then and whose box stands at 1: what the function
** makes of it that the running one keeps. */
void inst_lua_push_meta(lua_State *L, inst_lua_call_box *box);
/* (call, drop_nulls) -> value; nil or why this Lua cannot hold it; and the meta of a call that ended
** plainly */
int inst_lua_call_result(lua_State *L);
/* Tells the engine's box whether the call is waited for. */
void inst_lua_call_waits(inst_lua_call_box *box, bool waits);
/* Closes a call and frees all its memory. */
void inst_lua_call_free(lua_State *L, inst_lua_call_box *box);
/* Closes the plain call whose box stands at 'i'; the box serves another one: nobody may use it any
** more. */
void inst_lua_call_give_back(lua_State *L, inst_lua_call_box *box, int i);

/* Pushes a list of {name, value, secret =}. */
void inst_lua_push_headers(lua_State *L, const inst_call *call, const inst_header *headers,
                           size_t count);

/* Makes the type of calls; the others add their methods to it. */
void inst_lua_open_call_box(lua_State *L);
void inst_lua_add_methods(lua_State *L, const luaL_Reg *methods);
/* Adds the methods that tell what came of a call. */
void inst_lua_open_told(lua_State *L);

#endif
