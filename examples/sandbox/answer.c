/*
** Completions, built as JSON values and written down.
** Whole and streamed answers put the same text into the same places; a stream only cuts it small.
*/
#include "examples/sandbox/answer.h"

#include <stdio.h>

#include "core/json/write.h"

#define PIECE 8          /* bytes of one piece of a stream, about two tokens */
#define MOST_PIECES 1500 /* a longer answer comes in larger pieces */
#define QUOTE 200        /* bytes of the user's text that a plain answer repeats */
#define BYTES_A_TOKEN 4

/* One answer being written. */
typedef struct answer {
  const box_ask *ask;
  const box_frame *frame;
  inst_arena *arena;
  inst_str text; /* the content, or the arguments */
  box_form form; /* may be less than was asked for: prose instead of a call */
  char id[48], call_id[48];
} answer;

/* ---- values ---------------------------------------------------------------------------------- */

static void put(const answer *a, inst_value *object, const char *key, inst_value *v) {
  inst_put(a->arena, object, inst_str_of(key), v);
}

static void put_text(const answer *a, inst_value *object, const char *key, inst_str text) {
  put(a, object, key, inst_string(a->arena, text));
}

static void put_null(const answer *a, inst_value *object, const char *key) {
  put(a, object, key, inst_null(a->arena));
}

/* id, object, created, model: what every body begins with. */
static inst_value *head(const answer *a, const char *object) {
  inst_value *v = inst_object(a->arena);
  put_text(a, v, "id", inst_str_of(a->id));
  put_text(a, v, "object", inst_str_of(object));
  put(a, v, "created", inst_int(a->arena, a->frame->created));
  put_text(a, v, "model", a->ask->model);
  return v;
}

/* Tokens are guessed from bytes. */
static inst_value *usage(const answer *a) {
  inst_value *v = inst_object(a->arena);
  int64_t in = (int64_t)(a->frame->prompt_bytes / BYTES_A_TOKEN) + 1;
  int64_t out = (int64_t)(a->text.n / BYTES_A_TOKEN) + 1;
  put(a, v, "prompt_tokens", inst_int(a->arena, in));
  put(a, v, "completion_tokens", inst_int(a->arena, out));
  put(a, v, "total_tokens", inst_int(a->arena, in + out));
  return v;
}

static const char *finish_reason(const answer *a) {
  return a->form == BOX_FORM_TOOL       ? "tool_calls"
         : a->form == BOX_FORM_FUNCTION ? "function_call"
                                        : "stop";
}

/* {"name", "arguments"}; of a later piece of a stream only the arguments. */
static inst_value *function(const answer *a, inst_str arguments, bool begins) {
  inst_value *v = inst_object(a->arena);
  if (begins) put_text(a, v, "name", a->ask->name);
  put_text(a, v, "arguments", arguments);
  return v;
}

/* The list with the one call, or with a piece of it. */
static inst_value *tool_calls(const answer *a, inst_str arguments, bool begins, bool streamed) {
  inst_value *list = inst_array(a->arena), *call = inst_object(a->arena);
  if (streamed) put(a, call, "index", inst_int(a->arena, 0));
  if (begins) {
    put_text(a, call, "id", inst_str_of(a->call_id));
    put_text(a, call, "type", INST_LIT("function"));
  }
  put(a, call, "function", function(a, arguments, begins));
  inst_push(list, call);
  return list;
}

/* Puts the answer, or a piece of it, into a message or a delta. */
static void put_answer(const answer *a, inst_value *message, inst_str piece, bool begins,
                       bool streamed) {
  bool call = a->form == BOX_FORM_TOOL || a->form == BOX_FORM_FUNCTION;
  if (!call)
    put_text(a, message, "content", piece);
  else if (begins)
    put_null(a, message, "content");
  if (a->form == BOX_FORM_TOOL)
    put(a, message, "tool_calls", tool_calls(a, piece, begins, streamed));
  if (a->form == BOX_FORM_FUNCTION) put(a, message, "function_call", function(a, piece, begins));
}

/* ---- whole ----------------------------------------------------------------------------------- */

static void write_whole(const answer *a, box_reply *reply) {
  inst_value *body = head(a, "chat.completion"), *choices = inst_array(a->arena);
  inst_value *choice = inst_object(a->arena), *message = inst_object(a->arena);
  put_text(a, message, "role", INST_LIT("assistant"));
  put_answer(a, message, a->text, true, false);
  put_null(a, message, "refusal");
  put(a, choice, "index", inst_int(a->arena, 0));
  put(a, choice, "message", message);
  put_null(a, choice, "logprobs");
  put_text(a, choice, "finish_reason", inst_str_of(finish_reason(a)));
  inst_push(choices, choice);
  put(a, body, "choices", choices);
  put(a, body, "usage", usage(a));
  if (!inst_arena_failed(a->arena)) inst_json_write(&reply->body, body);
}

/* ---- streamed -------------------------------------------------------------------------------- */

static void write_event(const answer *a, inst_value *body, box_reply *reply) {
  if (inst_arena_failed(a->arena)) return;
  inst_buf_add(&reply->body, INST_LIT("data: "));
  inst_json_write(&reply->body, body);
  inst_buf_add(&reply->body, INST_LIT("\n\n"));
}

/* A chunk with 'delta'; 'finish' is NULL but for the last. */
static void write_chunk(const answer *a, inst_value *delta, const char *finish, box_reply *reply) {
  inst_value *body = head(a, "chat.completion.chunk"), *choices = inst_array(a->arena);
  inst_value *choice = inst_object(a->arena);
  put(a, choice, "index", inst_int(a->arena, 0));
  put(a, choice, "delta", delta);
  put_null(a, choice, "logprobs");
  if (finish != NULL)
    put_text(a, choice, "finish_reason", inst_str_of(finish));
  else
    put_null(a, choice, "finish_reason");
  inst_push(choices, choice);
  put(a, body, "choices", choices);
  if (a->ask->usage) put_null(a, body, "usage");
  write_event(a, body, reply);
}

/* The bytes of the next piece: whole characters. */
static size_t piece_size(inst_str rest, size_t size) {
  if (rest.n <= size) return rest.n;
  while (size < rest.n && ((unsigned char)rest.p[size] & 0xC0) == 0x80) size++;
  return size;
}

static void write_account(const answer *a, box_reply *reply) {
  inst_value *body = head(a, "chat.completion.chunk");
  put(a, body, "choices", inst_array(a->arena));
  put(a, body, "usage", usage(a));
  write_event(a, body, reply);
}

/* Role and name first, then the text in pieces, then how it ended, then the account. */
static void write_stream(const answer *a, box_reply *reply) {
  size_t size = a->text.n / MOST_PIECES > PIECE ? a->text.n / MOST_PIECES : PIECE;
  inst_value *first = inst_object(a->arena);
  reply->type = "text/event-stream";
  reply->events = true;
  put_text(a, first, "role", INST_LIT("assistant"));
  put_answer(a, first, INST_LIT(""), true, true);
  write_chunk(a, first, NULL, reply);
  for (inst_str rest = a->text; rest.n > 0 && !inst_arena_failed(a->arena);) {
    inst_value *delta = inst_object(a->arena);
    size_t n = piece_size(rest, size);
    put_answer(a, delta, (inst_str){rest.p, n}, false, true);
    write_chunk(a, delta, NULL, reply);
    rest = (inst_str){rest.p + n, rest.n - n};
  }
  write_chunk(a, inst_object(a->arena), finish_reason(a), reply);
  if (a->ask->usage) write_account(a, reply);
  inst_buf_add(&reply->body, INST_LIT("data: [DONE]\n\n"));
}

/* ---- what is said ---------------------------------------------------------------------------- */

/* The answer to a request without a schema; as an object where JSON is asked for. */
static inst_str plain_text(const answer *a) {
  inst_buf buf;
  bool json = a->ask->form == BOX_FORM_JSON;
  inst_buf_init(&buf, a->arena->alloc);
  inst_buf_add(&buf,
               INST_LIT("This is the sandbox: it answers by rules, not by a language model, and "
                        "fills schemas. There was no schema in this request, whose text was: "));
  inst_buf_quote(&buf, a->ask->text, QUOTE);
  if (!json) return inst_buf_take(&buf, a->arena);
  inst_value *note = inst_object(a->arena);
  put_text(a, note, "note", inst_buf_take(&buf, a->arena));
  return inst_arena_failed(a->arena) ? INST_LIT("") : inst_json_text(a->arena, note);
}

/* The fields that were looked for, between the tags in which models think. */
static void add_thoughts(inst_buf *buf, const inst_value *value) {
  inst_buf_add(buf, INST_LIT("<think>\nI look through the text by rules"));
  bool more = false;
  bool object = inst_value_kind_of(value) == INST_OBJECT;
  for (const inst_value *m = object ? inst_value_first(value) : NULL; m != NULL;
       m = inst_value_next(m)) {
    inst_buf_addf(buf, more ? ", " : ", for ");
    inst_buf_add(buf, inst_value_key(m));
    more = true;
  }
  inst_buf_add(buf, INST_LIT(".\n</think>\n\n"));
}

static inst_str fenced(const answer *a, const inst_value *value, inst_str json) {
  inst_buf buf;
  inst_buf_init(&buf, a->arena->alloc);
  if (a->ask->thinks) add_thoughts(&buf, value);
  inst_buf_add(&buf, INST_LIT("```json\n"));
  inst_buf_add(&buf, json);
  inst_buf_add(&buf, INST_LIT("\n```"));
  return inst_buf_take(&buf, a->arena);
}

/* The text of the answer: the filled schema in the form asked for, or with the slip in it. */
static bool compose(answer *a, box_slip slip) {
  box_filled filled;
  const box_ask *ask = a->ask;
  if (ask->schema == NULL) {
    a->text = plain_text(a);
    return !inst_arena_failed(a->arena);
  }
  if (!box_fill(&filled, ask->schema, ask->name, ask->text, a->arena)) return false;
  box_slip_value(slip, &filled, ask->schema, a->arena);
  inst_str json = inst_json_text(a->arena, filled.value);
  if (json.p == NULL) return false;
  if (slip == BOX_SLIP_PROSE) a->form = BOX_FORM_TEXT;
  a->text = box_slip_text(slip, &filled, json, a->arena);
  bool spoilt = slip == BOX_SLIP_PROSE || slip == BOX_SLIP_FENCE;
  if (a->form == BOX_FORM_FENCE && !spoilt) a->text = fenced(a, filled.value, json);
  return !inst_arena_failed(a->arena);
}

bool box_answer_write(const box_ask *ask, box_slip slip, const box_frame *frame, inst_arena *arena,
                      box_reply *reply) {
  answer a = {.ask = ask, .frame = frame, .arena = arena, .form = ask->form};
  snprintf(a.id, sizeof a.id, "chatcmpl-sandbox-%lu", frame->serial);
  snprintf(a.call_id, sizeof a.call_id, "call_sandbox_%lu", frame->serial);
  if (!compose(&a, slip)) return false;
  if (ask->stream)
    write_stream(&a, reply);
  else
    write_whole(&a, reply);
  return !inst_arena_failed(arena) && !reply->body.failed;
}
