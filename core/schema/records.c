/*
** Records: keys and values each against a schema.  Where the key schema lets only certain keys pass,
** all of them must be there (unless PARTIAL), and all others are unknown.
*/
#include "core/schema/rooms.h"

#include "core/base/number.h"
#include "core/json/keys.h"
#include "core/json/write.h"

/* What has its turn. */
enum { AT_KEY, AT_NUMBER /* the key again, as a number */, AT_VALUE };

/* What a record keeps whose keys are more than any text. */
typedef struct work {
  inst_str key;      /* under which the value comes out */
  bool changed;      /* is any of them not what came in?  Then two may be alike */
  inst_issue *wrong; /* with the key as a text */
} work;

bool inst_record_is_at_key(const inst_frame *f) {
  return f->turn != AT_VALUE;
}

/* Are the keys walked that the schema names, rather than those of the value? */
static bool is_exhaustive(const inst_tnode *node) {
  return node->keys != NULL && !inst_tree_has(node, INST_TRAIT_PARTIAL);
}

static inst_str key_of(const inst_frame *f) {
  return is_exhaustive(f->node) ? inst_value_text(f->item) : f->item->key;
}

static const inst_value *member_of(const inst_frame *f) {
  return is_exhaustive(f->node) ? inst_value_find(f->in, inst_value_text(f->item)) : f->item;
}

static bool is_named(const inst_tnode *node, inst_str key) {
  const inst_value *v = inst_value_first(node->keys);
  while (v != NULL && !inst_str_is(inst_value_text(v), key)) v = inst_value_next(v);
  return v != NULL;
}

/* Is a key that gets here always right, and comes out as it is? */
static bool is_plain(inst_parse *p, const inst_tnode *node) {
  const inst_tnode *key = inst_tree_inner(p->schema, node, 0);
  if (key->rules != NULL) return false;
  if (node->keys != NULL) return key->kind == INST_NODE_LITERAL || key->kind == INST_NODE_ENUM;
  return key->kind == INST_NODE_STRING || key->kind == INST_NODE_ANY ||
         key->kind == INST_NODE_UNKNOWN;
}

void inst_record_enter(inst_parse *p, inst_frame *f) {
  if (!inst_machine_is(f->in, INST_OBJECT)) {
    inst_machine_wrong_type(p, f, "record");
    return;
  }
  inst_machine_begin(p, f, inst_object(p->arena));
  if (is_exhaustive(f->node)) f->item = inst_value_first(f->node->keys);
  if (is_plain(p, f->node)) return;
  f->work = inst_arena_get(p->arena, sizeof(work));
  if (f->work != NULL) *(work *)f->work = (work){.wrong = NULL};
}

static void next_key(inst_frame *f) {
  f->item = inst_value_next(f->item);
  f->turn = AT_KEY;
}

/* Keys that the schema does not name: kept, or refused all at once. */
static void end_record(inst_parse *p, inst_frame *f) {
  bool loose = inst_tree_has(f->node, INST_TRAIT_LOOSE);
  inst_value *keys = NULL;
  f->phase = INST_PHASE_RULES;
  if (f->node->keys == NULL) return;
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v)) {
    if (is_named(f->node, v->key)) continue;
    if (loose) {
      inst_put_kept(f->out, v->key, inst_value_alias(p->arena, v));
      continue;
    }
    if (inst_machine_hush(p)) return;
    if (keys == NULL) keys = inst_array(p->arena);
    inst_push(keys, inst_string(p->arena, v->key));
  }
  if (keys != NULL) inst_object_reject_keys(p, f, keys);
}

/* 'v' in the place of 'old', under the same key. */
static void overwrite(inst_value *old, const inst_value *v) {
  inst_value *next = old->next;
  *old = *v;
  old->next = next;
}

/* Of keys that came out alike the first says where, the last says what. */
static void join_alike(inst_parse *p, inst_frame *f) {
  inst_value *out = inst_object(p->arena);
  inst_keys keys = {.slots = NULL};
  uint32_t seed = inst_keys_seed(out);
  const inst_value *v = inst_value_first(f->out);
  for (; v != NULL && !p->arena->failed; v = inst_value_next(v)) {
    inst_value *old = inst_keys_find(&keys, out, v->key, seed);
    if (old != NULL) {
      overwrite(old, v);
      continue;
    }
    inst_put_kept(out, v->key, inst_value_alias(p->arena, v));
    if (!p->arena->failed && !inst_keys_add(&keys, out, seed, p->arena->alloc))
      p->arena->failed = true;
  }
  inst_keys_clear(&keys, p->arena->alloc);
  f->out = out;
}

static void push_key(inst_parse *p, inst_frame *f, const inst_value *key) {
  inst_machine_push_member(p, f->node->inner[0], key, (inst_segment){key_of(f), 0});
}

static void push_value(inst_parse *p, inst_frame *f) {
  f->turn = AT_VALUE;
  inst_machine_push_member(p, f->node->inner[1], member_of(f), (inst_segment){key_of(f), 0});
}

void inst_record_turn(inst_parse *p, inst_frame *f) {
  const work *w = f->work;
  if (f->item == NULL) {
    end_record(p, f);
    if (w != NULL && w->changed) join_alike(p, f);
  } else if (f->node->keys != NULL && !is_named(f->node, key_of(f))) {
    next_key(f);
  } else if (w == NULL || f->turn == AT_VALUE) {
    push_value(p, f);
  } else {
    push_key(p, f, inst_string(p->arena, key_of(f)));
  }
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* What a key came to, as text. */
static inst_str key_text(inst_parse *p, const inst_value *v) {
  inst_buf buf;
  if (inst_machine_is(v, INST_STRING)) return inst_value_text(v);
  inst_buf_init(&buf, p->arena->alloc);
  if (inst_machine_is(v, INST_REAL)) {
    char text[INST_NUMBER_ROOM];
    inst_buf_add(&buf, (inst_str){text, inst_number_write_js(inst_value_real(v), text)});
  } else if (v != NULL) {
    inst_json_write(&buf, v);
  }
  return inst_buf_take(&buf, p->arena);
}

static size_t skip_digits(inst_str s, size_t i) {
  while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
  return i;
}

/* "-1", "01", "2.5": no exponent. */
static bool looks_numeric(inst_str s) {
  size_t start = s.n > 0 && s.p[0] == '-' ? 1 : 0, i = skip_digits(s, start);
  if (i == start) return false;
  if (i == s.n) return true;
  return s.p[i] == '.' && i + 1 < s.n && skip_digits(s, i + 1) == s.n;
}

/* The number that such a text is, zeros at its front or not. */
static inst_value *number_of(inst_parse *p, inst_str s) {
  bool negative = s.p[0] == '-';
  size_t i = negative ? 1 : 0;
  int64_t whole = 0;
  double d = 0;
  while (i + 1 < s.n && s.p[i] == '0' && s.p[i + 1] != '.') i++;
  inst_number_kind kind = inst_number_read((inst_str){s.p + i, s.n - i}, &whole, &d);
  if (kind == INST_NUMBER_INT) return inst_int(p->arena, negative ? -whole : whole);
  return kind == INST_NUMBER_REAL ? inst_real(p->arena, negative ? -d : d)
                                  : inst_string(p->arena, s);
}

static void reject_key(inst_parse *p, inst_frame *f, inst_issue *wrong) {
  if (inst_machine_hush(p)) return;
  inst_segment segment = {key_of(f), 0};
  inst_branch *branch = inst_arena_get(p->arena, sizeof *branch);
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("origin"), inst_string(p->arena, INST_LIT("record")));
  if (branch == NULL) return;
  inst_machine_shorten(p, wrong, 1);
  *branch = (inst_branch){.issues = wrong};
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_INVALID_KEY,
                                      .details = details,
                                      .input = inst_string(p->arena, segment.key),
                                      .path = &segment,
                                      .path_count = 1,
                                      .branches = branch,
                                      .nearest = branch,
                                      .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

/* Neither as a text nor as a number. */
static void fail_key(inst_parse *p, inst_frame *f, inst_issue *wrong) {
  if (inst_tree_has(f->node, INST_TRAIT_LOOSE)) {
    p->issue_count -= inst_issue_count(wrong);
    inst_put_kept(f->out, key_of(f), inst_value_alias(p->arena, member_of(f)));
  } else {
    reject_key(p, f, wrong);
  }
  next_key(f);
}

static void resume_key(inst_parse *p, inst_frame *f, const inst_frame *child) {
  work *w = f->work;
  if (!inst_machine_found(p, child)) {
    p->issue_count -= inst_issue_count(w->wrong);
    w->wrong = NULL;
    w->key = key_text(p, child->out);
    if (!inst_str_is(w->key, key_of(f))) w->changed = true;
    f->turn = AT_VALUE;
  } else if (f->turn == AT_KEY && looks_numeric(key_of(f))) {
    w->wrong = inst_machine_take(p, child->mark);
    f->turn = AT_NUMBER;
    push_key(p, f, number_of(p, key_of(f)));
  } else {
    inst_issue *wrong = w->wrong;
    w->wrong = NULL;
    if (wrong != NULL)
      inst_machine_forget(p, child->mark);
    else
      wrong = inst_machine_take(p, child->mark);
    fail_key(p, f, wrong);
  }
}

void inst_record_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  const work *w = f->work;
  if (f->turn != AT_VALUE) {
    resume_key(p, f, child);
    return;
  }
  inst_machine_join(f, child);
  if (child->out != NULL)
    inst_put_kept(f->out, w != NULL ? w->key : child->segment.key, child->out);
  next_key(f);
}
