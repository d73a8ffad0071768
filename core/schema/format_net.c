/*
** Names and addresses of networks, mail and telephones.
*/
#include "core/schema/format_is.h"

/* ---- IP -------------------------------------------------------------------------------------- */

/* The four parts of an IPv4 address. */
static bool ipv4_parts(inst_str text, int parts[4]) {
  size_t at = 0;
  for (int i = 0; i < 4; i++) {
    size_t end = i < 3 ? inst_run_find(text, at, '.') : text.n;
    if (end > text.n || (i < 3 && end == text.n)) return false;
    parts[i] = inst_run_number((inst_str){text.p + at, end - at}, 255);
    if (parts[i] < 0) return false;
    at = end + 1;
  }
  return true;
}

bool inst_format_is_ipv4(inst_str text, const inst_format_options *options, inst_arena *arena) {
  int parts[4];
  (void)options, (void)arena;
  return ipv4_parts(text, parts);
}

static uint16_t hex_value(inst_str text) {
  unsigned value = 0;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    unsigned digit = (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    value = value * 16 + digit;
  }
  return (uint16_t)value;
}

/* An IPv6 address being read. */
typedef struct reading {
  uint16_t *parts;
  int count; /* parts read */
  int gap;   /* the parts before "::"; -1: there was none */
} reading;

/* Takes the part 'text'; the last one may be an IPv4 address, which makes two. */
static bool take_part(reading *r, inst_str text, bool last) {
  int four[4];
  if (last && inst_run_find(text, 0, '.') < text.n) {
    if (r->count > 6 || !ipv4_parts(text, four)) return false;
    r->parts[r->count++] = (uint16_t)(four[0] << 8 | four[1]);
    r->parts[r->count++] = (uint16_t)(four[2] << 8 | four[3]);
    return true;
  }
  if (r->count == 8 || !inst_run_is_all(text, INST_HEX, 1, 4)) return false;
  r->parts[r->count++] = hex_value(text);
  return true;
}

/* Fills the gap with zeros: one at least. */
static bool close_gap(reading *r) {
  if (r->gap < 0) return r->count == 8;
  if (r->count == 8) return false;
  for (int moved = 1; moved <= r->count - r->gap; moved++)
    r->parts[8 - moved] = r->parts[r->count - moved];
  for (int i = r->gap; i < 8 - (r->count - r->gap); i++) r->parts[i] = 0;
  return true;
}

/* Steps over "::" at 'at', which may stand once. */
static bool take_gap(reading *r, inst_str text, size_t *at) {
  bool there = *at + 1 < text.n && text.p[*at] == ':' && text.p[*at + 1] == ':';
  if (!there) return true;
  if (r->gap >= 0) return false;
  r->gap = r->count;
  *at += 2;
  return true;
}

bool inst_format_ipv6(inst_str text, uint16_t parts[8]) {
  reading r = {parts, 0, -1};
  size_t at = 0;
  if (text.n < 2 || !take_gap(&r, text, &at)) return false;
  while (at < text.n) {
    size_t end = inst_run_find(text, at, ':');
    if (!take_part(&r, (inst_str){text.p + at, end - at}, end == text.n)) return false;
    at = end;
    if (at == text.n) break;
    if (!take_gap(&r, text, &at)) return false;
    if (at == end && ++at == text.n) return false;
  }
  return close_gap(&r);
}

bool inst_format_is_ipv6(inst_str text, const inst_format_options *options, inst_arena *arena) {
  uint16_t parts[8];
  (void)options, (void)arena;
  return inst_format_ipv6(text, parts);
}

bool inst_format_is_ip(inst_str text, const inst_format_options *options, inst_arena *arena) {
  return (options->version != 6 && inst_format_is_ipv4(text, options, arena)) ||
         (options->version != 4 && inst_format_is_ipv6(text, options, arena));
}

/* An address, '/', and a number up to 'max'. */
static bool is_range(inst_str text, inst_format_is is_address, int max) {
  size_t slash = inst_run_find(text, 0, '/');
  if (slash == text.n || inst_run_number(inst_run_rest(text, slash + 1), max) < 0) return false;
  return is_address((inst_str){text.p, slash}, NULL, NULL);
}

bool inst_format_is_cidrv4(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return is_range(text, inst_format_is_ipv4, 32);
}

bool inst_format_is_cidrv6(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return is_range(text, inst_format_is_ipv6, 128);
}

bool inst_format_is_cidr(inst_str text, const inst_format_options *options, inst_arena *arena) {
  return (options->version != 6 && inst_format_is_cidrv4(text, options, arena)) ||
         (options->version != 4 && inst_format_is_cidrv6(text, options, arena));
}

/* Six pairs of digits of 'set', between them 'delimiter'. */
static bool has_pairs(inst_str text, unsigned set, inst_str delimiter) {
  for (size_t i = 0, at = 0; i < 6; i++) {
    if (i > 0) {
      if (!inst_str_starts(inst_run_rest(text, at), delimiter)) return false;
      at += delimiter.n;
    }
    if (text.n - at < 2 || inst_run((inst_str){text.p, at + 2}, at, set) != 2) return false;
    at += 2;
  }
  return text.n == 12 + 5 * delimiter.n;
}

bool inst_format_is_mac(inst_str text, const inst_format_options *options, inst_arena *arena) {
  inst_str delimiter = options->delimiter.p != NULL ? options->delimiter : INST_LIT(":");
  (void)arena;
  return has_pairs(text, INST_DIGIT | INST_UPPER_HEX, delimiter) ||
         has_pairs(text, INST_DIGIT | INST_LOWER_HEX, delimiter);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_label(inst_str label) {
  if (!inst_run_is_all(label, INST_ALNUM | INST_DASH, 1, 63)) return false;
  return label.p[0] != '-' && label.p[label.n - 1] != '-';
}

/* Is 'text' made of labels with dots between?  'last' is the last one. */
static bool has_labels(inst_str text, inst_str *last) {
  for (size_t at = 0, end = 0; end < text.n; at = end + 1) {
    end = inst_run_find(text, at, '.');
    *last = (inst_str){text.p + at, end - at};
    if (!is_label(*last)) return false;
  }
  return text.n > 0 && text.n <= 253;
}

bool inst_format_is_hostname(inst_str text, const inst_format_options *options, inst_arena *arena) {
  inst_str last;
  (void)options, (void)arena;
  if (text.n > 0 && text.p[text.n - 1] == '.') text.n--;
  return has_labels(text, &last);
}

bool inst_format_is_domain(inst_str text, const inst_format_options *options, inst_arena *arena) {
  inst_str last = {NULL, 0};
  (void)options, (void)arena;
  return has_labels(text, &last) && last.n < text.n && inst_run_is_all(last, INST_LETTER, 2, 63);
}

/* What stands before the '@': words with single dots between, none at an end. */
static bool is_mailbox(inst_str text) {
  bool dot = true; /* may no dot stand here? */
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    bool plain = inst_run_has(INST_ALNUM | INST_DASH | INST_UNDERSCORE, c) || c == '\'' || c == '+';
    if (!plain && (c != '.' || dot)) return false;
    dot = c == '.';
  }
  return text.n > 0 && !dot && text.p[text.n - 1] != '\'';
}

/* What stands behind it: labels that begin with a letter or digit, and at last two letters or
** more. */
static bool is_mail_domain(inst_str text) {
  size_t at = 0, end = inst_run_find(text, 0, '.');
  for (; end < text.n; at = end + 1, end = inst_run_find(text, at, '.')) {
    inst_str label = {text.p + at, end - at};
    if (!inst_run_is_all(label, INST_ALNUM | INST_DASH, 1, SIZE_MAX) || label.p[0] == '-')
      return false;
  }
  return at > 0 && inst_run_is_all(inst_run_rest(text, at), INST_LETTER, 2, SIZE_MAX);
}

bool inst_format_is_email(inst_str text, const inst_format_options *options, inst_arena *arena) {
  size_t at = inst_run_find(text, 0, '@');
  (void)options, (void)arena;
  return at < text.n && is_mailbox((inst_str){text.p, at}) &&
         is_mail_domain(inst_run_rest(text, at + 1));
}

bool inst_format_is_e164(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return text.n >= 2 && text.p[0] == '+' && text.p[1] != '0' &&
         inst_run_is_all(inst_run_rest(text, 1), INST_DIGIT, 7, 15);
}
