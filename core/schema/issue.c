/*
** Issues: made while a parse runs, and each with a sentence of its own.
*/
#include "core/schema/issue.h"

#include "core/base/number.h"
#include "core/json/write.h"
#include "core/schema/format.h"

#define MODEL_KEYS 20 /* unknown keys that are named to a model; the rest is counted */

static const char *const issue_names[] = {
#define INST_X(name, text) text,
    INST_ISSUES(INST_X)
#undef INST_X
};

const char *inst_issue_name(inst_issue_code code) {
  return code < INST_ISSUE_COUNT ? issue_names[code] : "unknown";
}

inst_noted_issue *inst_issue_noted(inst_issue *issue) {
  return (inst_noted_issue *)issue;
}

inst_noted_issue *inst_issue_add(inst_issue_list *list, const inst_issue *issue,
                                 inst_arena *arena) {
  inst_noted_issue *noted = inst_arena_get(arena, sizeof *noted);
  if (noted == NULL) return NULL;
  *noted = (inst_noted_issue){.issue = *issue, .weight = 1};
  for (const inst_branch *b = issue->branches; b != NULL; b = b->next)
    noted->weight += inst_issue_count(b->issues);
  if (list->last != NULL)
    list->last->next = &noted->issue;
  else
    list->first = &noted->issue;
  list->last = &noted->issue;
  return noted;
}

size_t inst_issue_count(const inst_issue *issues) {
  size_t n = 0;
  for (; issues != NULL; issues = issues->next) n += ((const inst_noted_issue *)issues)->weight;
  return n;
}

/* ---- wording --------------------------------------------------------------------------------- */

static void add_number(inst_buf *buf, const inst_value *number) {
  char text[INST_NUMBER_ROOM];
  if (number == NULL) return;
  if (inst_value_kind_of(number) == INST_INT) {
    inst_buf_addf(buf, "%lld", (long long)inst_value_int(number));
    return;
  }
  inst_buf_add(buf, (inst_str){text, inst_number_write_js(inst_value_real(number), text)});
}

static void add_details_text(inst_buf *buf, const inst_issue *issue, const char *key) {
  inst_buf_add(buf, inst_find_text(issue->details, key));
}

static bool detail_is(const inst_issue *issue, const char *key) {
  const inst_value *v = inst_find(issue->details, key);
  return v != NULL && inst_value_kind_of(v) == INST_BOOL && inst_value_bool(v);
}

static void word_type(inst_buf *buf, const inst_issue *issue, bool for_model) {
  const char *missing = for_model ? "nothing" : "nil";
  inst_buf_addf(buf, "Invalid input: expected ");
  add_details_text(buf, issue, "expected");
  inst_str received = inst_find_text(issue->details, "received");
  if (received.p == NULL) received = inst_str_of(inst_value_kind_name(issue->input));
  if (inst_str_is(received, INST_LIT("nil"))) received = inst_str_of(missing);
  inst_buf_addf(buf, ", received ");
  inst_buf_add(buf, received);
}

/* "Too small: expected string to have >=3 characters", "Too big: expected number to be <5". */
static void word_size(inst_buf *buf, const inst_issue *issue, bool small) {
  inst_str origin = inst_find_text(issue->details, "origin");
  bool text = inst_str_is(origin, INST_LIT("string"));
  bool list = inst_str_is(origin, INST_LIT("array"));
  inst_buf_addf(buf, "Too %s: expected ", small ? "small" : "big");
  inst_buf_add(buf, origin);
  inst_buf_addf(buf, " to %s ", text || list ? "have" : "be");
  if (detail_is(issue, "exact"))
    inst_buf_addf(buf, "exactly ");
  else
    inst_buf_addf(buf, "%c%s", small ? '>' : '<', detail_is(issue, "inclusive") ? "=" : "");
  add_number(buf, inst_find(issue->details, small ? "minimum" : "maximum"));
  if (text) inst_buf_addf(buf, " characters");
  if (list) inst_buf_addf(buf, " items");
}

static void word_format(inst_buf *buf, const inst_issue *issue) {
  static const struct {
    const char *format, *before, *key, *after;
  } words[] = {
      {"starts_with", "must start with \"", "prefix", "\""},
      {"ends_with", "must end with \"", "suffix", "\""},
      {"includes", "must include \"", "includes", "\""},
      {"regex", "must match pattern ", "pattern", ""},
  };
  inst_str format = inst_find_text(issue->details, "format");
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (!inst_str_is(format, inst_str_of(words[i].format))) continue;
    inst_buf_addf(buf, "Invalid string: %s", words[i].before);
    add_details_text(buf, issue, words[i].key);
    inst_buf_addf(buf, "%s", words[i].after);
    return;
  }
  inst_buf_addf(buf, "Invalid ");
  inst_buf_add(buf, inst_format_words(format));
}

/* People read a text as it is, as Zod shows it; models read JSON, of which a line stays a line. */
static void word_item(inst_buf *buf, const inst_value *v, bool for_model) {
  bool plain = !for_model && inst_value_kind_of(v) == INST_STRING;
  if (inst_value_is_number(v)) {
    add_number(buf, v);
  } else if (plain) {
    inst_buf_byte(buf, '"');
    inst_buf_add(buf, inst_value_text(v));
    inst_buf_byte(buf, '"');
  } else {
    inst_json_write(buf, v);
  }
}

static void word_list(inst_buf *buf, const inst_value *list, const char *between, bool for_model) {
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    if (v != inst_value_first(list)) inst_buf_addf(buf, "%s", between);
    word_item(buf, v, for_model);
  }
}

static void word_value(inst_buf *buf, const inst_issue *issue, bool for_model) {
  const inst_value *values = inst_find(issue->details, "values");
  bool one = inst_value_count(values) == 1;
  inst_buf_addf(buf, one ? "Invalid input: expected " : "Invalid option: expected one of ");
  word_list(buf, values, "|", for_model);
}

/* A key as a JSON string, cut short where it is long. */
static void word_foreign_key(inst_buf *buf, inst_str key) {
  inst_buf cut;
  if (key.n <= INST_QUOTE_MAX) {
    inst_json_write_string(buf, key);
    return;
  }
  inst_buf_init(&cut, buf->alloc);
  inst_buf_quote(&cut, key, INST_QUOTE_MAX);
  inst_json_write_string(buf, inst_buf_text(&cut));
  if (cut.failed) buf->failed = true;
  inst_buf_clear(&cut);
}

/* A small answer can hold a hundred thousand keys, and what a model is told it is also sent. */
static void word_keys_for_model(inst_buf *buf, const inst_value *keys) {
  size_t left = inst_value_count(keys), named = 0;
  const inst_value *v = inst_value_first(keys);
  for (; v != NULL && named < MODEL_KEYS; v = inst_value_next(v), named++, left--) {
    if (named > 0) inst_buf_addf(buf, ", ");
    word_foreign_key(buf, inst_value_text(v));
  }
  if (left > 0) inst_buf_addf(buf, " and %zu more", left);
}

static void word_keys(inst_buf *buf, const inst_issue *issue, bool for_model) {
  const inst_value *keys = inst_find(issue->details, "keys");
  inst_buf_addf(buf, "Unrecognized key%s: ", inst_value_count(keys) == 1 ? "" : "s");
  if (for_model)
    word_keys_for_model(buf, keys);
  else
    word_list(buf, keys, ", ", false);
}

static void word_divisor(inst_buf *buf, const inst_issue *issue) {
  inst_buf_addf(buf, "Invalid number: must be a multiple of ");
  add_number(buf, inst_find(issue->details, "divisor"));
}

/* "'circle' | 'rect'": texts bare. */
static void word_options(inst_buf *buf, const inst_value *options) {
  for (const inst_value *v = inst_value_first(options); v != NULL; v = inst_value_next(v)) {
    if (v != inst_value_first(options)) inst_buf_addf(buf, " | ");
    inst_buf_byte(buf, '\'');
    if (inst_value_kind_of(v) == INST_STRING)
      inst_buf_add(buf, inst_value_text(v));
    else
      word_item(buf, v, false);
    inst_buf_byte(buf, '\'');
  }
}

static void word_union(inst_buf *buf, const inst_issue *issue, bool for_model) {
  const inst_value *options = inst_find(issue->details, "options");
  if (options != NULL) {
    inst_buf_addf(buf, "Invalid discriminator value. Expected ");
    if (for_model)
      word_list(buf, options, "|", true);
    else
      word_options(buf, options);
  } else if (inst_find(issue->details, "matches") != NULL) {
    inst_buf_addf(buf, "Invalid input: more than one option matched");
  } else {
    inst_buf_addf(buf, "Invalid input");
  }
}

/* An issue that is ours has a note to say what is wrong. */
static void word_custom(inst_buf *buf, const inst_issue *issue) {
  inst_buf_addf(buf, "Invalid input");
  if (inst_find(issue->details, "note") == NULL) return;
  inst_buf_addf(buf, ": the sides of an intersection made different values of it");
}

void inst_issue_say(inst_buf *buf, const inst_issue *issue, bool for_model) {
  switch (issue->code) {
  case INST_ISSUE_INVALID_TYPE: word_type(buf, issue, for_model); break;
  case INST_ISSUE_TOO_SMALL: word_size(buf, issue, true); break;
  case INST_ISSUE_TOO_BIG: word_size(buf, issue, false); break;
  case INST_ISSUE_INVALID_FORMAT: word_format(buf, issue); break;
  case INST_ISSUE_NOT_MULTIPLE_OF: word_divisor(buf, issue); break;
  case INST_ISSUE_UNRECOGNIZED_KEYS: word_keys(buf, issue, for_model); break;
  case INST_ISSUE_INVALID_VALUE: word_value(buf, issue, for_model); break;
  case INST_ISSUE_INVALID_UNION: word_union(buf, issue, for_model); break;
  case INST_ISSUE_INVALID_KEY: inst_buf_addf(buf, "Invalid key in record"); break;
  default: word_custom(buf, issue); break;
  }
}

void inst_issue_word(inst_issue *issue, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_issue_say(&buf, issue, false);
  issue->message = inst_buf_take(&buf, arena);
}

/* ---- paths ----------------------------------------------------------------------------------- */

static bool is_identifier(inst_str key) {
  if (key.n > INST_QUOTE_MAX) return false;
  for (size_t i = 0; i < key.n; i++) {
    char c = key.p[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
  }
  return key.n > 0;
}

static void write_step(inst_buf *buf, const inst_segment *s, bool first, size_t base) {
  if (s->key.p == NULL) {
    inst_buf_addf(buf, "[%llu]", (unsigned long long)(s->index + base));
  } else if (is_identifier(s->key)) {
    if (!first) inst_buf_byte(buf, '.');
    inst_buf_add(buf, s->key);
  } else {
    inst_buf_byte(buf, '[');
    word_foreign_key(buf, s->key);
    inst_buf_byte(buf, ']');
  }
}

void inst_path_go_on(inst_buf *buf, const inst_segment *path, size_t count, size_t base,
                     bool first) {
  for (size_t i = 0; i < count; i++) write_step(buf, &path[i], first && i == 0, base);
}

void inst_path_write(inst_buf *buf, const inst_segment *path, size_t count, size_t base) {
  inst_path_go_on(buf, path, count, base, true);
}
