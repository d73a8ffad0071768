/*
** A value as it arrives: its text read, shown change by change, judged part by part.
** In: pieces of JSON text.  Out: changes; issues as soon as no further text could mend them.
** Rule 1: a part is judged when it is complete, and only where it must fit for the whole to fit.
** Rule 2: the host's code is never run here: a part that has some is left to the end.
*/
#include "core/schema/stream.h"

#include "core/base/error.h"
#include "core/schema/cursor.h"
#include "core/schema/machine.h"
#include "core/schema/shape.h"

#define SCRATCH_SIZE 4000 /* bytes that judging a small part takes */
#define MOST_RENEWALS 16  /* members that came again; past them no more is shown */

struct inst_stream {
  inst_stream_options options;
  const inst_schema *schema;
  inst_arena arena;
  inst_arena scratch; /* for judging one part */
  inst_reader *reader;
  inst_cursor shown;   /* where the host is */
  inst_cursor checked; /* where judging is */
  size_t renewals;     /* as many as both cursors know of */
  const inst_issue *issues;
  inst_segment *path; /* room for the path of the value at hand */
  size_t path_room;
  bool lost; /* memory ran out */
  inst_error error;
};

static inst_cursor new_cursor(const inst_stream *s) {
  return (inst_cursor){.reader = s->reader,
                       .schema = s->schema,
                       .wrapped = s->options.wrapped,
                       .open_strings = s->options.open_strings,
                       .alloc = s->arena.alloc};
}

inst_stream *inst_stream_new(const inst_schema *schema, const inst_stream_options *options) {
  inst_alloc alloc = inst_alloc_fill(options->alloc);
  inst_stream *s = inst_resize(alloc, NULL, 0, sizeof *s);
  if (s == NULL) return NULL;
  memset(s, 0, sizeof *s);
  s->options = *options;
  if (s->options.max_depth == 0) s->options.max_depth = INST_MAX_DEPTH;
  s->schema = schema;
  inst_arena_init(&s->arena, alloc);
  inst_arena_init(&s->scratch, alloc);
  s->reader = inst_reader_new(&s->arena, s->options.max_depth);
  s->shown = s->checked = new_cursor(s);
  s->checked.open_strings = false;
  s->checked.all = true;
  if (s->reader != NULL) return s;
  inst_stream_free(s);
  return NULL;
}

void inst_stream_free(inst_stream *s) {
  if (s == NULL) return;
  inst_alloc alloc = s->arena.alloc;
  inst_cursor_clear(&s->shown);
  inst_cursor_clear(&s->checked);
  inst_resize(alloc, s->path, s->path_room * sizeof *s->path, 0);
  inst_reader_free(s->reader);
  inst_arena_clear(&s->arena);
  inst_arena_clear(&s->scratch);
  inst_resize(alloc, s, sizeof *s, 0);
}

void inst_stream_rest(inst_stream *s) {
  if (s->issues == NULL) inst_arena_clear(&s->scratch);
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* Memory ran out, whatever else went wrong before. */
static void lose(inst_stream *s) {
  s->lost = true;
  inst_error_clear(&s->error);
  inst_error_memory(&s->error);
}

/* Room for a path of 'n' steps.  NULL: no memory. */
static inst_segment *path_room(inst_stream *s, size_t n) {
  if (n <= s->path_room) return s->path;
  inst_alloc alloc = s->arena.alloc;
  inst_segment *path =
      inst_resize(alloc, s->path, s->path_room * sizeof *path, n * 2 * sizeof *path);
  if (path == NULL) {
    lose(s);
    return NULL;
  }
  s->path = path;
  s->path_room = n * 2;
  return path;
}

/* Where the i-th open list has got to. */
static inst_segment step_of(const inst_stream *s, size_t i) {
  const inst_value *list = inst_reader_open_list(s->reader, i);
  bool inner = i + 1 == inst_reader_depth(s->reader);
  size_t count = inst_value_count(list);
  if (inst_value_kind_of(list) == INST_ARRAY)
    return (inst_segment){{NULL, 0}, count > 0 ? count - 1 : 0};
  inst_str key = inner ? inst_reader_key(s->reader) : (inst_str){NULL, 0};
  if (key.p == NULL && list->u.list.last != NULL) key = list->u.list.last->key;
  return (inst_segment){key.p != NULL ? key : INST_LIT(""), 0};
}

const inst_segment *inst_stream_path(inst_stream *s, size_t *count) {
  size_t depth = inst_reader_depth(s->reader), skip = 0;
  inst_segment *path = path_room(s, depth + 1);
  *count = 0;
  if (path == NULL) return NULL;
  for (size_t i = 0; i < depth; i++) path[i] = step_of(s, i);
  if (s->options.wrapped && depth > 0 && inst_str_is(path[0].key, INST_WRAPPER_KEY)) skip = 1;
  bool empty = depth > 0 && inst_value_count(inst_reader_open_list(s->reader, depth - 1)) == 0 &&
               inst_reader_key(s->reader).p == NULL;
  *count = depth - skip - (empty && depth > skip ? 1 : 0);
  return path + skip;
}

/* ---- judging --------------------------------------------------------------------------------- */

/* An issue of a part, with the path of the whole, where it will stay. */
static inst_issue *keep_issue(inst_stream *s, const inst_issue *issue, const inst_segment *path,
                              size_t n) {
  inst_issue *kept = inst_arena_get(&s->arena, sizeof *kept);
  inst_segment *whole = inst_arena_get(&s->arena, (n + issue->path_count) * sizeof *whole);
  if (kept == NULL || whole == NULL) return NULL;
  *kept = *issue;
  kept->next = NULL;
  kept->path = whole;
  kept->path_count = n + issue->path_count;
  for (size_t i = 0; i < kept->path_count; i++) {
    whole[i] = i < n ? path[i] : issue->path[i - n];
    whole[i].key = inst_arena_copy(&s->arena, whole[i].key);
  }
  kept->message = inst_arena_copy(&s->arena, issue->message);
  if (issue->details != NULL) kept->details = inst_value_copy(&s->arena, issue->details);
  if (issue->input != NULL) kept->input = inst_value_copy(&s->arena, issue->input);
  return kept;
}

/* The branches of a union stay where they were found: in the scratch, which is not used again. */
static void keep_issues(inst_stream *s, const inst_issue *issues) {
  inst_segment *path = path_room(s, s->checked.depth + 1);
  if (path == NULL) return;
  size_t n = inst_cursor_path(&s->checked, path);
  const inst_issue **place = &s->issues;
  for (; issues != NULL; issues = issues->next) {
    inst_issue *kept = keep_issue(s, issues, path, n);
    if (kept == NULL) return;
    *place = kept;
    place = (const inst_issue **)&kept->next;
  }
}

/* Null may stand for a missing field, which is for the object to judge. */
static bool may_be_judged(const inst_stream *s, inst_node node, const inst_value *v) {
  const inst_tnode *tnode = inst_tree_node(s->schema, node);
  bool null = inst_value_kind_of(v) == INST_NULL;
  bool absent = null && s->options.null_is_absent && tnode->asked.absence != INST_MUST_BE_THERE;
  return !tnode->collects && !absent && inst_cursor_is_strict(&s->checked);
}

static void judge(inst_stream *s, const inst_change *change, inst_node node) {
  inst_parse_options options = {.null_is_absent = s->options.null_is_absent};
  if (node == 0 || !may_be_judged(s, node, change->value)) return;
  inst_arena_reset(&s->scratch);
  if (s->scratch.chunks == NULL) inst_arena_reserve(&s->scratch, SCRATCH_SIZE);
  bool room = !inst_arena_failed(&s->scratch);
  inst_parse *parse =
      room ? inst_parse_part(s->schema, node, change->value, &options, &s->scratch) : NULL;
  inst_verdict verdict = parse != NULL ? inst_parse_next(parse) : INST_PARSE_FAILED;
  if (verdict == INST_PARSE_INVALID) keep_issues(s, inst_parse_issues(parse));
  bool lost = parse == NULL || inst_parse_error(parse)->code == INST_E_MEMORY;
  if (verdict == INST_PARSE_FAILED && lost) s->lost = true;
}

/* The whole itself is not judged here: who asked for it judges it at the end. */
static void check_parts(inst_stream *s) {
  inst_change change;
  inst_node node;
  while (s->issues == NULL && inst_cursor_next(&s->checked, &change, &node)) {
    bool complete = change.kind == INST_CHANGE_SET || change.kind == INST_CHANGE_CLOSE;
    if (complete && change.depth > 0) judge(s, &change, node);
  }
}

const inst_issue *inst_stream_issues(const inst_stream *s) {
  return s->issues;
}

/* ---- the text -------------------------------------------------------------------------------- */

static int settle(inst_stream *s, int failed) {
  bool lost = s->lost || s->shown.failed || s->checked.failed || inst_arena_failed(&s->arena);
  if (lost) lose(s);
  if (s->error.code == INST_E_NONE && failed) s->error = *inst_reader_error(s->reader);
  return s->error.code != INST_E_NONE ? -1 : 0;
}

static void notice_renewals(inst_stream *s) {
  size_t renewals = inst_reader_renewals(s->reader);
  if (renewals == s->renewals) return;
  s->renewals = renewals;
  inst_cursor_restart(&s->shown);
  inst_cursor_restart(&s->checked);
}

int inst_stream_feed(inst_stream *s, inst_str bytes) {
  if (s->error.code != INST_E_NONE) return -1;
  int failed = inst_reader_feed(s->reader, bytes);
  notice_renewals(s);
  if (s->options.check && s->schema != NULL && s->renewals <= MOST_RENEWALS) check_parts(s);
  return settle(s, failed);
}

bool inst_stream_next(inst_stream *s, inst_change *change) {
  if (s->lost || s->renewals > MOST_RENEWALS) return false;
  inst_reader_so_far(s->reader);
  bool any = inst_cursor_next(&s->shown, change, NULL);
  if (s->shown.failed) settle(s, -1);
  return any;
}

const inst_value *inst_stream_finish(inst_stream *s) {
  if (s->error.code != INST_E_NONE) return NULL;
  const inst_value *root = inst_reader_finish(s->reader);
  if (settle(s, root == NULL) != 0) return NULL;
  bool object = s->options.wrapped && inst_value_kind_of(root) == INST_OBJECT;
  const inst_value *inner = object ? inst_value_find(root, INST_WRAPPER_KEY) : NULL;
  return inner != NULL && inst_value_count(root) == 1 ? inner : root;
}

const inst_error *inst_stream_error(const inst_stream *s) {
  return &s->error;
}
