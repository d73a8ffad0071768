/*
** Reading a pattern's characters, writing PCRE2's, refusing with a place.
** Knows neither what the characters mean nor what PCRE2 does with them.
*/
#include "core/schema/scan.h"

#include "core/base/error.h"

bool inst_scan_is_at_end(const inst_scan *scan) {
  return scan->at >= scan->source.n;
}

bool inst_scan_sees(const inst_scan *scan, const char *text) {
  inst_str rest = {scan->source.p + scan->at, scan->source.n - scan->at};
  return inst_str_starts(rest, inst_str_of(text));
}

bool inst_scan_take(inst_scan *scan, const char *text) {
  if (!inst_scan_sees(scan, text)) return false;
  scan->at += strlen(text);
  return true;
}

char inst_scan_peek(const inst_scan *scan, size_t ahead) {
  size_t left = scan->source.n - scan->at;
  return ahead < left ? scan->source.p[scan->at + ahead] : '\0';
}

uint32_t inst_scan_next(inst_scan *scan) {
  unsigned char lead = (unsigned char)scan->source.p[scan->at++];
  if (lead < 0x80) return lead;
  unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  uint32_t code_point = lead & (0x3Fu >> more);
  while (more-- > 0)
    code_point = code_point << 6 | ((unsigned char)scan->source.p[scan->at++] & 0x3Fu);
  return code_point;
}

bool inst_scan_number(inst_scan *scan, uint32_t *number) {
  size_t start = scan->at;
  uint64_t n = 0;
  for (char c; c = inst_scan_peek(scan, 0), c >= '0' && c <= '9'; scan->at++)
    if (n < UINT32_MAX) n = n * 10 + (uint64_t)(c - '0');
  *number = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
  return scan->at > start;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool inst_scan_hex(inst_scan *scan, size_t digits, uint32_t *value) {
  *value = 0;
  for (size_t i = 0; i < digits; i++) {
    int digit = hex_digit(inst_scan_peek(scan, i));
    if (digit < 0) return false;
    *value = *value << 4 | (uint32_t)digit;
  }
  scan->at += digits;
  return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

void inst_scan_put(inst_scan *scan, const char *pcre) {
  inst_buf_add(scan->out, inst_str_of(pcre));
}

static bool is_plain(uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

void inst_scan_put_char(inst_scan *scan, uint32_t code_point) {
  if (is_plain(code_point))
    inst_buf_byte(scan->out, (char)code_point);
  else
    inst_buf_addf(scan->out, "\\x{%X}", (unsigned)code_point);
}

/* ---- refusing -------------------------------------------------------------------------------- */

/* 'mark' is written on both sides of 'what'. */
static int refuse(inst_scan *scan, size_t at, const char *mark, inst_str what,
                  const char *verdict) {
  if (scan->error == NULL || scan->error->code != INST_E_NONE) return -1;
  inst_buf text;
  inst_buf_init(&text, scan->out->alloc);
  inst_buf_add(&text, INST_LIT("regex \""));
  inst_buf_quote(&text, scan->source, INST_QUOTE_MAX);
  inst_buf_addf(&text, "\": %s", mark);
  inst_buf_quote(&text, what, INST_QUOTE_MAX / 2);
  inst_buf_addf(&text, "%s at %zu %s", mark, at, verdict);
  if (text.failed) {
    inst_error_memory(scan->error);
  } else {
    inst_error_set(scan->error, INST_E_USAGE, "%.*s", (int)text.n, text.p);
    scan->error->offset = at;
  }
  inst_buf_clear(&text);
  return -1;
}

int inst_scan_refuse(inst_scan *scan, size_t at, const char *what, const char *verdict) {
  return refuse(scan, at, "", inst_str_of(what), verdict);
}

int inst_scan_refuse_text(inst_scan *scan, size_t at, size_t n, const char *verdict) {
  size_t left = scan->source.n - at;
  return refuse(scan, at, "\"", (inst_str){scan->source.p + at, n < left ? n : left}, verdict);
}
