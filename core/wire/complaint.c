/*
** Error bodies.
*/
#include "core/wire/complaint.h"

#include "core/base/number.h"

static bool is_object(const inst_value *v) {
  return v != NULL && inst_value_kind_of(v) == INST_OBJECT;
}

static bool is_array(const inst_value *v) {
  return v != NULL && inst_value_kind_of(v) == INST_ARRAY;
}

/* The first of a list, or the value itself. */
static const inst_value *single(const inst_value *v) {
  return is_array(v) ? inst_value_first(v) : v;
}

/* A text, or a whole number as text; p NULL for all else. */
static inst_str text_of(const inst_value *v, inst_arena *arena) {
  if (v == NULL) return (inst_str){NULL, 0};
  if (inst_value_kind_of(v) == INST_STRING) return inst_value_text(v);
  return inst_value_kind_of(v) == INST_INT ? inst_json_text(arena, v) : (inst_str){NULL, 0};
}

/* ---- FastAPI's detail ------------------------------------------------------------------------ */

/* "body.tool_choice: ", of the steps to the place. */
static void add_place(inst_buf *buf, const inst_value *loc, inst_arena *arena) {
  const inst_value *step = is_array(loc) ? inst_value_first(loc) : NULL;
  if (step == NULL) return;
  for (; step != NULL; step = inst_value_next(step)) {
    inst_buf_add(buf, text_of(step, arena));
    if (inst_value_next(step) != NULL) inst_buf_byte(buf, '.');
  }
  inst_buf_addf(buf, ": ");
}

/* {{loc = {"body", "x"}, msg = "is missing"}, …} as one text. */
static inst_str detail_list(const inst_value *list, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    if (buf.n > 0) inst_buf_addf(&buf, "; ");
    add_place(&buf, inst_find(v, "loc"), arena);
    inst_buf_add(&buf, is_object(v) ? inst_find_text(v, "msg") : text_of(v, arena));
  }
  return inst_buf_take(&buf, arena);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Where a server may put the error object. */
static const inst_value *object_of(const inst_value *body) {
  static const char *const keys[] = {"error", "errors", "detail"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const inst_value *v = single(inst_find(body, keys[i]));
    if (is_object(v) && inst_find(v, "msg") == NULL) return v;
  }
  return body;
}

static inst_str words_of(const inst_value *body, const inst_value *error, inst_arena *arena) {
  static const char *const plain[] = {"error", "detail", "errors", "error_message", "msg"};
  inst_str words = inst_find_text(error, "message");
  if (words.p == NULL) words = inst_find_text(body, "message");
  for (size_t i = 0; words.p == NULL && i < sizeof plain / sizeof *plain; i++) {
    const inst_value *v = inst_find(body, plain[i]);
    if (v != NULL && inst_value_kind_of(v) == INST_STRING) words = inst_value_text(v);
    if (is_array(v)) words = detail_list(v, arena);
  }
  return words;
}

/* The member of that name in the error object, or else beside it. */
static const inst_value *member(const inst_value *body, const inst_value *error, const char *key) {
  const inst_value *v = inst_find(error, key);
  return v != NULL && inst_value_kind_of(v) != INST_NULL ? v : inst_find(body, key);
}

/* A number like an HTTP status that the body holds, or 0. */
static int status_in(const inst_value *body, const inst_value *error) {
  static const char *const keys[] = {"status_code", "status", "code"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const inst_value *v = member(body, error, keys[i]);
    int64_t n = v != NULL && inst_value_kind_of(v) == INST_INT ? inst_value_int(v) : 0;
    if (n >= 400 && n <= 599) return (int)n;
  }
  return 0;
}

void inst_complaint_read(const inst_value *body, inst_complaint *out, inst_arena *arena) {
  *out = (inst_complaint){.error_class = INST_CLASS_NONE};
  body = single(body);
  if (!is_object(body)) return;
  const inst_value *error = object_of(body);
  out->message = words_of(body, error, arena);
  out->code = text_of(member(body, error, "code"), arena);
  out->type = inst_find_text(error, "type");
  out->param = text_of(member(body, error, "param"), arena);
  out->failed_generation = text_of(member(body, error, "failed_generation"), arena);
  out->request_id = text_of(member(body, error, "request_id"), arena);
  if (out->request_id.p == NULL) out->request_id = inst_find_text(inst_find(body, "x_groq"), "id");
  out->status = status_in(body, error);
}

bool inst_complaint_is_any(const inst_complaint *c) {
  return c->message.n > 0 || c->code.n > 0 || c->type.n > 0;
}

static bool is_number(inst_str text) {
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] < '0' || text.p[i] > '9') return false;
  return text.n > 0;
}

inst_str inst_complaint_key(const inst_complaint *c) {
  bool says = c->code.n > 0 && !(is_number(c->code) && c->status != 0);
  return says || c->type.n == 0 ? c->code : c->type;
}

/* ---- what it is about ------------------------------------------------------------------------ */

/* A prompt that a filter stopped comes as a plain 400. */
static bool is_filtered(const inst_complaint *c) {
  static const char *const codes[] = {"content_filter", "content_policy_violation",
                                      "ResponsibleAIPolicyViolation"};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (inst_str_is_nocase(c->code, inst_str_of(codes[i]))) return true;
  return false;
}

static const struct {
  int status;
  inst_error_class error_class;
} classes[] = {
    {401, INST_CLASS_AUTHENTICATION},    {402, INST_CLASS_PAYMENT_REQUIRED},
    {403, INST_CLASS_PERMISSION_DENIED}, {404, INST_CLASS_NOT_FOUND},
    {408, INST_CLASS_TIMEOUT},           {409, INST_CLASS_CONFLICT},
    {413, INST_CLASS_TOO_LARGE},         {422, INST_CLASS_UNPROCESSABLE},
    {429, INST_CLASS_RATE_LIMIT},        {498, INST_CLASS_AUTHENTICATION},
    {529, INST_CLASS_OVERLOADED},
};

inst_error_class inst_complaint_class(const inst_complaint *c, int status) {
  bool success = status >= 200 && status < 300;
  if (success && !inst_complaint_is_any(c)) return INST_CLASS_NONE;
  if (success) status = c->status != 0 ? c->status : 500; /* it failed, and nobody says how */
  if (status < 400) return INST_CLASS_NONE;
  if (status < 500 && is_filtered(c)) return INST_CLASS_CONTENT_FILTER;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (classes[i].status == status) return classes[i].error_class;
  return status < 500 ? INST_CLASS_BAD_REQUEST : INST_CLASS_SERVER;
}

const char *inst_class_name(inst_error_class error_class) {
  static const char *const names[] = {
#define INST_X(name, text) text,
      INST_CLASSES(INST_X)
#undef INST_X
  };
  return (unsigned)error_class < INST_CLASS_COUNT ? names[error_class] : "unknown";
}

inst_complaint inst_complaint_shown(const inst_complaint *c, inst_secrets secrets,
                                    inst_arena *arena) {
  return (inst_complaint){
      .error_class = c->error_class,
      .status = c->status,
      .message = inst_quote_upto(c->message, INST_SAID_MAX, secrets, arena),
      .code = inst_quote(c->code, secrets, arena),
      .type = inst_quote(c->type, secrets, arena),
      .param = inst_quote(c->param, secrets, arena),
      .failed_generation = inst_quote_mask(c->failed_generation, secrets, arena),
      .request_id = inst_quote(c->request_id, secrets, arena),
  };
}
