/*
** Small services for specs, which have neither a fine clock nor a way to wait for a file: what
** time it is, when a file has so many lines, when a port answers, which port is free.
** It must not know scripts or requests.
*/
#ifndef FAULT_AWAIT_H
#define FAULT_AWAIT_H

/* Each takes the words behind its name, ending with NULL, and returns the program's exit status:
** 0, or 1 when the time was over first. */
int fault_now(char **words);         /* prints seconds, on a clock that only runs forward */
int fault_await_lines(char **words); /* FILE COUNT SECONDS: prints the file when it is there */
int fault_await_port(char **words);  /* PORT SECONDS: until a connection is accepted */
int fault_free_port(char **words);   /* prints a port that was free a moment ago */

#endif
