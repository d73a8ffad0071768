/*
** What every room of the faultserver needs: a growing run of bytes, a clock, and a way to give
** up.  This is test code: when memory is out the program says so and ends.
** It must not know scripts, requests or sockets.
*/
#ifndef FAULT_BYTES_H
#define FAULT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty one. */
typedef struct fault_bytes {
  char *p;    /* owned; may be NULL while n is 0 */
  size_t n;   /* bytes in use */
  size_t cap; /* bytes allocated */
} fault_bytes;

void fault_bytes_add(fault_bytes *b, const void *p, size_t n);
void fault_bytes_add_text(fault_bytes *b, const char *text);
void fault_bytes_add_number(fault_bytes *b, uint64_t number);
/* Adds microseconds as seconds with six decimals. */
void fault_bytes_add_seconds(fault_bytes *b, int64_t microseconds);
/* Adds a JSON string.  Bytes from 0x80 up go in as they are, so that none is lost. */
void fault_bytes_add_json(fault_bytes *b, const char *p, size_t n);
/* Adds a text in which a byte may be written as a backslash and two hexadecimal digits.
** False: a backslash is followed by something else. */
bool fault_bytes_add_unescaped(fault_bytes *b, const char *p, size_t n);
/* Takes the first 'n' bytes away. */
void fault_bytes_drop(fault_bytes *b, size_t n);
void fault_bytes_clear(fault_bytes *b);
/* Adds a whole file.  False: it cannot be read; errno says why. */
bool fault_bytes_add_file(fault_bytes *b, const char *path);

/* Memory that is never NULL. */
void *fault_resize(void *p, size_t count, size_t size);

/* Microseconds on a clock that only runs forward. */
int64_t fault_clock(void);

/* Writes all of it, waiting where it must.  False: it cannot be written. */
bool fault_write_all(int fd, const char *p, size_t n);

/* Reads a whole number of at most 'limit'.  False: the text is something else. */
bool fault_read_number(const char *p, size_t n, uint64_t limit, uint64_t *number);

/* The value of a hexadecimal digit; -1: it is none. */
int fault_hex_digit(char c);

/* Says what is wrong on stderr and ends the program with status 2. */
_Noreturn void fault_die(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

#endif
