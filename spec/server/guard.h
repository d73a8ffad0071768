/*
** The guard: runs one command for a spec and sees to it that it ends.  In: the command, where its
** output goes, a time limit, and lines on stdin.  Out: a report, and an exit status of 0 when the
** command could be watched to its end.  It must not know what the command is.
**
**   faultserver --guard [OPTION VALUE]… -- COMMAND [ARGUMENT]…
**     --report FILE   (needed) what happened, see below
**     --stdin FILE  --stdout FILE  --stderr FILE     of the command; without: /dev/null
**     --limit SECONDS   after which the command is ended
**     --wait SECONDS    the same, and the end of stdin means nothing
**     --cwd FOLDER  --set NAME=VALUE  --unset NAME   of the command
**
** Lines on stdin:  INT, TERM, KILL, HUP, QUIT, USR1, USR2, STOP, CONT  that signal is sent to the
** command;  WAIT SECONDS  the end of stdin means nothing from now on, and the command is ended
** after so long.  Without WAIT the end of stdin ends the command: a spec that dies leaves nothing
** behind.  Until stdin ends or WAIT came, the guard outlives the command, so that a line may be
** written at any time.
**
** "Ended" is SIGTERM to the command's process group, then SIGKILL.  So is what is left of the group
** when the command itself has ended, with less patience.
**
** Lines of the report (times are seconds since the start):
**   pid NUMBER · signal NAME TIME · limit TIME · exit STATUS TIME · killed SIGNAL TIME
*/
#ifndef FAULT_GUARD_H
#define FAULT_GUARD_H

/* 'words' end with NULL and begin behind "--guard". */
int fault_guard(char **words);

#endif
