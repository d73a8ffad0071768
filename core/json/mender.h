/*
** A mender at work: what the rooms of repair share.
** Rule: repair.c knows lists and marks; quotes.c and bare.c each take one value (or key) whole.
*/
#ifndef INST_JSON_MENDER_H
#define INST_JSON_MENDER_H

#include "core/json/repair.h"

typedef struct inst_mender {
  const char *start, *at, *end; /* the text, and how far it is read */
  inst_buf out;                 /* strict JSON so far, without blanks */
  inst_buf lists;               /* the closing marks of the open lists, outermost first */
  inst_buf edits;               /* the inst_edits, as bytes */
  const inst_mending *how;
  uint8_t state;
  const char *comma; /* the last one */
  size_t member;     /* where in 'out' the last key begins, with its comma */
  bool words;
  bool failed; /* the text cannot be mended */
} inst_mender;

/* What the next byte that counts is; where a look ahead ends. */
typedef struct inst_ahead {
  const char *at;
  bool end;         /* nothing follows */
  bool blank;       /* blanks or comments stand before it… */
  bool newline;     /* …and a line ends there */
  bool quotes;      /* one of those comments holds a quote: it may be none… */
  bool apostrophes; /* …or a single quote */
} inst_ahead;

/* Notes an edit at 'at'; in strict mode that is the end. */
void inst_mender_edit(inst_mender *m, inst_edit_kind what, const char *at);
/* Behind blanks and comments, from 'at' on: no further than a bounded way. */
inst_ahead inst_mender_look(const inst_mender *m, const char *at);
bool inst_mender_in(const inst_mender *m, char closing); /* the innermost list ends so */
/* Does a key without quotes, and its colon, stand at 'at'?  Its length; 0: no. */
size_t inst_mender_plain_key(const inst_mender *m, const char *at);
bool inst_mender_is_blank(char c);

/* How many bytes the quote at 'at' has; 0: there is none. */
size_t inst_mender_quote(const inst_mender *m, const char *at);
/* Take the string or key at hand; a value without quotes.  'm->failed' must be asked. */
void inst_mender_string(inst_mender *m, bool key);
void inst_mender_bare(inst_mender *m, bool member, bool root);

#endif
