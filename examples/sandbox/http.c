/*
** A reader of lines and of counted bytes, by turns.
** The head, the sizes of chunks and the trailer are lines; their bytes are counted together.  A
** state says what the next line means.
*/
#include "examples/sandbox/http.h"

static const char event_end[] = "\n\n\r\n"; /* of an event and of its chunk */

void box_http_init(box_http *http, inst_alloc alloc) {
  *http = (box_http){.state = BOX_HTTP_START};
  inst_buf_init(&http->path, alloc);
  inst_buf_init(&http->body, alloc);
  inst_buf_init(&http->sloppy, alloc);
  inst_buf_init(&http->line, alloc);
}

void box_http_clear(box_http *http) {
  inst_buf_clear(&http->path);
  inst_buf_clear(&http->body);
  inst_buf_clear(&http->sloppy);
  inst_buf_clear(&http->line);
}

void box_http_next(box_http *http) {
  inst_alloc alloc = http->path.alloc;
  box_http_clear(http);
  box_http_init(http, alloc);
}

static void refuse(box_http *http, int status) {
  http->state = BOX_HTTP_BROKEN;
  http->status = status;
  http->keep = false;
}

/* ---- the request line ------------------------------------------------------------------------ */

/* The characters of a method's or a header's name. */
static bool is_name(inst_str text) {
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
  }
  return text.n > 0;
}

/* Cuts the text before the first 'mark' off 'rest'; false: there is none. */
static bool cut(inst_str *rest, char mark, inst_str *part) {
  const char *p = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
  if (p == NULL) return false;
  *part = (inst_str){rest->p, (size_t)(p - rest->p)};
  *rest = (inst_str){p + 1, rest->n - part->n - 1};
  return true;
}

/* "/v1/models?x=1" and "http://host/v1/models" both mean "/v1/models". */
static bool read_target(box_http *http, inst_str target) {
  inst_str part, path = target;
  if (inst_str_starts(path, INST_LIT("http://"))) {
    path = (inst_str){path.p + 7, path.n - 7};
    const char *slash = path.n > 0 ? memchr(path.p, '/', path.n) : NULL;
    path = slash != NULL ? (inst_str){slash, (size_t)(path.p + path.n - slash)} : INST_LIT("/");
  }
  if (path.n == 0 || (path.p[0] != '/' && !inst_str_is(path, INST_LIT("*")))) return false;
  for (size_t i = 0; i < path.n; i++) {
    if ((unsigned char)path.p[i] <= ' ' || path.p[i] == 0x7F) return false;
  }
  inst_buf_add(&http->path, cut(&path, '?', &part) ? part : path);
  return true;
}

/* "POST /v1/chat/completions HTTP/1.1". */
static void read_start(box_http *http, inst_str line) {
  inst_str method, target;
  if (line.n == 0) return; /* an empty line before a request is passed over */
  if (!cut(&line, ' ', &method) || !cut(&line, ' ', &target) || !is_name(method)) {
    refuse(http, 400);
    return;
  }
  bool eleven = inst_str_is(line, INST_LIT("HTTP/1.1"));
  if (!eleven && !inst_str_is(line, INST_LIT("HTTP/1.0"))) {
    refuse(http, inst_str_starts(line, INST_LIT("HTTP/")) ? 505 : 400);
    return;
  }
  if (method.n >= BOX_HTTP_METHOD) {
    refuse(http, 501);
    return;
  }
  memcpy(http->method, method.p, method.n);
  http->method[method.n] = '\0';
  http->keep = http->chunks = eleven;
  http->state = BOX_HTTP_HEADERS;
  if (!read_target(http, target)) refuse(http, 400);
}

/* ---- headers --------------------------------------------------------------------------------- */

/* The length of the body, told once or twice the same. */
static bool read_length(box_http *http, inst_str value) {
  size_t n = 0;
  if (value.n == 0 || http->chunked) return false;
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] < '0' || value.p[i] > '9') return false;
    if (n <= BOX_HTTP_BODY) n = n * 10 + (size_t)(value.p[i] - '0');
  }
  if (http->sized && http->left != n) return false; /* two lengths */
  http->sized = true;
  http->left = n;
  return true;
}

/* Chunks are understood, and no other encoding. */
static bool read_encoding(box_http *http, inst_str value) {
  if (http->sized || http->chunked) return false;
  if (!inst_str_is_nocase(value, INST_LIT("chunked"))) {
    refuse(http, 501);
    return true;
  }
  http->chunked = true;
  return true;
}

/* Does the list "a, b" hold 'word'? */
static bool lists(inst_str list, inst_str word) {
  inst_str part;
  while (cut(&list, ',', &part)) {
    if (inst_str_is_nocase(inst_str_trim(part), word)) return true;
  }
  return inst_str_is_nocase(inst_str_trim(list), word);
}

static bool read_connection(box_http *http, inst_str value) {
  if (lists(value, INST_LIT("close")))
    http->keep = false;
  else if (lists(value, INST_LIT("keep-alive")))
    http->keep = true;
  return true;
}

static bool read_expect(box_http *http, inst_str value) {
  http->expects = inst_str_is_nocase(value, INST_LIT("100-continue"));
  return true;
}

static bool read_sloppy(box_http *http, inst_str value) {
  inst_buf_clear(&http->sloppy);
  inst_buf_add(&http->sloppy, value);
  return true;
}

/* The headers that are looked at; false: this value is none. */
static const struct header {
  const char *name;
  bool (*read)(box_http *http, inst_str value);
} headers[] = {
    {"content-length", read_length},   {"transfer-encoding", read_encoding},
    {"connection", read_connection},   {"expect", read_expect},
    {"x-sandbox-sloppy", read_sloppy},
};

static void read_header(box_http *http, inst_str line) {
  inst_str name;
  if (!cut(&line, ':', &name) || !is_name(name)) {
    refuse(http, 400);
    return;
  }
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
    if (!inst_str_is_nocase(name, inst_str_of(headers[i].name))) continue;
    if (!headers[i].read(http, inst_str_trim(line))) refuse(http, 400);
    return;
  }
}

/* The head is over: what comes now? */
static void begin_body(box_http *http) {
  if (http->chunked) {
    http->state = BOX_HTTP_SIZE;
  } else if (http->left > BOX_HTTP_BODY) {
    refuse(http, 413);
  } else {
    http->state = http->left > 0 ? BOX_HTTP_LENGTH : BOX_HTTP_READY;
  }
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a;name=value": the size of the next chunk; 0 is the last. */
static void read_size(box_http *http, inst_str line) {
  inst_str part;
  size_t n = 0;
  inst_str digits = inst_str_trim(cut(&line, ';', &part) ? part : line);
  if (digits.n == 0) refuse(http, 400);
  for (size_t i = 0; i < digits.n; i++) {
    int digit = hex_digit(digits.p[i]);
    if (digit < 0) refuse(http, 400);
    if (digit >= 0 && n <= BOX_HTTP_BODY) n = n * 16 + (size_t)digit;
  }
  if (http->state == BOX_HTTP_BROKEN) return;
  http->left = n;
  http->state = n > 0 ? BOX_HTTP_CHUNK : BOX_HTTP_TRAILER;
  if (http->body.n + n > BOX_HTTP_BODY) refuse(http, 413);
}

/* Takes bytes of a body or a chunk, not more than it has. */
static size_t take_body(box_http *http, inst_str bytes) {
  size_t n = bytes.n < http->left ? bytes.n : http->left;
  inst_buf_add(&http->body, (inst_str){bytes.p, n});
  http->left -= n;
  if (http->left == 0) {
    http->state = http->state == BOX_HTTP_CHUNK ? BOX_HTTP_AFTER : BOX_HTTP_READY;
  }
  return n;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* A line that is whole, without its end; what it means depends on the state. */
static void read_line(box_http *http, inst_str line) {
  if (line.n > 0 && line.p[line.n - 1] == '\r') line.n--;
  if (line.n > 0 &&
      (memchr(line.p, '\0', line.n) != NULL || memchr(line.p, '\r', line.n) != NULL)) {
    refuse(http, 400);
    return;
  }
  switch (http->state) {
  case BOX_HTTP_START: read_start(http, line); break;
  case BOX_HTTP_HEADERS:
    if (line.n == 0)
      begin_body(http);
    else
      read_header(http, line);
    break;
  case BOX_HTTP_SIZE: read_size(http, line); break;
  case BOX_HTTP_AFTER:
    if (line.n == 0)
      http->state = BOX_HTTP_SIZE;
    else
      refuse(http, 400);
    break;
  default:
    if (line.n == 0) http->state = BOX_HTTP_READY; /* the trailer is over */
  }
}

/* Takes the bytes of one line, or of as much of it as there is. */
static size_t take_line(box_http *http, inst_str bytes) {
  const char *end = memchr(bytes.p, '\n', bytes.n);
  size_t n = end != NULL ? (size_t)(end - bytes.p) : bytes.n;
  bool head = http->state == BOX_HTTP_START || http->state == BOX_HTTP_HEADERS;
  http->head += end != NULL ? n + 1 : n;
  if (http->head > BOX_HTTP_HEAD) {
    refuse(http, head ? 431 : 400);
    return n;
  }
  inst_buf_add(&http->line, (inst_str){bytes.p, n});
  if (end == NULL) return n;
  if (!http->line.failed) read_line(http, inst_buf_text(&http->line));
  http->line.n = 0;
  return n + 1;
}

size_t box_http_feed(box_http *http, inst_str bytes) {
  size_t at = 0;
  while (at < bytes.n && http->state < BOX_HTTP_READY) {
    inst_str rest = {bytes.p + at, bytes.n - at};
    bool body = http->state == BOX_HTTP_LENGTH || http->state == BOX_HTTP_CHUNK;
    at += body ? take_body(http, rest) : take_line(http, rest);
    if (http->line.failed || http->body.failed || http->path.failed || http->sloppy.failed) {
      refuse(http, 500);
    }
  }
  return at;
}

/* ---- answers --------------------------------------------------------------------------------- */

void box_reply_init(box_reply *reply, inst_alloc alloc) {
  *reply = (box_reply){.status = 200, .type = "application/json"};
  inst_buf_init(&reply->body, alloc);
}

void box_reply_clear(box_reply *reply) {
  inst_buf_clear(&reply->body);
}

static const char *reason(int status) {
  static const struct row {
    int status;
    const char *text;
  } rows[] = {{200, "OK"},
              {400, "Bad Request"},
              {404, "Not Found"},
              {405, "Method Not Allowed"},
              {413, "Content Too Large"},
              {431, "Request Header Fields Too Large"},
              {500, "Internal Server Error"},
              {501, "Not Implemented"},
              {505, "HTTP Version Not Supported"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].status == status) return rows[i].text;
  }
  return "Answer";
}

/* Each event a chunk of its own. */
static void write_events(inst_str body, inst_buf *out) {
  for (size_t at = 0; at < body.n;) {
    size_t end = at + 1;
    while (end < body.n && !(body.p[end - 1] == '\n' && body.p[end] == '\n')) end++;
    if (end < body.n) end++;
    inst_buf_addf(out, "%zx\r\n", end - at);
    inst_buf_add(out, (inst_str){body.p + at, end - at});
    inst_buf_add(out, INST_LIT("\r\n"));
    at = end;
  }
  inst_buf_add(out, INST_LIT("0\r\n\r\n"));
}

void box_reply_write(const box_reply *reply, const box_http *http, bool keep, inst_buf *out) {
  bool chunked = reply->events && http->chunks;
  inst_str body = inst_buf_text(&reply->body);
  inst_buf_addf(out, "HTTP/1.1 %d %s\r\ncontent-type: %s\r\n", reply->status, reason(reply->status),
                reply->type);
  inst_buf_addf(out, "x-sandbox: rules, not a model\r\ncache-control: no-store\r\n");
  if (reply->allow != NULL) inst_buf_addf(out, "allow: %s\r\n", reply->allow);
  if (chunked)
    inst_buf_addf(out, "transfer-encoding: chunked\r\n");
  else
    inst_buf_addf(out, "content-length: %zu\r\n", body.n);
  inst_buf_addf(out, "connection: %s\r\n\r\n", keep ? "keep-alive" : "close");
  if (chunked)
    write_events(body, out);
  else if (strcmp(http->method, "HEAD") != 0)
    inst_buf_add(out, body);
}

size_t box_reply_event_end(inst_str out, size_t at) {
  size_t n = sizeof event_end - 1;
  for (size_t i = at; i + n <= out.n; i++) {
    if (memcmp(out.p + i, event_end, n) == 0) return i + n;
  }
  return out.n;
}
