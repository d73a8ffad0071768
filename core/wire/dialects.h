/*
** Which dialects there are.
*/
#ifndef INST_WIRE_DIALECTS_H
#define INST_WIRE_DIALECTS_H

#include "core/wire/dialect.h"

const inst_dialect *inst_dialect_of(const inst_provider *provider);

#endif
