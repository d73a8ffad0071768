/*
** What a field of the schema wants, by its name, its format and its description.
** In: a field's name and its schema.  Out: a kind of text, a unit, bounds, the words of the name.
** Rule: looks at the schema alone, never at the user's text.
*/
#ifndef SANDBOX_FIELD_H
#define SANDBOX_FIELD_H

#include "examples/sandbox/lexicon.h"
#include "examples/sandbox/shape.h"

#define BOX_FIELD_WORDS 8 /* words of a field's name that are looked at */

/* Kinds of text, and the words of a field's name that tell them; the first row that fits has it. */
#define BOX_KINDS(X)                                                                               \
  X(EMAIL, "email emails mail mails")                                                              \
  X(PHONE, "phone phones telephone tel mobile fax")                                                \
  X(URL, "url urls uri link links website websites homepage")                                      \
  X(FIRST_NAME, "first_name firstname given_name givenname forename")                              \
  X(LAST_NAME, "last_name lastname surname family_name familyname")                                \
  X(JOB, "job occupation profession role job_title position title_at")                             \
  X(CURRENCY, "currency currencies")                                                               \
  X(COLOR, "color colour colors colours")                                                          \
  X(LANGUAGE, "language languages nationality")                                                    \
  X(DATE, "date dates birthday birthdate dob deadline due when day datetime timestamp")            \
  X(CLOCK, "time clock hour")                                                                      \
  X(COUNTRY, "country countries nation")                                                           \
  X(SITE, "city cities town towns location locations place places hometown venue where origin "    \
          "destination address residence birthplace region capital departure arrival")             \
  X(FIRM, "company companies employer employers organization organizations organisation "          \
          "organisations org firm brand school university institution manufacturer vendor")        \
  X(CODE, "id ids code sku uuid guid isbn reference ref number no")                                \
  X(TAGS, "tags tag keywords keyword topics hashtags entities")                                    \
  X(THING, "product products item items ingredient ingredients dish fruit fruits")                 \
  X(TITLE, "title titles subject headline heading topic task tasks event events todo book movie")  \
  X(WHOLE, "text content body transcript document original input message")                         \
  X(SENTENCE, "summary description comment note notes sentence sentences quote quotes reasoning "  \
              "explanation answer review question query thought thoughts facts fact statement "    \
              "request bio about details instructions chain_of_thought rationale abstract")        \
  X(NAME, "name names fullname person people author authors customer customers contact patient "   \
          "employee employees speaker speakers user users member members attendee attendees "      \
          "participant participants assignee owner manager sender recipient buyer seller host "    \
          "guest guests friend friends character characters student students teacher winner "      \
          "applicant candidate creator writer director receiver who players player artist singer")

typedef enum box_kind {
#define BOX_X(name, words) BOX_K_##name,
  BOX_KINDS(BOX_X)
#undef BOX_X
      BOX_K_ANY, /* nothing is known */
  BOX_KIND_COUNT
} box_kind;

typedef struct box_field {
  inst_str name;                    /* as the schema writes it; may be empty */
  inst_str words[BOX_FIELD_WORDS];  /* its words, without those that say nothing ("is", "num") */
  const char *kin[BOX_FIELD_WORDS]; /* of each word: see box_lexicon_related */
  size_t count;
  const struct box_field *outer; /* the field of the object it stands in, or NULL */
  box_kind kind;
  box_unit unit;
  inst_str format; /* of a string; p NULL: none */
  bool counts;     /* a number of things */
  bool whole;      /* an integer */
  double least, most;
} box_field;

void box_field_read(box_field *field, const box_field *outer, inst_str name,
                    const box_shape *shape);
/* Does 'word' belong to the field's name? */
bool box_field_has(const box_field *field, inst_str word);
/* Does the name say nothing at all: the whole answer, or the "value" it is wrapped in? */
bool box_field_is_lone(const box_field *field);
/* Does 'word' speak of the same thing as a word of the field's name? */
bool box_field_is_near(const box_field *field, inst_str word);

#endif
