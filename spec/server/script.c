/*
** Reads a script and hands out its steps.  In: a file of lines (see the header).  Out: steps.
** A script comes from the specs' own Lua side: what is wrong with it ends the program.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536u /* a filler is repeated to this size, so that it is sent in large writes */

/* What an action line looks like. */
typedef struct shape {
  const char *word;
  bool number, text;
} shape;

static const shape shapes[FAULT_WORD_COUNT] = {
#define FAULT_X(name, word, number, text) [FAULT_##name] = {word, number, text},
    FAULT_ACTIONS(FAULT_X)
#undef FAULT_X
};

static const char *const moments[] = {
    [FAULT_ON_REQUEST] = "request", [FAULT_ON_HEAD] = "head", [FAULT_ON_ACCEPT] = "accept"};

/* What is left of a line while it is read. */
typedef struct line {
  const char *p;
  size_t n;
  size_t number; /* of the line, from 1 */
} line;

static _Noreturn void refuse(const line *l, const char *why) {
  fault_die("script, line %zu: %s", l->number, why);
}

/* Takes the first word and the one space behind it. */
static line take_word(line *l) {
  line word = *l;
  const char *space = l->n ? memchr(l->p, ' ', l->n) : NULL;
  word.n = space ? (size_t)(space - l->p) : l->n;
  size_t used = word.n + (space ? 1 : 0);
  l->p += used;
  l->n -= used;
  return word;
}

/* Is the whole of what is left this word? */
static bool is_text(const line *l, const char *text) {
  return l->n == strlen(text) && memcmp(l->p, text, l->n) == 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* "step" or "step repeat". */
static void read_step(fault_script *script, line *l) {
  if (script->repeat) refuse(l, "a step follows one that repeats");
  script->repeat = is_text(l, "repeat");
  if (l->n && !script->repeat) refuse(l, "\"step\" or \"step repeat\" is expected");
  script->steps = fault_resize(script->steps, script->count + 1, sizeof *script->steps);
  script->steps[script->count++] = (fault_step){.moment = FAULT_ON_REQUEST};
}

/* What stands behind "on". */
static void read_moment(fault_step *step, line *l) {
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
    if (!is_text(l, moments[i])) continue;
    step->moment = (fault_moment)i;
    return;
  }
  refuse(l, "no such moment");
}

/* Repeats a text until it fills a block.  Whole copies only: the filler goes round in it. */
static void repeat_text(fault_bytes *text) {
  size_t n = text->n;
  while (text->n < BLOCK) {
    fault_bytes copy = {0};
    fault_bytes_add(&copy, text->p, n);
    fault_bytes_add(text, copy.p, copy.n);
    fault_bytes_clear(&copy);
  }
}

/* What stands behind the action's word, as its shape says. */
static void read_arguments(fault_action *action, line *l) {
  if (shapes[action->word].number) {
    line number = take_word(l);
    if (!fault_read_number(number.p, number.n, INT64_MAX / 1000000, &action->number))
      refuse(l, "a number is expected");
  }
  if (shapes[action->word].text && !fault_bytes_add_unescaped(&action->text, l->p, l->n))
    refuse(l, "a backslash stands before something else than two hexadecimal digits");
  if (!shapes[action->word].text && l->n) refuse(l, "something stands behind the action");
  if (action->word != FAULT_FILL) return;
  if (!action->text.n) refuse(l, "nothing to fill with");
  repeat_text(&action->text);
}

/* The new action is lent until the next one is added. */
static fault_action *add_action(fault_step *step, fault_word word) {
  step->actions = fault_resize(step->actions, step->count + 1, sizeof *step->actions);
  fault_action *action = &step->actions[step->count++];
  *action = (fault_action){.word = word};
  return action;
}

static void read_action(fault_step *step, const line *word, line *l) {
  for (size_t i = 0; i < FAULT_WORD_COUNT; i++) {
    if (!is_text(word, shapes[i].word)) continue;
    read_arguments(add_action(step, (fault_word)i), l);
    return;
  }
  refuse(l, "no such action");
}

/* One line without its newline. */
static void read_line(fault_script *script, line l) {
  if (!l.n || *l.p == '#') return;
  line word = take_word(&l);
  if (is_text(&word, "step")) {
    read_step(script, &l);
    return;
  }
  if (!script->count) refuse(&l, "the first line must be \"step\"");
  fault_step *step = &script->steps[script->count - 1];
  if (is_text(&word, "on"))
    read_moment(step, &l);
  else
    read_action(step, &word, &l);
}

/* ---- the answers that are not in the script -------------------------------------------------- */

/* A whole answer in the error format of the interface the clients speak, so that they show it. */
static void make_answer(fault_step *step, const char *status, const char *message) {
  fault_bytes body = {0};
  fault_bytes_add_text(&body, "{\"error\":{\"type\":\"faultserver\",\"message\":\"");
  fault_bytes_add_text(&body, message);
  fault_bytes_add_text(&body, "\"}}");
  fault_bytes *text = &add_action(step, FAULT_SEND)->text;
  fault_bytes_add_text(text, "HTTP/1.1 ");
  fault_bytes_add_text(text, status);
  fault_bytes_add_text(text, "\r\nContent-Type: application/json\r\nContent-Length: ");
  fault_bytes_add_number(text, body.n);
  fault_bytes_add_text(text, "\r\n\r\n");
  fault_bytes_add(text, body.p, body.n);
  fault_bytes_clear(&body);
}

/* ---- the script ------------------------------------------------------------------------------ */

void fault_script_init(fault_script *script, const char *path) {
  *script = (fault_script){0};
  make_answer(&script->end, "500 Script Is Over", "the script is over");
  make_answer(&script->bad, "400 Bad Request", "this is no HTTP request");
  add_action(&script->bad, FAULT_CLOSE);
  fault_bytes text = {0};
  if (!fault_bytes_add_file(&text, path)) fault_die("%s: %s", path, strerror(errno));
  line l = {.p = text.p, .number = 1};
  for (size_t left = text.n; left;) {
    const char *end = memchr(l.p, '\n', left);
    l.n = end ? (size_t)(end - l.p) : left;
    read_line(script, l);
    size_t used = l.n + (end ? 1 : 0);
    l.p += used;
    left -= used;
    l.number++;
  }
  fault_bytes_clear(&text);
}

/* The step itself belongs to the script. */
static void clear_step(fault_step *step) {
  for (size_t i = 0; i < step->count; i++) fault_bytes_clear(&step->actions[i].text);
  free(step->actions);
}

void fault_script_clear(fault_script *script) {
  for (size_t i = 0; i < script->count; i++) clear_step(&script->steps[i]);
  free(script->steps);
  clear_step(&script->end);
  clear_step(&script->bad);
  *script = (fault_script){0};
}

/* NULL: the script is over. */
static const fault_step *upcoming(const fault_script *script) {
  if (script->taken < script->count) return &script->steps[script->taken];
  return script->repeat ? &script->steps[script->count - 1] : NULL;
}

const fault_step *fault_script_take(fault_script *script, size_t *index, bool *over) {
  const fault_step *step = upcoming(script);
  *over = !step;
  *index = ++script->taken;
  return step ? step : &script->end;
}

bool fault_script_is_eager(const fault_script *script) {
  const fault_step *step = upcoming(script);
  return step && step->moment == FAULT_ON_ACCEPT;
}
