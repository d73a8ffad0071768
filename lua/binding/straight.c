/*
** Plain schemas over whole texts: read, judged and built at once, or left to a parse.
** In: a finished schema.  Out: a function from a text to the value; it gives nothing, and nothing has
** happened, where a parse must look at the text.
** The function keeps a box, the names as Lua strings, and the schema.  A box whose marks are being
** built from is busy: a second text, from a finaliser, gets a box of its own.
*/
#include "lua/binding/binding.h"

#define STRAIGHT_BOX "instructor.straight"

typedef struct straight_box {
  inst_straight *straight;
  bool busy;
} straight_box;

static int straight_gc(lua_State *L) {
  straight_box *box = luaL_checkudata(L, 1, STRAIGHT_BOX);
  inst_straight_free(box->straight);
  box->straight = NULL;
  return 0;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

enum { TEXT = 1, DROP_NULLS, NAMES };       /* stack indices */
enum { BOX = 1, KEPT_NAMES, SCHEMA, KEPT }; /* what the function keeps; KEPT: one more than that */

/* Pushes a box for the schema at 'schema'; NULL: it is not plain. */
static straight_box *push_box(lua_State *L, int schema) {
  inst_error error;
  straight_box *box = inst_box_bare(L, sizeof *box, STRAIGHT_BOX);
  box->straight = inst_straight_new(inst_lua_schema(L, schema), inst_lua_alloc(L), &error);
  if (box->straight != NULL) return box;
  if (error.code == INST_E_MEMORY) inst_lua_no_memory(L);
  return NULL;
}

/* A box at rest; the function keeps it from now on. */
static straight_box *another_box(lua_State *L) {
  straight_box *box = push_box(L, lua_upvalueindex(SCHEMA));
  lua_replace(L, lua_upvalueindex(BOX));
  return box;
}

/* read(text, drop_nulls) -> value; or nothing: a parse must look at what was given */
static int read_text(lua_State *L) {
  straight_box *box = lua_touserdata(L, lua_upvalueindex(BOX));
  bool drop_nulls = lua_toboolean(L, DROP_NULLS);
  inst_str text;
  if (lua_type(L, TEXT) != LUA_TSTRING) return 0;
  text.p = lua_tolstring(L, TEXT, &text.n);
  if (box->busy) box = another_box(L);
  if (box->straight == NULL) return 0; /* the state is being closed */
  const inst_mark *marks = inst_straight_read(box->straight, text, !inst_lua_holds(INT64_MAX));
  if (marks != NULL) {
    lua_settop(L, NAMES - 1);
    lua_pushvalue(L, lua_upvalueindex(KEPT_NAMES));
    lua_pushvalue(L, lua_upvalueindex(BOX)); /* a finaliser may put another in its place */
    box->busy = true;
    inst_lua_push_marks(L, marks, NAMES, drop_nulls);
    box->busy = false;
  }
  inst_straight_done(box->straight);
  return marks != NULL ? 1 : 0;
}

/* core.straight(schema) -> the function that reads texts; false: the schema is not plain */
static int straight(lua_State *L) {
  lua_settop(L, 1);
  const straight_box *box = push_box(L, 1);
  if (box == NULL) {
    lua_pushboolean(L, 0);
    return 1;
  }
  inst_lua_push_names(L, box->straight);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, read_text, KEPT - 1);
  return 1;
}

static const luaL_Reg functions[] = {{"straight", straight}, {NULL, NULL}};

void inst_lua_open_straight(lua_State *L) {
  inst_lua_type(L, STRAIGHT_BOX, NULL, straight_gc);
  inst_lua_functions(L, functions);
}
