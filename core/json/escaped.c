/*
** A copy without the backslashes, and a way back from its places to those of the text.
*/
#include "core/json/escaped.h"

/* What the escape 'text' begins with stands for; its bytes in '*n'.  What is no blank and no mark stays
** as it is: it is an escape of the string it stands in. */
static char meaning(inst_str text, size_t *n) {
  *n = text.n > 1 && strchr("\"\\/ntr", text.p[1]) != NULL && text.p[1] != '\0' ? 2 : 1;
  if (*text.p != '\\') *n = 1;
  if (*n == 1) return *text.p;
  switch (text.p[1]) {
  case 'n': return '\n';
  case 't': return '\t';
  case 'r': return '\r';
  default: return text.p[1];
  }
}

bool inst_escaped_is(inst_str text) {
  enum { FAR = 512 };
  size_t at = 0, n;
  for (; at < text.n && at < FAR; at += n) {
    char c = meaning((inst_str){text.p + at, text.n - at}, &n);
    if (c == '"') return at > 0 && n == 2;
    if (strchr("{[ \n\t\r", c) == NULL) return false;
  }
  return false;
}

/* How much of 'text' the list at its start has, up to a quote without a backslash at most. */
static size_t span_of(inst_str text) {
  size_t depth = 0, at = 0, n;
  bool quoted = false, escaped = false;
  for (; at < text.n && text.p[at] != '"'; at += n) {
    char c = meaning((inst_str){text.p + at, text.n - at}, &n);
    if (c == '"' && !escaped) quoted = !quoted;
    escaped = quoted && c == '\\' && !escaped;
    if (quoted) continue;
    if (c == '{' || c == '[') depth++;
    if ((c == '}' || c == ']') && --depth == 0) return at + n;
  }
  return at;
}

static inst_str undo(inst_str text, inst_arena *arena) {
  char *p = inst_arena_get(arena, text.n);
  inst_str out = {p, 0};
  size_t n;
  for (size_t at = 0; p != NULL && at < text.n; at += n)
    p[out.n++] = meaning((inst_str){text.p + at, text.n - at}, &n);
  return out;
}

/* Where in 'text' the byte is from which the one at 'place' came. */
static size_t place_in(inst_str text, size_t place) {
  size_t at = 0, n;
  for (; place > 0 && at < text.n; place--, at += n)
    meaning((inst_str){text.p + at, text.n - at}, &n);
  return at;
}

/* The edits, after one for all the backslashes. */
static const inst_edit *place_edits(inst_str text, const inst_edit *edit, size_t offset,
                                    inst_arena *arena) {
  inst_edit_list list = {NULL, NULL, 0};
  inst_edit_add(&list, &(inst_edit){.what = INST_EDIT_ESCAPED_QUOTES, .offset = offset}, arena);
  size_t from = 0, at = 0;
  for (; edit != NULL; edit = edit->next) {
    inst_edit moved = *edit;
    if (edit->offset < from) from = at = 0; /* a comma before what follows it */
    at += place_in((inst_str){text.p + at, text.n - at}, edit->offset - from);
    from = edit->offset;
    moved.offset = offset + at;
    inst_edit_add(&list, &moved, arena);
  }
  return list.first;
}

/* Was it closed where it was cut? */
static bool is_closed_for_it(const inst_mended *mended, size_t end) {
  const inst_edit *edit = mended->edits;
  while (edit != NULL && !(edit->what == INST_EDIT_MISSING_CLOSER && edit->offset == end))
    edit = edit->next;
  return edit != NULL;
}

inst_mend_result inst_escaped_mend(inst_str text, const inst_mending *how, inst_arena *arena,
                                   inst_mended *mended) {
  size_t used = span_of(text);
  inst_str plain = undo((inst_str){text.p, used}, arena);
  if (plain.p == NULL) return INST_MEND_NO_MEMORY;
  const inst_mending inner = {.max_depth = how->max_depth};
  inst_mend_result result = inst_mend(plain, &inner, arena, mended);
  bool cut = result == INST_MENDED && used < text.n && is_closed_for_it(mended, plain.n);
  if (cut) result = INST_BEYOND_MENDING;
  if (result == INST_MENDED) mended->edits = place_edits(text, mended->edits, how->offset, arena);
  mended->used = result == INST_MENDED ? place_in(text, mended->used) : used;
  return result == INST_MENDED && inst_arena_failed(arena) ? INST_MEND_NO_MEMORY : result;
}
