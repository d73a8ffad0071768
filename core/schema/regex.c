/*
** Compiling and searching with PCRE2's interpreter.
** In: a pattern and its flags; texts.  Out: yes, no, or that a limit was passed.
** PCRE2 counts its heap, and its steps from each place where a match may start; the callouts that
** pattern.c wrote count the work of the whole search, and the bytes that one step passes over.
** Rule 1: a regex never changes after inst_regex_new; what a search needs is made for it alone.
** Rule 2: all of PCRE2's memory comes from the injected allocator.
*/
#include "core/schema/regex.h"

#include "core/base/error.h"
#include "core/schema/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MAX_HEAP (32u << 10)         /* KiB of backtracking points in one search */
#define MAX_WORK ((size_t)100000000) /* units of work in one search: bytes passed over, */
#define STEP ((size_t)10)            /* and this for each callout */

struct inst_regex {
  inst_alloc alloc;
  inst_buf quote;                 /* the pattern, for messages */
  pcre2_general_context *general; /* the allocator as PCRE2 wants it */
  pcre2_code *code;
};

/* ---- PCRE2's memory -------------------------------------------------------------------------- */

/* Stands before each of PCRE2's blocks, because PCRE2 does not say a block's size when it frees. */
union header {
  size_t size; /* with the header */
  long long i;
  double d;
  void *p;
};

static void *get_block(size_t size, void *ctx) {
  const inst_alloc *alloc = ctx;
  if (size > SIZE_MAX - sizeof(union header)) return NULL;
  size += sizeof(union header);
  union header *block = inst_resize(*alloc, NULL, 0, size);
  if (block == NULL) return NULL;
  block->size = size;
  return block + 1;
}

static void free_block(void *p, void *ctx) {
  const inst_alloc *alloc = ctx;
  if (p == NULL) return;
  union header *block = (union header *)p - 1;
  inst_resize(*alloc, block, block->size, 0);
}

/* ---- compiling ------------------------------------------------------------------------------- */

/* The name between the last braces before 'at' in the translation. */
static inst_str find_name(inst_str text, size_t at) {
  size_t start = at, n = 0;
  while (start > 0 && text.p[start - 1] != '{') start--;
  while (start + n < text.n && text.p[start + n] != '}') n++;
  return (inst_str){text.p + start, n};
}

/* Says what PCRE2 refused at byte 'at' of 'text', the translation of 'source'. */
static int refuse(const inst_regex *regex, inst_str source, inst_str flags, inst_str text, int code,
                  size_t at, inst_error *error) {
  char why[160] = "";
  inst_str quote = inst_buf_text(&regex->quote);
  size_t place = inst_pattern_place(source, flags, at, regex->alloc);
  if (code == PCRE2_ERROR_HEAP_FAILED || place == SIZE_MAX) return inst_error_memory(error);
  if (error == NULL || error->code != INST_E_NONE) return -1;
  error->offset = place;
  if (code == PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY) {
    inst_str name = find_name(text, at);
    return inst_error_set(error, INST_E_USAGE,
                          "regex \"%.*s\": property \"%.*s\" at %zu is not known to PCRE2",
                          (int)quote.n, quote.p, (int)name.n, name.p, place);
  }
  pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
  return inst_error_set(error, INST_E_USAGE, "regex \"%.*s\": PCRE2 cannot compile it: %s at %zu",
                        (int)quote.n, quote.p, why, place);
}

/* 'text' is the translation of 'source'. */
static int compile(inst_regex *regex, inst_str source, inst_str flags, inst_str text,
                   inst_error *error) {
  const uint32_t options = PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_compile_context *context = pcre2_compile_context_create(regex->general);
  if (context == NULL) return inst_error_memory(error);
  regex->code = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, &code, &at, context);
  pcre2_compile_context_free(context);
  if (regex->code != NULL) return 0;
  return refuse(regex, source, flags, text, code, at, error);
}

/* Everything of 'regex' but itself.  Half of it may be there when it fails. */
static int build(inst_regex *regex, inst_str source, inst_str flags, inst_error *error) {
  inst_buf text;
  inst_buf_init(&text, regex->alloc);
  int fault = inst_pattern_translate(source, flags, &text, error);
  if (fault == 0) {
    inst_buf_quote(&regex->quote, source, INST_QUOTE_MAX);
    regex->general = pcre2_general_context_create(get_block, free_block, &regex->alloc);
    if (regex->general == NULL || regex->quote.failed)
      fault = inst_error_memory(error);
    else
      fault = compile(regex, source, flags, inst_buf_text(&text), error);
  }
  inst_buf_clear(&text);
  return fault;
}

inst_regex *inst_regex_new(inst_alloc alloc, inst_str source, inst_str flags, inst_error *error) {
  alloc = inst_alloc_fill(alloc);
  inst_regex *regex = inst_resize(alloc, NULL, 0, sizeof *regex);
  if (regex == NULL) {
    inst_error_memory(error);
    return NULL;
  }
  *regex = (inst_regex){.alloc = alloc};
  inst_buf_init(&regex->quote, alloc);
  if (build(regex, source, flags, error) == 0) return regex;
  inst_regex_free(regex);
  return NULL;
}

void inst_regex_free(inst_regex *regex) {
  if (regex == NULL) return;
  pcre2_code_free(regex->code);
  pcre2_general_context_free(regex->general);
  inst_buf_clear(&regex->quote);
  inst_resize(regex->alloc, regex, sizeof *regex, 0);
}

/* ---- searching ------------------------------------------------------------------------------- */

/* What one search has done so far. */
struct work {
  size_t units;
  size_t at; /* where matching was at the last callout */
};

/* The bytes a reference to 'group' can at most compare from here. */
static size_t comparable(const pcre2_callout_block *block, size_t group) {
  size_t left = block->subject_length - block->current_position;
  if (group >= block->capture_top) return 0;
  const PCRE2_SIZE *pair = block->offset_vector + 2 * group;
  size_t n = pair[0] != PCRE2_UNSET && pair[1] > pair[0] ? pair[1] - pair[0] : 0;
  return n < left ? n : left;
}

/* Called by PCRE2 at each callout.  Non-zero gives up.  Going back counts like going on, since what
** lies between was passed over in either case. */
static int count_work(pcre2_callout_block *block, void *data) {
  struct work *work = data;
  size_t at = block->current_position, number = block->callout_number;
  work->units += STEP;
  if (number == INST_PATTERN_RUN_ENDS)
    work->units += at > work->at ? at - work->at : work->at - at;
  else if (number == INST_PATTERN_ANY_REFERENCE)
    work->units += block->subject_length - at;
  else if (number > INST_PATTERN_REFERENCE)
    work->units += comparable(block, number - INST_PATTERN_REFERENCE);
  work->at = at;
  return work->units > MAX_WORK ? PCRE2_ERROR_CALLOUT : 0;
}

/* PCRE2 checks each subject before it matches. */
static bool is_bad_utf8(int result) {
  return result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21;
}

/* PCRE2's result as ours. */
static int judge(const inst_regex *regex, int result, inst_error *error) {
  inst_str quote = inst_buf_text(&regex->quote);
  if (result >= 0) return 1;
  if (result == PCRE2_ERROR_NOMATCH || is_bad_utf8(result)) return 0;
  if (result == PCRE2_ERROR_NOMEMORY) return inst_error_memory(error);
  const char *what = result == PCRE2_ERROR_HEAPLIMIT ? "too much memory" : "too many steps";
  return inst_error_set(error, INST_E_LIMIT, "regex \"%.*s\": matching takes %s", (int)quote.n,
                        quote.p, what);
}

int inst_regex_search(const inst_regex *regex, inst_str subject, inst_error *error) {
  struct work work = {0, 0};
  pcre2_match_context *limits = pcre2_match_context_create(regex->general);
  pcre2_match_data *match = pcre2_match_data_create(1, regex->general);
  int result = PCRE2_ERROR_NOMEMORY;
  if (subject.p == NULL) subject = INST_LIT("");
  if (limits != NULL && match != NULL) {
    pcre2_set_match_limit(limits, INST_REGEX_STEPS);
    pcre2_set_heap_limit(limits, MAX_HEAP);
    pcre2_set_callout(limits, count_work, &work);
    result =
        pcre2_match(regex->code, (PCRE2_SPTR)subject.p, subject.n, 0, PCRE2_NO_JIT, match, limits);
  }
  pcre2_match_data_free(match);
  pcre2_match_context_free(limits);
  return judge(regex, result, error);
}
