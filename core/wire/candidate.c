/*
** Looking for JSON among thoughts, prose and fences.
*/
#include "core/wire/candidate.h"

#include "core/json/escaped.h"
#include "core/wire/fence.h"

enum { MAX_RETRIES = 4, MAX_CLOSERS = 8 };

/* Bytes that may be looked at in vain: so many times the answer's own, and some more. */
enum { VAIN_TIMES = 16, VAIN_MORE = 65536 };

/* A part of the answer that is looked through. */
typedef struct region {
  inst_str text;
  bool fenced;
  bool whole; /* does it hold nothing but JSON?  Then a scalar, and words in a list, may be it. */
  const char *fence, *prose; /* what stands around it; NULL: nothing */
  char mark;                 /* of the fence */
} region;

typedef struct finder {
  const inst_search *search;
  inst_str answer;
  const char *thoughts; /* where they stand; NULL: there are none */
  bool in_thoughts;     /* do they never end? */
  inst_arena *arena;
  inst_candidate *list;
  size_t count;
  unsigned retries;  /* blocks that were looked through with all that follows them */
  size_t vain;       /* bytes looked at for values that could not be read */
  const char *stray; /* the next closing mark that nothing opened, where it is known; or NULL */
} finder;

/* The first byte of 'text' that is no blank; NULL: there is none. */
static const char *first_word(inst_str text) {
  text = inst_str_trim(text);
  return text.n > 0 ? text.p : NULL;
}

static inst_str between(const char *from, const char *to) {
  return (inst_str){from, (size_t)(to - from)};
}

static size_t offset_of(const finder *f, const char *at) {
  return (size_t)(at - f->answer.p);
}

/* ---- candidates -------------------------------------------------------------------------------- */

static void add_edit(const finder *f, inst_edit_list *list, inst_edit_kind what, const char *at) {
  if (at == NULL) return;
  inst_edit_add(list, &(inst_edit){.what = what, .offset = offset_of(f, at)}, f->arena);
}

/* What was left out around it, then what was mended in it. */
static const inst_edit *edits_of(const finder *f, const region *r, const char *at,
                                 const inst_mended *mended) {
  inst_edit_list list = {NULL, NULL, 0};
  const char *before = first_word(between(r->text.p, at));
  const char *behind = first_word(between(at + mended->used, r->text.p + r->text.n));
  if (r->fenced && behind != NULL && *behind == r->mark) behind = NULL; /* its closing fence */
  const char *prose = before != NULL ? before : r->prose != NULL ? r->prose : behind;
  bool asked = f->search->fence_asked;
  add_edit(f, &list, INST_EDIT_THOUGHTS, f->search->thoughts_asked ? NULL : f->thoughts);
  add_edit(f, &list, INST_EDIT_PROSE, asked ? NULL : prose);
  add_edit(f, &list, INST_EDIT_FENCE, asked ? NULL : r->fence);
  for (const inst_edit *edit = mended->edits; edit != NULL; edit = edit->next)
    inst_edit_add(&list, edit, f->arena);
  return list.first;
}

/* Of too many the first is forgotten. */
static void add(finder *f, const region *r, const char *at, const inst_mended *mended) {
  if (f->count == INST_MAX_CANDIDATES) memmove(f->list, f->list + 1, --f->count * sizeof *f->list);
  f->list[f->count++] = (inst_candidate){.text = mended->text,
                                         .size = mended->used,
                                         .fenced = r->fenced,
                                         .edits = edits_of(f, r, at, mended)};
}

/* A text that is strict is taken as it stands; else it is mended. */
static bool mend(const finder *f, inst_str text, inst_mended *mended) {
  inst_mending how = {
      .offset = offset_of(f, text.p), .max_depth = f->search->max_depth, .strict = true};
  inst_mend_result result = inst_mend(text, &how, f->arena, mended);
  how.strict = false;
  if (result == INST_BEYOND_MENDING) result = inst_mend(text, &how, f->arena, mended);
  if (result == INST_BEYOND_MENDING && inst_escaped_is(text))
    result = inst_escaped_mend(text, &how, f->arena, mended);
  if (result == INST_MEND_NO_MEMORY) f->arena->failed = true;
  return result == INST_MENDED;
}

/* ---- values in a region ------------------------------------------------------------------------ */

/* Where the list at the start of 'text' ends, brackets of its kind counted with or without an eye on
** strings; 0: it does not. */
static size_t span_of(inst_str text, bool strings) {
  char open = *text.p, close = open == '{' ? '}' : ']';
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (quoted && c == '\\') i++;
    if (strings && c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == open) depth++;
    if (c == close && --depth == 0) return i + 1;
  }
  return 0;
}

/* How much to pass over where a value cannot be read: all of it, as far as that can be told.  Where
** that was looked for in vain too often, it is the rest. */
static size_t passed(finder *f, inst_str text, size_t looked) {
  size_t n = span_of(text, true);
  f->vain += looked + (n > 0 ? n : text.n);
  if (f->vain / VAIN_TIMES > f->answer.n + VAIN_MORE) return text.n;
  if (n == 0) n = span_of(text, false);
  return n > 0 ? n : text.n;
}

/* Thoughts between words are passed over. */
static const char *find_bracket(inst_str text) {
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '{' || text.p[i] == '[') return text.p + i;
    if (text.p[i] != '<') continue;
    size_t thought = inst_fence_thought((inst_str){text.p + i, text.n - i});
    if (thought > 0) i += thought - 1;
  }
  return NULL;
}

/* ---- parts of a value -------------------------------------------------------------------------- */

/* Does a key in quotes, with its colon, stand at 'at'? */
static bool is_quoted_key(const char *at, const char *end) {
  enum { FAR = 128 };
  if (at == end || (*at != '"' && *at != '\'')) return false;
  const char *limit = end - at > FAR ? at + FAR : end, *quote = at + 1;
  while (quote < limit && *quote != *at) quote++;
  if (quote == limit) return false;
  quote = inst_mend_skip(quote + 1, end);
  return quote < end && *quote == ':';
}

/* The next closing mark from 'at' on that nothing opened, or 'end'.  What was found counts for later
** places before it as well: each byte is looked at once. */
static const char *find_stray(finder *f, const char *at, const char *end) {
  if (f->stray != NULL && f->stray >= at) return f->stray;
  size_t depth = 0;
  bool quoted = false;
  for (; at < end; at++) {
    if (quoted && *at == '\\' && at + 1 < end) at++;
    if (*at == '"') quoted = !quoted;
    if (quoted) continue;
    if (*at == '{' || *at == '[') depth++;
    if ((*at == '}' || *at == ']') && depth-- == 0) break;
  }
  return f->stray = at;
}

/* Does the value between 'at' and 'next' stand in something that could not be read, or whose beginning
** was lost?  Then that goes on, or ends, behind it. */
static bool is_inside(const region *r, const char *at, const char *next, bool unread) {
  if (next == r->text.p + r->text.n || strchr("}],", *next) == NULL) return false;
  if (unread) return true;
  inst_str before = inst_str_trim(between(r->text.p, at));
  if (*next != '}' || before.n == 0 || before.p[before.n - 1] != ':') return false;
  before = inst_str_trim((inst_str){before.p, before.n - 1});
  return before.n > 0 && (before.p[before.n - 1] == '"' || before.p[before.n - 1] == '\'');
}

/* Did a string end too early, so that its rest stands at 'at'?  Then the quotes up to the closing mark
** are no pairs.  Where that mark is; NULL: it did not.  'at' may be NULL. */
static const char *find_rest(const char *at, const char *end) {
  enum { FAR = 512 };
  if (at == NULL) return NULL;
  const char *limit = end - at > FAR ? at + FAR : end, *mark = at;
  size_t quotes = 0;
  for (; mark < limit && strchr("{[}]", *mark) == NULL; mark++) quotes += *mark == '"';
  if (mark == limit || *mark == '{' || *mark == '[') return NULL;
  return quotes % 2 != 0 || *at == '"' ? mark : NULL;
}

/* Where the value ends that the one between 'at' and 'behind' is only a part of; 'behind': it is no
** part.  A list that was closed too early goes on with a key, or up to a closing mark that nothing
** opened; but one such mark or more right behind it do no harm.  'unread': a value before it could not
** be read. */
static const char *end_of_part(finder *f, const region *r, const char *at, const char *behind,
                               bool unread) {
  const char *end = r->text.p + r->text.n, *next = inst_mend_skip(behind, end);
  const char *rest = find_rest(first_word(between(behind, end)), end);
  if (is_inside(r, at, next, unread)) return next + 1;
  if (rest != NULL) return rest;
  for (int n = 0; n < MAX_CLOSERS && next < end && (*next == '}' || *next == ']'); n++)
    next = inst_mend_skip(next + 1, end);
  const char *stray = find_stray(f, next, end);
  bool comma = next < end && *next == ',';
  return stray < end || (comma && is_quoted_key(inst_mend_skip(next + 1, end), end)) ? stray
                                                                                     : behind;
}

/* ---- lists and scalars ------------------------------------------------------------------------- */

/* Words in brackets may be prose as well; alone in their region they are not. */
static bool is_prose(const region *r, const char *at, const inst_mended *mended) {
  return mended->words && !(r->whole && first_word(r->text) == at);
}

static void find_lists(finder *f, const region *r) {
  const char *end = r->text.p + r->text.n, *at = r->text.p;
  bool unread = false;
  inst_mended mended;
  f->stray = NULL;
  while ((at = find_bracket(between(at, end))) != NULL) {
    inst_str rest = between(at, end);
    bool well = mend(f, rest, &mended);
    const char *behind = at + (well ? mended.used : passed(f, rest, mended.used));
    const char *whole = well ? end_of_part(f, r, at, behind, unread) : behind;
    if (well && whole == behind && !is_prose(r, at, &mended)) add(f, r, at, &mended);
    unread = unread || !well;
    at = whole;
  }
}

/* A string, a number or a word that is all there is. */
static void find_scalar(finder *f, const region *r) {
  inst_str text = inst_str_trim(r->text);
  inst_mended mended;
  if (text.n == 0 || *text.p == '`' || !mend(f, text, &mended)) return;
  if (mended.used == text.n) add(f, r, text.p, &mended);
}

/* A string that is strict JSON and all there is: brackets in it are its own. */
static bool find_string(finder *f, const region *r) {
  inst_str text = inst_str_trim(r->text);
  inst_mended mended;
  if (text.n == 0 || *text.p != '"' || !mend(f, text, &mended)) return false;
  if (mended.edits != NULL || mended.used < text.n) return false;
  add(f, r, text.p, &mended);
  return true;
}

/* Blanks in front are passed over once, not once for each value. */
static void find_in(finder *f, const region *given) {
  size_t before = f->count;
  region inner = *given;
  const region *r = &inner;
  const char *first = first_word(given->text);
  if (first != NULL) inner.text = between(first, given->text.p + given->text.n);
  if (r->whole && find_string(f, r)) return;
  find_lists(f, r);
  if (r->whole && f->count == before && find_bracket(r->text) == NULL) find_scalar(f, r);
}

/* ---- regions ----------------------------------------------------------------------------------- */

/* The first mark of the fence before 'at'. */
static const char *fence_before(const finder *f, const char *at, char mark) {
  while (at > f->answer.p && *at != mark) at--;
  while (at > f->answer.p && at[-1] == mark) at--;
  return at;
}

/* A block whose JSON holds a fence was cut too early: the text behind it tells.  (But not for each of
** many.)  Returns what is left to look at. */
static inst_str find_in_block(finder *f, const inst_fence_cut *cut, const char *prose) {
  size_t before = f->count;
  region r = {.text = cut->block,
              .fenced = true,
              .whole = true,
              .fence = fence_before(f, cut->from.p - 1, cut->mark),
              .mark = cut->mark,
              .prose = prose != NULL ? prose : first_word(cut->behind)};
  find_in(f, &r);
  if (f->count > before || find_bracket(cut->block) == NULL || f->retries == MAX_RETRIES)
    return cut->behind;
  f->retries++;
  r.text = cut->from;
  r.prose = prose;
  find_in(f, &r);
  return f->count > before ? (inst_str){f->answer.p, 0} : cut->behind;
}

static void find_in_prose(finder *f, inst_str text) {
  inst_fence_cut cut;
  bool fences = false;
  while (inst_fence_cut_first(text, &cut)) {
    fences = true;
    if (!f->in_thoughts) find_in(f, &(region){.text = cut.before, .prose = cut.from.p});
    text = find_in_block(f, &cut, first_word(cut.before));
  }
  if (!f->in_thoughts) find_in(f, &(region){.text = text, .whole = !fences});
}

/* Do thoughts begin that never end?  What stands in them is no answer, but a block may be. */
static bool is_never_closed(inst_str text) {
  const inst_str tags[] = {INST_LIT("<think>"), INST_LIT("<thinking>")};
  for (size_t i = 0; i < 2; i++)
    if (text.n >= tags[i].n && inst_str_is_nocase((inst_str){text.p, tags[i].n}, tags[i]))
      return true;
  return false;
}

size_t inst_candidates(inst_str answer, const inst_search *search, inst_arena *arena,
                       inst_candidate list[INST_MAX_CANDIDATES], inst_str *thoughts) {
  finder f = {.search = search, .answer = answer, .arena = arena, .list = list};
  inst_str text = inst_fence_thoughts(answer, thoughts);
  if (thoughts->p != NULL) f.thoughts = first_word(answer);
  const char *at = text.n > 0 ? text.p : answer.p + answer.n;
  f.in_thoughts = text.n > 0 && is_never_closed(text);
  if (f.in_thoughts) f.thoughts = first_word(answer);
  text = between(at, answer.p + answer.n); /* a number ends before the blanks behind it */
  if (text.n > 0 && (*text.p == '{' || *text.p == '['))
    find_in(&f, &(region){.text = text, .whole = true});
  else
    find_in_prose(&f, text);
  return f.count;
}
