/*
** From an answer's text to the value that is to be judged.
** In: a text or a value, the schema, how much may be repaired.  Out: a value, what was done to get
** it; or why there is none.
** Rule 1: what reads strictly is taken as it stands; it is repaired only if it does not fit.
** Rule 2: of several candidates the last that fits counts.  The host's code is not asked for that.
*/
#ifndef INST_CALL_READING_H
#define INST_CALL_READING_H

#include "core/schema/fit.h"

typedef struct inst_reading {
  inst_fitting fitting; /* schema, options, level, limits, memory */
  bool wrapped;         /* the root was asked for as {value = …} */
  bool fence_asked, thoughts_asked;
  /* what was found */
  const inst_value *value; /* NULL: absent */
  bool inside;             /* the root stood inside {value = …} */
  inst_str thoughts;       /* that the text began with, or p NULL */
  inst_edit_list edits;
  inst_error error;
} inst_reading;

/* Non-zero: there is no value; 'error' is JSON, LIMIT or MEMORY. */
int inst_reading_text(inst_reading *reading, inst_str text);
void inst_reading_value(inst_reading *reading, const inst_value *value);
/* The value has been found not to fit.  True: there is another now, that does. */
bool inst_reading_mend(inst_reading *reading);

#endif
