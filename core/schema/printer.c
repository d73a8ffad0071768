/*
** Values, sentences, places and references of a printing.
*/
#include "core/schema/printer.h"

#include "core/base/error.h"
#include "core/base/number.h"
#include "core/json/write.h"
#include "core/schema/issue.h"

void inst_printer_put(inst_printer *pr, inst_value *object, const char *key, inst_value *value) {
  if (object != NULL) inst_put(pr->arena, object, inst_str_of(key), value);
}

inst_value *inst_printer_text(inst_printer *pr, const char *c_string) {
  return inst_string(pr->arena, inst_str_of(c_string));
}

inst_value *inst_printer_typed(inst_printer *pr, const char *type) {
  inst_value *out = inst_object(pr->arena);
  inst_printer_put(pr, out, "type", inst_printer_text(pr, type));
  return out;
}

inst_value *inst_printer_number(inst_printer *pr, double d) {
  int64_t i;
  return inst_number_is_int(d, &i) ? inst_int(pr->arena, i) : inst_real(pr->arena, d);
}

bool inst_printer_holds(const inst_value *list, const inst_value *one) {
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v))
    if (inst_value_equal(v, one)) return true;
  return false;
}

/* ---- sentences ------------------------------------------------------------------------------- */

inst_str inst_printer_join(inst_printer *pr, inst_str a, inst_str b) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_add(&buf, a);
  if (a.n > 0 && b.n > 0) inst_buf_byte(&buf, ' ');
  inst_buf_add(&buf, b);
  return inst_buf_take(&buf, pr->arena);
}

void inst_printer_note(inst_printer *pr, inst_str sentence) {
  if (sentence.n > 0) pr->notes = inst_printer_join(pr, pr->notes, sentence);
}

void inst_printer_say(inst_printer *pr, const char *words, inst_str quoted, const char *end) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_addf(&buf, "%s ", words);
  inst_buf_add(&buf, quoted);
  inst_buf_addf(&buf, "%s.", end);
  inst_printer_note(pr, inst_buf_take(&buf, pr->arena));
}

void inst_printer_say_value(inst_printer *pr, const char *words, const inst_value *v,
                            const char *end) {
  inst_printer_say(pr, words, inst_json_text(pr->arena, v), end);
}

void inst_printer_set_apart(inst_printer *pr, inst_value *out) {
  inst_value *ref = inst_find(out, "$ref");
  if (ref == NULL || inst_value_count(out) == 1) return;
  inst_value *alone = inst_object(pr->arena), *list = inst_array(pr->arena);
  inst_printer_put(pr, alone, "$ref", inst_value_alias(pr->arena, ref));
  inst_push(list, alone);
  inst_replace(pr->arena, out, INST_LIT("$ref"), list);
  if (list != NULL) list->key = INST_LIT("anyOf");
}

void inst_printer_put_notes(inst_printer *pr, inst_value *out) {
  if (pr->notes.n == 0) return;
  inst_str whole = inst_printer_join(pr, inst_find_text(out, "description"), pr->notes);
  inst_replace(pr->arena, out, INST_LIT("description"), inst_string(pr->arena, whole));
  inst_printer_set_apart(pr, out);
}

/* ---- places ---------------------------------------------------------------------------------- */

size_t inst_printer_enter(inst_printer *pr, inst_str key) {
  size_t before = pr->path.n;
  inst_segment segment = {key, 0};
  inst_buf step;
  inst_buf_init(&step, pr->arena->alloc);
  if (inst_str_is(key, INST_LIT("[]")))
    inst_buf_add(&step, key);
  else
    inst_path_write(&step, &segment, 1, 0);
  if (before > 0 && step.n > 0 && step.p[0] != '[') inst_buf_byte(&pr->path, '.');
  inst_buf_add(&pr->path, inst_buf_text(&step));
  if (step.failed) pr->path.failed = true;
  inst_buf_clear(&step);
  return before;
}

void inst_printer_leave(inst_printer *pr, size_t before) {
  if (pr->path.n > before) pr->path.n = before;
}

void inst_printer_refuse(inst_printer *pr, const char *what) {
  inst_str path = inst_buf_text(&pr->path);
  if (path.n > INST_QUOTE_MAX) path.n = INST_QUOTE_MAX;
  pr->refused = true;
  inst_error_set(pr->error, INST_E_USAGE, "a strict schema cannot express the %s at %.*s", what,
                 path.n > 0 ? (int)path.n : 8, path.n > 0 ? path.p : "the root");
}

/* ---- references ------------------------------------------------------------------------------ */

static bool is_taken(const inst_printer *pr, inst_str name) {
  for (const inst_definition *d = pr->first; d != NULL; d = d->next)
    if (inst_str_is(d->name, name)) return true;
  return false;
}

/* What the schema calls itself, as far as a reference can say it; p NULL: nothing. */
static inst_str own_name(inst_printer *pr, const inst_tnode *node) {
  inst_str title = inst_find_text(node->meta, "title"), id = inst_find_text(node->meta, "id");
  inst_str said = inst_arena_copy(pr->arena, id.n > 0 ? id : title);
  char *p = (char *)said.p; /* our copy */
  for (size_t i = 0; i < said.n; i++) {
    bool letter = (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');
    if (!letter && !(p[i] >= '0' && p[i] <= '9') && p[i] != '-' && p[i] != '.') p[i] = '_';
  }
  return said.n > 0 ? said : (inst_str){NULL, 0};
}

/* The schema's own name, numbered where another one has it. */
static inst_str new_name(inst_printer *pr, inst_node number) {
  inst_str own = own_name(pr, inst_tree_node(pr->schema, number)), name = own;
  if (own.p == NULL) own = INST_LIT("schema");
  for (unsigned n = name.p == NULL ? 1 : 2; name.p == NULL || is_taken(pr, name); n++) {
    inst_buf buf;
    inst_buf_init(&buf, pr->arena->alloc);
    inst_buf_add(&buf, own);
    inst_buf_addf(&buf, "%u", n);
    name = inst_buf_take(&buf, pr->arena);
    if (inst_arena_failed(pr->arena)) break;
  }
  return name;
}

static inst_definition *define(inst_printer *pr, inst_node number) {
  for (inst_definition *d = pr->first; d != NULL; d = d->next)
    if (d->node == number) return d;
  inst_definition *made = inst_arena_get(pr->arena, sizeof *made);
  if (made == NULL) return NULL;
  *made = (inst_definition){number, new_name(pr, number), NULL};
  if (pr->last != NULL)
    pr->last->next = made;
  else
    pr->first = made;
  pr->last = made;
  return made;
}

inst_value *inst_printer_refer(inst_printer *pr, inst_node node) {
  const inst_definition *definition = define(pr, node);
  inst_value *out = inst_object(pr->arena);
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_addf(&buf, "#/$defs/");
  if (definition != NULL) inst_buf_add(&buf, definition->name);
  inst_printer_put(pr, out, "$ref", inst_string(pr->arena, inst_buf_take(&buf, pr->arena)));
  return out;
}
