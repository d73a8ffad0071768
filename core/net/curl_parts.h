/*
** What the rooms of the libcurl transport share: the engine, its exchanges, and who does what.
**   curl.c          the table of functions: opens, starts, pumps, cancels, closes
**   curl_request.c  in: a request.  Out: an easy handle dressed for it, or why not
**   curl_answer.c   in: what libcurl received.  Out: what the sink is told; is a redirect followed?
**   curl_limits.c   in: the times a request allows.  Out: whose time is over
**   curl_wait.c     in: sockets and times libcurl waits for.  Out: libcurl called when they come
**   curl_fault.c    in: libcurl's codes.  Out: an inst_error in plain words
**   curl_process.c  what libcurl means for the whole process: set-up, signals, staying loaded
** Rule: these rooms are linked without the rest of core, so they take its door's types and call
** none of its functions.  Nobody else includes this file or <curl/curl.h>.
*/
#ifndef INST_NET_CURL_PARTS_H
#define INST_NET_CURL_PARTS_H

#include "core/instructor.h"

#include <curl/curl.h>
#include <signal.h>

#if LIBCURL_VERSION_NUM < 0x074200
#error "libcurl 7.66.0 or newer is needed (curl_multi_poll)"
#endif

/* Where an exchange stands.  Sinks are called by RUNNING ones, and once by ENDED ones. */
typedef enum inst_curl_state {
  INST_CURL_IDLE,      /* in the pool, or being dressed */
  INST_CURL_WAITING,   /* started inside a callback: libcurl gets it after the callback */
  INST_CURL_RUNNING,   /* libcurl has it */
  INST_CURL_CANCELLED, /* cancelled inside a callback: libcurl gives it back after the callback */
  INST_CURL_ENDED      /* being told its end */
} inst_curl_state;

/* Why we ourselves told libcurl to stop. */
typedef enum inst_curl_stop {
  INST_CURL_NO_STOP,
  INST_CURL_STOP_READER,  /* the sink wanted no more */
  INST_CURL_STOP_HEADERS, /* more than INST_MAX_HEADER_BYTES */
  INST_CURL_STOP_MEMORY   /* no room to hold the headers */
} inst_curl_stop;

/* Between enter and leave this thread gets no SIGPIPE: one that libcurl's TLS library causes is
** swallowed, one that was pending before stays so. */
typedef struct inst_curl_guard {
  bool needed; /* has a TLS library been at work? */
  bool on;
  bool pending;
  sigset_t old;
} inst_curl_guard;

typedef struct inst_curl_exchange {
  struct inst_curl_engine *engine;
  struct inst_curl_exchange *next, **link; /* the list it is in; 'link' is what points at it */
  uintptr_t ticket;                        /* what its starter knows it by; never given twice */
  CURL *easy;                              /* keeps its TLS sessions from one use to the next */
  inst_curl_state state;
  inst_curl_stop stop;
  inst_sink sink;
  bool dressed;                   /* the handle's options are those of the request told below */
  struct curl_slist *asked_lines; /* those of that request; before them are our own */
  unsigned header_count;          /* how many they are */
  char *method, *asked;           /* and its method and URL; they lie in the block of 'lines' */
  double connect_timeout;         /* and that */
  bool streamed;                  /* and that */
  bool fits_long;                 /* do the lines fit a long body, too? */
  bool near;                      /* is the server on this machine? */
  bool at_hand;                   /* did its last answer come on a connection that was kept? */
  bool spoilt;                    /* not to be used again */
  long connect_ms;                /* what libcurl was told of the time to connect; 0: nothing */
  CURLU *url;                     /* what is asked now */
  CURLU *next_url;      /* the answer under way is a redirect to here, and will be followed */
  unsigned hops;        /* redirects followed so far */
  double total_timeout; /* the request's */
  bool is_new;          /* was libcurl not called since it was given 'x'? */
  double connect_by;    /* when it must be connected, and be over: see curl_limits.c */
  double over_by;
  double sent_before;       /* when it was sent, at libcurl's last try but this */
  struct curl_slist *lines; /* the request's header lines, one block */
  size_t lines_size;
  char *held; /* header lines of the block under way, reported when it is whole */
  size_t held_n, held_room;
  size_t header_bytes; /* of this answer, reported or not */
  size_t skipped;      /* bytes of a followed redirect's body */
  bool has_head;       /* the head of the answer itself is whole: only body and trailers follow */
  bool has_body;
  char trouble[CURL_ERROR_SIZE]; /* libcurl's own words */
} inst_curl_exchange;

typedef struct inst_curl_engine {
  inst_alloc alloc; /* 'fn' is never NULL here */
  CURLM *multi;     /* owns the connections */
  inst_transport_options options;
  char *option_text; /* what 'options' point into, one block */
  size_t option_size;
  char *spare;               /* a block for header lines that nobody holds now, or NULL */
  inst_curl_exchange *busy;  /* RUNNING, in libcurl's hands */
  inst_curl_exchange *later; /* WAITING or CANCELLED: looked after when libcurl has returned */
  inst_curl_exchange *idle;  /* the pool */
  unsigned idle_count;
  double next_limit;     /* none of the busy has a limit before, or it is new */
  double look_by;        /* when libcurl must look at those that are not connected yet */
  bool slow;             /* and has not since then */
  uintptr_t tickets;     /* given so far */
  inst_curl_guard guard; /* around every call of libcurl's that may write to a connection */
  bool blind;            /* nobody watches the sockets but libcurl, which looks at all of them */
  bool may_watch;        /* but somebody will when there is more than one exchange at once */
  int epoll;             /* the sockets libcurl waits for, or -1 */
  unsigned char *marks;  /* by number of a socket: see curl_wait.c */
  size_t mark_room;
  unsigned forks; /* which process has that list: see curl_wait.c */
  bool added;     /* libcurl has an exchange that it has not been called for yet */
  bool pumping;
  bool inside;   /* libcurl is on the stack: it must not be called again */
  bool happened; /* a sink was called since the pump began */
} inst_curl_engine;

/* curl_request.c */

/* Makes 'x' ready to be given to libcurl; of 'request' only the body's bytes are kept.  A time that
** is not above 0 sets no limit.  -1: 'error' says why; 'x' may be recycled. */
int inst_curl_dress(inst_curl_exchange *x, const inst_request *request, inst_error *error);
/* Points the easy handle at 'x->url'.  0: well. */
CURLcode inst_curl_aim(inst_curl_exchange *x);
/* Takes every option off again.  What was dressed and not followed elsewhere may be kept dressed: an
** equal request then finds all but its body and its time in place. */
void inst_curl_undress(inst_curl_exchange *x);
/* Is there no byte in 'text' that could end a header line? */
bool inst_curl_is_one_line(inst_str text);

/* curl_answer.c */

/* libcurl's callbacks; 'exchange' is an inst_curl_exchange. */
size_t inst_curl_take_header(char *p, size_t one, size_t n, void *exchange);
size_t inst_curl_take_body(char *p, size_t one, size_t n, void *exchange);
/* Gives back the memory of the lines held. */
void inst_curl_lines_clear(inst_curl_exchange *x);
/* And that of the block the engine keeps for the next ones. */
void inst_curl_spare_clear(inst_curl_engine *e);
/* Forgets the answer so far, to receive another. */
void inst_curl_answer_clear(inst_curl_exchange *x);

/* curl_limits.c */

void inst_curl_limits_open(inst_curl_engine *e);
/* The limits of those that are new count from now on: who started them may have been away since. */
void inst_curl_limits_begin(inst_curl_engine *e);
/* Has 'x' a connection, since it last began to make one? */
bool inst_curl_is_connected(const inst_curl_exchange *x);
/* A connection is being made for 'x': where it had one before, which had died, it has time for this one. */
void inst_curl_limits_connecting(inst_curl_exchange *x);
/* How many of 'seconds' may be waited before a limit is reached; not above 0: none. */
double inst_curl_limits_patience(const inst_curl_engine *e, double seconds);
/* One of the busy whose time is over, or NULL. */
inst_curl_exchange *inst_curl_limits_late(inst_curl_engine *e);

/* curl_wait.c */

/* The engine begins blind. */
void inst_curl_wait_open(inst_curl_engine *e);
void inst_curl_wait_close(inst_curl_engine *e);
/* A connection's socket was opened, or is going to be closed. */
void inst_curl_wait_opened(inst_curl_engine *e, curl_socket_t fd);
void inst_curl_wait_closing(inst_curl_engine *e, curl_socket_t fd);
/* Calls libcurl for the times that are over; where the engine is blind, or an exchange is slow, for all
** there is.  It need not stay blind when there is more than one exchange. */
CURLMcode inst_curl_wait_act(inst_curl_engine *e, bool crowded);
/* Waits at most 'seconds' for something, less when a signal arrives, and calls libcurl for it. */
CURLMcode inst_curl_wait_for(inst_curl_engine *e, double seconds);

/* curl_fault.c */

/* Fills 'error' (NULL: nobody asks).  Always returns -1. */
int inst_curl_fail(inst_error *error, inst_code code, bool retryable, const char *format, ...)
    INST_PRINTF(4, 5);
int inst_curl_fail_memory(inst_error *error);
/* Says why 'x' ended with 'result', or with its 'stop'. */
void inst_curl_fault(const inst_curl_exchange *x, CURLcode result, inst_error *error);

/* curl_process.c */

/* Sets libcurl up, once per process; every call gives the same result. */
CURLcode inst_curl_process_init(void);

/* Both do nothing where the guard is not needed; a second enter does nothing either. */
void inst_curl_guard_enter(inst_curl_guard *guard);
void inst_curl_guard_leave(inst_curl_guard *guard);

#endif
