/*
** Plain schemas over whole texts: read, judged and built at once, or left to a parse.
** In: a finished schema, a text.  Out: the value; or nothing at all, and nothing has happened.
** The companion of a schema keeps the box at [0], false where the schema is not plain; the box's own
** keeps the names as Lua strings.  A box whose marks are being built from is busy: a second parse,
** from a finaliser, gets one of its own.
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

/* ---- building -------------------------------------------------------------------------------- */

typedef struct builder {
  lua_State *L;
  int names; /* stack index */
  bool drop_nulls;
} builder;

static const inst_mark *push(const builder *b, const inst_mark *mark);

static const inst_mark *push_array(const builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
  luaL_checkstack(b->L, 4, "the value is nested too deeply");
  lua_createtable(b->L, (int)n, 0);
  mark++;
  for (uint32_t i = 1; i <= n; i++) {
    mark = push(b, mark);
    lua_rawseti(b->L, -2, (int)i);
  }
  return mark;
}

static bool is_null(const inst_mark *mark) {
  if (mark->kind == INST_MARK_VALUE) return inst_value_kind_of(mark->u.v) == INST_NULL;
  return mark->kind == INST_MARK_NULL;
}

/* Pushes the key of the member that begins at 'mark'; where its value is. */
static inline const inst_mark *push_key(const builder *b, const inst_mark *mark) {
  if (mark->kind == INST_MARK_KEY) {
    lua_pushlstring(b->L, mark->u.p, mark->n);
    return mark + 1;
  }
  lua_rawgeti(b->L, b->names, (int)mark->name);
  return mark;
}

static const inst_mark *push_object(const builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
  luaL_checkstack(b->L, 4, "the value is nested too deeply");
  lua_createtable(b->L, 0, (int)n);
  mark++;
  for (; n > 0; n--) {
    if (b->drop_nulls && is_null(mark)) {
      mark++;
      continue;
    }
    mark = push(b, push_key(b, mark));
    lua_rawset(b->L, -3);
  }
  return mark;
}

/* As deep as the value, whose depth is limited.  Returns the mark behind it. */
static const inst_mark *push(const builder *b, const inst_mark *mark) {
  switch (mark->kind) {
  case INST_MARK_FALSE: lua_pushboolean(b->L, 0); break;
  case INST_MARK_TRUE: lua_pushboolean(b->L, 1); break;
  case INST_MARK_INT: inst_lua_push_integer(b->L, mark->u.i); break;
  case INST_MARK_REAL: lua_pushnumber(b->L, (lua_Number)mark->u.d); break;
  case INST_MARK_STRING: lua_pushlstring(b->L, mark->u.p, mark->n); break;
  case INST_MARK_NAME: lua_rawgeti(b->L, b->names, (int)mark->n); break;
  case INST_MARK_VALUE: inst_lua_push(b->L, mark->u.v, 0, false); break;
  case INST_MARK_ARRAY: return push_array(b, mark);
  case INST_MARK_OBJECT: return push_object(b, mark);
  default: lua_pushlightuserdata(b->L, NULL); break;
  }
  return mark + 1;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

/* Fills the companion on top with the names. */
static void keep_names(lua_State *L, const inst_straight *straight) {
  uint32_t n = inst_straight_name_count(straight);
  for (uint32_t i = 1; i <= n; i++) {
    inst_lua_push_str(L, inst_straight_name(straight, i));
    lua_rawseti(L, -2, (int)i);
  }
}

/* Makes a box for the schema at 1 and keeps it in the companion at 'companion'; it is left on top.
** NULL: the schema is not plain. */
static straight_box *new_box(lua_State *L, int companion) {
  inst_error error;
  straight_box *box = inst_box_new(L, sizeof *box, STRAIGHT_BOX);
  box->straight = inst_straight_new(inst_lua_schema(L, 1), inst_lua_alloc(L), &error);
  if (box->straight == NULL) {
    if (error.code == INST_E_MEMORY) inst_lua_no_memory(L);
    lua_pushboolean(L, 0);
    lua_rawseti(L, companion, 0);
    return NULL;
  }
  inst_box_companion(L, -1);
  keep_names(L, box->straight);
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_rawseti(L, companion, 0);
  return box;
}

/* The box of the schema at 1, which is left on top, at rest; NULL: the schema is not plain. */
static straight_box *box_of(lua_State *L) {
  inst_box_companion(L, 1);
  int companion = lua_gettop(L);
  lua_rawgeti(L, companion, 0);
  if (lua_isboolean(L, -1)) return NULL;
  straight_box *box = lua_touserdata(L, -1);
  return box == NULL || box->busy ? new_box(L, companion) : box;
}

/* core.straight(schema, text, drop_nulls) -> value; or nil: a parse must look at it */
static int straight(lua_State *L) {
  inst_lua_schema(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  builder b = {.L = L, .drop_nulls = lua_toboolean(L, 3)};
  straight_box *box = box_of(L);
  if (box == NULL) return 0;
  const inst_mark *marks =
      inst_straight_read(box->straight, inst_lua_str(L, 2), !inst_lua_holds(INT64_MAX));
  if (marks != NULL) {
    inst_box_companion(L, -1);
    b.names = lua_gettop(L);
    box->busy = true;
    push(&b, marks);
    box->busy = false;
  }
  inst_straight_done(box->straight);
  return marks != NULL ? 1 : 0;
}

static const luaL_Reg functions[] = {{"straight", straight}, {NULL, NULL}};

void inst_lua_open_straight(lua_State *L) {
  inst_lua_type(L, STRAIGHT_BOX, NULL, straight_gc);
  inst_lua_functions(L, functions);
}
