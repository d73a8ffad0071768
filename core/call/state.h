/*
** The law of a call: which states there are, what can happen, and where that leads.
** Rule 1: every change of state goes through this table.
** Rule 2: a cell left blank cannot happen, and shows as a fault when it does.
** Rule 3: this room knows no answer, no clock, no schema.
*/
#ifndef INST_CALL_STATE_H
#define INST_CALL_STATE_H

#define INST_STATES(X)                                                                             \
  X(NONE, "none")         /* no state: what a blank cell leads to */                               \
  X(ASKING, "asking")     /* a request is ready to be sent */                                      \
  X(READING, "reading")   /* an answer is arriving */                                              \
  X(DROPPING, "dropping") /* the exchange under way must be cancelled first */                     \
  X(JUDGING, "judging")   /* a whole answer is being read and validated */                         \
  X(RESTING, "resting")   /* waiting before the next request */                                    \
  X(DONE, "done")                                                                                  \
  X(FAILED, "failed")

#define INST_EVENTS(X)                                                                             \
  X(SENT, "sent")       /* the request is under way */                                             \
  X(WHOLE, "whole")     /* the answer is complete */                                               \
  X(STOPPED, "stopped") /* we want no more of the exchange under way */                            \
  X(BROKEN, "broken")   /* this request failed and may be sent again */                            \
  X(UNSOUND, "unsound") /* this answer is unusable and the model is asked again */                 \
  X(RESTED, "rested")                                                                              \
  X(SOUND, "sound") /* the answer is good */                                                       \
  X(SPENT, "spent") /* nothing more can be tried */

typedef enum inst_state {
#define INST_X(name, text) INST_S_##name,
  INST_STATES(INST_X)
#undef INST_X
      INST_STATE_COUNT
} inst_state;

typedef enum inst_event {
#define INST_X(name, text) INST_EV_##name,
  INST_EVENTS(INST_X)
#undef INST_X
      INST_EVENT_COUNT
} inst_event;

/* Where 'event' leads from 'state'; INST_S_NONE: nowhere. */
inst_state inst_state_next(inst_state state, inst_event event);
const char *inst_state_name(inst_state state);
const char *inst_event_name(inst_event event);

#endif
