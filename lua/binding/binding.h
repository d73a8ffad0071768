/*
** What the rooms of the binding share: boxes, and values crossing between Lua and C.
** Rule 1: C memory held across a Lua call that may raise hangs on a box.
** Rule 2: of the core, only the door is known.
*/
#ifndef INST_LUA_BINDING_H
#define INST_LUA_BINDING_H

#include "lua/binding/compat.h"

#define INST_SCHEMA_BOX "instructor.schema"
#define INST_PARSE_BOX "instructor.parse"
#define INST_CALL_BOX "instructor.call"
#define INST_SETUP_BOX "instructor.setup"
#define INST_ENGINE_BOX "instructor.engine"
#define INST_FILE_BOX "instructor.file"
#define INST_GATE_BOX "instructor.gate"
#define INST_MODEL_BOX "instructor.model"
#define INST_ARENA_BOX "instructor.arena"
#define INST_PROVIDER_BOX "instructor.provider"
#define INST_CODE_FIELD "code" /* companion of a schema: its functions, by number */

/* The allocator of the Lua state, so that its limits are ours. */
inst_alloc inst_lua_alloc(lua_State *L);

/* Raises what Lua raises when memory runs out. */
int inst_lua_no_memory(lua_State *L);

/* A box that owns an arena and nothing else. */
inst_arena *inst_lua_arena(lua_State *L);
/* Frees the arena of the box at 'i' now: Lua does not see its weight, and would let many gather. */
void inst_lua_arena_done(lua_State *L, int i);

inst_str inst_lua_str(lua_State *L, int i);          /* lent while the string is on the stack */
inst_str inst_lua_opt_str(lua_State *L, int i);      /* nil: p NULL */
void inst_lua_push_str(lua_State *L, inst_str text); /* p NULL: nil */
/* Raises the Lua error for an error of the core. */
int inst_lua_raise(lua_State *L, const inst_error *error);
/* Pushes nil, message, offset (from 1) and kind of what is wrong with a text; returns 4. */
int inst_lua_push_fault(lua_State *L, const inst_error *error);

/* What the metatable (or userdata) at 'i' says a table is: 'a'rray, 'o'bject, or 0: nothing.  For one
** that is not known, the modules that may have brought it are looked at; then '*looked' is set, and
** they are not looked at again. */
char inst_lua_mark(lua_State *L, int i, bool *looked);

/* How Lua values become values. */
typedef struct inst_lua_reader {
  lua_State *L;
  inst_arena *arena;
  int anchors; /* stack index of the table that keeps what C cannot hold; 0: raise instead */
  bool lists;  /* does an empty table stand for a list where one is known? (requests) */
  bool quiet;  /* without anchors: nothing is raised but for want of memory; see 'spoilt' */
  bool looked; /* for marks, see inst_lua_mark */
  unsigned depth;
  unsigned kept; /* how many tables around us are kept in the anchors as they are */
  bool spoilt;   /* what was read is not whole: it was refused, or too deep, see inst_lua_read */
  int over;      /* of several layers the first, and what messages call it; 0: none */
  inst_str over_name;
  const struct inst_lua_place *place; /* where we are, for messages */
} inst_lua_reader;

/* The value at 'i'; NULL for nil (absent).  Without anchors it raises for what is no JSON value.
** With anchors such a value is kept there, opaque to C, and nothing is raised but for want of
** memory; a value that is too deep leaves the reader spoilt and a message in anchors.trouble. */
inst_value *inst_lua_read(inst_lua_reader *reader, int i);

/* A member still to be read, and the stack index of the table that has it. */
typedef struct inst_lua_member {
  inst_str key; /* kept alive by that table */
  int table;
} inst_lua_member;
/* The object of these members, which are sorted; those that are nil are left out. */
inst_value *inst_lua_read_members(inst_lua_reader *reader, inst_lua_member *list, size_t n);

/* Stack indices of tables with names as keys (0: there is none), of which one object is made. */
typedef struct inst_lua_layers {
  int over;           /* all of it counts… */
  inst_str over_name; /* …and messages call it so */
  int main;           /* of it, what 'over' lacks… */
  int left_out;       /* …and does not stand here */
  int under;          /* what neither of them has */
} inst_lua_layers;
inst_value *inst_lua_read_layers(inst_lua_reader *reader, const inst_lua_layers *layers);

/* Can this Lua hold every number of 'v' exactly?  NULL, or what to say when it cannot. */
const char *inst_lua_unfit(const inst_value *v);

/* Pushes 'v' (NULL: nil).  'anchors': stack index of the table that keeps the host's objects, or 0.
** With 'drop_nulls' a null that a declared field holds is left out. */
void inst_lua_push(lua_State *L, const inst_value *v, int anchors, bool drop_nulls);

/* Pushes what 'marks' stand for.  'names': stack index of the list that inst_lua_push_names made. */
void inst_lua_push_marks(lua_State *L, const inst_mark *marks, int names, bool drop_nulls);
/* Pushes the names that marks of 'straight' speak of as a list. */
void inst_lua_push_names(lua_State *L, const inst_straight *straight);

/* The list at 'i' (Lua's: from 1) as a path, all of it in 'arena'. */
const inst_segment *inst_lua_path(lua_State *L, int i, size_t *count, inst_arena *arena);

/* Pushes a path as a list of keys and (Lua's: from 1) indices. */
void inst_lua_push_path(lua_State *L, const inst_segment *path, size_t count);
/* Pushes the list of issues as Lua tables. */
void inst_lua_push_issues(lua_State *L, const inst_issue *issues);

/* Pushes the list of edits as Lua tables. */
void inst_lua_push_repairs(lua_State *L, const inst_edit *edits);

/* The level that the value at 'i' names: false, true or "coerce"; nil: 'otherwise'. */
inst_repair_level inst_lua_repair_level(lua_State *L, int i, inst_repair_level otherwise);

/* The schema of the box at 'i', finished; raises otherwise. */
const inst_schema *inst_lua_schema(lua_State *L, int i);
/* Is the schema at 'i', which must be one, still there?  (A finaliser may find it gone.) */
bool inst_lua_has_schema(lua_State *L, int i);

/* One pause of 'parse': pushes task, function, subject, and for a message the issue, for a catch the
** list of issues; returns 4.
** 'schema' and 'anchors' are stack indices. */
int inst_lua_push_task(lua_State *L, inst_parse *parse, int schema, int anchors);
/* The host's answer at 'i' handed to 'parse'. */
void inst_lua_answer(lua_State *L, inst_parse *parse, int i, inst_arena *arena, int anchors);
/* An issue found by the host's code: message at 'i', path (list or nil) at i + 1, fatal at i + 2. */
void inst_lua_object(lua_State *L, inst_parse *parse, int i, inst_arena *arena);

/* Each room of boxes: makes its type, and puts its functions into the module table on top. */
void inst_lua_open_metatable(lua_State *L);
void inst_lua_open_schema(lua_State *L);
void inst_lua_open_parse(lua_State *L);
void inst_lua_open_straight(lua_State *L);
void inst_lua_open_engine(lua_State *L);
void inst_lua_open_setup(lua_State *L);
void inst_lua_open_model(lua_State *L);
void inst_lua_open_ask(lua_State *L);
void inst_lua_open_call(lua_State *L);
void inst_lua_open_file(lua_State *L);

/* Makes the metatable 'name' with 'methods' behind __index and 'gc' as its finaliser. */
void inst_lua_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc);
void inst_lua_functions(lua_State *L, const luaL_Reg *functions);

#endif
