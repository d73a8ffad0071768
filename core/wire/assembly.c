/*
** Putting a streamed answer together.
*/
#include "core/wire/assembly.h"

void inst_assembly_init(inst_assembly *a, inst_arena *arena) {
  memset(a, 0, sizeof *a);
  a->arena = arena;
  a->head = inst_object(arena);
  inst_arena_init(&a->scratch, arena->alloc);
}

static void clear_call(inst_called *call) {
  if (call != NULL) inst_buf_clear(&call->arguments);
}

static void clear_strand(inst_strand *strand) {
  inst_buf_clear(&strand->content);
  inst_buf_clear(&strand->reasoning);
  inst_buf_clear(&strand->refusal);
  for (inst_called *call = strand->calls; call != NULL; call = call->next) clear_call(call);
  clear_call(strand->function);
}

void inst_assembly_clear(inst_assembly *a) {
  for (inst_strand *strand = a->strands; strand != NULL; strand = strand->next)
    clear_strand(strand);
  a->strands = NULL;
  inst_arena_clear(&a->scratch);
}

/* ---- strands and calls ----------------------------------------------------------------------- */

/* Zero memory for one more; NULL: no memory, or too many. */
static void *get_one(inst_assembly *a, size_t size) {
  if (++a->count > INST_MAX_STRANDS) return NULL;
  void *made = inst_arena_get(a->arena, size);
  if (made != NULL) memset(made, 0, size);
  return made;
}

bool inst_assembly_is_full(const inst_assembly *a) {
  return a->count > INST_MAX_STRANDS;
}

inst_strand *inst_assembly_strand(inst_assembly *a, int64_t number) {
  inst_strand **place = &a->strands;
  while (*place != NULL && (*place)->number != number) place = &(*place)->next;
  if (*place != NULL) return *place;
  inst_strand *made = get_one(a, sizeof *made);
  if (made == NULL) return NULL;
  made->number = number;
  inst_buf_init(&made->content, a->arena->alloc);
  inst_buf_init(&made->reasoning, a->arena->alloc);
  inst_buf_init(&made->refusal, a->arena->alloc);
  return *place = made;
}

static inst_called *new_call(inst_assembly *a, int64_t number) {
  inst_called *made = get_one(a, sizeof *made);
  if (made == NULL) return NULL;
  made->number = number;
  inst_buf_init(&made->arguments, a->arena->alloc);
  return made;
}

static inst_called *find_number(const inst_strand *strand, int64_t number) {
  inst_called *found = NULL; /* the last of that number */
  for (inst_called *call = strand->calls; call != NULL; call = call->next)
    if (call->number == number) found = call;
  return found;
}

static inst_called *find_id(const inst_strand *strand, inst_str id) {
  inst_called *call = strand->calls;
  while (call != NULL && !inst_str_is(call->id, id)) call = call->next;
  return call;
}

static bool is_another(const inst_called *call, inst_str id, inst_str name) {
  return name.n > 0 && id.n > 0 && call->id.n > 0 && !inst_str_is(call->id, id);
}

/* The call a fragment goes on with, or NULL. */
static inst_called *find_call(const inst_strand *strand, int64_t number, inst_str id,
                              inst_str name) {
  inst_called *call = number >= 0  ? find_number(strand, number)
                      : id.n > 0   ? find_id(strand, id)
                      : name.n > 0 ? NULL
                                   : strand->last_call;
  return call != NULL && is_another(call, id, name) ? NULL : call;
}

inst_called *inst_assembly_call(inst_assembly *a, inst_strand *strand, int64_t number, inst_str id,
                                inst_str name) {
  inst_called *call = find_call(strand, number, id, name);
  if (call == NULL) {
    call = new_call(a, number);
    if (call == NULL) return NULL;
    if (strand->last_call != NULL)
      strand->last_call->next = call;
    else
      strand->calls = call;
    strand->last_call = call;
  }
  if (call->id.n == 0) call->id = inst_arena_copy(a->arena, id);
  if (call->name.n == 0) call->name = inst_arena_copy(a->arena, name);
  return call;
}

inst_called *inst_assembly_function(inst_assembly *a, inst_strand *strand) {
  if (strand->function == NULL) strand->function = new_call(a, -1);
  return strand->function;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static bool says_something(const inst_value *v) {
  if (v == NULL || inst_value_kind_of(v) == INST_NULL) return false;
  return inst_value_kind_of(v) != INST_STRING || inst_value_text(v).n > 0;
}

void inst_assembly_note(inst_assembly *a, const inst_value *member) {
  inst_str key = inst_value_key(member);
  if (a->head != NULL && inst_value_count(a->head) >= INST_MAX_HEAD) return;
  if (!says_something(member) || says_something(inst_value_find(a->head, key))) return;
  inst_value *copy = inst_value_copy(a->arena, member);
  if (a->head != NULL && copy != NULL) inst_replace(a->arena, a->head, key, copy);
}

bool inst_assembly_is_whole(const inst_assembly *a) {
  return a->closed || (a->strands != NULL && a->strands->finish.p != NULL);
}

static inst_str text_of(const inst_buf *buf) {
  return buf->n > 0 ? inst_buf_text(buf) : (inst_str){NULL, 0};
}

inst_str inst_assembly_text(const inst_assembly *a, inst_str name) {
  const inst_strand *strand = a->strands;
  if (strand == NULL) return (inst_str){NULL, 0};
  if (name.p == NULL) return text_of(&strand->content);
  for (const inst_called *call = strand->calls; call != NULL; call = call->next)
    if (inst_str_is(call->name, name)) return text_of(&call->arguments);
  bool older = strand->function != NULL && inst_str_is(strand->function->name, name);
  return older ? text_of(&strand->function->arguments) : (inst_str){NULL, 0};
}

static bool has_failed(const inst_strand *strand) {
  bool failed = strand->content.failed || strand->reasoning.failed || strand->refusal.failed;
  for (const inst_called *call = strand->calls; call != NULL; call = call->next)
    failed = failed || call->arguments.failed;
  return failed || (strand->function != NULL && strand->function->arguments.failed);
}

bool inst_assembly_failed(const inst_assembly *a) {
  for (const inst_strand *strand = a->strands; strand != NULL; strand = strand->next)
    if (has_failed(strand)) return true;
  return a->scratch.failed;
}
