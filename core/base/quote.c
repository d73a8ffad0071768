/*
** Quoting what others said.
*/
#include "core/base/quote.h"

#include "core/base/text.h"

#define SHORTEST_SECRET 4 /* bytes; a shorter one would star out half of every sentence */

/* 'part' is not empty. */
static const char *find(inst_str text, inst_str part) {
  const char *at = text.p, *end = text.p + text.n;
  for (; (size_t)(end - at) >= part.n; at++) {
    at = memchr(at, part.p[0], (size_t)(end - at) - part.n + 1);
    if (at == NULL || memcmp(at, part.p, part.n) == 0) return at;
  }
  return NULL;
}

static bool holds_any(inst_str text, inst_secrets secrets) {
  for (size_t i = 0; i < secrets.count; i++)
    if (secrets.list[i].n >= SHORTEST_SECRET && find(text, secrets.list[i]) != NULL) return true;
  return false;
}

static void star_out(char *p, size_t n, inst_str secret) {
  const char *at;
  if (secret.n < SHORTEST_SECRET) return;
  for (size_t from = 0; (at = find((inst_str){p + from, n - from}, secret)) != NULL;) {
    from = (size_t)(at - p) + secret.n; /* on from here: a secret may itself be all stars */
    memset(p + from - secret.n, '*', secret.n);
  }
}

/* As much of 'text' as can show: what is quoted, and a secret that begins at its end. */
static inst_str head_of(inst_str text, size_t max, inst_secrets secrets) {
  size_t n = max + 4; /* a character may be cut */
  for (size_t i = 0; i < secrets.count; i++)
    if (secrets.list[i].n + max + 4 > n) n = secrets.list[i].n + max + 4;
  return text.n > n ? (inst_str){text.p, n} : text;
}

inst_str inst_quote_mask(inst_str text, inst_secrets secrets, inst_arena *arena) {
  if (text.n == 0 || !holds_any(text, secrets)) return text;
  char *copy = inst_arena_get(arena, text.n + 1);
  if (copy == NULL) return (inst_str){NULL, 0};
  memcpy(copy, text.p, text.n);
  copy[text.n] = '\0';
  for (size_t i = 0; i < secrets.count; i++) star_out(copy, text.n, secrets.list[i]);
  return (inst_str){copy, text.n};
}

inst_str inst_quote_upto(inst_str text, size_t max, inst_secrets secrets, inst_arena *arena) {
  inst_buf buf;
  if (text.p == NULL) return text;
  inst_str masked = inst_quote_mask(head_of(text, max, secrets), secrets, arena);
  inst_buf_init_in(&buf, arena);
  inst_buf_quote(&buf, masked, max);
  return inst_buf_take(&buf, arena);
}

void inst_quote_add(inst_error *error, inst_str words, inst_secrets secrets, inst_arena *arena) {
  size_t used = strlen(error->text);
  if (words.n == 0) return;
  inst_str quoted = inst_quote(words, secrets, arena);
  if (quoted.n == 0 || used + 2 + quoted.n >= sizeof error->text) return;
  memcpy(error->text + used, ": ", 2);
  memcpy(error->text + used + 2, quoted.p, quoted.n);
  error->text[used + 2 + quoted.n] = '\0';
}

void inst_quote_reason(inst_error *error, inst_str code, inst_secrets secrets, inst_arena *arena) {
  inst_str shown = inst_quote(code, secrets, arena);
  size_t n = shown.n < sizeof error->reason ? shown.n : sizeof error->reason - 1;
  while (n > 0 && n < shown.n && ((unsigned char)shown.p[n] & 0xC0) == 0x80) n--;
  if (n > 0) memcpy(error->reason, shown.p, n);
  error->reason[n] = '\0';
}
