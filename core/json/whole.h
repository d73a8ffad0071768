/*
** A JSON text that is whole, to a value, in one pass.
** In: all of a text.  Out: what the reader that is fed in pieces (read.h) would give for it; or
** nothing: then that reader is asked, and says what is wrong.
** Rule: an explicit stack of a fixed height; a text that is deeper, or has a key twice in one object,
** is left to the other reader.
*/
#ifndef INST_JSON_WHOLE_H
#define INST_JSON_WHOLE_H

#include "core/json/value.h"

inst_value *inst_whole_read(inst_arena *arena, inst_str text, unsigned max_depth);

#endif
