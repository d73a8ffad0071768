/*
** The streams of the vectors against the call machine.
** In: a folder with cases of wires/<provider>/ and recorded/<server>/.  Out: a line for each
** difference, and one closing line.
** Each stream is fed whole, byte by byte, split at each place, and as it was recorded: the events,
** the value shown, and the end are the same each way.  What a case expects is compared as well.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/json/read.h"
#include "core/json/value.h"
#include "core/json/write.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const inst_alloc system_memory = {NULL, NULL};

/* ---- a case ---------------------------------------------------------------------------------- */

typedef struct stream_case {
  const char *name; /* of its file */
  inst_arena *arena;
  const inst_value *file;
  inst_str bytes;
  inst_schema *schema; /* takes anything */
  bool with_schema;    /* is it asked for with the schema, or passed through? */
  inst_mode mode;
  inst_str tool; /* the name it asks for */
} stream_case;

static const inst_value *find_in(const inst_value *v, const char *outer, const char *key) {
  return inst_find(inst_find(v, outer), key);
}

static inst_value_kind kind_of(const inst_value *v) {
  return v != NULL ? inst_value_kind_of(v) : INST_NULL;
}

/* How the request of the case asks for its answer: by a tool, by a function, or in plain text. */
static void read_mode(stream_case *c) {
  const inst_value *body = find_in(c->file, "request", "body");
  const inst_value *tools = inst_find(body, "tools"), *functions = inst_find(body, "functions");
  const inst_value *tool = kind_of(tools) == INST_ARRAY ? inst_value_first(tools) : NULL;
  const inst_value *function =
      kind_of(functions) == INST_ARRAY ? inst_value_first(functions) : NULL;
  c->mode = INST_MODE_MD_JSON;
  if (tool != NULL) {
    c->mode = INST_MODE_TOOLS;
    c->tool = inst_find_text(inst_find(tool, "function"), "name");
  } else if (function != NULL) {
    c->mode = INST_MODE_FUNCTIONS;
    c->tool = inst_find_text(function, "name");
  }
}

static inst_schema *anything(void) {
  inst_error error = {.code = INST_E_NONE};
  inst_schema *schema = inst_schema_new(system_memory);
  if (schema == NULL) return NULL;
  if (inst_schema_finish(schema, inst_schema_node(schema, INST_NODE_UNKNOWN), &error) == 0)
    return schema;
  inst_schema_free(schema);
  return NULL;
}

/* ---- one run --------------------------------------------------------------------------------- */

/* What was seen of a run, as text, so that two runs can be compared: the events, or the value that
** the changes came to. */
typedef struct run {
  const stream_case *c;
  inst_call *call;
  inst_want want;
  inst_buf seen;
  inst_arena *arena;
  inst_value *root, *open[INST_MAX_DEPTH + 1]; /* open[i]: the list that was opened at depth i */
  inst_buf text;                               /* the text that is growing */
  inst_change place;                           /* where it stands */
  bool growing;
} run;

static void put(run *r, const inst_change *change, inst_value *value) {
  inst_value *list = change->depth > 0 ? r->open[change->depth - 1] : NULL;
  if (list == NULL)
    r->root = value;
  else if (change->at.key.p != NULL)
    inst_replace(r->arena, list, inst_value_text(inst_string(r->arena, change->at.key)), value);
  else
    inst_push(list, value);
}

static void open_list(run *r, const inst_change *change) {
  bool object = inst_value_kind_of(change->value) == INST_OBJECT;
  inst_value *list = object ? inst_object(r->arena) : inst_array(r->arena);
  put(r, change, list);
  r->open[change->depth] = list;
}

static void grow(run *r, const inst_change *change) {
  r->growing = true;
  r->place = *change;
  inst_buf_add(&r->text, change->delta);
}

static void stop_growing(run *r) {
  if (r->growing) put(r, &r->place, inst_string(r->arena, inst_buf_text(&r->text)));
  r->growing = false;
  r->text.n = 0;
}

/* A text that grew is put down when it is whole. */
static void take_change(run *r, const inst_change *change) {
  switch (change->kind) {
  case INST_CHANGE_OPEN: open_list(r, change); return;
  case INST_CHANGE_GROW: grow(r, change); return;
  case INST_CHANGE_SET: put(r, change, inst_value_copy(r->arena, change->value)); return;
  default: stop_growing(r);
  }
}

static void look(run *r) {
  inst_stream *live = inst_call_live(r->call);
  inst_change change;
  while (live != NULL && inst_stream_next(live, &change)) take_change(r, &change);
  for (inst_str event; live == NULL && (event = inst_call_event(r->call)).p != NULL;) {
    inst_buf_addf(&r->seen, "event ");
    inst_buf_add(&r->seen, event);
    inst_buf_byte(&r->seen, '\n');
  }
}

/* Lets the call go on until it wants more bytes, or is over. */
static void go_on(run *r) {
  for (;;) {
    r->want = inst_call_next(r->call, 1);
    if (r->want == INST_WANT_SEND)
      inst_call_sent(r->call, NULL);
    else if (r->want == INST_WANT_PARTIAL)
      look(r);
    else if (r->want == INST_WANT_DROP)
      inst_call_dropped(r->call);
    else
      return;
  }
}

static void begin(run *r, const stream_case *c) {
  inst_call_options options;
  inst_error error = {.code = INST_E_NONE};
  *r = (run){.c = c, .arena = inst_arena_new(system_memory)};
  inst_buf_init(&r->seen, system_memory);
  inst_buf_init(&r->text, system_memory);
  inst_call_defaults(&options);
  options.provider = inst_provider_find(INST_LIT("compatible"));
  options.base_url = INST_LIT("http://127.0.0.1:1/v1");
  options.mode = c->mode;
  options.schema = c->with_schema ? c->schema : NULL;
  options.name = c->tool;
  options.params = find_in(c->file, "request", "body");
  options.stream = options.open_strings = true;
  options.http_retries = 0;
  r->call = inst_call_new(&options, &error);
  if (r->call == NULL) inst_buf_addf(&r->seen, "no call: %s", error.text);
}

static void feed(run *r, inst_str piece) {
  inst_sink sink = inst_call_sink(r->call);
  if (piece.n > 0) sink.body(sink.ctx, piece);
  go_on(r);
}

static void note_end(run *r) {
  const inst_error *error = inst_call_error(r->call);
  const inst_value *value = inst_call_value(r->call);
  stop_growing(r);
  if (r->root != NULL) inst_json_write(&r->seen, r->root);
  inst_buf_addf(&r->seen, "\n%s %s %s %s\n", inst_want_name(r->want), inst_code_name(error->code),
                error->reason, error->text);
  if (value != NULL) inst_json_write(&r->seen, value);
}

/* The bytes of the case in pieces: 'first' bytes, then 'step' bytes each. */
static void play(run *r, const stream_case *c, size_t first, size_t step) {
  begin(r, c);
  if (r->call == NULL) return;
  go_on(r);
  inst_sink sink = inst_call_sink(r->call);
  sink.head(sink.ctx, 200);
  feed(r, (inst_str){c->bytes.p, first});
  for (size_t at = first; at < c->bytes.n; at += step) {
    size_t left = c->bytes.n - at;
    feed(r, (inst_str){c->bytes.p + at, left < step ? left : step});
  }
  sink.end(sink.ctx, NULL);
  go_on(r);
  note_end(r);
}

static void end(run *r) {
  inst_call_free(r->call);
  inst_arena_free(r->arena);
  inst_buf_clear(&r->seen);
  inst_buf_clear(&r->text);
}

/* ---- as it was recorded ---------------------------------------------------------------------- */

static int digit_of(char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c != '\0' ? strchr(digits, c) : NULL;
  return at != NULL ? (int)(at - digits) : -1;
}

/* How many bytes a text in base64 stands for. */
static size_t decoded_size(inst_str text) {
  size_t digits = 0;
  for (size_t i = 0; i < text.n; i++) digits += digit_of(text.p[i]) >= 0;
  return digits * 6 / 8;
}

/* The sizes of the reads of a case: a list of texts in base64, or of numbers.  0: none is left. */
static size_t next_size(const inst_value **read) {
  const inst_value *v = *read;
  if (v == NULL) return 0;
  *read = inst_value_next(v);
  if (inst_value_kind_of(v) == INST_STRING) return decoded_size(inst_value_text(v));
  return (size_t)inst_value_int(v);
}

static const inst_value *first_read(const stream_case *c) {
  const inst_value *reads = find_in(c->file, "response", "chunks_b64");
  if (reads == NULL) reads = find_in(c->file, "response", "http_chunk_sizes");
  return kind_of(reads) == INST_ARRAY ? inst_value_first(reads) : NULL;
}

static void play_recorded(run *r, const stream_case *c) {
  const inst_value *read = first_read(c);
  inst_sink sink;
  begin(r, c);
  if (r->call == NULL) return;
  go_on(r);
  sink = inst_call_sink(r->call);
  sink.head(sink.ctx, 200);
  for (size_t at = 0, n; at < c->bytes.n; at += n) {
    size_t left = c->bytes.n - at;
    n = next_size(&read);
    if (n == 0 || n > left) n = left;
    feed(r, (inst_str){c->bytes.p + at, n});
  }
  sink.end(sink.ctx, NULL);
  go_on(r);
  note_end(r);
}

/* ---- what a case expects --------------------------------------------------------------------- */

static bool differs(const stream_case *c, const char *what) {
  printf("%s: another %s than expected\n", c->name, what);
  return false;
}

/* Null, like an empty text, is nothing. */
static bool is_text(const inst_value *expected, inst_str got) {
  if (expected == NULL) return true;
  inst_str text =
      kind_of(expected) == INST_STRING ? inst_value_text(expected) : (inst_str){NULL, 0};
  return text.n == got.n && (text.n == 0 || inst_str_is(text, got));
}

static bool is_count(const inst_value *expected, int64_t got) {
  if (expected == NULL) return true;
  return (kind_of(expected) == INST_INT ? inst_value_int(expected) : 0) == got;
}

static bool check_usage(const stream_case *c, const inst_usage *usage) {
  const inst_value *expected = find_in(c->file, "expect", "usage");
  if (kind_of(expected) != INST_OBJECT) return true;
  bool same = is_count(inst_find(expected, "input_tokens"), usage->input_tokens) &&
              is_count(inst_find(expected, "output_tokens"), usage->output_tokens) &&
              is_count(inst_find(expected, "total_tokens"), usage->total_tokens) &&
              is_count(inst_find(expected, "cached_tokens"), usage->cached_tokens) &&
              is_count(inst_find(expected, "reasoning_tokens"), usage->reasoning_tokens);
  return same || differs(c, "usage");
}

/* Is the text of a call's arguments the value, or the text, that is expected? */
static bool is_arguments(const stream_case *c, const inst_value *expected, inst_str text) {
  inst_error error = {.code = INST_E_NONE};
  const inst_value *wanted = inst_find(expected, "arguments");
  const inst_value *value = inst_json_parse(c->arena, text, INST_MAX_DEPTH, &error);
  bool well = value != NULL && wanted != NULL && inst_value_equal(wanted, value);
  if (!well && kind_of(wanted) != INST_NULL) return false;
  return is_text(inst_find(expected, "arguments_text"), text);
}

static bool is_call(const stream_case *c, const inst_value *expected, const inst_value *call) {
  const inst_value *function = inst_find(call, "function");
  if (function == NULL) function = call; /* the older spelling */
  return is_text(inst_find(expected, "id"), inst_find_text(call, "id")) &&
         is_text(inst_find(expected, "name"), inst_find_text(function, "name")) &&
         is_arguments(c, expected, inst_find_text(function, "arguments"));
}

static bool check_calls(const stream_case *c, const inst_value *completion) {
  const inst_value *expected = find_in(c->file, "expect", "tool_calls");
  const inst_value *choice = inst_value_first(inst_find(completion, "choices"));
  const inst_value *message = inst_find(choice, "message");
  const inst_value *calls = inst_find(message, "tool_calls");
  const inst_value *call = calls ? inst_value_first(calls) : inst_find(message, "function_call");
  if (kind_of(expected) != INST_ARRAY) return true;
  for (const inst_value *e = inst_value_first(expected); e != NULL; e = inst_value_next(e)) {
    if (call == NULL || !is_call(c, e, call)) return differs(c, "call");
    call = calls != NULL ? inst_value_next(call) : NULL;
  }
  return call == NULL || differs(c, "number of calls");
}

/* The end of a stream that told of an error, or was cut off. */
static bool check_fault(const stream_case *c, const run *r, const inst_attempt *attempt) {
  const inst_value *expected = find_in(c->file, "expect", "error");
  bool cut = kind_of(expected) != INST_OBJECT;
  if (inst_call_error(r->call)->code != (cut ? INST_E_INCOMPLETE : INST_E_PROTOCOL))
    return differs(c, "end");
  return cut || is_text(inst_find(expected, "message"), attempt->complaint.message) ||
         differs(c, "message");
}

static bool check_answer(const stream_case *c, const run *r, const inst_attempt *attempt) {
  const inst_value *expect = inst_find(c->file, "expect");
  inst_str outcome = inst_str_of(inst_outcome_name(attempt->outcome));
  if (!is_text(inst_find(expect, "finish_reason"), attempt->finish_reason))
    return differs(c, "finish reason");
  if (!is_text(inst_find(expect, "outcome"), outcome)) return differs(c, "outcome");
  if (!is_text(inst_find(expect, "reasoning"), attempt->reasoning)) return differs(c, "reasoning");
  if (!is_text(inst_find(expect, "refusal"), attempt->refusal)) return differs(c, "refusal");
  return check_usage(c, &attempt->usage) && check_calls(c, inst_call_value(r->call));
}

static bool check_expected(const stream_case *c, const run *r) {
  const inst_value *expect = inst_find(c->file, "expect");
  const inst_attempt *attempt = r->call != NULL ? inst_call_attempts(r->call) : NULL;
  inst_str outcome = inst_find_text(expect, "outcome");
  if (c->with_schema || expect == NULL) return true;
  if (attempt == NULL) return differs(c, "number of attempts");
  if (!is_text(inst_find(expect, "text"), attempt->text)) return differs(c, "text");
  bool fails =
      inst_str_is(outcome, INST_LIT("error")) || inst_str_is(outcome, INST_LIT("incomplete"));
  return fails ? check_fault(c, r, attempt) : check_answer(c, r, attempt);
}

/* ---- all ways -------------------------------------------------------------------------------- */

/* Ends the run.  False: it differs, which is printed. */
static bool is_same(const run *whole, run *other, const char *way, size_t at) {
  bool same = inst_str_is(inst_buf_text(&whole->seen), inst_buf_text(&other->seen));
  if (!same)
    printf("%s, %s %zu: this was seen:\n%.*s\nand fed whole:\n%.*s\n", whole->c->name, way, at,
           (int)other->seen.n, other->seen.p, (int)whole->seen.n, whole->seen.p);
  end(other);
  return same;
}

static bool check_ways(const stream_case *c, const run *whole) {
  run other;
  play(&other, c, 0, 1);
  if (!is_same(whole, &other, "byte by byte", c->bytes.n)) return false;
  play_recorded(&other, c);
  if (!is_same(whole, &other, "as recorded", 0)) return false;
  for (size_t at = 1; at < c->bytes.n; at++) {
    play(&other, c, at, c->bytes.n - at);
    if (!is_same(whole, &other, "split at", at)) return false;
  }
  return true;
}

static bool check_asked(stream_case *c, bool with_schema) {
  run whole;
  c->with_schema = with_schema;
  play(&whole, c, c->bytes.n, 1);
  bool well = check_expected(c, &whole) && check_ways(c, &whole);
  end(&whole);
  return well;
}

static bool check_case(stream_case *c) {
  read_mode(c);
  c->schema = anything();
  bool well = c->schema != NULL && check_asked(c, false) && check_asked(c, true);
  inst_schema_free(c->schema);
  return well;
}

/* ---- the folders ----------------------------------------------------------------------------- */

typedef struct counts {
  size_t passed, total, skipped;
} counts;

static bool load(const char *path, inst_buf *buf) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return false;
  char piece[4096];
  for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
    inst_buf_add(buf, (inst_str){piece, n});
  bool whole = ferror(file) == 0 && !buf->failed;
  fclose(file);
  return whole;
}

static bool is_ours(const inst_value *file) {
  const char *const path = "/chat/completions";
  inst_str wire = inst_find_text(file, "wire");
  inst_str asked = inst_find_text(inst_find(file, "request"), "path");
  size_t n = strlen(path);
  if (wire.p != NULL) return inst_str_is(wire, INST_LIT("openai_chat"));
  return asked.n >= n && memcmp(asked.p + asked.n - n, path, n) == 0;
}

static void count_case(stream_case *c, counts *all) {
  c->bytes = inst_find_text(inst_find(c->file, "response"), "sse_text");
  if (c->bytes.p == NULL) return;
  all->total++;
  if (is_ours(c->file))
    all->passed += check_case(c);
  else
    all->skipped++;
}

static void check_file(const char *path, counts *all) {
  inst_error error = {.code = INST_E_NONE};
  inst_buf text;
  stream_case c = {.name = path, .arena = inst_arena_new(system_memory)};
  inst_buf_init(&text, system_memory);
  if (c.arena != NULL && load(path, &text))
    c.file = inst_json_parse(c.arena, inst_buf_text(&text), INST_MAX_DEPTH, &error);
  if (c.file != NULL) {
    count_case(&c, all);
  } else {
    printf("%s: cannot be read\n", path);
    all->total++;
  }
  inst_buf_clear(&text);
  inst_arena_free(c.arena);
}

static bool is_hidden(const struct dirent *entry) {
  return entry->d_name[0] == '.';
}

static bool is_json(const char *name) {
  size_t n = strlen(name);
  return n > 5 && strcmp(name + n - 5, ".json") == 0;
}

/* All cases of a folder, and of the folders in it.  False: there is no such folder. */
static bool check_folder(const char *path, bool inner, counts *all) {
  DIR *folder = opendir(path);
  if (folder == NULL) return false;
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char below[4096];
    int n = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    if (is_hidden(entry) || n < 0 || (size_t)n >= sizeof below) continue;
    if (is_json(entry->d_name))
      check_file(below, all);
    else if (inner)
      check_folder(below, false, all);
  }
  closedir(folder);
  return true;
}

int main(int count, char **arguments) {
  static const char *const kinds[] = {"wires", "recorded"};
  counts all = {0, 0, 0};
  if (count != 2) {
    fprintf(stderr, "usage: stream_suite FOLDER\n");
    return EXIT_FAILURE;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", arguments[1], kinds[i]);
    bool there = n > 0 && (size_t)n < sizeof path && check_folder(path, true, &all);
    if (!there) printf("streams of %s: skipped, there is no such folder\n", kinds[i]);
  }
  printf("streams: %zu passed of %zu (skipped: wire not there yet %zu)\n", all.passed, all.total,
         all.skipped);
  return all.passed + all.skipped == all.total ? EXIT_SUCCESS : EXIT_FAILURE;
}
