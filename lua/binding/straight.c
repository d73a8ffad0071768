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

/* ---- building -------------------------------------------------------------------------------- */

#define ROOM_LEVELS 8 /* for so many lists within one another room is asked at once */

typedef struct builder {
  lua_State *L;
  unsigned depth; /* of the lists that are open */
  bool drop_nulls;
} builder;

enum { TEXT = 1, DROP_NULLS, NAMES }; /* stack indices */

static const inst_mark *push_list(builder *b, const inst_mark *mark);

/* Pushes a value without parts. */
static inline void push_scalar(const builder *b, const inst_mark *mark) {
  switch (mark->kind) {
  case INST_MARK_FALSE: lua_pushboolean(b->L, 0); break;
  case INST_MARK_TRUE: lua_pushboolean(b->L, 1); break;
  case INST_MARK_INT: inst_lua_push_integer(b->L, mark->u.i); break;
  case INST_MARK_REAL: lua_pushnumber(b->L, (lua_Number)mark->u.d); break;
  case INST_MARK_STRING: lua_pushlstring(b->L, mark->u.p, mark->n); break;
  case INST_MARK_NAME: lua_rawgeti(b->L, NAMES, (int)mark->n); break;
  case INST_MARK_VALUE: inst_lua_push(b->L, mark->u.v, 0, false); break;
  default: lua_pushlightuserdata(b->L, NULL); break;
  }
}

/* Pushes any value.  Returns the mark behind it. */
static inline const inst_mark *push(builder *b, const inst_mark *mark) {
  if (mark->kind == INST_MARK_ARRAY || mark->kind == INST_MARK_OBJECT) return push_list(b, mark);
  push_scalar(b, mark);
  return mark + 1;
}

/* A list and a key stay on the stack while their values are built.  A function of C's has room for
** half of ROOM_LEVELS from the start. */
static inline void enter(builder *b) {
  if (b->depth++ % ROOM_LEVELS == ROOM_LEVELS / 2)
    luaL_checkstack(b->L, 2 * ROOM_LEVELS + 4, "the value is nested too deeply");
}

static inline const inst_mark *push_array(builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
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
  lua_rawgeti(b->L, NAMES, (int)mark->name);
  return mark;
}

static inline const inst_mark *push_object(builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
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

/* As deep as the value, whose depth is limited. */
static const inst_mark *push_list(builder *b, const inst_mark *mark) {
  enter(b);
  mark = mark->kind == INST_MARK_ARRAY ? push_array(b, mark) : push_object(b, mark);
  b->depth--;
  return mark;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

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

static void push_names(lua_State *L, const inst_straight *straight) {
  uint32_t n = inst_straight_name_count(straight);
  lua_createtable(L, (int)n, 0);
  for (uint32_t i = 1; i <= n; i++) {
    inst_lua_push_str(L, inst_straight_name(straight, i));
    lua_rawseti(L, -2, (int)i);
  }
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
  builder b = {.L = L, .drop_nulls = lua_toboolean(L, DROP_NULLS)};
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
    push(&b, marks);
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
  push_names(L, box->straight);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, read_text, KEPT - 1);
  return 1;
}

static const luaL_Reg functions[] = {{"straight", straight}, {NULL, NULL}};

void inst_lua_open_straight(lua_State *L) {
  inst_lua_type(L, STRAIGHT_BOX, NULL, straight_gc);
  inst_lua_functions(L, functions);
}
