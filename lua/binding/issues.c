/*
** Issues as Lua tables: the list a program reads in err.issues.
** In: the core's issues.  Out: code, message, path (lists count from 1) and what the code has beside
** them; of a union what each option found wrong, of a record's key what the key's schema did.
*/
#include "lua/binding/binding.h"

static void push_path(lua_State *L, const inst_issue *issue) {
  lua_createtable(L, (int)issue->path_count, 0);
  for (size_t i = 0; i < issue->path_count; i++) {
    const inst_segment *s = &issue->path[i];
    if (s->key.p != NULL)
      inst_lua_push_str(L, s->key);
    else
      inst_lua_push_integer(L, (int64_t)s->index + 1); /* Lua counts from 1 */
    lua_rawseti(L, -2, (int)i + 1);
  }
}

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
  push_path(L, issue);
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
