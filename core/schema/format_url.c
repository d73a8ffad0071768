/*
** The parts of a URL, from left to right.
*/
#include "core/schema/format_url.h"

#include "core/schema/format_is.h"

inst_str inst_url_clean(inst_str text, inst_arena *arena) {
  inst_buf buf;
  text = inst_run_trim(text);
  while (text.n > 0 && (unsigned char)text.p[0] <= ' ') text = inst_run_rest(text, 1);
  while (text.n > 0 && (unsigned char)text.p[text.n - 1] <= ' ') text.n--;
  inst_buf_init(&buf, arena->alloc);
  for (size_t i = 0; i < text.n; i++)
    if (strchr("\t\r\n", text.p[i]) == NULL || text.p[i] == '\0') inst_buf_byte(&buf, text.p[i]);
  return inst_buf_take(&buf, arena);
}

static inst_str lower(inst_str text, inst_arena *arena) {
  char *p = inst_arena_get(arena, text.n);
  for (size_t i = 0; i < text.n && p != NULL; i++)
    p[i] = inst_run_has(INST_UPPER, text.p[i]) ? (char)(text.p[i] | 0x20) : text.p[i];
  return (inst_str){p, p != NULL ? text.n : 0};
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static bool is_forbidden(char c) {
  return (unsigned char)c <= ' ' || c == 0x7F || strchr("#/:<>?@[\\]^|%", c) != NULL;
}

static bool hex_pair(inst_str text, size_t at) {
  return text.n - at > 2 && inst_run_has(INST_HEX, text.p[at + 1]) &&
         inst_run_has(INST_HEX, text.p[at + 2]);
}

static char hex_byte(inst_str text, size_t at) {
  int value = 0;
  for (size_t i = at + 1; i <= at + 2; i++) {
    char c = text.p[i];
    value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return (char)value;
}

/* With every %41 as the byte it means. */
static inst_str percent_decode(inst_str text, inst_arena *arena) {
  char *p = inst_arena_get(arena, text.n);
  size_t n = 0;
  for (size_t i = 0; i < text.n && p != NULL; i++) {
    bool coded = text.p[i] == '%' && hex_pair(text, i);
    p[n++] = coded ? hex_byte(text, i) : text.p[i];
    if (coded) i += 2;
  }
  return (inst_str){p, n};
}

/* The number of one part of an IPv4 address: decimal, 0x hexadecimal, or octal after a 0.  -1: it is
** none.  What is too large for any part stays so. */
static int64_t part_number(inst_str part) {
  int base = 10;
  int64_t number = 0;
  bool hex = part.n >= 2 && part.p[0] == '0' && (part.p[1] | 0x20) == 'x';
  if (part.n == 0) return -1;
  if (hex) base = 16, part = inst_run_rest(part, 2);
  if (!hex && part.n > 1 && part.p[0] == '0') base = 8;
  for (size_t i = 0; i < part.n; i++) {
    char c = part.p[i];
    if (!inst_run_has(hex ? INST_HEX : INST_DIGIT, c)) return -1;
    int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (digit >= base) return -1;
    if (number <= UINT32_MAX) number = number * base + digit;
  }
  return number;
}

/* Where the last part of 'host' begins, a '.' at the end not counted. */
static size_t last_part(inst_str host) {
  size_t at = host.n;
  while (at > 0 && host.p[at - 1] != '.') at--;
  return at;
}

/* A host whose last part is a number must be an address. */
static bool ends_in_number(inst_str host) {
  inst_str last = inst_run_rest(host, last_part(host));
  return inst_run_is_all(last, INST_DIGIT, 1, SIZE_MAX) || part_number(last) >= 0;
}

/* Up to four numbers: the last one fills what the others leave. */
static bool read_ipv4(inst_str host, uint32_t *address) {
  uint64_t sum = 0;
  size_t at = 0;
  for (int i = 0; i < 4; i++) {
    size_t end = inst_run_find(host, at, '.');
    int64_t part = part_number((inst_str){host.p + at, end - at});
    bool last = end == host.n;
    uint64_t limit = last ? UINT64_C(1) << (8 * (4 - i)) : 256;
    if (part < 0 || (uint64_t)part >= limit) return false;
    sum += last ? (uint64_t)part : (uint64_t)part << (8 * (3 - i));
    *address = (uint32_t)sum;
    if (last) return true;
    at = end + 1;
  }
  return false;
}

static inst_str write_ipv4(uint32_t a, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "%u.%u.%u.%u", (unsigned)(a >> 24), (unsigned)(a >> 16 & 255),
                (unsigned)(a >> 8 & 255), (unsigned)(a & 255));
  return inst_buf_take(&buf, arena);
}

/* The longest row of two zeros or more among the parts; its length in 'count'. */
static int longest_zeros(const uint16_t parts[8], int *count) {
  int best = -1;
  *count = 1;
  for (int i = 0; i < 8; i++) {
    int n = 0;
    while (i + n < 8 && parts[i + n] == 0) n++;
    if (n > *count) best = i, *count = n;
  }
  return best;
}

static inst_str write_ipv6(const uint16_t parts[8], inst_arena *arena) {
  int count, gap = longest_zeros(parts, &count);
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_byte(&buf, '[');
  for (int i = 0; i < 8; i++) {
    if (i == gap) {
      inst_buf_addf(&buf, "::");
      i += count - 1;
    } else {
      inst_buf_addf(&buf, i > 0 && i != gap + count ? ":%x" : "%x", (unsigned)parts[i]);
    }
  }
  inst_buf_byte(&buf, ']');
  return inst_buf_take(&buf, arena);
}

/* An address in brackets. */
static bool read_brackets(inst_str host, inst_str *out, inst_arena *arena) {
  uint16_t parts[8];
  if (host.p[host.n - 1] != ']') return false;
  if (!inst_format_ipv6((inst_str){host.p + 1, host.n - 2}, parts)) return false;
  *out = write_ipv6(parts, arena);
  return true;
}

/* The host of a scheme that does not know names: nearly anything. */
static bool read_opaque(inst_str host, inst_str *out) {
  for (size_t i = 0; i < host.n; i++)
    if (host.p[i] != '%' && is_forbidden(host.p[i]) && (unsigned char)host.p[i] >= ' ')
      return false;
  *out = host;
  return true;
}

static bool read_name(inst_str host, inst_str *out, inst_arena *arena) {
  uint32_t address;
  inst_str name = lower(percent_decode(host, arena), arena);
  for (size_t i = 0; i < name.n; i++)
    if (is_forbidden(name.p[i])) return false;
  if (inst_utf8_span(name) != name.n) return false;
  *out = name;
  if (name.n > 1 && name.p[name.n - 1] == '.') name.n--;
  if (name.n == 0) return false;
  if (!ends_in_number(name)) return true;
  if (!read_ipv4(name, &address)) return false;
  *out = write_ipv4(address, arena);
  return true;
}

static bool read_host(inst_str host, bool special, inst_str *out, inst_arena *arena) {
  *out = INST_LIT("");
  if (host.n == 0) return true;
  if (host.p[0] == '[') return read_brackets(host, out, arena);
  return special ? read_name(host, out, arena) : read_opaque(host, out);
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* Does the standard give the scheme rules of its own? */
static bool is_special(inst_str scheme) {
  static const char *const special[] = {"http", "https", "ws", "wss", "ftp", "file"};
  for (size_t i = 0; i < sizeof special / sizeof *special; i++)
    if (inst_str_is(scheme, inst_str_of(special[i]))) return true;
  return false;
}

static bool is_slash(char c, bool special) {
  return c == '/' || (special && c == '\\');
}

/* Bytes of the scheme at the start; 0: there is none. */
static size_t scheme_length(inst_str text) {
  size_t n = 0;
  if (text.n == 0 || !inst_run_has(INST_LETTER, text.p[0])) return 0;
  while (n < text.n &&
         (inst_run_has(INST_ALNUM | INST_DASH, text.p[n]) || text.p[n] == '+' || text.p[n] == '.'))
    n++;
  return n < text.n && text.p[n] == ':' ? n : 0;
}

/* What 'text' begins with, up to the path, the query or the fragment. */
static inst_str authority(inst_str text, bool special) {
  size_t n = 0;
  while (n < text.n && !is_slash(text.p[n], special) && text.p[n] != '?' && text.p[n] != '#') n++;
  return (inst_str){text.p, n};
}

static bool is_port(inst_str text) {
  int number = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (!inst_run_has(INST_DIGIT, text.p[i])) return false;
    number = number * 10 + (text.p[i] - '0');
    if (number > 65535) return false;
  }
  return true;
}

/* Where the port's ':' stands; the length of 'host' where there is none. */
static size_t port_at(inst_str host) {
  bool inside = false;
  for (size_t i = 0; i < host.n; i++) {
    if (host.p[i] == '[') inside = true;
    if (host.p[i] == ']') inside = false;
    if (host.p[i] == ':' && !inside) return i;
  }
  return host.n;
}

/* User and password, host, port. */
static bool read_authority(inst_str text, bool special, inst_url *url, inst_arena *arena) {
  size_t at = text.n;
  while (at > 0 && text.p[at - 1] != '@') at--;
  inst_str host = inst_run_rest(text, at);
  size_t colon = port_at(host);
  bool more = at > 0 || colon < host.n;
  if (colon < host.n && !is_port(inst_run_rest(host, colon + 1))) return false;
  host.n = colon;
  if (host.n == 0 && (special || more)) return false;
  return read_host(host, special, &url->host, arena);
}

/* "file:" knows neither user nor port; "C:" is the beginning of a path. */
static bool read_file(inst_str text, inst_url *url, inst_arena *arena) {
  bool slashes = text.n >= 2 && is_slash(text.p[0], true) && is_slash(text.p[1], true);
  inst_str host = slashes ? authority(inst_run_rest(text, 2), true) : INST_LIT("");
  bool drive =
      host.n == 2 && inst_run_has(INST_LETTER, host.p[0]) && (host.p[1] == ':' || host.p[1] == '|');
  return drive || read_host(host, true, &url->host, arena);
}

bool inst_url_read(inst_str text, inst_url *url, inst_arena *arena) {
  size_t n = scheme_length(text), slashes = 0;
  if (n == 0) return false;
  *url = (inst_url){lower((inst_str){text.p, n}, arena), INST_LIT("")};
  inst_str rest = inst_run_rest(text, n + 1);
  if (inst_str_is(url->scheme, INST_LIT("file"))) return read_file(rest, url, arena);
  bool special = is_special(url->scheme);
  while (slashes < rest.n && is_slash(rest.p[slashes], special) && (special || slashes < 2))
    slashes++;
  if (!special && slashes < 2) return true;
  return read_authority(authority(inst_run_rest(rest, slashes), special), special, url, arena);
}
