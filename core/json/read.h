/*
** A JSON text, fed in pieces of any size, to a value.
** In: bytes.  Out: a value in the arena given, or where and why the text is no JSON.
** Rule 1: strict (RFC 8259): UTF-8 checked, lone surrogates and byte order marks refused.
** Rule 2: an explicit stack, no recursion; nesting has a limit.
** Rule 3: the last of two members with one key wins, in the place of the first (JSON.parse).
** Rule 4: while a text is still arriving, inst_reader_so_far shows what is certain: open strings,
**         arrays and objects as far as they came; numbers and words only when complete.
*/
#ifndef INST_JSON_READ_H
#define INST_JSON_READ_H

#include "core/json/value.h"

typedef struct inst_reader inst_reader;

/* The reader itself comes from 'arena's allocator; the values go into 'arena' (kept). */
inst_reader *inst_reader_new(inst_arena *arena, unsigned max_depth); /* given; NULL: no memory */
void inst_reader_free(inst_reader *reader);                          /* accepts NULL */
/* Non-zero: the text is broken here (sticky); inst_reader_error says how. */
int inst_reader_feed(inst_reader *reader, inst_str bytes);
/* No more bytes will come.  NULL: the text was broken or is not complete. */
inst_value *inst_reader_finish(inst_reader *reader);
/* Lent until the next feed or free; may be NULL. */
const inst_value *inst_reader_so_far(inst_reader *reader);
/* The value as far as it is in its place; an open string has its text after inst_reader_so_far. */
const inst_value *inst_reader_root(const inst_reader *reader);
/* The objects and lists that are open: how many, and the i-th from outside. */
size_t inst_reader_depth(const inst_reader *reader);
const inst_value *inst_reader_open_list(const inst_reader *reader, size_t i);
/* The string that is open, or NULL. */
const inst_value *inst_reader_open_string(const inst_reader *reader);
/* The key of the member whose value has not begun; p NULL: none has been read. */
inst_str inst_reader_key(const inst_reader *reader);
/* How many members took the place of an earlier one of their key. */
size_t inst_reader_renewals(const inst_reader *reader);
const inst_error *inst_reader_error(const inst_reader *reader); /* code JSON, LIMIT or MEMORY */

#endif
