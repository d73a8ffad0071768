/*
** The transition table.
*/
#include "core/call/state.h"

static const unsigned char next_state[INST_STATE_COUNT][INST_EVENT_COUNT] = {
    [INST_S_ASKING] = {[INST_EV_SENT] = INST_S_READING,
                       [INST_EV_BROKEN] = INST_S_RESTING,
                       [INST_EV_SPENT] = INST_S_FAILED},
    [INST_S_READING] = {[INST_EV_WHOLE] = INST_S_JUDGING,
                        [INST_EV_STOPPED] = INST_S_DROPPING,
                        [INST_EV_BROKEN] = INST_S_RESTING,
                        [INST_EV_SPENT] = INST_S_FAILED},
    [INST_S_DROPPING] = {[INST_EV_WHOLE] = INST_S_JUDGING,
                         [INST_EV_BROKEN] = INST_S_RESTING,
                         [INST_EV_UNSOUND] = INST_S_RESTING,
                         [INST_EV_SPENT] = INST_S_FAILED},
    [INST_S_JUDGING] = {[INST_EV_SOUND] = INST_S_DONE,
                        [INST_EV_UNSOUND] = INST_S_RESTING,
                        [INST_EV_BROKEN] = INST_S_RESTING,
                        [INST_EV_SPENT] = INST_S_FAILED},
    [INST_S_RESTING] = {[INST_EV_RESTED] = INST_S_ASKING, [INST_EV_SPENT] = INST_S_FAILED},
};

static const char *const state_names[] = {
#define INST_X(name, text) text,
    INST_STATES(INST_X)
#undef INST_X
};

static const char *const event_names[] = {
#define INST_X(name, text) text,
    INST_EVENTS(INST_X)
#undef INST_X
};

inst_state inst_state_next(inst_state state, inst_event event) {
  return (inst_state)next_state[state][event];
}

const char *inst_state_name(inst_state state) {
  return state_names[state];
}
const char *inst_event_name(inst_event event) {
  return event_names[event];
}
