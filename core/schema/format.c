/*
** The list of formats, the options of a check, and the asking.
*/
#include "core/schema/format.h"

#include "core/base/error.h"
#include "core/schema/format_is.h"
#include "core/schema/format_url.h"

/* The options, each with its bit. */
enum {
  OFFSET = 1,
  LOCAL = 2,
  PRECISION = 4,
  VERSION = 8,
  LENGTH = 16,
  DELIMITER = 32,
  ALG = 64,
  ENC = 128,
  NAME = 256,
  PATTERN = 512,
  PROTOCOL = 1024,
  HOSTNAME = 2048
};

/* One format. */
typedef struct format_row {
  const char *name;    /* what a check asks for */
  const char *issue;   /* what issues call it; NULL: the same */
  const char *words;   /* what people call it; NULL: as issues do */
  const char *keyword; /* JSON Schema's "format"; NULL: none says the same */
  const char *hint;    /* the same for a model */
  unsigned takes;      /* options */
  unsigned needs;      /* options that must be given */
  inst_format_is is;   /* NULL: a pattern or the reading of a URL decides */
  const char *pattern; /* ours, ECMAScript's syntax */
} format_row;

/* Each character belongs to emoji, and one of them at least can be seen by itself. */
#define EMOJI                                                                                      \
  "^(?=[^]*[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\u20E3])"                            \
  "[\\p{Extended_Pictographic}\\p{Emoji_Component}]+$"

static const format_row rows[] = {
    {"email", NULL, "email address", "email", "an email address", PATTERN, 0, inst_format_is_email,
     NULL},
    {"url", NULL, "URL", "uri", "a URL that begins with its scheme", PROTOCOL | HOSTNAME, 0, NULL,
     NULL},
    {"http_url", "url", NULL, "uri", "an http or https URL", 0, 0, NULL, NULL},
    {"uuid", NULL, "UUID", "uuid", "a UUID", VERSION, 0, inst_format_is_uuid, NULL},
    {"guid", NULL, "GUID", "uuid", "a GUID", 0, 0, inst_format_is_guid, NULL},
    {"emoji", NULL, NULL, NULL, "nothing but emoji", 0, 0, NULL, EMOJI},
    {"nanoid", NULL, NULL, NULL, "a nanoid", LENGTH, 0, inst_format_is_nanoid, NULL},
    {"cuid", NULL, NULL, NULL, "a cuid", 0, 0, inst_format_is_cuid, NULL},
    {"cuid2", NULL, NULL, NULL, "a cuid2", 0, 0, inst_format_is_cuid2, NULL},
    {"ulid", NULL, "ULID", NULL, "a ULID", 0, 0, inst_format_is_ulid, NULL},
    {"xid", NULL, "XID", NULL, "an xid", 0, 0, inst_format_is_xid, NULL},
    {"ksuid", NULL, "KSUID", NULL, "a KSUID", 0, 0, inst_format_is_ksuid, NULL},
    {"datetime", NULL, "ISO datetime", "date-time", "an ISO datetime such as 2024-12-31T23:59:59Z",
     OFFSET | LOCAL | PRECISION, 0, inst_format_is_datetime, NULL},
    {"date", NULL, "ISO date", "date", "an ISO date such as 2024-12-31", 0, 0, inst_format_is_date,
     NULL},
    {"time", NULL, "ISO time", NULL, "an ISO time without zone such as 23:59:59", PRECISION, 0,
     inst_format_is_time, NULL},
    {"duration", NULL, "ISO duration", "duration", "an ISO duration such as P1DT12H", 0, 0,
     inst_format_is_duration, NULL},
    {"ipv4", NULL, "IPv4 address", "ipv4", "an IPv4 address", 0, 0, inst_format_is_ipv4, NULL},
    {"ipv6", NULL, "IPv6 address", "ipv6", "an IPv6 address", 0, 0, inst_format_is_ipv6, NULL},
    {"ip", NULL, "IP address", NULL, "an IP address", VERSION, 0, inst_format_is_ip, NULL},
    {"cidrv4", NULL, "IPv4 range", NULL, "an IPv4 range such as 10.0.0.0/8", 0, 0,
     inst_format_is_cidrv4, NULL},
    {"cidrv6", NULL, "IPv6 range", NULL, "an IPv6 range such as 2001:db8::/32", 0, 0,
     inst_format_is_cidrv6, NULL},
    {"cidr", NULL, "IP range", NULL, "an IP range such as 10.0.0.0/8", VERSION, 0,
     inst_format_is_cidr, NULL},
    {"mac", NULL, "MAC address", NULL, "a MAC address", DELIMITER, 0, inst_format_is_mac, NULL},
    {"hostname", NULL, NULL, "hostname", "a hostname", 0, 0, inst_format_is_hostname, NULL},
    {"e164", NULL, "E.164 number", NULL, "a telephone number such as +14155552671", 0, 0,
     inst_format_is_e164, NULL},
    {"base64", NULL, "base64-encoded string", NULL, "encoded in base64 with padding", 0, 0,
     inst_format_is_base64, NULL},
    {"base64url", NULL, "base64url-encoded string", NULL, "encoded in base64url without padding", 0,
     0, inst_format_is_base64url, NULL},
    {"hex", NULL, NULL, NULL, "hexadecimal digits", 0, 0, inst_format_is_hex, NULL},
    {"hash", NULL, NULL, NULL, "a digest", ALG | ENC, ALG, inst_format_is_hash, NULL},
    {"jwt", NULL, "JWT", NULL, "a JWT", ALG, 0, inst_format_is_jwt, NULL},
    {"credit_card", NULL, "credit card number", NULL, "a credit card number", 0, 0,
     inst_format_is_credit_card, NULL},
    {"iban", NULL, "IBAN", NULL, "an IBAN without blanks", 0, 0, inst_format_is_iban, NULL},
    {"custom", NULL, NULL, NULL, "in the format", NAME | PATTERN, NAME | PATTERN, NULL, NULL},
};

struct inst_format {
  const format_row *row;
  inst_format_options options;
  inst_str name;
  inst_regex *pattern, *protocol, *hostname;
};

static const format_row *find_row(inst_str name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (inst_str_is(name, inst_str_of(rows[i].name))) return &rows[i];
  return NULL;
}

/* ---- options --------------------------------------------------------------------------------- */

typedef enum argument { NOTHING, COUNT, WORDS } argument;

static const struct {
  const char *name;
  unsigned bit;
  argument takes;
  size_t at; /* in inst_format_options */
} known[] = {
    {"offset", OFFSET, NOTHING, offsetof(inst_format_options, offset)},
    {"local", LOCAL, NOTHING, offsetof(inst_format_options, local)},
    {"precision", PRECISION, COUNT, offsetof(inst_format_options, precision)},
    {"version", VERSION, COUNT, offsetof(inst_format_options, version)},
    {"length", LENGTH, COUNT, offsetof(inst_format_options, length)},
    {"delimiter", DELIMITER, WORDS, offsetof(inst_format_options, delimiter)},
    {"alg", ALG, WORDS, offsetof(inst_format_options, alg)},
    {"enc", ENC, WORDS, offsetof(inst_format_options, enc)},
    {"name", NAME, WORDS, offsetof(inst_format_options, name)},
    {"pattern", PATTERN, WORDS, offsetof(inst_format_options, pattern)},
    {"protocol", PROTOCOL, WORDS, offsetof(inst_format_options, protocol)},
    {"hostname", HOSTNAME, WORDS, offsetof(inst_format_options, hostname)},
};

#define MAX_COUNT 1000000

/* One option as it was written. */
typedef struct option {
  inst_str name, value; /* value.p NULL: there is none */
} option;

/* A value in quotes, from behind the first one to behind the last; a backslash keeps what follows
** it.  p NULL: the last one is missing, or memory. */
static inst_str quoted(inst_str text, size_t *at, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (; *at < text.n && text.p[*at] != '"'; ++*at) {
    if (text.p[*at] == '\\' && *at + 1 < text.n) ++*at;
    inst_buf_byte(&buf, text.p[*at]);
  }
  inst_str value = inst_buf_take(&buf, arena);
  return ++*at <= text.n ? value : (inst_str){NULL, 0};
}

static size_t word_end(inst_str text, size_t at, bool name) {
  while (at < text.n && text.p[at] != ' ' && !(name && text.p[at] == '=')) at++;
  return at;
}

/* The next option of 'text'.  False: there is none. */
static bool next_option(inst_str text, size_t *at, option *next, inst_arena *arena) {
  while (*at < text.n && text.p[*at] == ' ') ++*at;
  if (*at >= text.n) return false;
  size_t start = *at;
  *at = word_end(text, start, true);
  *next = (option){{text.p + start, *at - start}, {NULL, 0}};
  if (*at >= text.n || text.p[*at] != '=') return true;
  start = ++*at;
  if (start < text.n && text.p[start] == '"') {
    ++*at;
    next->value = quoted(text, at, arena);
  } else {
    *at = word_end(text, start, false);
    next->value = inst_arena_copy(arena, (inst_str){text.p + start, *at - start});
  }
  return true;
}

/* The number of a count: "4", "v4" (as versions are written), "-1".  False: it is none. */
static bool read_count(inst_str text, int *count) {
  bool minus = text.n > 0 && text.p[0] == '-';
  if (text.n > 0 && (minus || text.p[0] == 'v')) text = inst_run_rest(text, 1);
  int number = inst_run_number(text, MAX_COUNT);
  *count = minus ? -number : number;
  return number >= 0;
}

/* Puts the option in its place.  False: its value is not what it takes. */
static bool set_option(inst_format_options *options, size_t i, inst_str value) {
  char *place = (char *)options + known[i].at;
  if (known[i].bit == PRECISION) options->has_precision = true;
  switch (known[i].takes) {
  case NOTHING: *(bool *)place = true; return value.p == NULL;
  case COUNT: return read_count(value, (int *)(void *)place);
  default: *(inst_str *)(void *)place = value; return value.p != NULL;
  }
}

/* Reads all options.  Non-zero: 'error' names the one that is wrong. */
static int read_options(inst_format *format, inst_str text, inst_arena *arena, inst_error *error) {
  const char *name = format->row->name;
  unsigned given = 0;
  option next;
  for (size_t at = 0; next_option(text, &at, &next, arena);) {
    size_t i = 0, count = sizeof known / sizeof *known;
    int n = (int)(next.name.n < 40 ? next.name.n : 40);
    while (i < count && !inst_str_is(next.name, inst_str_of(known[i].name))) i++;
    if (i == count || (format->row->takes & known[i].bit) == 0)
      return inst_error_set(error, INST_E_USAGE, "the format %s has no option \"%.*s\"", name, n,
                            next.name.p);
    if (inst_arena_failed(arena)) return inst_error_memory(error);
    if (!set_option(&format->options, i, next.value))
      return inst_error_set(error, INST_E_USAGE, "the format %s cannot take its option %s so", name,
                            known[i].name);
    given |= known[i].bit;
  }
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if ((format->row->needs & known[i].bit & ~given) != 0)
      return inst_error_set(error, INST_E_USAGE, "the format %s needs the option %s", name,
                            known[i].name);
  return 0;
}

/* What the options must not be; NULL: they are well. */
static const char *options_fault(const inst_format *format) {
  const inst_format_options *o = &format->options;
  bool uuid = format->row->is == inst_format_is_uuid;
  if (o->has_precision && o->precision < -1) return "precision";
  if (uuid ? o->version < 0 || o->version > 8
           : o->version != 0 && o->version != 4 && o->version != 6)
    return "version";
  if (o->length < 0) return "length";
  if (format->row->is != inst_format_is_hash) return NULL;
  if (inst_format_digest(o->alg) == 0) return "alg";
  bool known_enc = o->enc.p == NULL || inst_str_is(o->enc, INST_LIT("hex")) ||
                   inst_str_is(o->enc, INST_LIT("base64")) ||
                   inst_str_is(o->enc, INST_LIT("base64url"));
  return known_enc ? NULL : "enc";
}

/* ---- building -------------------------------------------------------------------------------- */

/* "sha256_hex" */
static inst_str hash_name(const inst_format_options *o, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_add(&buf, o->alg);
  inst_buf_byte(&buf, '_');
  inst_buf_add(&buf, o->enc.p != NULL ? o->enc : INST_LIT("hex"));
  return inst_buf_take(&buf, arena);
}

static inst_str name_of(const inst_format *format, inst_arena *arena) {
  const format_row *row = format->row;
  if (row->is == inst_format_is_hash) return hash_name(&format->options, arena);
  if (format->options.name.p != NULL) return format->options.name;
  if (row->is == inst_format_is_ip && format->options.version != 0)
    return format->options.version == 4 ? INST_LIT("ipv4") : INST_LIT("ipv6");
  if (row->is == inst_format_is_cidr && format->options.version != 0)
    return format->options.version == 4 ? INST_LIT("cidrv4") : INST_LIT("cidrv6");
  return inst_str_of(row->issue != NULL ? row->issue : row->name);
}

/* Compiles a pattern where there is one. */
static int compile(inst_regex **regex, inst_arena *arena, inst_str source, inst_error *error) {
  if (source.p == NULL) return 0;
  *regex = inst_regex_new(arena->alloc, source, INST_LIT(""), error);
  return *regex != NULL ? 0 : -1;
}

static int build(inst_format *format, inst_str options, inst_arena *arena, inst_error *error) {
  const inst_format_options *o = &format->options;
  if (read_options(format, options, arena, error) != 0) return -1;
  if (inst_arena_failed(arena)) return inst_error_memory(error);
  const char *wrong = options_fault(format);
  if (wrong != NULL)
    return inst_error_set(error, INST_E_USAGE, "the format %s cannot take its option %s so",
                          format->row->name, wrong);
  format->name = name_of(format, arena);
  inst_str pattern = o->pattern.p != NULL ? o->pattern : inst_str_of(format->row->pattern);
  if (compile(&format->pattern, arena, pattern, error) != 0) return -1;
  if (compile(&format->protocol, arena, o->protocol, error) != 0) return -1;
  return compile(&format->hostname, arena, o->hostname, error);
}

inst_format *inst_format_new(inst_arena *arena, inst_str name, inst_str options,
                             inst_error *error) {
  const format_row *row = find_row(name);
  if (row == NULL) {
    inst_error_set(error, INST_E_USAGE, "there is no format \"%.*s\"",
                   (int)(name.n < INST_QUOTE_MAX ? name.n : INST_QUOTE_MAX),
                   name.p != NULL ? name.p : "");
    return NULL;
  }
  inst_format *format = inst_arena_get(arena, sizeof *format);
  if (format == NULL) {
    inst_error_memory(error);
    return NULL;
  }
  *format = (inst_format){.row = row};
  if (build(format, options, arena, error) == 0 && !inst_arena_failed(arena)) return format;
  inst_error_memory(error);
  inst_format_clear(format);
  return NULL;
}

void inst_format_clear(inst_format *format) {
  if (format == NULL) return;
  inst_regex_free(format->pattern);
  inst_regex_free(format->protocol);
  inst_regex_free(format->hostname);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Does 'text' begin as the web's addresses do? */
static bool is_web(inst_str text) {
  size_t colon = inst_run_find(text, 0, ':');
  inst_str scheme = {text.p, colon};
  return (inst_str_is_nocase(scheme, INST_LIT("http")) ||
          inst_str_is_nocase(scheme, INST_LIT("https"))) &&
         inst_str_starts(inst_run_rest(text, colon), INST_LIT("://"));
}

static int reject(inst_format_verdict *verdict, const char *note, inst_str pattern) {
  verdict->note = inst_str_of(note);
  verdict->pattern = pattern;
  return 0;
}

/* One part of a URL against the pattern the check has for it. */
static int test_part(const inst_regex *regex, inst_str part, inst_str pattern, const char *note,
                     inst_format_verdict *verdict, inst_error *error) {
  if (regex == NULL) return 1;
  int answer = inst_regex_search(regex, part, error);
  return answer == 0 ? reject(verdict, note, pattern) : answer;
}

static int test_url(const inst_format *format, inst_str text, inst_arena *arena,
                    inst_format_verdict *verdict, inst_error *error) {
  static const char usual[] = "^https?$"; /* who asks for the web's schemes wants its slashes */
  const inst_format_options *o = &format->options;
  bool web = inst_str_is(inst_str_of(format->row->name), INST_LIT("http_url"));
  inst_url url;
  inst_str clean = inst_url_clean(text, arena);
  if (clean.p == NULL) return inst_error_memory(error);
  if ((web || inst_str_is(o->protocol, inst_str_of(usual))) && !is_web(clean))
    return reject(verdict, "Invalid URL format", (inst_str){NULL, 0});
  if (!inst_url_read(clean, &url, arena)) return 0;
  if (web && !inst_format_is_domain(url.host, o, arena))
    return reject(verdict, "Invalid hostname", (inst_str){NULL, 0});
  int host = test_part(format->hostname, url.host, o->hostname, "Invalid hostname", verdict, error);
  if (host != 1) return host;
  int scheme =
      test_part(format->protocol, url.scheme, o->protocol, "Invalid protocol", verdict, error);
  if (scheme == 1 && !inst_str_is(clean, text)) verdict->text = clean;
  return scheme;
}

int inst_format_test(const inst_format *format, inst_str text, inst_arena *arena,
                     inst_format_verdict *verdict, inst_error *error) {
  *verdict = (inst_format_verdict){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  if (format->pattern != NULL) return inst_regex_search(format->pattern, text, error);
  if (format->row->is == NULL) return test_url(format, text, arena, verdict, error);
  return format->row->is(text, &format->options, arena);
}

inst_str inst_format_name(const inst_format *format) {
  return format->name;
}

inst_str inst_format_words(inst_str name) {
  const format_row *row = find_row(name);
  return row != NULL && row->words != NULL ? inst_str_of(row->words) : name;
}

/* ---- telling a model ------------------------------------------------------------------------- */

const char *inst_format_keyword(const inst_format *format) {
  const inst_format_options *o = &format->options;
  if (format->row->is == inst_format_is_datetime && (o->local || o->precision < 0)) return NULL;
  if (format->row->is == inst_format_is_ip && o->version != 0)
    return o->version == 4 ? "ipv4" : "ipv6";
  return format->row->keyword;
}

bool inst_format_is_any_ip(const inst_format *format) {
  return format->row->is == inst_format_is_ip && format->options.version == 0;
}

inst_str inst_format_pattern(const inst_format *format) {
  return format->options.pattern;
}

static void add_words(inst_buf *buf, const char *before, inst_str words) {
  if (words.p == NULL) return;
  inst_buf_addf(buf, "%s", before);
  inst_buf_add(buf, words);
}

static void add_count(inst_buf *buf, const char *before, int count, const char *after) {
  if (count > 0) inst_buf_addf(buf, "%s%d%s", before, count, after);
}

static void add_precision(inst_buf *buf, const inst_format_options *o) {
  if (!o->has_precision) return;
  if (o->precision <= 0)
    inst_buf_addf(buf, o->precision < 0 ? ", without seconds" : ", without fractions of a second");
  add_count(buf, ", with exactly ", o->precision, " digits behind the seconds' point");
}

/* What the options add to the hint. */
static void add_options(inst_buf *buf, const inst_format_options *o) {
  add_count(buf, " of version ", o->version, "");
  add_count(buf, " of ", o->length, " characters");
  add_precision(buf, o);
  if (o->local) inst_buf_addf(buf, ", whose zone may be left out");
  add_words(buf, " with the delimiter ", o->delimiter);
  add_words(buf, " made with ", o->alg);
  add_words(buf, " in ", o->enc);
  add_words(buf, " ", o->name);
  add_words(buf, ", its scheme matching ", o->protocol);
  add_words(buf, ", its host matching ", o->hostname);
}

inst_str inst_format_sentence(const inst_format *format, bool keyword, inst_arena *arena) {
  inst_buf options, buf;
  inst_buf_init(&options, arena->alloc);
  inst_buf_init(&buf, arena->alloc);
  add_options(&options, &format->options);
  inst_str more = inst_buf_take(&options, arena);
  if (keyword && (more.n == 0 || format->row->is == inst_format_is_ip)) return (inst_str){NULL, 0};
  inst_buf_addf(&buf, "It must be %s", format->row->hint);
  inst_buf_add(&buf, more);
  inst_buf_byte(&buf, '.');
  return inst_buf_take(&buf, arena);
}
