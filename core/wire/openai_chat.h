/* OpenAI's chat completions. */
#ifndef INST_WIRE_OPENAI_CHAT_H
#define INST_WIRE_OPENAI_CHAT_H

#include "core/wire/dialect.h"

extern const inst_dialect inst_openai_chat;

#endif
