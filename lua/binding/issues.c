/*
** Issues and repairs as Lua tables: the lists a program reads in err.issues and meta.repairs.
** In: the core's.  Out: of a repair what was done, and where; of an issue code, message, path (lists count from 1) and what the code has beside
** them; of a union what each option found wrong, of a record's key what the key's schema did.
*/
#include "lua/binding/binding.h"

/* errors: a list for each option; nearest: which of them was meant; its title.  (The path of an issue
** in them begins at the value of the union.) */
static void set_options(lua_State *L, const inst_issue *issue) {
  int n = 0;
  lua_newtable(L);
  for (const inst_branch *branch = issue->branches; branch != NULL; branch = branch->next) {
    inst_lua_push_issues(L, branch->issues);
    lua_rawseti(L, -2, ++n);
    if (branch != issue->nearest) continue;
    lua_pushinteger(L, n);
    lua_setfield(L, -3, "nearest");
    inst_lua_push_str(L, branch->name);
    lua_setfield(L, -3, "nearest_name");
  }
  lua_setfield(L, -2, "errors");
}

/* Which options fit, where only one may: Lua counts them from 1. */
static void count_from_1(lua_State *L) {
  lua_getfield(L, -1, "matches");
  if (lua_istable(L, -1))
    for (int i = 1; i <= (int)lua_rawlen(L, -1); i++) {
      lua_rawgeti(L, -1, i);
      lua_pushinteger(L, lua_tointeger(L, -1) + 1);
      lua_rawseti(L, -3, i);
      lua_pop(L, 1);
    }
  lua_pop(L, 1);
}

static void push_issue(lua_State *L, const inst_issue *issue) {
  luaL_checkstack(L, 8, "the issues are nested too deeply");
  if (issue->details != NULL)
    inst_lua_push(L, issue->details, 0, false);
  else
    lua_newtable(L);
  lua_pushstring(L, inst_issue_name(issue->code));
  lua_setfield(L, -2, "code");
  inst_lua_push_str(L, issue->message);
  lua_setfield(L, -2, "message");
  inst_lua_push_path(L, issue->path, issue->path_count);
  lua_setfield(L, -2, "path");
  if (issue->code == INST_ISSUE_INVALID_UNION) {
    set_options(L, issue);
    count_from_1(L);
  }
  if (issue->code == INST_ISSUE_INVALID_KEY && issue->branches != NULL) {
    inst_lua_push_issues(L, issue->branches->issues);
    lua_setfield(L, -2, "issues");
  }
}

void inst_lua_push_issues(lua_State *L, const inst_issue *issues) {
  int n = 0;
  lua_newtable(L);
  for (const inst_issue *issue = issues; issue != NULL; issue = issue->next) {
    push_issue(L, issue);
    lua_rawseti(L, -2, ++n);
  }
}

/* ---- edits ----------------------------------------------------------------------------------- */

/* An edit of the text says where in it; one of a value, its path; one of a text in a value, both. */
void inst_lua_push_repairs(lua_State *L, const inst_edit *edits) {
  int n = 0;
  lua_newtable(L);
  for (const inst_edit *edit = edits; edit != NULL; edit = edit->next) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, inst_edit_name(edit->what));
    lua_setfield(L, -2, "what");
    if (edit->path == NULL || edit->what < INST_EDIT_NESTED_JSON) {
      inst_lua_push_integer(L, (int64_t)edit->offset + 1);
      lua_setfield(L, -2, "offset");
    }
    if (edit->path != NULL) {
      inst_lua_push_path(L, edit->path, edit->path_count);
      lua_setfield(L, -2, "path");
    }
    lua_rawseti(L, -2, ++n);
  }
}
