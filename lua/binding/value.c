/*
** Values crossing between Lua and C.
** In: Lua values as users write them.  Out: JSON values, keys sorted so that equal tables give equal
** bytes; and back: plain tables with nothing of ours mixed in.
*/
#include "lua/binding/binding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in a table we are, from the inside out. */
typedef struct inst_lua_place {
  const struct inst_lua_place *outer;
  inst_str key; /* p NULL: the item 'index' */
  size_t index;
} inst_lua_place;

/* Keys behind which a request holds a list. */
static const char *const list_keys[] = {
    "messages",    "tools",    "functions", "stop",  "content", "tool_calls",
    "annotations", "required", "enum",      "anyOf", "oneOf",   "allOf",
};

static bool names_a_list(const inst_lua_place *place) {
  if (place == NULL || place->key.p == NULL) return false;
  for (size_t i = 0; i < sizeof list_keys / sizeof *list_keys; i++)
    if (strlen(list_keys[i]) == place->key.n &&
        memcmp(list_keys[i], place->key.p, place->key.n) == 0)
      return true;
  return false;
}

/* ---- complaints ------------------------------------------------------------------------------ */

#define MAX_STEPS 12 /* of a path in a message */

static bool is_name(inst_str key) {
  for (size_t i = 0; i < key.n; i++) {
    char c = key.p[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
  }
  return key.n > 0;
}

/* Pushes one step as Lua would write it: .name, [1] or ["any key"]. */
static void push_step(lua_State *L, const inst_lua_place *place) {
  if (place->key.p == NULL) {
    lua_pushfstring(L, "[%d]", (int)place->index);
    return;
  }
  lua_pushstring(L, is_name(place->key) ? "." : "[\"");
  lua_pushlstring(L, place->key.p, place->key.n);
  lua_pushstring(L, is_name(place->key) ? "" : "\"]");
  lua_concat(L, 3);
}

/* Pushes the way from the value's root: "messages[1].content", or "the value" for the root. */
static void push_place(lua_State *L, const inst_lua_place *place, unsigned depth) {
  size_t n;
  lua_pushliteral(L, "");
  for (unsigned step = 0; step < depth && step < MAX_STEPS; step++) {
    const inst_lua_place *at = place;
    for (unsigned i = step + 1; i < depth; i++) at = at->outer;
    push_step(L, at);
    lua_concat(L, 2);
  }
  const char *path = lua_tolstring(L, -1, &n);
  bool dot = *path == '.';
  if (n == 0)
    lua_pushliteral(L, "the value");
  else
    lua_pushlstring(L, path + dot, n - dot);
  lua_remove(L, -2);
  lua_pushstring(L, depth > MAX_STEPS ? "…" : "");
  lua_concat(L, 2);
}

static unsigned count_steps(const inst_lua_place *place) {
  unsigned n = 0;
  for (; place != NULL; place = place->outer) n++;
  return n;
}

/* Pushes "place what". */
static void push_complaint(const inst_lua_reader *r, const char *what) {
  luaL_checkstack(r->L, 8, "the value is nested too deeply");
  push_place(r->L, r->place, count_steps(r->place));
  lua_pushliteral(r->L, " ");
  lua_pushstring(r->L, what);
  lua_concat(r->L, 3);
}

int inst_lua_no_memory(lua_State *L) {
  lua_pushliteral(L, "not enough memory");
  return lua_error(L);
}

/* What is refused quietly is told by 'spoilt' alone. */
static void refuse(inst_lua_reader *r, const char *what) {
  r->spoilt = true;
  if (r->quiet) return;
  push_complaint(r, what);
  lua_error(r->L);
}

static inst_value *check_memory(const inst_lua_reader *r, inst_value *v) {
  if (v == NULL) inst_lua_no_memory(r->L);
  return v;
}

/* ---- from Lua -------------------------------------------------------------------------------- */

/* Keeps the Lua value at 'i' in the anchor table; returns its number. */
static uint32_t anchor(const inst_lua_reader *r, int i) {
  uint32_t ref = (uint32_t)lua_rawlen(r->L, r->anchors) + 1;
  lua_pushvalue(r->L, i);
  lua_rawseti(r->L, r->anchors, (int)ref);
  return ref;
}

/* The value at 'i' as C cannot hold it; 'name' (static) is what issues call it, 'what' a complaint. */
static inst_value *opaque(inst_lua_reader *r, int i, const char *name, const char *what) {
  if (r->anchors == 0) {
    refuse(r, what);
    return NULL;
  }
  return check_memory(r, inst_opaque(r->arena, anchor(r, i), name));
}

static inst_value *read_other(inst_lua_reader *r, int i) {
  char what[64];
  const char *name = lua_typename(r->L, lua_type(r->L, i)); /* a constant of Lua's */
  snprintf(what, sizeof what, "is a %s, which JSON cannot hold", name);
  return opaque(r, i, name, what);
}

static inst_value *read_number(inst_lua_reader *r, int i) {
  int64_t whole;
  if (inst_lua_integer(r->L, i, &whole)) return check_memory(r, inst_int(r->arena, whole));
  double d = lua_tonumber(r->L, i);
  if (!isfinite(d)) return opaque(r, i, isnan(d) ? "NaN" : "Infinity", "is not a finite number");
  return check_memory(r, inst_real(r->arena, d));
}

static inst_value *read_string(inst_lua_reader *r, int i) {
  char what[64];
  inst_str text = inst_lua_str(r->L, i);
  size_t good = inst_utf8_span(text);
  if (good == text.n) return check_memory(r, inst_string(r->arena, text));
  snprintf(what, sizeof what, "is not UTF-8 (byte %lu)", (unsigned long)good + 1);
  return opaque(r, i, "bytes that are not UTF-8", what);
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define FEW 8 /* members that most objects have at most */

/* What a table's metatable says it is: 'a'rray, 'o'bject, 's'chema, 'f'oreign, or 0 for a plain
** table. */
static char mark_of(inst_lua_reader *r, int i) {
  if (!lua_getmetatable(r->L, i)) return 0;
  char mark = inst_lua_mark(r->L, lua_gettop(r->L), &r->looked);
  lua_pop(r->L, 1);
  return mark != 0 ? mark : 'f';
}

/* The members of an object, as they are found. */
typedef struct gathering {
  inst_lua_member *list;
  size_t count, room;
} gathering;

static inst_lua_member *new_members(const inst_lua_reader *r, size_t n) {
  inst_lua_member *list = inst_arena_get(r->arena, (n + 1) * sizeof *list);
  if (list == NULL) inst_lua_no_memory(r->L);
  return list;
}

static bool may_be_weak(lua_State *L, int i) {
  bool meta = lua_getmetatable(L, i);
  if (meta) lua_pop(L, 1);
  return meta;
}

/* A weak table may lose members while it is read, and Lua their keys: those are copied. */
static inst_str key_on_top(const inst_lua_reader *r, bool weak) {
  inst_str key = inst_lua_str(r->L, -1);
  return weak ? inst_value_text(check_memory(r, inst_string(r->arena, key))) : key;
}

/* Adds the member of the table at 'table' whose key is on top of the stack. */
static void add_member(const inst_lua_reader *r, gathering *g, int table, bool weak) {
  if (g->count == g->room) {
    inst_lua_member *grown = new_members(r, 2 * g->room);
    memcpy(grown, g->list, g->count * sizeof *grown);
    g->list = grown;
    g->room *= 2;
  }
  g->list[g->count++] = (inst_lua_member){key_on_top(r, weak), table};
}

/* What the keys of a table are. */
typedef struct key_count {
  size_t items;      /* 1, 2, 3… without holes */
  gathering members; /* strings */
  size_t others;     /* any other */
  bool holes;        /* are some of the others indices, with nil below them? */
  int other_type;    /* of one of the others that are no indices, or LUA_TNONE */
} key_count;

/* Notes the key on top of the stack, which is no string; 'length' is what Lua takes the list for. */
static void count_key(lua_State *L, key_count *keys, size_t length) {
  int64_t key = 0;
  int type = lua_type(L, -1);
  bool index = type == LUA_TNUMBER && inst_lua_integer(L, lua_gettop(L), &key) && key >= 1;
  if (index && (uint64_t)key <= length)
    keys->items++;
  else {
    keys->others++;
    if (index)
      keys->holes = true;
    else
      keys->other_type = type;
  }
}

static void count_keys(const inst_lua_reader *r, int i, key_count *keys) {
  lua_State *L = r->L;
  size_t length = lua_rawlen(L, i);
  bool weak = may_be_weak(L, i);
  for (lua_pushnil(L); lua_next(L, i) != 0;) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING)
      add_member(r, &keys->members, i, weak);
    else
      count_key(L, keys, length);
  }
  if (keys->items == length) return;
  keys->others += keys->items;
  keys->items = 0;
  keys->holes = true;
}

static inst_value *read_array(inst_lua_reader *r, int i, size_t n) {
  inst_value *out = check_memory(r, inst_array(r->arena));
  inst_lua_place here = {r->place, {NULL, 0}, 0};
  const inst_lua_place *outer = r->place;
  r->place = &here;
  for (size_t k = 1; k <= n && !r->spoilt; k++) {
    here.index = k;
    lua_rawgeti(r->L, i, (int)k);
    inst_push(out, inst_lua_read(r, lua_gettop(r->L)));
    lua_pop(r->L, 1);
  }
  r->place = outer;
  return out;
}

static int compare_members(const void *a, const void *b) {
  const inst_str *x = &((const inst_lua_member *)a)->key, *y = &((const inst_lua_member *)b)->key;
  int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static void read_member(inst_lua_reader *r, const inst_lua_member *member, inst_value *out) {
  const inst_lua_place *outer = r->place, layer = {outer, r->over_name, 0};
  if (member->table == r->over) r->place = &layer;
  inst_lua_place here = {r->place, member->key, 0};
  if (r->anchors == 0 && inst_utf8_span(member->key) < member->key.n)
    refuse(r, "has a key that is not UTF-8");
  r->place = &here;
  lua_pushlstring(r->L, member->key.p, member->key.n);
  lua_rawget(r->L, member->table);
  inst_put(r->arena, out, member->key, inst_lua_read(r, lua_gettop(r->L)));
  lua_pop(r->L, 1);
  r->place = outer;
}

/* A few are often in order already. */
static void sort_members(inst_lua_member *list, size_t n) {
  size_t sorted = 1;
  while (sorted < n && compare_members(&list[sorted - 1], &list[sorted]) <= 0) sorted++;
  if (sorted < n) qsort(list, n, sizeof *list, compare_members);
}

inst_value *inst_lua_read_members(inst_lua_reader *r, inst_lua_member *list, size_t n) {
  inst_value *out = check_memory(r, inst_object(r->arena));
  sort_members(list, n);
  r->depth++;
  for (size_t i = 0; i < n && !r->spoilt; i++) read_member(r, &list[i], out);
  r->depth--;
  return out;
}

/* A table that is neither a list nor an object. */
static inst_value *read_mixed(inst_lua_reader *r, int i, const key_count *keys) {
  char what[80] = "is a list with holes (nil between its items)";
  if (keys->members.count > 0 && (keys->items > 0 || keys->holes))
    snprintf(what, sizeof what, "has both items and named keys");
  else if (keys->other_type == LUA_TNUMBER)
    snprintf(what, sizeof what, "has a number as a key that is no index (1, 2, 3…)");
  else if (keys->other_type != LUA_TNONE)
    snprintf(what, sizeof what, "has a %s as a key", lua_typename(r->L, keys->other_type));
  return opaque(r, i, "table of mixed keys", what);
}

static inst_value *read_empty(const inst_lua_reader *r, char mark) {
  if (mark == 'a') return inst_array(r->arena);
  if (mark == 'o') return inst_object(r->arena);
  if (!r->lists) return inst_either(r->arena);
  return names_a_list(r->place) ? inst_array(r->arena) : inst_object(r->arena);
}

/* The object of members that are in the depth already which the table itself is counted in. */
static inst_value *read_object(inst_lua_reader *r, const gathering *members) {
  r->depth--;
  inst_value *out = inst_lua_read_members(r, members->list, members->count);
  r->depth++;
  return out;
}

static inst_value *read_contents(inst_lua_reader *r, int i, char mark) {
  inst_lua_member few[FEW];
  key_count keys = {.members = {few, 0, FEW}, .other_type = LUA_TNONE};
  count_keys(r, i, &keys);
  bool list = keys.items > 0, map = keys.members.count > 0;
  if (keys.others > 0 || (list && map)) return read_mixed(r, i, &keys);
  if (map && mark == 'a') return opaque(r, i, "object", "is marked as a list but has named keys");
  if (list && mark == 'o') return opaque(r, i, "array", "is marked as an object but has items");
  if (list) return read_array(r, i, keys.items);
  return map ? read_object(r, &keys.members) : check_memory(r, read_empty(r, mark));
}

/* Nothing deeper is read; the outermost of the tables that are kept becomes opaque, else all of the
** value is refused. */
static inst_value *too_deep(inst_lua_reader *r) {
  static const char what[] = "is nested too deeply (or contains itself)";
  if (r->anchors == 0) refuse(r, what);
  r->spoilt = true;
  if (r->anchors == 0 || r->kept > 0) return NULL;
  push_complaint(r, what);
  lua_setfield(r->L, r->anchors, "trouble");
  return NULL;
}

/* A table with a metatable of the user's is read for those who look into it, and kept for those who
** hand it on. */
static inst_value *read_table(inst_lua_reader *r, int i) {
  luaL_checkstack(r->L, 8, "the value is nested too deeply");
  if (r->depth >= INST_MAX_DEPTH) return too_deep(r);
  char mark = mark_of(r, i);
  if (mark == 's') return opaque(r, i, "schema", "is a schema, which JSON cannot hold");
  unsigned keep = mark == 'f' && r->anchors != 0;
  r->depth++;
  r->kept += keep;
  inst_value *out = read_contents(r, i, mark);
  r->kept -= keep;
  r->depth--;
  if (!keep) return out;
  if (r->spoilt && r->kept == 0) {
    r->spoilt = false;
    return opaque(r, i, "table nested too deeply", "");
  }
  if (inst_value_ref(out) == 0) inst_value_set_ref(out, anchor(r, i));
  return out;
}

static inst_value *read_userdata(inst_lua_reader *r, int i) {
  bool null = lua_type(r->L, i) == LUA_TLIGHTUSERDATA && lua_touserdata(r->L, i) == NULL;
  if (null) return check_memory(r, inst_null(r->arena));
  if (inst_lua_mark(r->L, i, &r->looked) != 'a') return read_other(r, i);
  return check_memory(r, inst_array(r->arena));
}

inst_value *inst_lua_read(inst_lua_reader *r, int i) {
  switch (lua_type(r->L, i)) {
  case LUA_TNIL:
  case LUA_TNONE: return NULL;
  case LUA_TBOOLEAN: return check_memory(r, inst_bool(r->arena, lua_toboolean(r->L, i)));
  case LUA_TNUMBER: return read_number(r, i);
  case LUA_TSTRING: return read_string(r, i);
  case LUA_TTABLE: return read_table(r, i);
  case LUA_TUSERDATA:
  case LUA_TLIGHTUSERDATA: return read_userdata(r, i);
  default: return read_other(r, i);
  }
}

/* ---- layers ---------------------------------------------------------------------------------- */

#define USUAL_MEMBERS 16

/* Has the table at 'i' (0: there is none) what the key on top of the stack names? */
static bool has_key(lua_State *L, int i) {
  if (i == 0) return false;
  lua_pushvalue(L, -1);
  lua_rawget(L, i);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return there;
}

/* The members of the table at 'i', less those that a table above it has. */
static void gather(inst_lua_reader *r, gathering *g, int i, int above, int far_above) {
  lua_State *L = r->L;
  if (i == 0) return;
  bool weak = may_be_weak(L, i);
  for (lua_pushnil(L); lua_next(L, i) != 0;) {
    lua_pop(L, 1); /* the key stays */
    if (lua_type(L, -1) != LUA_TSTRING) {
      refuse(r, "has a key that is no text");
      lua_pop(L, 1);
      return;
    }
    if (!has_key(L, above) && !has_key(L, far_above)) add_member(r, g, i, weak);
  }
}

inst_value *inst_lua_read_layers(inst_lua_reader *r, const inst_lua_layers *layers) {
  gathering g = {new_members(r, USUAL_MEMBERS), 0, USUAL_MEMBERS};
  luaL_checkstack(r->L, 8, "the value is nested too deeply");
  r->over = layers->over;
  r->over_name = layers->over_name;
  const inst_lua_place *outer = r->place, layer = {outer, r->over_name, 0};
  r->place = &layer;
  gather(r, &g, layers->over, 0, 0);
  r->place = outer;
  gather(r, &g, layers->main, layers->over, layers->left_out);
  gather(r, &g, layers->under, layers->main, layers->over);
  return inst_lua_read_members(r, g.list, g.count);
}

const inst_segment *inst_lua_path(lua_State *L, int i, size_t *count, inst_arena *arena) {
  *count = lua_istable(L, i) ? lua_rawlen(L, i) : 0;
  inst_segment *path = inst_arena_get(arena, (*count + 1) * sizeof *path);
  if (path == NULL) inst_lua_no_memory(L);
  for (size_t k = 0; k < *count; k++) {
    int64_t index;
    lua_rawgeti(L, i, (int)k + 1);
    bool whole = lua_type(L, -1) == LUA_TNUMBER && inst_lua_integer(L, lua_gettop(L), &index);
    inst_value *key = whole ? NULL : inst_string(arena, inst_lua_str(L, -1));
    path[k] = whole ? (inst_segment){{NULL, 0}, (size_t)(index - 1)}
                    : (inst_segment){key ? inst_value_text(key) : (inst_str){"", 0}, 0};
    lua_pop(L, 1);
  }
  return path;
}

/* ---- to Lua ---------------------------------------------------------------------------------- */

#if LUA_VERSION_NUM >= 503
const char *inst_lua_unfit(const inst_value *v) {
  (void)v;
  return NULL;
}
#else
/* As deep as the value, whose depth is limited. */
const char *inst_lua_unfit(const inst_value *v) {
  const char *unfit = NULL;
  if (inst_value_kind_of(v) == INST_INT && !inst_lua_holds(inst_value_int(v)))
    return "an integer beyond 2^53 cannot be held exactly by this Lua";
  for (v = inst_value_first(v); v != NULL && unfit == NULL; v = inst_value_next(v))
    unfit = inst_lua_unfit(v);
  return unfit;
}
#endif

static void push_array(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  int n = 0;
  lua_createtable(L, (int)inst_value_count(v), 0);
  for (const inst_value *item = inst_value_first(v); item != NULL; item = inst_value_next(item)) {
    inst_lua_push(L, item, anchors, drop_nulls);
    lua_rawseti(L, -2, ++n);
  }
}

static void push_object(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  lua_createtable(L, 0, (int)inst_value_count(v));
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    if (drop_nulls && inst_value_is_field(m) && inst_value_kind_of(m) == INST_NULL) continue;
    inst_lua_push_str(L, inst_value_key(m));
    inst_lua_push(L, m, anchors, drop_nulls);
    lua_rawset(L, -3);
  }
}

void inst_lua_push(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  luaL_checkstack(L, 4, "the value is nested too deeply");
  if (v == NULL) {
    lua_pushnil(L);
    return;
  }
  if (anchors != 0 && inst_value_ref(v) != 0) {
    lua_rawgeti(L, anchors, (int)inst_value_ref(v));
    return;
  }
  switch (inst_value_kind_of(v)) {
  case INST_BOOL: lua_pushboolean(L, inst_value_bool(v)); break;
  case INST_INT: inst_lua_push_integer(L, inst_value_int(v)); break;
  case INST_REAL: lua_pushnumber(L, (lua_Number)inst_value_real(v)); break;
  case INST_STRING: inst_lua_push_str(L, inst_value_text(v)); break;
  case INST_ARRAY: push_array(L, v, anchors, drop_nulls); break;
  case INST_OBJECT: push_object(L, v, anchors, drop_nulls); break;
  default: lua_pushlightuserdata(L, NULL); break; /* null, and what nobody keeps */
  }
}

void inst_lua_push_path(lua_State *L, const inst_segment *path, size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    if (path[i].key.p != NULL)
      inst_lua_push_str(L, path[i].key);
    else
      inst_lua_push_integer(L, (int64_t)path[i].index + 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
}
