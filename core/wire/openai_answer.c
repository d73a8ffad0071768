/*
** Reading a chat completion.
*/
#include "core/wire/openai_answer.h"

#include "core/base/error.h"

static bool is_array(const inst_value *v) {
  return v != NULL && inst_value_kind_of(v) == INST_ARRAY;
}

/* The first item of a list; NULL: there is none, or 'list' is none. */
static inline const inst_value *first_in(const inst_value *list) {
  return is_array(list) ? inst_value_first(list) : NULL;
}

/* The first item of the list 'key' holds. */
static inline const inst_value *first_of(const inst_value *object, const char *key) {
  return first_in(inst_find(object, key));
}

/* The message of a choice, with what is asked of it more than once. */
typedef struct turn {
  const inst_value *message;
  const inst_value *content;  /* a text, or a list of parts */
  const inst_value *calls;    /* the first */
  const inst_value *function; /* of the time before there were tools */
} turn;

static turn turn_of(const inst_value *message) {
  return (turn){message, inst_find(message, "content"), first_of(message, "tool_calls"),
                inst_find(message, "function_call")};
}

/* ---- usage ----------------------------------------------------------------------------------- */

#define COUNT_MAX (INT64_C(1) << 53) /* tokens; more is nonsense, and sums must not overflow */

/* A count of tokens; 0 where there is none, or something that counts nothing (a text, -5, 2.5).
** 'known' becomes true where there is one; it may be NULL. */
static inline int64_t count(const inst_value *object, const char *key, bool *known) {
  const inst_value *v = inst_find(object, key);
  if (v == NULL || !inst_value_is_number(v)) return 0;
  int64_t n = inst_value_int(v);
  if (n < 0 || (n == 0 && inst_value_real(v) != 0)) return 0;
  if (known != NULL) *known = true;
  return n > COUNT_MAX ? COUNT_MAX : n;
}

/* The first of two counts that says something. */
static inline int64_t either(const inst_value *object, const char *key, const char *other,
                             bool *known) {
  int64_t n = count(object, key, known);
  return n != 0 ? n : count(object, other, known);
}

/* Groq's streams have it inside x_groq. */
const inst_value *inst_completion_usage(const inst_value *envelope) {
  const inst_value *u = inst_find(envelope, "usage");
  if (u == NULL || inst_value_kind_of(u) != INST_OBJECT)
    u = inst_find(inst_find(envelope, "x_groq"), "usage");
  return u != NULL && inst_value_kind_of(u) == INST_OBJECT ? u : NULL;
}

void inst_openai_usage_read(const inst_value *u, inst_usage *usage) {
  const inst_value *in = inst_find(u, "prompt_tokens_details");
  const inst_value *out = inst_find(u, "completion_tokens_details");
  bool parts = false, total = false;
  *usage = (inst_usage){.input_tokens = either(u, "prompt_tokens", "input_tokens", &parts),
                        .output_tokens = either(u, "completion_tokens", "output_tokens", &parts),
                        .total_tokens = count(u, "total_tokens", &total),
                        .cached_tokens = count(in, "cached_tokens", NULL),
                        .cache_write_tokens = count(in, "cache_write_tokens", NULL),
                        .reasoning_tokens = count(out, "reasoning_tokens", NULL)};
  if (usage->cached_tokens == 0) usage->cached_tokens = count(u, "prompt_cache_hit_tokens", NULL);
  if (usage->reasoning_tokens == 0) usage->reasoning_tokens = count(u, "reasoning_tokens", NULL);
  if (usage->total_tokens == 0) usage->total_tokens = usage->input_tokens + usage->output_tokens;
  usage->known = parts || total;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Arguments are a JSON text; some servers send the value itself. */
static bool take_arguments(const inst_value *function, inst_answer *answer) {
  const inst_value *arguments = inst_find(function, "arguments");
  if (arguments == NULL || inst_value_kind_of(arguments) == INST_NULL) return false;
  if (inst_value_kind_of(arguments) == INST_STRING)
    answer->text = inst_value_text(arguments);
  else
    answer->value = arguments;
  return answer->value != NULL || inst_str_trim(answer->text).n > 0;
}

static bool is_called(const inst_value *function, inst_str name) {
  return inst_str_is(inst_find_text(function, "name"), name);
}

/* The call of our tool, by name; never just the first.  '*bare': it was called, but with nothing. */
static bool take_call(const inst_ask *ask, const turn *t, inst_answer *answer, bool *bare) {
  for (const inst_value *c = t->calls; c != NULL; c = inst_value_next(c)) {
    const inst_value *function = inst_find(c, "function");
    if (!is_called(function, ask->name)) continue;
    if (take_arguments(function, answer)) return true;
    *bare = true;
  }
  if (!is_called(t->function, ask->name)) return false;
  *bare = true;
  return take_arguments(t->function, answer);
}

static bool has_calls(const turn *t) {
  return t->calls != NULL ||
         (t->function != NULL && inst_value_kind_of(t->function) == INST_OBJECT);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The texts of those parts of a list that are of one 'type', joined; p NULL: there are none. */
static inst_str parts_text(const inst_value *first, const char *type, const char *key,
                           inst_arena *arena) {
  inst_buf buf;
  bool any = false;
  if (first == NULL) return (inst_str){NULL, 0};
  inst_buf_init(&buf, arena->alloc);
  for (const inst_value *part = first; part != NULL; part = inst_value_next(part)) {
    if (!inst_str_is(inst_find_text(part, "type"), inst_str_of(type))) continue;
    any = true;
    inst_buf_add(&buf, inst_find_text(part, key));
    for (const inst_value *v = first_of(part, key); v != NULL; v = inst_value_next(v))
      inst_buf_add(&buf,
                   inst_find_text(v, "text")); /* Mistral's thoughts have parts of their own */
  }
  inst_str text = inst_buf_take(&buf, arena);
  return any ? text : (inst_str){NULL, 0};
}

/* Text content, whether it is one text or a list of parts. */
static inst_str content_text(const turn *t, inst_arena *arena) {
  if (is_array(t->content)) return parts_text(inst_value_first(t->content), "text", "text", arena);
  return inst_value_text(t->content);
}

/* Thoughts: a text of either name, OpenRouter's list, or parts of the content. */
static inst_str reasoning_of(const turn *t, inst_arena *arena) {
  inst_str text = inst_find_text(t->message, "reasoning_content");
  if (text.p == NULL) text = inst_find_text(t->message, "reasoning");
  const inst_value *details = first_of(t->message, "reasoning_details");
  if (text.p == NULL) text = parts_text(details, "reasoning.text", "text", arena);
  if (text.p == NULL) text = parts_text(details, "reasoning.summary", "summary", arena);
  if (text.p == NULL) text = parts_text(first_in(t->content), "thinking", "thinking", arena);
  return text;
}

static inst_str refusal_of(const turn *t, inst_arena *arena) {
  inst_str words = inst_find_text(t->message, "refusal");
  if (words.n > 0) return words;
  return parts_text(first_in(t->content), "refusal", "refusal", arena);
}

/* ---- how it ended ---------------------------------------------------------------------------- */

/* The spellings of all who speak this dialect, where they decide; the rest is a plain end. */
#define ENDINGS(X)                                                                                 \
  X("length", LENGTH)                                                                              \
  X("model_length", LENGTH) /* Mistral */                                                          \
  X("max_tokens", LENGTH)                                                                          \
  X("content_filter", CONTENT_FILTER)                                                              \
  X("safety", CONTENT_FILTER)                                                                      \
  X("refusal", REFUSAL)                                                                            \
  X("error", ERROR)                        /* Mistral, OpenRouter */                               \
  X("insufficient_system_resource", ERROR) /* DeepSeek */

static inst_outcome outcome_of(const turn *t, const inst_answer *answer) {
#define X(word, outcome)                                                                           \
  if (inst_str_is_nocase(answer->finish, INST_LIT(word))) return INST_OUTCOME_##outcome;
  ENDINGS(X)
#undef X
  if (answer->refusal.n > 0) return INST_OUTCOME_REFUSAL;
  return has_calls(t) ? INST_OUTCOME_TOOL_CALLS : INST_OUTCOME_STOP;
}

static void no_answer(inst_answer *answer, inst_code code, const char *why) {
  inst_error_clear(&answer->error);
  inst_error_set(&answer->error, code, "%s", why);
  answer->code = code;
}

/* An error object in the place of an answer, or beside half of one. */
static void read_complaint(const inst_ask *ask, const inst_value *body, const char *why,
                           inst_answer *answer, inst_arena *arena) {
  inst_complaint *complaint = &answer->complaint;
  inst_complaint_read(body, complaint, arena);
  no_answer(answer, INST_E_PROTOCOL, why);
  inst_quote_add(&answer->error, complaint->message, ask->secrets, arena);
  inst_quote_reason(&answer->error, inst_complaint_key(complaint), ask->secrets, arena);
}

/* Statuses that may do better later; where there is none, words for them; xAI's code is a
** sentence. */
static bool may_pass(const inst_complaint *c) {
  int s = c->status;
  bool trouble = s == 0 && (inst_str_is_nocase(c->type, INST_LIT("server_error")) ||
                            inst_str_is_nocase(c->type, INST_LIT("overloaded_error")));
  return s == 408 || s == 409 || s == 429 || s >= 500 || trouble ||
         inst_str_is_nocase(c->code, INST_LIT("The service is currently unavailable"));
}

/* The provider broke off, as the choice itself may explain, or the envelope. */
static void read_broken(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                        inst_arena *arena) {
  const inst_value *choice = first_of(envelope, "choices");
  const inst_value *body = inst_find(choice, "error") != NULL ? choice : envelope;
  read_complaint(ask, body, "the provider broke off the answer", answer, arena);
  if (answer->error.reason[0] == '\0')
    inst_quote_reason(&answer->error, answer->finish, ask->secrets, arena);
  answer->error.retryable = answer->complaint.status == 0 || may_pass(&answer->complaint);
}

/* Ends that decide alone, whatever was said before. */
static bool read_ending(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                        inst_arena *arena) {
  switch (answer->outcome) {
  case INST_OUTCOME_LENGTH:
    no_answer(answer, INST_E_INCOMPLETE,
              "the answer was cut off at the token limit (raise max_tokens)");
    memcpy(answer->error.reason, "length", sizeof "length");
    return true;
  case INST_OUTCOME_CONTENT_FILTER:
    no_answer(answer, INST_E_CONTENT_FILTER, "a content filter stopped the answer");
    return true;
  case INST_OUTCOME_REFUSAL:
    no_answer(answer, INST_E_REFUSAL, "the model refused");
    inst_quote_add(&answer->error, answer->refusal, ask->secrets, arena);
    return true;
  case INST_OUTCOME_ERROR: read_broken(ask, envelope, answer, arena); return true;
  default: return false;
  }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What any call is told of a choice. */
static void describe(const inst_value *choice, const turn *t, inst_answer *answer,
                     inst_arena *arena) {
  answer->message = t->message;
  answer->finish = inst_find_text(choice, "finish_reason");
  answer->reasoning = reasoning_of(t, arena);
  answer->refusal = refusal_of(t, arena);
  answer->outcome = outcome_of(t, answer);
}

/* A call without arguments is one of a tool that needs none, unless there is a text instead. */
static void read_choice(const inst_ask *ask, const inst_value *envelope, const inst_value *choice,
                        inst_answer *answer, inst_arena *arena) {
  turn t = turn_of(inst_find(choice, "message"));
  bool bare = false;
  describe(choice, &t, answer, arena);
  bool called = ask->schema != NULL && take_call(ask, &t, answer, &bare);
  if (!called) answer->text = content_text(&t, arena);
  bool silent = !called && inst_str_trim(answer->text).n == 0;
  answer->bare = silent && bare;
  if (answer->bare) answer->text = INST_LIT("{}");
  if (ask->schema == NULL || read_ending(ask, envelope, answer, arena)) return;
  if (silent && !bare)
    no_answer(answer, INST_E_NO_ANSWER,
              has_calls(&t) ? "the model called something else than it was asked to, and gave no "
                              "text"
                            : "the model gave neither a call nor a text");
}

/* A 200 that carries an error object instead of an answer. */
static bool read_hidden_error(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                              inst_arena *arena) {
  const inst_value *error = inst_find(envelope, "error");
  bool flat = inst_str_is(inst_find_text(envelope, "object"), INST_LIT("error"));
  if (!flat && (error == NULL || inst_value_kind_of(error) == INST_NULL)) return false;
  read_complaint(ask, envelope, "the server answered 200 with an error", answer, arena);
  answer->error.retryable = may_pass(&answer->complaint);
  return true;
}

void inst_openai_answer_read(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                             inst_arena *arena) {
  INST_ZERO_TO_ERROR(answer);
  answer->raw_usage = inst_completion_usage(envelope);
  if (answer->raw_usage != NULL) inst_openai_usage_read(answer->raw_usage, &answer->usage);
  answer->model = inst_find_text(envelope, "model");
  answer->request_id = inst_find_text(inst_find(envelope, "x_groq"), "id");
  const inst_value *choices = inst_find(envelope, "choices"), *choice = first_in(choices);
  if (choice != NULL) {
    read_choice(ask, envelope, choice, answer, arena);
  } else if (read_hidden_error(ask, envelope, answer, arena) || ask->schema == NULL) {
    return;
  } else if (is_array(choices)) {
    no_answer(answer, INST_E_NO_ANSWER, "the answer has no choices");
  } else {
    no_answer(answer, INST_E_PROTOCOL, "the answer is JSON but no chat completion");
  }
}

const char *inst_outcome_name(inst_outcome outcome) {
  static const char *const names[] = {
#define INST_X(name, text) text,
      INST_OUTCOMES(INST_X)
#undef INST_X
  };
  return (unsigned)outcome < INST_OUTCOME_COUNT ? names[outcome] : "unknown";
}
