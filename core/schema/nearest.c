/*
** A field that only takes certain values tells best; then the parts that fit, then the faults.
*/
#include "core/schema/nearest.h"

/* Does the node pass what it is given to its first inner node first, with "no" meaning no? */
static bool hands_on(const inst_tnode *node) {
  bool says_no = node->kind != INST_NODE_CATCH;
  return node->kind == INST_NODE_PIPE || (says_no && inst_tree_is_wrapper(node));
}

/* The node that tests the type of a value given to 'node'. */
static const inst_tnode *behind(const inst_schema *schema, const inst_tnode *node) {
  while (hands_on(node)) node = inst_tree_inner(schema, node, 0);
  return node;
}

inst_str inst_nearest_name(const inst_schema *schema, const inst_tnode *option) {
  for (;; option = inst_tree_inner(schema, option, 0)) {
    inst_str name = inst_find_text(option->meta, "title");
    if (name.p == NULL) name = inst_find_text(option->meta, "id");
    if (name.p != NULL || !hands_on(option)) return name;
  }
}

/* ---- fields that tell ------------------------------------------------------------------------ */

typedef enum tag { TAG_NONE, TAG_FITS, TAG_DIFFERS } tag;

static tag compare_tag(const inst_tnode *field, const inst_value *value) {
  if (field->kind != INST_NODE_LITERAL && field->kind != INST_NODE_ENUM) return TAG_NONE;
  const inst_value *v = inst_value_first(field->values);
  while (v != NULL && !inst_value_equal(v, value)) v = inst_value_next(v);
  return v != NULL ? TAG_FITS : TAG_DIFFERS;
}

/* What the fields of 'option' with fixed values say of 'value'.  A null says nothing: it may be
** meant for "missing". */
static tag find_tag(const inst_schema *schema, const inst_tnode *option, const inst_value *value) {
  const inst_tnode *object = behind(schema, option);
  tag found = TAG_NONE;
  if (object->kind != INST_NODE_OBJECT || inst_value_kind_of(value) != INST_OBJECT) return TAG_NONE;
  for (const inst_field *f = object->fields; f != NULL; f = f->next) {
    const inst_tnode *field = behind(schema, inst_tree_node(schema, f->node));
    if (field->kind != INST_NODE_LITERAL && field->kind != INST_NODE_ENUM) continue;
    const inst_value *member = inst_value_find(value, f->key);
    if (inst_value_kind_of(member) == INST_NULL) continue;
    if (compare_tag(field, member) == TAG_DIFFERS) return TAG_DIFFERS;
    found = TAG_FITS;
  }
  return found;
}

bool inst_nearest_rules_out(const inst_schema *schema, const inst_tnode *node, unsigned i,
                            const inst_value *value) {
  return find_tag(schema, inst_tree_inner(schema, node, i), value) == TAG_DIFFERS;
}

/* ---- what fits, what does not ---------------------------------------------------------------- */

/* Is the value no such thing at all? */
static bool is_wrong_at_root(const inst_branch *branch) {
  for (const inst_issue *issue = branch->issues; issue != NULL; issue = issue->next) {
    bool type = issue->code == INST_ISSUE_INVALID_TYPE || issue->code == INST_ISSUE_INVALID_VALUE;
    if (issue->code == INST_ISSUE_INVALID_UNION && issue->nearest == NULL) type = true;
    if (type && issue->path_count == 0) return true;
  }
  return false;
}

static bool has_issue_at(const inst_branch *branch, inst_str key) {
  for (const inst_issue *issue = branch->issues; issue != NULL; issue = issue->next)
    if (issue->path_count > 0 && issue->path[0].key.p != NULL &&
        inst_str_is(issue->path[0].key, key))
      return true;
  return false;
}

/* How well an option fits a value, the greater the better. */
typedef struct score {
  size_t fields; /* that are there and well */
  size_t keys;   /* that are there */
  size_t issues; /* the fewer the better */
  size_t depth;  /* of the first fault */
} score;

static score score_of(const inst_schema *schema, const inst_tnode *option, const inst_value *value,
                      const inst_branch *branch) {
  const inst_tnode *object = behind(schema, option);
  score s = {0, 0, 0, SIZE_MAX};
  for (const inst_issue *issue = branch->issues; issue != NULL; issue = issue->next) {
    s.issues++;
    if (issue->path_count < s.depth) s.depth = issue->path_count;
  }
  for (const inst_field *f = object->fields; f != NULL; f = f->next) {
    if (inst_value_find(value, f->key) == NULL) continue;
    s.keys++;
    if (!has_issue_at(branch, f->key)) s.fields++;
  }
  return s;
}

/* Above 0: 'a' is better than 'b'. */
static int compare_scores(const score *a, const score *b) {
  if (a->fields != b->fields) return a->fields > b->fields ? 1 : -1;
  if (a->keys != b->keys) return a->keys > b->keys ? 1 : -1;
  if (a->issues != b->issues) return a->issues < b->issues ? 1 : -1;
  return (a->depth > b->depth) - (a->depth < b->depth);
}

/* The best of the options whose tag is 'wanted' (TAG_NONE: of all); NULL where two are. */
static const inst_branch *choose(const inst_schema *schema, const inst_tnode *node,
                                 const inst_value *value, const inst_branch *branches, tag wanted) {
  const inst_branch *best = NULL;
  score highest = {0, 0, 0, 0};
  bool alone = false;
  unsigned i = 0;
  for (const inst_branch *b = branches; b != NULL; b = b->next, i++) {
    const inst_tnode *option = inst_tree_inner(schema, node, i);
    if (wanted != TAG_NONE && find_tag(schema, option, value) != wanted) continue;
    if (is_wrong_at_root(b)) continue;
    score s = score_of(schema, option, value, b);
    int order = best != NULL ? compare_scores(&s, &highest) : 1;
    if (order > 0) best = b, highest = s;
    if (order != 0) alone = order > 0 || alone;
    if (order == 0) alone = false;
  }
  return alone ? best : NULL;
}

const inst_branch *inst_nearest(const inst_schema *schema, const inst_tnode *node,
                                const inst_value *value, const inst_branch *branches) {
  const inst_branch *tagged = choose(schema, node, value, branches, TAG_FITS);
  return tagged != NULL ? tagged : choose(schema, node, value, branches, TAG_NONE);
}
