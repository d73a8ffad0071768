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

inst_str inst_fence_thoughts(inst_str text, inst_str *thoughts) {
  static const struct {
    const char *open, *close;
  } tags[] = {{"<think>", "</think>"}, {"<thinking>", "</thinking>"}};
  *thoughts = (inst_str){NULL, 0};
  text = inst_str_trim(text);
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    inst_str open = inst_str_of(tags[i].open), close = inst_str_of(tags[i].close);
    if (!starts_with_tag(text, open)) continue;
    inst_str body = from(text, open.n);
    size_t end = find(body, close);
    if (end == body.n) return text; /* never closed: the answer itself was cut off */
    *thoughts = inst_str_trim((inst_str){body.p, end});
    return inst_str_trim(from(body, end + close.n));
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

/* How many backticks a line begins with, blanks aside; fewer than three are no fence. */
static size_t fence_of(inst_str line) {
  size_t at = 0, n = 0;
  while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t')) at++;
  while (at + n < line.n && line.p[at + n] == '`') n++;
  return n >= 3 ? n : 0;
}

/* What stands between a fence of 'ticks' and its end, or the end of the text. */
static inst_str take_block(inst_str text, size_t ticks, inst_str *next) {
  const char *begin = text.p;
  while (text.n > 0) {
    const char *end = text.p;
    inst_str line = take_line(text, &text);
    if (fence_of(line) < ticks) continue;
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
    size_t ticks = fence_of(line);
    if (ticks == 0) continue;
    cut->before = (inst_str){text.p, (size_t)(at.p - text.p)};
    cut->from = content_of(line, rest);
    cut->block = take_block(cut->from, ticks, &cut->behind);
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
    size_t ticks = fence_of(line);
    if (ticks == 0) continue;
    inst_str block = inst_str_trim(take_block(text, ticks, &text));
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
