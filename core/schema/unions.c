/*
** Unions: the first option without a fault, the one option a discriminator names, or exactly one.
** Options without code are first only asked whether they fit, so that success pays for no issue;
** where none does, they are run again to explain.  Options with code run once.
*/
#include "core/schema/rooms.h"

#include "core/schema/nearest.h"

#define CUT_BRANCH 20 /* issues kept of a branch where there are too many in all */

/* What a union keeps that runs its options to the end. */
typedef struct work {
  inst_branch *first, *last;
  inst_value *matches; /* EXCLUSIVE: the numbers of those that fit */
  inst_value *out;     /* of the one that fits, or else of the one that fails softly */
  unsigned soft_count;
  unsigned char soft_state;
  const inst_branch *soft; /* one that failed, but without a fault that ends the parse of it */
} work;

#define ONE_ONLY UINT32_MAX /* as a turn: one option is all there is to run */

bool inst_union_tries(const inst_frame *f) {
  return f->turn != ONE_ONLY;
}

/* Is it known that none of them fits? */
static bool is_lost(const inst_frame *f) {
  return f->turn != ONE_ONLY && !f->asks && !f->node->collects &&
         !inst_tree_has(f->node, INST_TRAIT_EXCLUSIVE);
}

static void enter_only(inst_parse *p, inst_frame *f, unsigned option) {
  f->turn = ONE_ONLY;
  inst_machine_enter_inner(p, f, f->node->inner[option]);
}

/* All options, one after the other: asked, or run. */
static void enter_all(inst_parse *p, inst_frame *f, bool asks) {
  f->turn = 0;
  f->asks = asks;
  f->phase = INST_PHASE_INNER;
  f->work = asks ? NULL : inst_arena_get(p->arena, sizeof(work));
  if (f->work != NULL) memset(f->work, 0, sizeof(work));
}

/* ---- discriminators -------------------------------------------------------------------------- */

static const inst_case *find_case(const inst_tnode *node, const inst_value *value) {
  const inst_case *c = node->cases;
  for (; c != NULL; c = c->next)
    if (c->value == NULL ? value == NULL : value != NULL && inst_value_equal(c->value, value))
      return c;
  return NULL;
}

static inst_value *case_values(inst_parse *p, const inst_tnode *node) {
  inst_value *list = inst_array(p->arena);
  for (const inst_case *c = node->cases; c != NULL; c = c->next)
    if (c->value != NULL) inst_push(list, inst_value_alias(p->arena, c->value));
  return list;
}

static void refuse_discriminator(inst_parse *p, inst_frame *f, const inst_value *value) {
  inst_arena *a = p->arena;
  inst_segment segment = {f->node->discriminator, 0};
  if (inst_machine_hush(p)) return;
  inst_machine_accept(p, f);
  inst_value *details = inst_object(a);
  inst_put(a, details, INST_LIT("note"), inst_string(a, INST_LIT("No matching discriminator")));
  inst_put(a, details, INST_LIT("discriminator"), inst_string(a, f->node->discriminator));
  inst_put(a, details, INST_LIT("options"), case_values(p, f->node));
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_INVALID_UNION,
                                      .details = details,
                                      .input = value,
                                      .path = &segment,
                                      .path_count = 1,
                                      .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void enter_discriminated(inst_parse *p, inst_frame *f) {
  if (!inst_machine_is(f->in, INST_OBJECT)) {
    inst_machine_wrong_type(p, f, "object");
    return;
  }
  const inst_value *value = inst_value_find(f->in, f->node->discriminator);
  const inst_case *found = find_case(f->node, value);
  if (found != NULL)
    enter_only(p, f, found->option);
  else if (inst_tree_has(f->node, INST_TRAIT_FALLBACK))
    enter_all(p, f, !f->node->collects);
  else
    refuse_discriminator(p, f, value);
}

void inst_union_enter(inst_parse *p, inst_frame *f) {
  if (f->node->discriminator.p != NULL)
    enter_discriminated(p, f);
  else if (f->node->inner_count == 1)
    enter_only(p, f, 0);
  else
    enter_all(p, f, !f->node->collects && !inst_tree_has(f->node, INST_TRAIT_EXCLUSIVE));
}

/* ---- when all have had their turn ------------------------------------------------------------ */

/* The issues of all branches but 'kept' are forgotten: nobody will read them. */
static void forget_branches(inst_parse *p, const work *w, const inst_branch *kept) {
  for (const inst_branch *b = w->first; b != NULL; b = b->next)
    if (b != kept) p->issue_count -= inst_issue_count(b->issues);
}

static void refuse_union(inst_parse *p, inst_frame *f, const work *w, const inst_value *details) {
  if (inst_machine_hush(p)) return;
  for (inst_branch *b = w->first; b != NULL; b = b->next)
    inst_machine_shorten(p, (inst_issue *)b->issues, 0);
  inst_machine_accept(p, f);
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_INVALID_UNION,
                                      .details = details,
                                      .input = f->in,
                                      .branches = w->first,
                                      .nearest = inst_nearest(p->schema, f->node, f->in, w->first),
                                      .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void refuse_many(inst_parse *p, inst_frame *f, work *w) {
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("inclusive"), inst_bool(p->arena, false));
  inst_put(p->arena, details, INST_LIT("matches"), w->matches);
  forget_branches(p, w, NULL);
  w->first = NULL;
  refuse_union(p, f, w, details);
}

/* The issues of the one branch stand on the list again, as if there were no union. */
static void put_back(inst_parse *p, inst_frame *f, const work *w) {
  inst_machine_put_back(p, (inst_issue *)w->soft->issues);
  f->out = w->out;
  f->state |= w->soft_state;
  forget_branches(p, w, w->soft);
}

static void take_only_match(inst_parse *p, inst_frame *f, const work *w) {
  forget_branches(p, w, NULL);
  f->out = w->out;
}

static void conclude(inst_parse *p, inst_frame *f) {
  work *w = f->work;
  size_t matches = inst_value_count(w->matches);
  f->phase = INST_PHASE_RULES;
  if (matches == 1)
    take_only_match(p, f, w);
  else if (matches > 1)
    refuse_many(p, f, w);
  else if (w->soft_count == 1 && !inst_tree_has(f->node, INST_TRAIT_EXCLUSIVE))
    put_back(p, f, w);
  else
    refuse_union(p, f, w, NULL);
}

void inst_union_turn(inst_parse *p, inst_frame *f) {
  const inst_tnode *node = f->node;
  if (f->asks)
    while (f->turn < node->inner_count && inst_nearest_rules_out(p->schema, node, f->turn, f->in))
      f->turn++;
  if (f->turn < node->inner_count) {
    if (f->asks) p->asking++;
    inst_machine_push(p, node->inner[f->turn], f->in);
  } else if (!f->asks) {
    conclude(p, f);
  } else if (!inst_machine_hush(p)) {
    enter_all(p, f, false);
  }
}

/* ---- when one has ended ---------------------------------------------------------------------- */

static void resume_asked(inst_parse *p, inst_frame *f, const inst_frame *child) {
  p->asking--;
  if (inst_machine_found(p, child))
    f->turn++;
  else
    inst_machine_resume_inner(p, f, child);
}

/* The issues of the option that has ended become its branch. */
static void add_branch(inst_parse *p, const inst_frame *f, const inst_frame *child) {
  work *w = f->work;
  inst_issue *issues = inst_machine_take(p, child->mark);
  inst_branch *branch = inst_arena_get(p->arena, sizeof *branch);
  bool cut = (child->state & INST_HAS_REFUSED) != 0 && !is_lost(f);
  if (branch == NULL) return;
  if (cut) inst_machine_trim(p, issues, CUT_BRANCH);
  if (cut && p->issue_count >= INST_MAX_ISSUES) inst_machine_trim(p, issues, 1);
  *branch = (inst_branch){.name = inst_nearest_name(p->schema, child->node), .issues = issues};
  if (w->last != NULL)
    w->last->next = branch;
  else
    w->first = branch;
  w->last = branch;
  if ((child->state & (INST_HAS_ABORT | INST_HAS_STOPPED)) != 0) return;
  w->soft = branch;
  w->soft_state = child->state;
  if (w->soft_count++ == 0 && w->matches == NULL) w->out = child->out;
}

static void note_match(inst_parse *p, inst_frame *f, const inst_frame *child) {
  work *w = f->work;
  if (w->matches == NULL) w->matches = inst_array(p->arena);
  inst_push(w->matches, inst_int(p->arena, f->turn));
  w->out = child->out;
}

/* The first that fits ends the union. */
static void take_match(inst_parse *p, inst_frame *f, const inst_frame *child) {
  forget_branches(p, f->work, NULL);
  inst_machine_resume_inner(p, f, child);
}

void inst_union_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  if (f->turn == ONE_ONLY) {
    inst_machine_resume_inner(p, f, child);
  } else if (f->asks) {
    resume_asked(p, f, child);
  } else {
    bool found = inst_machine_found(p, child);
    if (found)
      add_branch(p, f, child);
    else if (inst_tree_has(f->node, INST_TRAIT_EXCLUSIVE))
      note_match(p, f, child);
    else
      take_match(p, f, child);
    f->turn++;
    if ((child->state & INST_HAS_REFUSED) != 0 && is_lost(f)) conclude(p, f);
  }
}
