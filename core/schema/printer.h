/*
** A printing at work: what the rooms that print share.
** In: nodes of a finished schema.  Out: JSON Schema as values of one arena, and sentences for what no
** keyword says.
** Rule: whoever prints a value that stands by itself begins its sentences anew, and ends them in its
** description.
*/
#ifndef INST_SCHEMA_PRINTER_H
#define INST_SCHEMA_PRINTER_H

#include "core/schema/tree.h"

/* What a lazy node is printed as. */
typedef enum inst_lazies {
  INST_LAZY_REF,  /* a reference */
  INST_LAZY_ROOT, /* what is behind it, for the root must show its type */
  INST_LAZY_PART  /* the same, down to the options of unions: it is going to be joined */
} inst_lazies;

/* A schema that is referred to. */
typedef struct inst_definition {
  inst_node node;
  inst_str name;
  struct inst_definition *next;
} inst_definition;

typedef struct inst_printer {
  const inst_schema *schema;
  const inst_profile *profile;
  inst_arena *arena;
  inst_error *error;  /* what the profile cannot say; may be NULL */
  bool refused;       /* was there such a thing? */
  inst_str notes;     /* sentences for the description of the value at hand */
  inst_buf path;      /* where it stands, for errors */
  inst_lazies lazies; /* for the next node */
  unsigned inlined;   /* lazy nodes on the way here that are no references */
  inst_definition *first, *last;
} inst_printer;

/* ---- printer.c: values, sentences, places ---------------------------------------------------- */

void inst_printer_put(inst_printer *pr, inst_value *object, const char *key, inst_value *value);
inst_value *inst_printer_text(inst_printer *pr, const char *c_string);
inst_value *inst_printer_typed(inst_printer *pr, const char *type); /* {"type": type} */
inst_value *inst_printer_number(inst_printer *pr, double d);
/* Is there an equal value in the list? */
bool inst_printer_holds(const inst_value *list, const inst_value *one);

/* Notes a sentence. */
void inst_printer_note(inst_printer *pr, inst_str sentence);
/* Notes "words quoted end." */
void inst_printer_say(inst_printer *pr, const char *words, inst_str quoted, const char *end);
void inst_printer_say_value(inst_printer *pr, const char *words, const inst_value *v,
                            const char *end);
/* 'a' and 'b' with a blank between them where both say something. */
inst_str inst_printer_join(inst_printer *pr, inst_str a, inst_str b);
/* Beside a reference stands nothing, since servers differ on whether they read it. */
void inst_printer_set_apart(inst_printer *pr, inst_value *out);
/* The sentences, behind whatever description there is. */
void inst_printer_put_notes(inst_printer *pr, inst_value *out);

/* Steps to a member (or, in a list, "[]"); returns what inst_printer_leave takes. */
size_t inst_printer_enter(inst_printer *pr, inst_str key);
void inst_printer_leave(inst_printer *pr, size_t before);
/* 'what' cannot be said where the printer stands: the printing fails. */
void inst_printer_refuse(inst_printer *pr, const char *what);

/* A reference to 'node', whose definition will be printed. */
inst_value *inst_printer_refer(inst_printer *pr, inst_node node);

/* ---- print.c --------------------------------------------------------------------------------- */

/* A field, an item, the root: a node whose wrappers share one description; 'forced': or null. */
inst_value *inst_print_whole(inst_printer *pr, inst_node number, bool forced);

/* ---- print_checks.c -------------------------------------------------------------------------- */

void inst_print_checks(inst_printer *pr, inst_value *out, const inst_tnode *node);

/* ---- print_shapes.c -------------------------------------------------------------------------- */

inst_value *inst_print_object(inst_printer *pr, const inst_tnode *node);
inst_value *inst_print_array(inst_printer *pr, const inst_tnode *node);
inst_value *inst_print_tuple(inst_printer *pr, const inst_tnode *node);
inst_value *inst_print_record(inst_printer *pr, const inst_tnode *node);
/* An object whose one field is 'number'. */
inst_value *inst_print_inside(inst_printer *pr, inst_str key, inst_node number);

/* ---- print_unions.c -------------------------------------------------------------------------- */

inst_value *inst_print_union(inst_printer *pr, const inst_tnode *node);
inst_value *inst_print_intersection(inst_printer *pr, const inst_tnode *node);
inst_value *inst_print_or_null(inst_printer *pr, inst_value *out);

#endif
