/*
** What a watched call has to tell, and what of it was told.
** In: steps of the machine.  Out: notes, one at a time, in the order of INST_NOTES.
** Rule: nothing here changes what the call does.
*/
#ifndef INST_CALL_WATCH_H
#define INST_CALL_WATCH_H

#include "core/call/exchange.h"

typedef struct inst_watch {
  bool on;           /* is anybody watching? */
  unsigned due;      /* bit 1 << INST_NOTE_…: to be told */
  bool announced;    /* of this attempt: is SENDING told? */
  bool received;     /* of this attempt: is RECEIVED told? */
  inst_error *fault; /* room for one; not watched: NULL */
  inst_note note;    /* the one being told */
} inst_watch;

/* Whether memory lasted, the arena knows. */
void inst_watch_init(inst_watch *watch, bool on, inst_arena *arena);
/* Is SENDING still to be told of the attempt that begins?  Then it is due. */
bool inst_watch_sending(inst_watch *watch);
/* The exchange of the attempt is over; 'fault': NULL, or why its answer is not whole. */
void inst_watch_received(inst_watch *watch, const inst_exchange *exchange, const inst_error *fault);
/* The account of the attempt is closed. */
void inst_watch_judged(inst_watch *watch);
void inst_watch_again(inst_watch *watch, double wait, bool reask);
/* Is a note due?  Then it is told now. */
bool inst_watch_next(inst_watch *watch);

#endif
