/*
** Thoughts, prose and fences, a byte at a time: each state is one place in such a text.
*/
#include "core/wire/unwrap.h"

enum {
  LEAD,     /* before anything that counts */
  TAG,      /* behind a '<' that may begin the thoughts */
  THOUGHTS, /* until their closing tag */
  PROSE,    /* in a line of it */
  LINE,     /* at the start of a line */
  FENCE,    /* in the marks of a fence */
  LANGUAGE, /* behind them, on the same line */
  INSIDE    /* in the JSON, to the end */
};

#define CLOSING_TAG "</think" /* and what follows up to '>' */

void inst_unwrap_init(inst_unwrap *u) {
  memset(u, 0, sizeof *u);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c ^ 0x20) : c;
}

/* The first mark of what may be a fence, or not. */
static uint8_t begin_fence(inst_unwrap *u, char c) {
  u->n = 1;
  u->mark = c;
  return c == '`' || c == '~' ? FENCE : PROSE;
}

static uint8_t in_lead(inst_unwrap *u, char c) {
  u->n = 0;
  if (is_blank(c)) return LEAD;
  if (c == '{' || c == '[') return INSIDE;
  if (c == '<') return TAG;
  return begin_fence(u, c);
}

static uint8_t in_tag(inst_unwrap *u, char c) {
  if (c != '>') {
    if (u->n == sizeof u->tag) return PROSE;
    u->tag[u->n++] = lower(c);
    return c == '\n' ? LINE : TAG;
  }
  inst_str tag = {u->tag, u->n};
  bool thoughts = inst_str_is(tag, INST_LIT("think")) || inst_str_is(tag, INST_LIT("thinking"));
  u->n = 0;
  return thoughts ? THOUGHTS : PROSE;
}

/* The first letters of the closing tag must match; then its end is waited for. */
static uint8_t in_thoughts(inst_unwrap *u, char c) {
  const size_t whole = sizeof CLOSING_TAG - 1;
  if (u->n == whole) {
    if (c != '>') return THOUGHTS;
    u->n = 0;
    return LEAD;
  }
  if (lower(c) == CLOSING_TAG[u->n])
    u->n++;
  else
    u->n = c == '<';
  return THOUGHTS;
}

static uint8_t in_line(inst_unwrap *u, char c) {
  return c == '\n' || c == ' ' ? LINE : begin_fence(u, c);
}

/* Three of them, or more, at the start of a line. */
static uint8_t in_fence(inst_unwrap *u, char c) {
  if (c == u->mark) {
    if (u->n < 3) u->n++;
    return FENCE;
  }
  if (u->n < 3) return c == '\n' ? LINE : PROSE;
  return c == '\n' ? LEAD : LANGUAGE;
}

static uint8_t next_state(inst_unwrap *u, char c) {
  switch (u->state) {
  case LEAD: return in_lead(u, c);
  case TAG: return in_tag(u, c);
  case THOUGHTS: return in_thoughts(u, c);
  case PROSE: return c == '\n' ? LINE : PROSE;
  case LINE: return in_line(u, c);
  case FENCE: return in_fence(u, c);
  default: return c == '\n' ? LEAD : LANGUAGE;
  }
}

inst_str inst_unwrap_take(inst_unwrap *u, inst_str text) {
  size_t i = 0;
  while (i < text.n && u->state != INSIDE) {
    u->state = next_state(u, text.p[i]);
    if (u->state != INSIDE) i++;
  }
  return (inst_str){text.p + i, text.n - i};
}
