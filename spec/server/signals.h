/*
** Signals as bytes in a pipe, so that a poll loop sees them among its other events.  One reader a
** program.  It must not know what the signals mean.
*/
#ifndef FAULT_SIGNALS_H
#define FAULT_SIGNALS_H

/* Catches the 'count' signals, ignores SIGPIPE, and returns the end of the pipe to poll. */
int fault_signals_open(const int *signals, int count);
/* The number of a signal that came; 0: none. */
int fault_signals_next(void);
/* In a new child: gives all of them back their first meaning. */
void fault_signals_forget(void);

#endif
