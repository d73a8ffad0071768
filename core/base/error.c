/*
** Filling an inst_error, and the names of the codes.
** Rule 1: the first fault is the one told; what comes after it changes nothing.
** Rule 2: needs no memory but the error's own.
*/
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define INST_X(name, text, meaning) [INST_E_##name] = text,
    INST_CODES(INST_X)
#undef INST_X
};

const char *inst_code_name(inst_code code) {
  return (unsigned)code < INST_CODE_COUNT ? names[code] : "unknown";
}

/* How many bytes the UTF-8 character beginning with 'lead' has. */
static size_t length_of(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  return lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

/* Takes the first bytes of a character off the end of 'text' where the rest did not fit. */
static void drop_partial_character(char *text) {
  size_t n = strlen(text), start = n;
  while (start > 0 && n - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
  if (start == 0) return;
  start--;
  if (start + length_of((unsigned char)text[start]) > n) text[start] = '\0';
}

/* Nothing but code and text is touched: what else is known, the caller adds. */
int inst_error_set(inst_error *error, inst_code code, const char *format, ...) {
  if (error == NULL || error->code != INST_E_NONE) return -1;
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  error->code = code;
  if (n < 0) error->text[0] = '\0';
  if (n >= (int)sizeof error->text) drop_partial_character(error->text);
  return -1;
}

int inst_error_memory(inst_error *error) {
  return inst_error_set(error, INST_E_MEMORY, "memory ran out");
}
