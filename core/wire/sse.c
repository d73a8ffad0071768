/*
** The reader of event streams: bytes to lines, lines to fields, fields to events.
** A byte is looked at once, however small the pieces are.
*/
#include "core/wire/sse.h"

void inst_sse_init(inst_sse *sse, inst_alloc alloc) {
  memset(sse, 0, sizeof *sse);
  inst_buf_init(&sse->line, alloc);
  inst_buf_init(&sse->name, alloc);
  inst_buf_init(&sse->data, alloc);
}

void inst_sse_clear(inst_sse *sse) {
  inst_buf_clear(&sse->line);
  inst_buf_clear(&sse->name);
  inst_buf_clear(&sse->data);
}

void inst_sse_feed(inst_sse *sse, inst_str bytes) {
  sse->piece = bytes;
}

void inst_sse_finish(inst_sse *sse) {
  sse->ended = true;
}

bool inst_sse_failed(const inst_sse *sse) {
  return sse->line.failed || sse->name.failed || sse->data.failed;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void begin_event(inst_sse *sse) {
  sse->name.n = sse->data.n = 0;
  sse->has_data = sse->handed_out = false;
}

static void set_name(inst_sse *sse, inst_str name) {
  sse->name.n = 0;
  inst_buf_add(&sse->name, name);
}

static void add_data(inst_sse *sse, inst_str line) {
  if (sse->has_data) inst_buf_byte(&sse->data, '\n');
  inst_buf_add(&sse->data, line);
  sse->has_data = true;
}

static void take_field(inst_sse *sse, inst_str field, inst_str value) {
  bool error = inst_str_is(field, INST_LIT("error"));
  if (error || inst_str_is(field, INST_LIT("data"))) add_data(sse, value);
  if (error) set_name(sse, field);
  if (inst_str_is(field, INST_LIT("event"))) set_name(sse, value);
}

/* "field: value", with or without the blank; a field alone has no value.  A line that begins with a
** colon is a comment: a field without a name. */
static void take_line(inst_sse *sse, inst_str line) {
  const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
  size_t n = colon != NULL ? (size_t)(colon - line.p) : line.n;
  inst_str value = {line.p + n, line.n - n};
  if (value.n > 0) value.p++, value.n--;
  if (value.n > 0 && value.p[0] == ' ') value.p++, value.n--;
  take_field(sse, (inst_str){line.p, n}, value);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static size_t find_line_end(inst_str text) {
  size_t i = 0;
  while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r') i++;
  return i;
}

/* There may be no piece at all, and so nothing to skip. */
static void skip(inst_sse *sse, size_t n) {
  if (n == 0) return;
  sse->piece.p += n;
  sse->piece.n -= n;
}

/* The LF of a CRLF that was cut in two. */
static void skip_line_feed(inst_sse *sse) {
  if (!sse->after_return || sse->piece.n == 0) return;
  sse->after_return = false;
  if (sse->piece.p[0] == '\n') skip(sse, 1);
}

static void end_line(inst_sse *sse, size_t n) {
  sse->after_return = sse->piece.p[n] == '\r';
  skip(sse, n + 1);
}

/* The next whole line, without its end.  False: it has not ended yet; what came of it is kept. */
static bool next_line(inst_sse *sse, inst_str *line) {
  skip_line_feed(sse);
  size_t n = find_line_end(sse->piece);
  inst_str part = {sse->piece.p, n};
  bool whole = n < sse->piece.n;
  if (!whole || sse->line.n > 0) {
    inst_buf_add(&sse->line, part);
    part = inst_buf_text(&sse->line);
  }
  if (whole)
    end_line(sse, n);
  else
    skip(sse, n);
  *line = part;
  return whole || (sse->ended && part.n > 0);
}

/* A line that is lent from the buffer is done with. */
static void forget_line(inst_sse *sse) {
  sse->line.n = 0;
  sse->begun = true;
}

static inst_str without_mark(const inst_sse *sse, inst_str line) {
  const inst_str mark = INST_LIT("\xEF\xBB\xBF");
  if (!sse->begun && inst_str_starts(line, mark)) return (inst_str){line.p + 3, line.n - 3};
  return line;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Where memory ran out an event may have lost a part: then none is handed out any more. */
static bool hand_out(inst_sse *sse, inst_sse_event *event) {
  bool has_data = sse->has_data && !inst_sse_failed(sse);
  *event = (inst_sse_event){inst_buf_text(&sse->name), inst_buf_text(&sse->data)};
  sse->handed_out = true;
  return has_data;
}

bool inst_sse_next(inst_sse *sse, inst_sse_event *event) {
  inst_str line;
  if (sse->handed_out) begin_event(sse);
  while (next_line(sse, &line)) {
    line = without_mark(sse, line);
    bool blank = line.n == 0;
    if (!blank) take_line(sse, line);
    forget_line(sse);
    if (blank && hand_out(sse, event)) return true;
    if (blank) begin_event(sse);
  }
  return sse->ended && sse->has_data && hand_out(sse, event);
}
