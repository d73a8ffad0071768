/*
** Reads one HTTP/1 request, whole or as far as it has come: head, then a body of known length or
** in chunks.  Strict: what is no request is called BAD and kept for the journal.
** Knows no socket.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_HEAD (1u << 20)           /* bytes of a head; more is BAD */
#define MAX_BODY ((uint64_t)1u << 30) /* bytes of a body; more is BAD */

/* The place behind the first "\r\n" at or after 'from'; 0: there is none. */
static size_t line_end(const fault_bytes *input, size_t from) {
  for (size_t i = from; i + 1 < input->n; i++)
    if (input->p[i] == '\r' && input->p[i + 1] == '\n') return i + 2;
  return 0;
}

/* Names and the values looked at here know no letter case. */
static bool has_prefix(const fault_bytes *input, fault_part part, const char *prefix) {
  size_t n = strlen(prefix);
  return part.n >= n && strncasecmp(input->p + part.at, prefix, n) == 0;
}

static bool is_word(const fault_bytes *input, fault_part part, const char *word) {
  return part.n == strlen(word) && has_prefix(input, part, word);
}

/* ---- the head ---------------------------------------------------------------------------------- */

/* METHOD SP PATH SP HTTP/1.x */
static bool read_first_line(fault_request *r, const fault_bytes *input, fault_part line) {
  const char *start = input->p + line.at;
  const char *one = memchr(start, ' ', line.n);
  if (!one || one == start) return false;
  r->method = (fault_part){line.at, (size_t)(one - start)};
  size_t rest = line.n - r->method.n - 1;
  const char *two = memchr(one + 1, ' ', rest);
  if (!two || two == one + 1) return false;
  r->path = (fault_part){r->method.at + r->method.n + 1, (size_t)(two - one - 1)};
  fault_part version = {r->path.at + r->path.n + 1, rest - r->path.n - 1};
  r->closes = is_word(input, version, "HTTP/1.0");
  return r->closes || is_word(input, version, "HTTP/1.1");
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static fault_part trimmed(const fault_bytes *input, fault_part part) {
  while (part.n && is_blank(input->p[part.at])) part = (fault_part){part.at + 1, part.n - 1};
  while (part.n && is_blank(input->p[part.at + part.n - 1])) part.n--;
  return part;
}

/* Keeps what the reader itself must know of a header. */
static bool heed_header(fault_request *r, const fault_bytes *input, fault_header h) {
  if (is_word(input, h.name, "content-length"))
    return fault_read_number(input->p + h.value.at, h.value.n, MAX_BODY, &r->left);
  if (is_word(input, h.name, "transfer-encoding")) {
    r->chunked = is_word(input, h.value, "chunked");
    return r->chunked;
  }
  if (is_word(input, h.name, "connection")) {
    if (is_word(input, h.value, "close")) r->closes = true;
    if (is_word(input, h.value, "keep-alive")) r->closes = false;
  }
  if (is_word(input, h.name, "expect")) r->expects = is_word(input, h.value, "100-continue");
  return true;
}

/* NAME ":" VALUE.  No folding of lines: that has left HTTP. */
static bool read_header(fault_request *r, const fault_bytes *input, fault_part line) {
  const char *start = input->p + line.at;
  const char *colon = memchr(start, ':', line.n);
  if (!colon || colon == start) return false;
  fault_header h = {.name = {line.at, (size_t)(colon - start)}};
  h.value = trimmed(input, (fault_part){line.at + h.name.n + 1, line.n - h.name.n - 1});
  r->headers = fault_resize(r->headers, r->header_count + 1, sizeof *r->headers);
  r->headers[r->header_count++] = h;
  return heed_header(r, input, h);
}

/* The head ends with an empty line, so every line before it has an end. */
static bool read_head_lines(fault_request *r, const fault_bytes *input) {
  size_t next = line_end(input, 0);
  if (!read_first_line(r, input, (fault_part){0, next - 2})) return false;
  for (size_t at = next; at + 2 < r->head; at = next) {
    next = line_end(input, at);
    if (!read_header(r, input, (fault_part){at, next - 2 - at})) return false;
  }
  return true;
}

/* Is this the beginning of a method?  Tells foreign bytes before a head that never ends. */
static bool may_be_method(const fault_bytes *input) {
  return !input->n || (input->p[0] >= 'A' && input->p[0] <= 'Z');
}

/* Looks for the end of the head, only among bytes not looked at yet, then reads it. */
static fault_phase read_head(fault_request *r, const fault_bytes *input) {
  if (!may_be_method(input)) return FAULT_BAD;
  size_t at = r->looked > 3 ? r->looked - 3 : 0;
  for (; at + 4 <= input->n && !r->head; at++)
    if (memcmp(input->p + at, "\r\n\r\n", 4) == 0) r->head = at + 4;
  r->looked = input->n;
  if (!r->head) return input->n > MAX_HEAD ? FAULT_BAD : FAULT_IN_HEAD;
  r->used = r->head;
  return read_head_lines(r, input) ? FAULT_IN_BODY : FAULT_BAD;
}

/* ---- the body ---------------------------------------------------------------------------------- */

/* Moves up to 'left' bytes of the input to the body. */
static void read_plain(fault_request *r, const fault_bytes *input) {
  size_t there = input->n - r->used;
  size_t n = r->left < there ? (size_t)r->left : there;
  fault_bytes_add(&r->body, input->p + r->used, n);
  r->used += n;
  r->left -= n;
}

/* Reads "SIZE[;extension]" CRLF.  'left' then counts the chunk's bytes and its CRLF. */
static fault_phase read_chunk_size(fault_request *r, const fault_bytes *input, size_t end) {
  uint64_t size = 0;
  size_t at = r->used;
  for (int digit; (digit = fault_hex_digit(input->p[at])) >= 0; at++) {
    size = size * 16 + (unsigned)digit;
    if (size > MAX_BODY) return FAULT_BAD;
  }
  if (at == r->used || (at + 2 < end && input->p[at] != ';')) return FAULT_BAD;
  r->used = end;
  r->last_chunk = size == 0;
  r->left = r->last_chunk ? 0 : size + 2;
  return FAULT_IN_BODY;
}

/* Moves bytes of a chunk; the CRLF behind it is checked and not kept. */
static fault_phase read_chunk(fault_request *r, const fault_bytes *input) {
  if (r->left > 2) {
    r->left -= 2;
    read_plain(r, input);
    r->left += 2;
  }
  if (r->left > 2 || input->n - r->used < 2) return FAULT_IN_BODY;
  bool well = memcmp(input->p + r->used, "\r\n", 2) == 0;
  r->used += 2;
  r->left = 0;
  return well ? FAULT_IN_BODY : FAULT_BAD;
}

/* Sizes, chunks, then the lines of a trailer up to an empty one; stops when bytes are lacking. */
static fault_phase read_chunks(fault_request *r, const fault_bytes *input) {
  fault_phase phase = FAULT_IN_BODY;
  while (phase == FAULT_IN_BODY) {
    size_t before = r->used;
    size_t end = r->left ? 0 : line_end(input, r->used);
    if (r->left) {
      phase = read_chunk(r, input);
    } else if (end && r->last_chunk) { /* a line of the trailer, or its end */
      phase = end == r->used + 2 ? FAULT_WHOLE : FAULT_IN_BODY;
      r->used = end;
    } else if (end) {
      phase = read_chunk_size(r, input, end);
    }
    if (r->used == before) break;
  }
  return phase;
}

/* Without a length and without chunks there is no body. */
static fault_phase read_body(fault_request *r, const fault_bytes *input) {
  if (r->chunked) return read_chunks(r, input);
  read_plain(r, input);
  return r->left ? FAULT_IN_BODY : FAULT_WHOLE;
}

/* ---- the request ------------------------------------------------------------------------------- */

fault_phase fault_request_read(fault_request *request, const fault_bytes *input) {
  if (request->phase == FAULT_IN_HEAD) request->phase = read_head(request, input);
  if (request->phase == FAULT_IN_BODY) request->phase = read_body(request, input);
  return request->phase;
}

void fault_request_clear(fault_request *request) {
  free(request->headers);
  fault_bytes_clear(&request->body);
  *request = (fault_request){0};
}
