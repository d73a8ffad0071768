/*
** Every sentence a model gets to read, in one place.
*/
#include "core/wire/ask.h"

#define NAME_MAX_BYTES 64 /* what OpenAI takes */

static bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Bytes of the UTF-8 character at 'p', so that one character becomes one '_'. */
static size_t character(const char *p, size_t n) {
  size_t i = 1;
  while (i < n && ((unsigned char)p[i] & 0xC0) == 0x80) i++;
  return i;
}

inst_str inst_ask_name(inst_str name, inst_arena *arena) {
  char *out = inst_arena_get(arena, NAME_MAX_BYTES + 1);
  size_t n = 0;
  if (out == NULL) return (inst_str){NULL, 0};
  for (size_t i = 0; i < name.n && n < NAME_MAX_BYTES; i += character(name.p + i, name.n - i))
    out[n++] = is_name_byte(name.p[i]) ? name.p[i] : '_';
  out[n] = '\0';
  return (inst_str){out, n};
}

bool inst_ask_is_conversation(const inst_value *v) {
  inst_value_kind kind = inst_value_kind_of(v);
  if (kind == INST_STRING || (kind == INST_OBJECT && v->either)) return true;
  const inst_value *item = inst_value_first(v);
  while (item != NULL && inst_value_kind_of(item) == INST_OBJECT) item = inst_value_next(item);
  return kind == INST_ARRAY && item == NULL;
}

/* What each mode asks for, and whether the schema must stand in the prompt because it stands nowhere
** else in the request. */
static const struct {
  const char *words;
  bool schema;
} prompts[INST_MODE_COUNT] = {
    [INST_MODE_JSON_SCHEMA] =
        {"Answer with one JSON value that fits the schema of this request, and "
         "with nothing else: no prose, no code fence.",
         false},
    [INST_MODE_JSON] = {"Answer with one JSON value that fits the JSON Schema below, and with "
                        "nothing else: no prose, no code fence.",
                        true},
    [INST_MODE_MD_JSON] = {"Answer with one JSON value that fits the JSON Schema below, in one "
                           "fenced block that begins with ```json, and with nothing else.",
                           true},
    [INST_MODE_THINKING_MD_JSON] =
        {"Think first, inside one <think> tag.  Then answer with one JSON "
         "value that fits the JSON Schema below, in one fenced block that "
         "begins with ```json, and with nothing else.",
         true},
};

/* A schema that the provider keeps to itself is put as in JSON mode. */
static inst_mode worded_as(const inst_ask *ask) {
  bool unseen = ask->mode == INST_MODE_JSON_SCHEMA && ask->provider->schema_in_prompt;
  return unseen ? INST_MODE_JSON : ask->mode;
}

inst_str inst_ask_prompt(const inst_ask *ask, inst_arena *arena) {
  inst_buf buf;
  inst_mode mode = worded_as(ask);
  if (prompts[mode].words == NULL) return (inst_str){NULL, 0};
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "%s", prompts[mode].words);
  if (ask->description.n > 0) {
    inst_buf_addf(&buf, " The value describes: ");
    inst_buf_add(&buf, ask->description);
  }
  if (prompts[mode].schema) {
    inst_buf_addf(&buf, "\n\n");
    bool at_hand = ask->schema_text.p != NULL;
    inst_buf_add(&buf, at_hand ? ask->schema_text : inst_json_text(arena, ask->schema));
  }
  return inst_buf_take(&buf, arena);
}

/* How the mode at hand wants the next answer; what calls is called by its name in between. */
static const struct {
  const char *words, *behind;
} instructions[INST_MODE_COUNT] = {
    [INST_MODE_TOOLS] = {"Call the tool ", " with corrected arguments."},
    [INST_MODE_FUNCTIONS] = {"Call the function ", " with corrected arguments."},
    [INST_MODE_JSON_SCHEMA] =
        {"Answer again with the corrected JSON and nothing else: no prose, no "
         "code fence.",
         NULL},
    [INST_MODE_JSON] = {"Answer again with the corrected JSON and nothing else: no prose, no code "
                        "fence.",
                        NULL},
    [INST_MODE_MD_JSON] = {"Answer again with the corrected JSON in one fenced block that begins "
                           "with ```json, and with nothing else.",
                           NULL},
    [INST_MODE_THINKING_MD_JSON] = {"Think again, inside one <think> tag. Then answer with the "
                                    "corrected JSON in one fenced block that begins with ```json, "
                                    "and with nothing else.",
                                    NULL},
};

static void add_instruction(inst_buf *buf, const inst_ask *ask) {
  inst_buf_addf(buf, "%s", instructions[ask->mode].words);
  if (instructions[ask->mode].behind == NULL) return;
  inst_buf_add(buf, ask->name);
  inst_buf_addf(buf, "%s", instructions[ask->mode].behind);
}

inst_str inst_ask_correction(const inst_ask *ask, inst_str issues, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "The answer is not valid:");
  inst_buf_add(&buf, issues);
  inst_buf_byte(&buf, '\n');
  add_instruction(&buf, ask);
  return inst_buf_take(&buf, arena);
}

inst_str inst_ask_again(const inst_ask *ask, inst_arena *arena) {
  const char *what = ask->mode == INST_MODE_TOOLS ? "tool" : "function";
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "\n- there was no answer");
  if (instructions[ask->mode].behind != NULL) {
    inst_buf_addf(&buf, ": the %s ", what);
    inst_buf_add(&buf, ask->name);
    inst_buf_addf(&buf, " was not called");
  }
  return inst_ask_correction(ask, inst_buf_take(&buf, arena), arena);
}

inst_str inst_ask_json_issue(const inst_error *error, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "\n- it is not JSON: %s", error->text);
  return inst_buf_take(&buf, arena);
}
