/*
** Preloaded into the Lua interpreter together with the address sanitizer (make asan).
** Takes LD_PRELOAD out of the environment again, so that what the interpreter starts (a shell,
** openssl, a compiler) runs as it always does: their leaks are not ours to report.
*/
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

__attribute__((constructor)) static void forget_preload(void) {
  unsetenv("LD_PRELOAD");
}
