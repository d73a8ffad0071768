/*
** Finding thoughts and fences, line by line.
*/
#include "core/wire/fence.h"

static inst_str from(inst_str text, size_t at) {
  return (inst_str){text.p + at, text.n - at};
}

/* Where 'part' first stands in 'text', in any letter case; text.n: nowhere. */
static size_t find(inst_str text, inst_str part) {
  for (size_t i = 0; i + part.n <= text.n; i++)
    if (inst_str_is_nocase((inst_str){text.p + i, part.n}, part)) return i;
  return text.n;
}

static bool starts_with_tag(inst_str text, inst_str tag) {
  return text.n >= tag.n && inst_str_is_nocase((inst_str){text.p, tag.n}, tag);
}

static const struct {
  const char *open, *close;
} tags[] = {{"<think>", "</think>"}, {"<thinking>", "</thinking>"}};
enum { TAGS = sizeof tags / sizeof *tags };

/* Which tag 'text' begins with; TAGS: none. */
static size_t tag_of(inst_str text) {
  size_t i = 0;
  while (i < TAGS && !starts_with_tag(text, inst_str_of(tags[i].open))) i++;
  return i;
}

/* How long the thoughts are that 'text' begins with, and what they hold; 0: they never end. */
static size_t take_thoughts(inst_str text, size_t tag, inst_str *held) {
  inst_str body = from(text, inst_str_of(tags[tag].open).n), close = inst_str_of(tags[tag].close);
  size_t end = find(body, close);
  *held = (inst_str){body.p, end};
  return end < body.n ? (size_t)(body.p - text.p) + end + close.n : 0;
}

size_t inst_fence_thought(inst_str text) {
  inst_str held;
  size_t tag = tag_of(text);
  if (tag == TAGS) return 0;
  size_t n = take_thoughts(text, tag, &held);
  return n > 0 ? n : text.n;
}

/* Does the answer itself begin at 'text', behind a closing tag? */
static bool may_begin(inst_str text) {
  size_t at = 0;
  while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r')) at++;
  return at == text.n || strchr("\n{[`~", text.p[at]) != NULL;
}

/* Some templates begin the thoughts themselves: then their end alone is seen.  What begins as JSON
** may hold it in a string. */
static size_t find_lone_end(inst_str text, size_t *behind) {
  if (text.n > 0 && strchr("{[", text.p[0]) != NULL) return text.n;
  for (size_t i = 0; i < TAGS; i++) {
    inst_str close = inst_str_of(tags[i].close);
    size_t end = find(text, close);
    if (end == text.n || !may_begin(from(text, end + close.n))) continue;
    if (find((inst_str){text.p, end}, inst_str_of(tags[i].open)) < end) continue;
    *behind = end + close.n;
    return end;
  }
  return text.n;
}

inst_str inst_fence_thoughts(inst_str text, inst_str *thoughts) {
  inst_str held;
  *thoughts = (inst_str){NULL, 0};
  text = inst_str_trim(text);
  size_t tag = tag_of(text), n = 0;
  if (tag == TAGS) {
    held = (inst_str){text.p, find_lone_end(text, &n)};
    if (held.n < text.n) *thoughts = inst_str_trim(held);
    return held.n < text.n ? inst_str_trim(from(text, n)) : text;
  }
  const char *begin = NULL;
  for (; tag < TAGS; tag = tag_of(text)) {
    n = take_thoughts(text, tag, &held);
    if (n == 0) return text; /* never closed: the answer itself was cut off */
    if (begin == NULL) begin = held.p;
    *thoughts = inst_str_trim((inst_str){begin, (size_t)(held.p + held.n - begin)});
    text = inst_str_trim(from(text, n));
  }
  return text;
}

/* ---- fences ---------------------------------------------------------------------------------- */

/* The line at the start of 'text', without its end; '*next' is what follows it. */
static inst_str take_line(inst_str text, inst_str *next) {
  size_t n = 0;
  while (n < text.n && text.p[n] != '\n') n++;
  *next = from(text, n < text.n ? n + 1 : n);
  return (inst_str){text.p, n};
}

/* The marks of a fence: three or more, all alike. */
typedef struct fence {
  char mark; /* a backtick or a tilde */
  size_t n;  /* 0: there is none */
} fence;

/* What a line begins with, blanks aside. */
static fence fence_of(inst_str line) {
  size_t at = 0, n = 0;
  while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t')) at++;
  char mark = at < line.n && line.p[at] == '~' ? '~' : '`';
  while (at + n < line.n && line.p[at + n] == mark) n++;
  return (fence){mark, n >= 3 ? n : 0};
}

/* What stands between a fence and its end, or the end of the text. */
static inst_str take_block(inst_str text, fence opened, inst_str *next) {
  const char *begin = text.p;
  while (text.n > 0) {
    const char *end = text.p;
    inst_str line = take_line(text, &text);
    fence closing = fence_of(line);
    if (closing.mark != opened.mark || closing.n < opened.n) continue;
    *next = text;
    return (inst_str){begin, (size_t)(end - begin)};
  }
  *next = text;
  return (inst_str){begin, (size_t)(text.p - begin)};
}

/* Where the content behind an opening fence begins: on its own line where a bracket stands there. */
static inst_str content_of(inst_str line, inst_str next) {
  for (size_t i = 0; i < line.n; i++)
    if (line.p[i] == '{' || line.p[i] == '[')
      return (inst_str){line.p + i, (size_t)(next.p + next.n - (line.p + i))};
  return next;
}

bool inst_fence_cut_first(inst_str text, inst_fence_cut *cut) {
  inst_str rest = text;
  while (rest.n > 0) {
    inst_str at = rest, line = take_line(rest, &rest);
    fence opened = fence_of(line);
    if (opened.n == 0) continue;
    cut->before = (inst_str){text.p, (size_t)(at.p - text.p)};
    cut->from = content_of(line, rest);
    cut->mark = opened.mark;
    cut->block = take_block(cut->from, opened, &cut->behind);
    return true;
  }
  return false;
}

/* Puts 'part' before the others; the last of too many is forgotten. */
static size_t put_first(inst_str parts[INST_FENCE_MAX], size_t count, inst_str part) {
  if (count == INST_FENCE_MAX) count--;
  memmove(parts + 1, parts, count * sizeof *parts);
  parts[0] = part;
  return count + 1;
}

static size_t find_blocks(inst_str text, inst_str parts[INST_FENCE_MAX]) {
  size_t count = 0;
  while (text.n > 0) {
    inst_str line = take_line(text, &text);
    fence opened = fence_of(line);
    if (opened.n == 0) continue;
    inst_str block = inst_str_trim(take_block(text, opened, &text));
    if (block.n > 0) count = put_first(parts, count, block);
  }
  return count;
}

size_t inst_fence_find(inst_str text, inst_str parts[INST_FENCE_MAX]) {
  text = inst_str_trim(text);
  if (text.n > 0 && (text.p[0] == '{' || text.p[0] == '[')) {
    parts[0] = text;
    return 1;
  }
  return find_blocks(text, parts);
}
