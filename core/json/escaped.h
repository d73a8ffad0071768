/*
** JSON whose quotes all have a backslash: {\"a\": 1}, a JSON string without the quotes around it.
** In: a text that begins so.  Out: what the mender makes of it, one level of escapes undone.
** Rule: a quote without a backslash ends it; places are told in the text as it came.
*/
#ifndef INST_JSON_ESCAPED_H
#define INST_JSON_ESCAPED_H

#include "core/json/repair.h"

/* Does 'text' begin as an object or a list, and then with such a quote? */
bool inst_escaped_is(inst_str text);
/* As inst_mend. */
inst_mend_result inst_escaped_mend(inst_str text, const inst_mending *how, inst_arena *arena,
                                   inst_mended *mended);

#endif
