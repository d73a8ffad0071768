/*
** A parse at work: its stack of frames, and the issues found where it stands.
** In: frames pushed by a node's kind.  Out: paths, issues with their messages.
** Rule: knows no kind and no check; what a node does stands in its room, what comes next in parse.c.
*/
#ifndef INST_SCHEMA_MACHINE_H
#define INST_SCHEMA_MACHINE_H

#include "core/schema/check.h"
#include "core/schema/effort.h"
#include "core/schema/issue.h"
#include "core/schema/memo.h"

#define INST_MAX_FRAMES 4096 /* schemas nest wrappers as well as values */

/* What has gone wrong in a frame or below it. */
enum {
  INST_HAS_HARD = 1,    /* an issue other than unrecognised keys: a pipe stops here */
  INST_HAS_ABORT = 2,   /* an issue that later checks would only repeat */
  INST_HAS_FINAL = 4,   /* an issue that says: nothing more */
  INST_HAS_STOPPED = 8, /* a pipe stopped: what it gave is not checked, but what it stands in is */
  INST_HAS_REFUSED = 16 /* cut short: while asking, by the first issue; else because all is full */
};

typedef enum inst_phase {
  INST_PHASE_ENTER, /* test the type, begin */
  INST_PHASE_INNER, /* the next of its members, or of its inner nodes, has its turn */
  INST_PHASE_RULES, /* run the next check */
  INST_PHASE_LEAVE  /* hand the result down */
} inst_phase;

/* One node at work on one value. */
typedef struct inst_frame {
  const inst_tnode *node;
  const inst_value *in;   /* NULL: absent */
  inst_value *out;        /* NULL: absent */
  const inst_value *item; /* the member of 'in' whose turn it is */
  const inst_rule *rule;  /* RULES: the next one */
  inst_issue *mark;       /* the last issue when it began */
  union {
    const inst_field *field; /* OBJECT: the field whose turn it is */
    void *work;              /* UNION, RECORD, INTERSECTION: what else they keep, or NULL */
  };
  inst_segment segment; /* its place in its parent… */
  unsigned turn;        /* which of its inner nodes has its turn, or which step */
  bool has_segment;     /* …if it has one */
  bool asks;            /* UNION, CATCH: does it only ask those inside whether they fit? */
  unsigned char phase;  /* INST_PHASE_… */
  unsigned char state;  /* INST_HAS_… */
} inst_frame;

struct inst_parse {
  const inst_schema *schema;
  inst_arena *arena;
  inst_parse_options options;
  inst_frame *frames;
  size_t depth, room;
  inst_effort effort;
  inst_issue_list issues;
  size_t issue_count; /* those of branches included */
  bool full;          /* INST_MAX_ISSUES were found: nothing more is looked at */
  unsigned asking;    /* how many frames only ask: no issue is made then… */
  inst_memo memo;     /* what is known from asking */
  bool refused;       /* …but the first fault is noted here */
  inst_value *result;
  inst_error error;
  inst_task task;         /* CODE: what is asked… */
  uint32_t code;          /* …of which function; 0: nothing is asked */
  inst_issue *caught;     /* CATCH: what was wrong */
  inst_noted_issue *hand; /* the issue the host is to word, or NULL */
  bool looked;            /* has it been looked for issues to word? */
};

/* inst_parse_new, for a value that belongs to a node below the root. */
inst_parse *inst_parse_part(const inst_schema *schema, inst_node node, const inst_value *value,
                            const inst_parse_options *options, inst_arena *arena);

/* False for NULL. */
static inline bool inst_machine_is(const inst_value *v, inst_value_kind kind) {
  return v != NULL && (inst_value_kind)v->kind == kind;
}
void inst_machine_fail(inst_parse *p); /* memory ran out */
static inline inst_frame *inst_machine_top(inst_parse *p) {
  return &p->frames[p->depth - 1];
}
/* Puts 'node' to work on 'in'.  Frames may move: pointers to them end here. */
void inst_machine_push(inst_parse *p, inst_node node, const inst_value *in);
void inst_machine_push_member(inst_parse *p, inst_node node, const inst_value *in,
                              inst_segment segment);
/* The host's function 'code' is wanted by the frame on top. */
void inst_machine_ask(inst_parse *p, inst_task task, uint32_t code);

/* What is wrong at the frame on top, or somewhere below its value. */
typedef struct inst_fault {
  inst_issue_code code;
  const inst_value *details;
  const inst_value *input;  /* what stood there; NULL: nothing */
  const inst_segment *path; /* from the frame's value on */
  size_t path_count;
  const inst_branch *branches, *nearest;
  const inst_tnode *node;  /* whose message it gets… */
  const inst_check *check; /* …unless this has one; or NULL */
} inst_fault;

/* Makes it an issue.  NULL: no memory, and the parse has failed; or it only asks. */
inst_noted_issue *inst_machine_issue(inst_parse *p, const inst_fault *fault);
/* Is it enough to know that something is wrong?  Notes that it is. */
bool inst_machine_hush(inst_parse *p);
/* The issues found since 'mark' are taken off the list, or forgotten as if never found. */
inst_issue *inst_machine_take(inst_parse *p, inst_issue *mark);
void inst_machine_forget(inst_parse *p, inst_issue *mark);
/* Taken ones stand at the end of the list again. */
void inst_machine_put_back(inst_parse *p, inst_issue *issues);
/* Their paths shall begin at the value of the frame on top, or so many steps further. */
void inst_machine_shorten(inst_parse *p, inst_issue *issues, size_t more);
/* Those behind the first 'keep' are forgotten. */
void inst_machine_trim(inst_parse *p, inst_issue *issues, size_t keep);
/* The message of an issue, in the place of any other. */
void inst_machine_set_message(inst_noted_issue *issue, inst_str message);
/* The function that should have worded it said nothing: whoever is next in line does. */
void inst_machine_word_on(inst_noted_issue *issue);
/* "expected" and "received" of an invalid_type. */
const inst_value *inst_machine_types(inst_parse *p, const char *expected,
                                     const inst_value *received);
/* The value of 'f' is well so far, and comes out as it is. */
static inline void inst_machine_accept(inst_parse *p, inst_frame *f) {
  f->out = f->in != NULL ? inst_value_alias(p->arena, f->in) : NULL;
  if (f->in != NULL && f->out == NULL) inst_machine_fail(p);
  f->phase = INST_PHASE_RULES;
}
/* It is not, and comes out all the same, for checks of lengths still look at it. */
void inst_machine_refuse(inst_parse *p, inst_frame *f, inst_issue_code code,
                         const inst_value *details);
void inst_machine_wrong_type(inst_parse *p, inst_frame *f, const char *expected);
/* Begins a list or an object in the place of the value of 'f', whose members come next. */
void inst_machine_begin(inst_parse *p, inst_frame *f, inst_value *out);
/* A node inside, on the same value; and what it gave is what 'f' gives. */
void inst_machine_enter_inner(inst_parse *p, inst_frame *f, inst_node inner);
void inst_machine_resume_inner(inst_parse *p, inst_frame *f, const inst_frame *child);
/* Has anything been found since 'child' began, or was it cut short? */
bool inst_machine_found(const inst_parse *p, const inst_frame *child);
/* What goes wrong in a member does not stop what it stands in. */
void inst_machine_join(inst_frame *f, const inst_frame *child);
/* The frame's rule found something. */
void inst_machine_report(inst_parse *p, inst_frame *f, const inst_rule *rule,
                         const inst_finding *finding);

#endif
