/*
** Dates and times of day in a text: "2024-05-17", "17 May 2024", "5/17/2024", "at 2:30 pm".
** In: text, or tokens.  Out: the fields of a token, and ISO 8601 text of them.
** Rule: knows no clock; "tomorrow" stays a word.
*/
#ifndef SANDBOX_DATES_H
#define SANDBOX_DATES_H

#include "examples/sandbox/token.h"

#define BOX_DATE_ROOM 32 /* bytes any of the texts below fits in */

/* Read what stands at 'at' into 'token'; return how many bytes it takes, or 0. */
size_t box_date_read(inst_str text, size_t at, box_token *token);
size_t box_clock_read(inst_str text, size_t at, box_token *token);
/* Joins dates that name their month, and the time of day that follows a date. */
void box_dates_join(box_words *words);

typedef enum box_date_form { BOX_DATE_ONLY, BOX_DATE_AND_TIME, BOX_TIME_ONLY } box_date_form;
/* ISO 8601, in UTC where there is a time; returns the length, or 0 when 'token' does not say
** enough. */
size_t box_date_write(const box_token *token, box_date_form form, char out[BOX_DATE_ROOM]);

#endif
