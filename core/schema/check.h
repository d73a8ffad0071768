/*
** The checks that need no code of the host's: one function a check.
** In: a rule and the value at hand.  Out: it fits, it fits rewritten, or what is wrong with it.
** Rule: knows one value at a time; no path, no stack, no other value.
*/
#ifndef INST_SCHEMA_CHECK_H
#define INST_SCHEMA_CHECK_H

#include "core/schema/tree.h"

/* What a check found wrong. */
typedef struct inst_finding {
  inst_issue_code code;
  inst_value *details;
  bool final; /* checks after it must not run */
} inst_finding;

/* Does the check look at lengths, and so run even after the value's type was wrong? */
bool inst_check_is_length(const inst_rule *rule, const inst_tnode *node);

/* Could 'rule' say anything about 'value' at all?  (A length needs a string or an array…) */
bool inst_check_applies(const inst_rule *rule, const inst_tnode *node, const inst_value *value);

/* 1: fits ('*value' may be a new one); 0: 'finding' says why not; -1: 'error' is LIMIT or MEMORY. */
int inst_check_run(const inst_rule *rule, const inst_tnode *node, inst_value **value,
                   inst_arena *arena, inst_finding *finding, inst_error *error);

/* An array whose leading checks already say it is too long: its items need not be looked at. */
const inst_rule *inst_check_oversize(const inst_tnode *node, size_t count);

#endif
