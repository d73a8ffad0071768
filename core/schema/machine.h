/*
** A parse at work: its stack of frames, and the issues found where it stands.
** In: frames pushed by a node's kind.  Out: paths, issues with their messages.
** Rule: knows no kind and no check; what a node does stands in kinds.c, what comes next in parse.c.
*/
#ifndef INST_SCHEMA_MACHINE_H
#define INST_SCHEMA_MACHINE_H

#include "core/schema/check.h"
#include "core/schema/issue.h"

#define INST_MAX_FRAMES 4096 /* schemas nest wrappers as well as values */

/* What has gone wrong in a frame or below it. */
enum {
  INST_HAS_HARD = 1,   /* an issue other than unrecognised keys: a pipe stops here */
  INST_HAS_ABORT = 2,  /* an issue that later checks would only repeat */
  INST_HAS_FINAL = 4,  /* an issue that says: nothing more */
  INST_HAS_STOPPED = 8 /* a pipe stopped: what it gave is not checked, but what it stands in is */
};

typedef enum inst_phase {
  INST_PHASE_ENTER, /* test the type, begin */
  INST_PHASE_INNER, /* objects and arrays: the next member's turn; wrappers are never on top here */
  INST_PHASE_RULES, /* run the next check */
  INST_PHASE_LEAVE  /* hand the result down */
} inst_phase;

/* One node at work on one value. */
typedef struct inst_frame {
  const inst_tnode *node;
  const inst_value *in;    /* NULL: absent */
  inst_value *out;         /* NULL: absent */
  const inst_field *field; /* OBJECT: the field whose turn it is */
  const inst_value *item;  /* ARRAY: the item whose turn it is */
  const inst_rule *rule;   /* RULES: the next one */
  inst_issue *mark;        /* the last issue when it began */
  inst_segment segment;    /* its place in its parent… */
  bool has_segment;        /* …if it has one */
  bool right;              /* PIPE: is it the right side's turn? */
  unsigned char phase;     /* INST_PHASE_… */
  unsigned char state;     /* INST_HAS_… */
} inst_frame;

struct inst_parse {
  const inst_schema *schema;
  inst_arena *arena;
  inst_parse_options options;
  inst_frame *frames;
  size_t depth, room;
  inst_issue_list issues;
  size_t issue_count; /* at least as many as there are: some may have been forgotten */
  bool full;          /* INST_MAX_ISSUES were found: nothing more is looked at */
  inst_value *result;
  inst_error error;
  inst_task task;         /* CODE: what is asked… */
  uint32_t code;          /* …of which function; 0: nothing is asked */
  inst_noted_issue *hand; /* at the end: the issue the host is to word, or NULL */
};

/* inst_parse_new, for a value that belongs to a node below the root. */
inst_parse *inst_parse_part(const inst_schema *schema, inst_node node, const inst_value *value,
                            const inst_parse_options *options, inst_arena *arena);

bool inst_machine_is(const inst_value *v, inst_value_kind kind); /* false for NULL */
void inst_machine_fail(inst_parse *p);                           /* memory ran out */
inst_frame *inst_machine_top(inst_parse *p);
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
  const inst_tnode *node;  /* whose message it gets… */
  const inst_check *check; /* …unless this has one; or NULL */
} inst_fault;

/* Makes it an issue.  NULL: no memory, and the parse has failed. */
inst_noted_issue *inst_machine_issue(inst_parse *p, const inst_fault *fault);
/* The message of an issue, in the place of any other. */
void inst_machine_set_message(inst_noted_issue *issue, inst_str message);
/* The function that should have worded it said nothing: whoever is next in line does. */
void inst_machine_word_on(inst_noted_issue *issue);
/* "expected" and "received" of an invalid_type. */
const inst_value *inst_machine_types(inst_parse *p, const char *expected,
                                     const inst_value *received);
/* The frame's rule found something. */
void inst_machine_report(inst_parse *p, inst_frame *f, const inst_rule *rule,
                         const inst_finding *finding);

#endif
