/*
** What libcurl received, told to a sink.
** In: header lines and body bytes, as libcurl's callbacks bring them.  Out: the sink's calls, each
** block of headers at once when it is whole; and the decision to follow a redirect.
** Rule 1: a redirect is followed to the same scheme, host and port only, and only when method and
** body stay as they are (307 and 308); so neither key nor prompt reaches a stranger.
** Rule 2: this room starts nothing: it leaves the next URL in the exchange.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <string.h>

enum {
  HOPS_MAX = 5,        /* redirects followed in a row */
  SKIP_MAX = 16 << 10, /* bytes of a redirect's body read to keep the connection */
  HELD_ROOM = 1 << 10  /* bytes asked for at first */
};

/* ---- the lines of a block -------------------------------------------------------------------- */

/* A block that was held before is kept for the next, unless it grew. */
static void take_spare(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  if (e->spare == NULL) return;
  x->held = e->spare;
  x->held_room = HELD_ROOM;
  e->spare = NULL;
}

static bool keep_spare(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  if (e->spare != NULL || x->held_room != HELD_ROOM) return false;
  e->spare = x->held;
  return true;
}

void inst_curl_spare_clear(inst_curl_engine *e) {
  if (e->spare != NULL) e->alloc.fn(e->alloc.ctx, e->spare, HELD_ROOM, 0);
  e->spare = NULL;
}

/* Lines wait until their block is whole: whether it is the answer's or a redirect's shows only with
** its last line.  False: no memory. */
static bool hold(inst_curl_exchange *x, const char *p, size_t n) {
  if (x->held == NULL) take_spare(x);
  const inst_alloc alloc = x->engine->alloc;
  size_t room = x->held_room > 0 ? x->held_room : HELD_ROOM;
  while (room - x->held_n < n) room *= 2; /* INST_MAX_HEADER_BYTES keeps this small */
  if (x->held == NULL || room > x->held_room) {
    char *grown = alloc.fn(alloc.ctx, x->held, x->held_room, room);
    if (grown == NULL) return false;
    x->held = grown;
    x->held_room = room;
  }
  memcpy(x->held + x->held_n, p, n);
  x->held_n += n;
  return true;
}

void inst_curl_lines_clear(inst_curl_exchange *x) {
  const inst_alloc alloc = x->engine->alloc;
  if (x->held != NULL && !keep_spare(x)) alloc.fn(alloc.ctx, x->held, x->held_room, 0);
  x->held = NULL;
  x->held_n = x->held_room = 0;
}

/* Takes the next line off 'rest'; false: there is none. */
static bool next_line(inst_str *rest, inst_str *line) {
  const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
  if (end == NULL) return false;
  *line = (inst_str){rest->p, (size_t)(end - rest->p) + 1};
  rest->p += line->n;
  rest->n -= line->n;
  return true;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The blanks HTTP allows around a value, and the end of the line. */
static inst_str trim(inst_str text) {
  while (text.n > 0 && is_blank(text.p[text.n - 1])) text.n--;
  while (text.n > 0 && is_blank(text.p[0])) {
    text.p++;
    text.n--;
  }
  return text;
}

/* Name and value of a line.  The status line, the empty line and folded lines have none. */
static bool split(inst_str line, inst_header *header) {
  const char *colon = memchr(line.p, ':', line.n);
  if (colon == NULL || colon == line.p || is_blank(line.p[0])) return false;
  const size_t at = (size_t)(colon - line.p);
  header->name = trim((inst_str){line.p, at});
  header->value = trim((inst_str){colon + 1, line.n - at - 1});
  return true;
}

/* The line that ends a block. */
static bool is_empty(inst_str line) {
  size_t n = 0;
  while (n < line.n && is_blank(line.p[n])) n++;
  return n == line.n;
}

static bool is_status_line(inst_str line) {
  return line.n > 5 && memcmp(line.p, "HTTP/", 5) == 0;
}

/* The three digits behind the first blank of a status line. */
static int read_status(inst_str line) {
  const char *p = memchr(line.p, ' ', line.n);
  int status = 0;
  if (p == NULL) return 0;
  for (p++; p < line.p + line.n && *p >= '0' && *p <= '9' && status < 100; p++)
    status = status * 10 + (*p - '0');
  return status;
}

/* ---- redirects ------------------------------------------------------------------------------- */

/* p NULL: the block held has none. */
static inst_str find_location(const inst_curl_exchange *x) {
  inst_str rest = {x->held, x->held_n}, line;
  inst_header header;
  while (next_line(&rest, &line))
    if (split(line, &header) && header.name.n == 8 && curl_strnequal(header.name.p, "location", 8))
      return header.value;
  return (inst_str){NULL, 0};
}

/* Lost memory is no answer: it ends the exchange. */
static CURLUcode ask_url(inst_curl_exchange *x, CURLUcode got) {
  if (got == CURLUE_OUT_OF_MEMORY) x->stop = INST_CURL_STOP_MEMORY;
  return got;
}

/* Do 'x->url' and 'b' agree in 'part', or both lack it? */
static bool is_same_part(inst_curl_exchange *x, CURLU *b, CURLUPart part) {
  char *of_a = NULL, *of_b = NULL;
  const CURLUcode got_a = ask_url(x, curl_url_get(x->url, part, &of_a, CURLU_DEFAULT_PORT));
  const CURLUcode got_b = ask_url(x, curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT));
  const bool same = got_a == got_b && (got_a != CURLUE_OK || curl_strequal(of_a, of_b) != 0);
  curl_free(of_a);
  curl_free(of_b);
  return same;
}

/* Names are compared as written: another spelling of the same address counts as another server. */
static bool is_same_origin(inst_curl_exchange *x, CURLU *b) {
  return is_same_part(x, b, CURLUPART_SCHEME) && is_same_part(x, b, CURLUPART_HOST) &&
         is_same_part(x, b, CURLUPART_ZONEID) && is_same_part(x, b, CURLUPART_PORT);
}

static CURLU *resolve_once(inst_curl_exchange *x, const char *location) {
  CURLU *url = curl_url_dup(x->url);
  CURLUcode got = CURLUE_OUT_OF_MEMORY;
  if (url != NULL) got = curl_url_set(url, CURLUPART_URL, location, CURLU_DISALLOW_USER);
  if (ask_url(x, got) == CURLUE_OK) return url;
  curl_url_cleanup(url);
  return NULL;
}

/* 'location' as seen from where we are; NULL: it is no URL, names a user, or memory ran out.  Where
** libcurl lacks memory to write our own URL it takes 'location' for a whole one, and says that it is
** none: what is none is none the second time, too. */
static CURLU *resolve(inst_curl_exchange *x, const char *location) {
  CURLU *url = resolve_once(x, location);
  return url != NULL || x->stop != INST_CURL_NO_STOP ? url : resolve_once(x, location);
}

/* Where the head held leads, when we follow; NULL: it is the answer itself, or 'x' has to stop. */
static CURLU *find_next(inst_curl_exchange *x, int status) {
  if ((status != 307 && status != 308) || x->hops >= HOPS_MAX) return NULL;
  const inst_str location = find_location(x);
  if (location.n == 0) return NULL;
  char *end = x->held + (location.p - x->held) + location.n; /* inside the line: before its end */
  const char covered = *end;
  *end = '\0';
  CURLU *url = resolve(x, location.p);
  *end = covered;
  if (url != NULL && is_same_origin(x, url) && x->stop == INST_CURL_NO_STOP) return url;
  curl_url_cleanup(url);
  return NULL;
}

/* ---- telling the sink ------------------------------------------------------------------------ */

/* What the sink is told here points into 'held' and is lent for the call only. */
static void report_block(inst_curl_exchange *x, int status) {
  inst_str rest = {x->held, x->held_n}, line;
  inst_header header;
  x->engine->happened = true;
  x->sink.head(x->sink.ctx, status);
  while (x->state == INST_CURL_RUNNING && next_line(&rest, &line)) /* the sink may cancel us */
    if (split(line, &header)) x->sink.header(x->sink.ctx, header.name, header.value);
}

/* A block of headers is whole: an interim one (1xx), the answer's, or that of a redirect. */
static void close_block(inst_curl_exchange *x) {
  inst_str rest = {x->held, x->held_n}, line = {NULL, 0};
  const int status = next_line(&rest, &line) ? read_status(line) : 0;
  x->has_head = status >= 200;
  curl_url_cleanup(x->next_url);
  x->next_url = find_next(x, status);
  if (x->stop != INST_CURL_NO_STOP) return;
  if (x->next_url == NULL) report_block(x, status);
  x->held_n = 0;
  if (x->has_head) inst_curl_lines_clear(x); /* a body may take long */
}

void inst_curl_answer_clear(inst_curl_exchange *x) {
  curl_url_cleanup(x->next_url);
  x->next_url = NULL;
  x->held_n = x->header_bytes = x->skipped = 0;
  x->has_head = x->has_body = false;
}

static size_t stop(inst_curl_exchange *x, inst_curl_stop why) {
  x->stop = why;
  return 0; /* fewer bytes than were offered: libcurl ends the exchange */
}

/* One line of a head, its end included; the empty line closes a block.  Returning less than 'n'
** ends the exchange. */
size_t inst_curl_take_header(char *p, size_t one, size_t n, void *exchange) {
  inst_curl_exchange *x = exchange;
  const inst_str line = {p, n};
  (void)one; /* always 1 */
  if (x->state != INST_CURL_RUNNING) return 0;
  x->header_bytes += n;
  if (x->header_bytes > INST_MAX_HEADER_BYTES) return stop(x, INST_CURL_STOP_HEADERS);
  if (x->has_head && (x->has_body || !is_status_line(line))) return n; /* a trailer */
  if (!hold(x, p, n)) return stop(x, INST_CURL_STOP_MEMORY);
  if (x->sink.alive != NULL) x->sink.alive(x->sink.ctx);
  x->engine->happened = true;
  if (is_empty(line)) close_block(x);
  return x->state == INST_CURL_RUNNING && x->stop == INST_CURL_NO_STOP ? n : 0;
}

/* Decoded bytes, as they come: nothing is gathered here, so a bomb of packed zeros is stopped by
** the sink's own limit. */
size_t inst_curl_take_body(char *p, size_t one, size_t n, void *exchange) {
  inst_curl_exchange *x = exchange;
  (void)one;
  if (x->state != INST_CURL_RUNNING) return 0;
  if (n == 0) return 0;
  x->has_body = true;
  if (x->next_url != NULL) { /* nobody wants a redirect's body, but reading it saves a connection */
    x->skipped += n;
    return x->skipped <= SKIP_MAX ? n : 0;
  }
  x->engine->happened = true;
  if (x->sink.body(x->sink.ctx, (inst_str){p, n}) != 0) return stop(x, INST_CURL_STOP_READER);
  return x->state == INST_CURL_RUNNING ? n : 0;
}
