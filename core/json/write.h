/*
** A value to JSON text.
*/
#ifndef INST_JSON_WRITE_H
#define INST_JSON_WRITE_H

#include "core/json/value.h"

/* Compact; strings must be UTF-8 (bytes that are not become U+FFFD); OPAQUE becomes null.  Explicit
** about depth: a value built by our own code may be as deep as it likes. */
void inst_json_write(inst_buf *buf, const inst_value *v);
/* One string, quoted and escaped. */
void inst_json_write_string(inst_buf *buf, inst_str text);

#endif
