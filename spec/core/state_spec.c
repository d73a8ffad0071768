/*
** The transition table, read as a law.
*/
#include "spec/core/check.h"

#include "core/call/state.h"

static bool is_over(inst_state state) {
  return state == INST_S_NONE || state == INST_S_DONE || state == INST_S_FAILED;
}

/* Does some row of events lead from 'from' to 'to'? */
static bool leads(inst_state from, inst_state to) {
  bool reached[INST_STATE_COUNT] = {false};
  reached[from] = true;
  for (int round = 0; round < INST_STATE_COUNT; round++)
    for (int s = 1; s < INST_STATE_COUNT; s++)
      for (int e = 0; reached[s] && e < INST_EVENT_COUNT; e++)
        reached[inst_state_next((inst_state)s, (inst_event)e)] = true;
  return reached[to];
}

static void nothing_leads_out_of_an_end(void **state) {
  (void)state;
  const inst_state ends[] = {INST_S_NONE, INST_S_DONE, INST_S_FAILED};
  for (size_t i = 0; i < CHECK_COUNT(ends); i++)
    for (int e = 0; e < INST_EVENT_COUNT; e++)
      assert_int_equal(inst_state_next(ends[i], (inst_event)e), INST_S_NONE);
}

static void every_state_is_reached_and_can_still_end_well_or_badly(void **state) {
  (void)state;
  for (int s = INST_S_ASKING; s < INST_STATE_COUNT; s++) {
    assert_true(leads(INST_S_ASKING, (inst_state)s));
    if (is_over((inst_state)s)) continue;
    assert_true(leads((inst_state)s, INST_S_DONE));
    assert_true(leads((inst_state)s, INST_S_FAILED));
  }
}

static void every_state_under_way_can_be_given_up(void **state) {
  (void)state;
  for (int s = INST_S_ASKING; s < INST_STATE_COUNT; s++)
    if (!is_over((inst_state)s))
      assert_int_equal(inst_state_next((inst_state)s, INST_EV_SPENT), INST_S_FAILED);
}

static void only_a_judge_says_that_all_is_well(void **state) {
  (void)state;
  for (int s = 0; s < INST_STATE_COUNT; s++)
    for (int e = 0; e < INST_EVENT_COUNT; e++)
      if (inst_state_next((inst_state)s, (inst_event)e) == INST_S_DONE)
        assert_true(s == INST_S_JUDGING && e == INST_EV_SOUND);
}

static void nothing_is_asked_without_a_rest_before_it(void **state) {
  (void)state;
  for (int s = 0; s < INST_STATE_COUNT; s++)
    for (int e = 0; e < INST_EVENT_COUNT; e++)
      if (inst_state_next((inst_state)s, (inst_event)e) == INST_S_ASKING)
        assert_true(s == INST_S_RESTING && e == INST_EV_RESTED);
}

static void states_and_events_have_names(void **state) {
  (void)state;
  assert_string_equal(inst_state_name(INST_S_RESTING), "resting");
  assert_string_equal(inst_event_name(INST_EV_UNSOUND), "unsound");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_leads_out_of_an_end),
      cmocka_unit_test(every_state_is_reached_and_can_still_end_well_or_badly),
      cmocka_unit_test(every_state_under_way_can_be_given_up),
      cmocka_unit_test(only_a_judge_says_that_all_is_well),
      cmocka_unit_test(nothing_is_asked_without_a_rest_before_it),
      cmocka_unit_test(states_and_events_have_names),
  };
  return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
