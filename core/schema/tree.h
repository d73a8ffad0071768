/*
** A schema as data: nodes with fields, inner nodes, rules and metadata.
** In: the builder calls of the door.  Out: an immutable tree with its structural answers worked out.
** Rule: this room says what a schema is; what it means is parse.c's, how it is written print.c's.
*/
#ifndef INST_SCHEMA_TREE_H
#define INST_SCHEMA_TREE_H

#include "core/json/value.h"
#include "core/schema/format.h"

#define INST_WRAPPER_KEY INST_LIT("value") /* where a root stands that is not an object */
#define INST_MAX_SCHEMA_HEIGHT 1000        /* levels of nodes, wrappers included */

typedef struct inst_field {
  inst_str key;
  inst_node node;
  struct inst_field *next;
} inst_field;

/* A check in its place in the list. */
typedef struct inst_rule {
  inst_check check;    /* its texts and path copied */
  inst_regex *regex;   /* REGEX */
  inst_format *format; /* FORMAT */
  struct inst_rule *next;
} inst_rule;

/* May a value be missing, and what happens then? */
typedef enum inst_absence {
  INST_MUST_BE_THERE,
  INST_MAY_BE_MISSING, /* and nothing is put in its place */
  INST_IS_FILLED_IN    /* and a value is put in its place */
} inst_absence;

/* What a node takes in where no value of its own kind stands. */
typedef struct inst_intake {
  inst_absence absence;
  bool null; /* does null pass the type test? */
} inst_intake;

/* A value of a discriminator, and the option it stands for. */
typedef struct inst_case {
  const inst_value *value; /* NULL: nothing */
  unsigned option;
  struct inst_case *next;
} inst_case;

typedef struct inst_tnode {
  inst_node_kind kind;
  inst_unknown_keys unknown_keys; /* OBJECT */
  inst_node *inner;               /* in order; see INST_NODES */
  unsigned inner_count, inner_room;
  inst_node rest;                  /* OBJECT, TUPLE: what is not declared; or 0 */
  inst_str discriminator;          /* UNION; or p NULL */
  unsigned traits;                 /* bit 1 << INST_TRAIT_… */
  inst_field *fields, *last_field; /* OBJECT */
  inst_value *values;              /* LITERAL, ENUM: array; DEFAULT and its like: of one; or NULL */
  uint32_t code;                   /* TRANSFORM, DEFAULT and its like: the host's function, or 0 */
  inst_rule *rules, *last_rule;
  inst_str message;      /* for the node's own issues, or p NULL */
  uint32_t message_code; /* the host's function for them, or 0 */
  inst_value *meta;      /* object, or NULL */
  inst_intake in;        /* of the node itself */
  inst_intake asked;     /* what a provider is asked for: a pipe that begins with code is asked for
                         ** what that code makes */
  bool anything;         /* does null pass because everything does? */
  bool out_optional;     /* may the result be missing? */
  bool grounded;         /* does it lead to a value's parts, or an end, and not only to itself? */
  bool collects;         /* must it be run once only?  (There is code below, or an intersection.) */
  const inst_case *cases; /* UNION with a discriminator: all its values, in order */
  inst_value *keys;       /* RECORD: array of the only keys its key schema lets pass, or NULL */
  unsigned seen;          /* finite.c's */
  bool transforms;        /* does code change what comes in, here or below? */
  unsigned height;        /* levels below it and itself, to the next LAZY; 0: not worked out yet */
} inst_tnode;

struct inst_schema {
  inst_arena arena;
  inst_tnode *nodes; /* nodes[0] is all zero: "no node" */
  uint32_t count, room;
  inst_node root;
  bool finished;
  inst_error fault; /* the first thing that went wrong while building */
};

/* 'node' must be one of a finished schema. */
const inst_tnode *inst_tree_node(const inst_schema *schema, inst_node node);
/* The i-th node directly inside. */
const inst_tnode *inst_tree_inner(const inst_schema *schema, const inst_tnode *node, unsigned i);
bool inst_tree_has(const inst_tnode *node, inst_trait trait);
/* Does 'node' hand a value that is there on to the one node inside it? */
bool inst_tree_is_wrapper(const inst_tnode *node);
/* The side of a pipe that a provider is asked for: the left, unless that is nothing but code. */
inst_node inst_tree_asked(const inst_schema *schema, const inst_tnode *pipe);

#endif
