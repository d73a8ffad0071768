/*
** When to try again, and how long to wait: arithmetic only.
** In: a status, headers, a count, a random number.  Out: yes or no, seconds.
** Rule: no clock is read here; the time of day is handed in.
*/
#ifndef INST_CALL_RETRY_H
#define INST_CALL_RETRY_H

#include "core/base/text.h"

/* What an answer's headers say about trying again. */
typedef struct inst_retry_hints {
  inst_str should_retry;   /* x-should-retry */
  inst_str retry_after;    /* retry-after: seconds or a date */
  inst_str retry_after_ms; /* retry-after-ms */
} inst_retry_hints;

/* May a request that got 'status' do better later?  408, 409, 429 and 5xx, unless the server says. */
bool inst_retry_is_worth(int status, const inst_retry_hints *hints);

/* Seconds the server asks us to wait; negative: it does not say, or more than INST_RETRY_AFTER_MAX.
** 'wall' is the time of day in seconds since 1970, or 0 when nobody knows. */
double inst_retry_after(const inst_retry_hints *hints, double wall);

/* The same, however long it is. */
double inst_retry_asked(const inst_retry_hints *hints, double wall);

/* The wait before retry 'n' (from 0): min(initial * factor^n, max), less jitter * 'random' of it. */
double inst_retry_backoff(const inst_backoff *backoff, unsigned n, double random);

/* An HTTP date (RFC 9110, the fixed form) as seconds since 1970; negative: it is none. */
double inst_retry_date(inst_str text);

#endif
