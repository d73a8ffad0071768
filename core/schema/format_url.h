/*
** URLs, as browsers read them (the WHATWG's standard), as far as "is it one" goes.
** In: a text.  Out: whether it is a URL that stands by itself, its scheme and its host.
** Hosts beyond ASCII pass as they are: they are not mapped to Punycode.
*/
#ifndef INST_SCHEMA_FORMAT_URL_H
#define INST_SCHEMA_FORMAT_URL_H

#include "core/base/memory.h"
#include "core/base/text.h"

typedef struct inst_url {
  inst_str scheme; /* lower case, without the ':' */
  inst_str host;   /* lower case, numbers as four parts; "" where there is none */
} inst_url;

/* 'text' without blanks at its ends, and without tabs and line ends; p NULL: no memory. */
inst_str inst_url_clean(inst_str text, inst_arena *arena);
/* Reads a cleaned text.  False: it is no URL, or memory is out. */
bool inst_url_read(inst_str text, inst_url *url, inst_arena *arena);

#endif
