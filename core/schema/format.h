/*
** Formats of texts: email, uuid, datetime and their like.
** In: a format's name and options, once; texts.  Out: does a text have that format?
** Rule 1: what is not known is refused by name when the schema is built, never ignored.
** Rule 2: knows one text at a time; a scanner reads its text a fixed number of times.
*/
#ifndef INST_SCHEMA_FORMAT_H
#define INST_SCHEMA_FORMAT_H

#include "core/schema/regex.h"

/* The options of a check, as its 'extra' names them: "offset precision=3 delimiter=\"-\"". */
typedef struct inst_format_options {
  bool offset, local; /* datetime */
  int precision;      /* datetime, time: digits of the second; -1: no seconds */
  int version;        /* uuid, ip, cidr */
  int length;         /* nanoid */
  inst_str delimiter; /* mac */
  inst_str alg;       /* jwt, hash */
  inst_str enc;       /* hash */
  inst_str name;      /* custom */
  inst_str pattern;   /* email, custom: instead of ours */
  inst_str protocol;  /* url: patterns for its parts */
  inst_str hostname;
  bool has_precision;
} inst_format_options;

typedef struct inst_format inst_format;

/* Kept in 'arena', but for what inst_format_clear frees.  NULL: USAGE or MEMORY. */
inst_format *inst_format_new(inst_arena *arena, inst_str name, inst_str options, inst_error *error);
void inst_format_clear(inst_format *format); /* accepts NULL */

/* What is wrong with a text, or what has become of it. */
typedef struct inst_format_verdict {
  inst_str text;    /* it fits, rewritten; p NULL: as it was */
  inst_str note;    /* which part does not fit; or p NULL */
  inst_str pattern; /* which pattern did not match; or p NULL */
} inst_format_verdict;

/* 1: 'text' has the format; 0: it has not; -1: 'error' is LIMIT or MEMORY. */
int inst_format_test(const inst_format *format, inst_str text, inst_arena *arena,
                     inst_format_verdict *verdict, inst_error *error);

/* What issues call it: "email", "ipv4", "sha256_hex". */
inst_str inst_format_name(const inst_format *format);
/* What people call the format of that name: "email address"; the name itself where it has no other. */
inst_str inst_format_words(inst_str name);
/* The value of JSON Schema's keyword "format" that says the same; NULL: there is none. */
const char *inst_format_keyword(const inst_format *format);
/* Is it an address of either version, which takes two keywords? */
bool inst_format_is_any_ip(const inst_format *format);
/* The pattern that the check itself brought; or p NULL. */
inst_str inst_format_pattern(const inst_format *format);
/* A sentence for a model: all of it, or (where the 'keyword' is said) what the options add; p NULL:
** nothing, or no memory. */
inst_str inst_format_sentence(const inst_format *format, bool keyword, inst_arena *arena);

#endif
