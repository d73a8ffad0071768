/*
** What a call is made of.
** Rule: for the rooms of the machine alone: call_make.c makes it, call.c moves it, call_told.c tells
** what came of it.
*/
#ifndef INST_CALL_CALL_PARTS_H
#define INST_CALL_CALL_PARTS_H

#include "core/call/account.h"
#include "core/call/call.h"
#include "core/call/flow.h"
#include "core/call/prints.h"
#include "core/call/request.h"
#include "core/call/state.h"
#include "core/call/watch.h"

struct inst_call {
  inst_arena *arena; /* all of the call's memory but the answer's bytes; this too */
  bool owns_arena;
  inst_call_options options;
  const inst_dialect *dialect;
  inst_address *address;
  inst_question question;
  inst_value *turns; /* what was said after the user's messages: answers and corrections */
  inst_request request;
  bool request_ready;
  bool send_wanted;  /* ASKING: has SEND been said? */
  inst_judge *judge; /* NULL: there was nothing to judge yet */
  bool judging;      /* JUDGING: has the judge begun? */
  inst_account account;
  inst_watch watch;
  inst_state state;
  inst_event after_drop; /* DROPPING: what happens once the exchange is gone */
  bool started;          /* has the time been told yet? */
  bool cancelled;
  bool committed;           /* no other attempt may follow */
  int reasks, http_retries; /* how many of each were used */
  bool next_is_reask;
  double now, start, sent_at, active_at;
  double rest_until, rested; /* RESTING: until when; how long that is */
  bool held;                 /* ASKING: at the gate */
  double held_from;          /* since when */
  bool rest_unknown;         /* RESTING: the host says how long */
  uint64_t random;
  void *slot;
  /* these are made one by one; all before them is zero at first */
  inst_exchange exchange;
  inst_flow flow;   /* of a streamed answer */
  inst_error error; /* FAILED: why; before: what the last attempt died of */
};

/* The judge, made when there is something to judge; NULL: no memory, as the arena knows. */
inst_judge *inst_call_judge(inst_call *call);

#endif
