/*
** The mender: lists, keys and marks, with a stack of the closing marks still owed.
*/
#include "core/json/mender.h"

static const char *const names[] = {
#define INST_X(name, text) text,
    INST_EDITS(INST_X)
#undef INST_X
};

const char *inst_edit_name(inst_edit_kind kind) {
  return (unsigned)kind < INST_EDIT_COUNT ? names[kind] : "unknown";
}

void inst_edit_add(inst_edit_list *list, const inst_edit *edit, inst_arena *arena) {
  if (list->count == INST_MAX_REPAIRS) return;
  inst_edit *copy = inst_arena_get(arena, sizeof *copy);
  if (copy == NULL) return;
  *copy = *edit;
  copy->next = NULL;
  if (list->last != NULL)
    list->last->next = copy;
  else
    list->first = copy;
  list->last = copy;
  list->count++;
}

/* What comes next. */
enum {
  ROOT,   /* the value */
  OPENED, /* the first key or item, or the end of the list */
  COMMA,  /* a key or an item */
  AFTER,  /* a comma or the end of the list */
  COLON,
  MEMBER, /* a member's value */
  DONE
};

/* ---- looking ----------------------------------------------------------------------------------- */

bool inst_mender_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool inst_mender_in(const inst_mender *m, char closing) {
  return m->lists.n > 0 && m->lists.p[m->lists.n - 1] == closing;
}

/* Where the comment at 'at' ends, before 'limit'; 'at' itself: there is none. */
static const char *skip_comment(const char *at, const char *limit) {
  bool slash = *at == '/' && limit - at > 1;
  if (*at == '#' || (slash && at[1] == '/')) {
    const char *end = memchr(at, '\n', (size_t)(limit - at));
    return end != NULL ? end : limit;
  }
  if (!slash || at[1] != '*') return at;
  for (const char *end = at + 2; limit - end > 1; end++)
    if (end[0] == '*' && end[1] == '/') return end + 2;
  return limit;
}

enum { FAR = 512 }; /* how far a look ahead goes */

const char *inst_mend_skip(const char *at, const char *end) {
  const char *limit = end - at > FAR ? at + FAR : end;
  while (at < limit) {
    const char *comment = skip_comment(at, limit);
    if (comment == at && !inst_mender_is_blank(*at)) return at;
    at = comment > at ? comment : at + 1;
  }
  return end;
}

inst_ahead inst_mender_look(const inst_mender *m, const char *at) {
  const char *limit = m->end - at > FAR ? at + FAR : m->end;
  inst_ahead ahead = {.at = at};
  while (ahead.at < limit) {
    const char *comment = skip_comment(ahead.at, limit);
    if (comment == ahead.at && !inst_mender_is_blank(*ahead.at)) return ahead;
    ahead.blank = true;
    ahead.newline = ahead.newline || *ahead.at == '\n';
    inst_str passed = {ahead.at, (size_t)(comment - ahead.at)};
    ahead.quotes = ahead.quotes || memchr(passed.p, '"', passed.n) != NULL;
    ahead.apostrophes = ahead.apostrophes || memchr(passed.p, '\'', passed.n) != NULL;
    ahead.at = comment > ahead.at ? comment : ahead.at + 1;
  }
  ahead.end = true; /* or all blanks as far as we look */
  return ahead;
}

static bool is_word_byte(char c, bool first) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
                (unsigned char)c >= 0x80;
  return letter || (!first && c == '-') || (c >= '0' && c <= '9');
}

/* A name, or the digits of a number alone. */
size_t inst_mender_plain_key(const inst_mender *m, const char *at) {
  enum { LONGEST = 128 };
  size_t n = 0, digits = 0;
  while (at + n < m->end && n < LONGEST && is_word_byte(at[n], n == 0) &&
         inst_mender_quote(m, at + n) == 0) {
    if (at[n] >= '0' && at[n] <= '9') digits++;
    n++;
  }
  if (n == 0 || n == LONGEST || (at[0] >= '0' && at[0] <= '9' && digits < n)) return 0;
  inst_ahead next = inst_mender_look(m, at + n);
  return !next.end && *next.at == ':' ? n : 0;
}

/* ---- what is done ------------------------------------------------------------------------------ */

void inst_mender_edit(inst_mender *m, inst_edit_kind what, const char *at) {
  inst_edit edit = {.what = what, .offset = m->how->offset + (size_t)(at - m->start)};
  if (m->how->strict) m->failed = true;
  if (m->edits.n < INST_MAX_REPAIRS * sizeof edit)
    inst_buf_add(&m->edits, (inst_str){(const char *)&edit, sizeof edit});
}

/* A comment that begins with a slash and a star must end so, too. */
static bool is_open_block(const char *at, const char *end) {
  return end - at > 1 && at[1] == '*' && (end - at < 4 || end[-1] != '/' || end[-2] != '*');
}

/* Does the line comment at hand end with the text, though lists are open?  Then their ends may stand
** in it. */
static bool is_last(const inst_mender *m, const char *comment) {
  bool line = *m->at == '#' || m->at[1] == '/';
  return line && comment == m->end && m->lists.n > 0;
}

/* Does a comment say that something was left out? */
static bool is_elision(inst_str comment) {
  size_t marks = *comment.p == '#' ? 1 : 2;
  inst_str words = inst_str_trim((inst_str){comment.p + marks, comment.n - marks});
  return inst_str_starts(words, INST_LIT("...")) ||
         inst_str_starts(words, INST_LIT("\xE2\x80\xA6"));
}

/* Passes blanks and comments. */
static void skip(inst_mender *m) {
  while (m->at < m->end) {
    const char *comment = skip_comment(m->at, m->end);
    if (comment > m->at && *m->at == '/' && is_open_block(m->at, comment)) m->failed = true;
    if (comment > m->at && is_last(m, comment)) m->failed = true;
    if (comment > m->at && is_elision((inst_str){m->at, (size_t)(comment - m->at)}))
      m->failed = true;
    if (comment > m->at)
      inst_mender_edit(m, INST_EDIT_COMMENT, m->at);
    else if (!inst_mender_is_blank(*m->at))
      return;
    m->at = comment > m->at ? comment : m->at + 1;
  }
}

/* A value has ended. */
static void go_on(inst_mender *m) {
  m->state = m->lists.n > 0 ? AFTER : DONE;
}

static void open_list(inst_mender *m, char closing) {
  if (m->lists.n >= m->how->max_depth) {
    m->failed = true;
    return;
  }
  inst_buf_byte(&m->out, *m->at++);
  inst_buf_byte(&m->lists, closing);
  m->state = OPENED;
}

static void close_list(inst_mender *m) {
  inst_buf_byte(&m->out, m->lists.p[--m->lists.n]);
  go_on(m);
}

/* What follows the last value, or begins a list. */
static void part(inst_mender *m) {
  char last = m->out.n > 0 ? m->out.p[m->out.n - 1] : '[';
  if (last != '[' && last != '{') inst_buf_byte(&m->out, ',');
}

static void value(inst_mender *m) {
  bool member = m->state == MEMBER, root = m->state == ROOT;
  if (!member && !root) part(m);
  if (*m->at == '{' || *m->at == '[') {
    open_list(m, *m->at == '{' ? '}' : ']');
    return;
  }
  if (inst_mender_quote(m, m->at) > 0)
    inst_mender_string(m, false);
  else
    inst_mender_bare(m, member, root);
  go_on(m);
}

static void key(inst_mender *m) {
  m->member = m->out.n;
  part(m);
  size_t n = inst_mender_plain_key(m, m->at);
  m->state = COLON;
  if (inst_mender_quote(m, m->at) > 0) {
    inst_mender_string(m, true);
  } else if (n > 0) {
    inst_mender_edit(m, INST_EDIT_UNQUOTED_KEY, m->at);
    inst_buf_byte(&m->out, '"');
    inst_buf_add(&m->out, (inst_str){m->at, n});
    inst_buf_byte(&m->out, '"');
    m->at += n;
  } else {
    m->failed = true;
  }
}

static void colon(inst_mender *m) {
  if (*m->at != ':') {
    m->failed = true;
    return;
  }
  inst_buf_byte(&m->out, ':');
  m->at++;
  m->state = MEMBER;
}

static void comma(inst_mender *m) {
  if (m->state != AFTER) inst_mender_edit(m, INST_EDIT_EXTRA_COMMA, m->at);
  if (m->state == AFTER) m->state = COMMA;
  m->comma = m->at++;
}

/* A closing mark closes the lists inside its own, too, where each has a complete value at its end. */
static void closing(inst_mender *m) {
  bool owed = m->lists.n > 0 && memchr(m->lists.p, *m->at, m->lists.n) != NULL;
  while (owed && !inst_mender_in(m, *m->at) && m->state == AFTER) {
    inst_mender_edit(m, INST_EDIT_MISSING_CLOSER, m->at);
    close_list(m);
  }
  if (!owed || !inst_mender_in(m, *m->at)) {
    m->failed = true;
    return;
  }
  if (m->state == COMMA) inst_mender_edit(m, INST_EDIT_EXTRA_COMMA, m->comma);
  close_list(m);
  m->at++;
}

static void in_list(inst_mender *m) {
  if (*m->at == ',') {
    comma(m);
  } else if (*m->at == '}' || *m->at == ']') {
    closing(m);
  } else {
    if (m->state == AFTER) inst_mender_edit(m, INST_EDIT_MISSING_COMMA, m->at);
    if (inst_mender_in(m, '}'))
      key(m);
    else
      value(m);
  }
}

/* The text is over: what is open is closed behind a complete value. */
static void end_text(inst_mender *m) {
  if (m->state != AFTER) m->failed = true;
  while (!m->failed && m->lists.n > 0) {
    inst_mender_edit(m, INST_EDIT_MISSING_CLOSER, m->end);
    close_list(m);
  }
}

static void step(inst_mender *m) {
  switch (m->state) {
  case ROOT:
  case MEMBER: value(m); break;
  case COLON: colon(m); break;
  default: in_list(m); break;
  }
}

static void mend(inst_mender *m) {
  while (!m->failed && m->state != DONE) {
    skip(m);
    if (m->at == m->end)
      end_text(m);
    else if (!m->failed)
      step(m);
    if (m->out.failed || m->lists.failed || m->edits.failed) return;
  }
}

/* ---- the door ---------------------------------------------------------------------------------- */

static const inst_edit *take_edits(inst_mender *m, inst_arena *arena) {
  inst_edit_list list = {NULL, NULL, 0};
  for (size_t at = 0; at < m->edits.n; at += sizeof(inst_edit)) {
    inst_edit edit;
    memcpy(&edit, m->edits.p + at, sizeof edit);
    inst_edit_add(&list, &edit, arena);
  }
  return list.first;
}

static void take(inst_mender *m, inst_arena *arena, inst_mended *mended) {
  *mended = (inst_mended){.text = inst_buf_take(&m->out, arena),
                          .used = (size_t)(m->at - m->start),
                          .edits = take_edits(m, arena),
                          .words = m->words};
}

inst_mend_result inst_mend(inst_str text, const inst_mending *how, inst_arena *arena,
                           inst_mended *mended) {
  inst_mender m = {.start = text.p, .at = text.p, .end = text.p + text.n, .how = how};
  inst_buf_init(&m.out, arena->alloc);
  inst_buf_init(&m.lists, arena->alloc);
  inst_buf_init(&m.edits, arena->alloc);
  mend(&m);
  bool memory = !(m.out.failed || m.lists.failed || m.edits.failed);
  bool well = memory && !m.failed;
  mended->used = (size_t)(m.at - m.start);
  if (well) take(&m, arena, mended);
  inst_buf_clear(&m.out);
  inst_buf_clear(&m.lists);
  inst_buf_clear(&m.edits);
  if (!memory || (well && inst_arena_failed(arena))) return INST_MEND_NO_MEMORY;
  return well ? INST_MENDED : INST_BEYOND_MENDING;
}
