/*
** The table of property names.
** General categories by their long and short names, binary properties by theirs; scripts are not
** listed, since PCRE2 knows them by the names ECMAScript uses.
** Rule: names are compared exactly, as ECMAScript does, and unlisted ones are not found.
*/
#include "core/schema/property.h"

/* Characters that fold across a border, each one for all that fold together with it. */
#define YPOGEGRAMMENI "\\x{345}" /* a mark that folds to the letter iota */
#define MICRO "\\x{B5}"          /* a common sign that folds to the letter mu */
#define CIRCLED_M "\\x{24C2}"    /* an emoji whose small form is none */
#define MATH_LETTERS "\\x{3B2}\\x{3B5}\\x{3B8}\\x{3BA}\\x{3C1}\\x{3C6}"
#define DOTTED_LETTERS                                                                             \
  "ij\\x{12F}\\x{197}\\x{248}\\x{37F}\\x{406}\\x{408}\\x{1E2C}\\x{1ECA}\\x{A7B2}"

struct row {
  const char *name;  /* ECMAScript's long name */
  const char *alias; /* its short names, divided by blanks */
  const char *pcre;  /* PCRE2's */
  const char *fold;  /* as in inst_property */
};

static const struct row categories[] = {
    {"Letter", "L", "L", YPOGEGRAMMENI},
    {"Cased_Letter", "LC", "L&", YPOGEGRAMMENI},
    {"Uppercase_Letter", "Lu", "Lu", NULL},
    {"Lowercase_Letter", "Ll", "Ll", NULL},
    {"Titlecase_Letter", "Lt", "Lt", NULL},
    {"Modifier_Letter", "Lm", "Lm", ""},
    {"Other_Letter", "Lo", "Lo", ""},
    {"Mark", "M Combining_Mark", "M", YPOGEGRAMMENI},
    {"Nonspacing_Mark", "Mn", "Mn", YPOGEGRAMMENI},
    {"Spacing_Mark", "Mc", "Mc", ""},
    {"Enclosing_Mark", "Me", "Me", ""},
    {"Number", "N", "N", ""},
    {"Decimal_Number", "Nd digit", "Nd", ""},
    {"Letter_Number", "Nl", "Nl", ""},
    {"Other_Number", "No", "No", ""},
    {"Punctuation", "P punct", "P", ""},
    {"Connector_Punctuation", "Pc", "Pc", ""},
    {"Dash_Punctuation", "Pd", "Pd", ""},
    {"Open_Punctuation", "Ps", "Ps", ""},
    {"Close_Punctuation", "Pe", "Pe", ""},
    {"Initial_Punctuation", "Pi", "Pi", ""},
    {"Final_Punctuation", "Pf", "Pf", ""},
    {"Other_Punctuation", "Po", "Po", ""},
    {"Symbol", "S", "S", ""},
    {"Math_Symbol", "Sm", "Sm", ""},
    {"Currency_Symbol", "Sc", "Sc", ""},
    {"Modifier_Symbol", "Sk", "Sk", ""},
    {"Other_Symbol", "So", "So", ""},
    {"Separator", "Z", "Z", ""},
    {"Space_Separator", "Zs", "Zs", ""},
    {"Line_Separator", "Zl", "Zl", ""},
    {"Paragraph_Separator", "Zp", "Zp", ""},
    {"Other", "C", "C", ""},
    {"Control", "Cc cntrl", "Cc", ""},
    {"Format", "Cf", "Cf", ""},
    {"Surrogate", "Cs", "Cs", ""},
    {"Private_Use", "Co", "Co", ""},
    {"Unassigned", "Cn", "Cn", ""},
    {NULL, NULL, NULL, NULL},
};

static const struct row binaries[] = {
    {"ASCII", "", "ASCII", "ks"},
    {"ASCII_Hex_Digit", "AHex", "AHex", ""},
    {"Alphabetic", "Alpha", "Alpha", ""},
    {"Any", "", "Any", ""},
    {"Bidi_Control", "Bidi_C", "Bidi_C", ""},
    {"Bidi_Mirrored", "Bidi_M", "Bidi_M", ""},
    {"Case_Ignorable", "CI", "CI", YPOGEGRAMMENI},
    {"Cased", "", "Cased", ""},
    {"Changes_When_Casefolded", "CWCF", "CWCF", NULL},
    {"Changes_When_Casemapped", "CWCM", "CWCM", ""},
    {"Changes_When_Lowercased", "CWL", "CWL", NULL},
    {"Changes_When_Titlecased", "CWT", "CWT", NULL},
    {"Changes_When_Uppercased", "CWU", "CWU", NULL},
    {"Dash", "", "Dash", ""},
    {"Default_Ignorable_Code_Point", "DI", "DI", ""},
    {"Deprecated", "Dep", "Dep", ""},
    {"Diacritic", "Dia", "Dia", YPOGEGRAMMENI},
    {"Emoji", "", "Emoji", CIRCLED_M},
    {"Emoji_Component", "EComp", "EComp", ""},
    {"Emoji_Modifier", "EMod", "EMod", ""},
    {"Emoji_Modifier_Base", "EBase", "EBase", ""},
    {"Emoji_Presentation", "EPres", "EPres", ""},
    {"Extended_Pictographic", "ExtPict", "ExtPict", CIRCLED_M},
    {"Extender", "Ext", "Ext", ""},
    {"Grapheme_Base", "Gr_Base", "GrBase", YPOGEGRAMMENI},
    {"Grapheme_Extend", "Gr_Ext", "GrExt", YPOGEGRAMMENI},
    {"Hex_Digit", "Hex", "Hex", ""},
    {"IDS_Binary_Operator", "IDSB", "IDSB", ""},
    {"IDS_Trinary_Operator", "IDST", "IDST", ""},
    {"ID_Continue", "IDC", "IDC", ""},
    {"ID_Start", "IDS", "IDS", YPOGEGRAMMENI},
    {"Ideographic", "Ideo", "Ideo", ""},
    {"Join_Control", "Join_C", "JoinC", ""},
    {"Logical_Order_Exception", "LOE", "LOE", ""},
    {"Lowercase", "Lower", "Lower", NULL},
    {"Math", "", "Math", MATH_LETTERS},
    {"Noncharacter_Code_Point", "NChar", "NChar", ""},
    {"Pattern_Syntax", "Pat_Syn", "PatSyn", ""},
    {"Pattern_White_Space", "Pat_WS", "PatWS", ""},
    {"Quotation_Mark", "QMark", "QMark", ""},
    {"Radical", "", "Radical", ""},
    {"Regional_Indicator", "RI", "RI", ""},
    {"Sentence_Terminal", "STerm", "STerm", ""},
    {"Soft_Dotted", "SD", "SD", DOTTED_LETTERS},
    {"Terminal_Punctuation", "Term", "Term", ""},
    {"Unified_Ideograph", "UIdeo", "UIdeo", ""},
    {"Uppercase", "Upper", "Upper", NULL},
    {"Variation_Selector", "VS", "VS", ""},
    {"White_Space", "space", "WSpace", ""},
    {"XID_Continue", "XIDC", "XIDC", ""},
    {"XID_Start", "XIDS", "XIDS", YPOGEGRAMMENI},
    {NULL, NULL, NULL, NULL},
};

/* Scripts whose border a character folds across. */
static const struct row scripts[] = {
    {"Greek", "Grek", "sc:", MICRO YPOGEGRAMMENI},
    {"Common", "Zyyy", "sc:", MICRO},
    {"Inherited", "Zinh Qaai", "sc:", YPOGEGRAMMENI},
    {"Greek", "Grek", "scx:", MICRO},
    {"Common", "Zyyy", "scx:", MICRO},
    {NULL, NULL, NULL, NULL},
};

/* Is 'name' one of the words of 'list'? */
static bool is_among(inst_str name, const char *list) {
  while (*list != '\0') {
    size_t n = strcspn(list, " ");
    if (inst_str_is(name, (inst_str){list, n})) return true;
    list += n;
    list += *list == ' ';
  }
  return false;
}

static bool is_named(const struct row *row, inst_str name) {
  return inst_str_is(name, inst_str_of(row->name)) || is_among(name, row->alias);
}

static bool find_row(const struct row *row, inst_str name, inst_property *found) {
  while (row->name != NULL && !is_named(row, name)) row++;
  if (row->name == NULL) return false;
  *found = (inst_property){"", inst_str_of(row->pcre), false, row->fold};
  return true;
}

static bool find_script(const char *prefix, inst_str name, inst_property *found) {
  for (size_t i = 0; i < name.n; i++) {
    char c = name.p[i];
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')) return false;
  }
  *found = (inst_property){prefix, name, false, ""};
  for (const struct row *row = scripts; row->name != NULL; row++)
    if (strcmp(row->pcre, prefix) == 0 && is_named(row, name)) found->fold = row->fold;
  return name.n > 0;
}

bool inst_property_find(inst_str text, inst_property *found) {
  const char *equals = text.n > 0 ? memchr(text.p, '=', text.n) : NULL;
  if (equals != NULL) {
    inst_str key = {text.p, (size_t)(equals - text.p)};
    inst_str value = {equals + 1, text.n - key.n - 1};
    if (is_among(key, "General_Category gc")) return find_row(categories, value, found);
    if (is_among(key, "Script sc")) return find_script("sc:", value, found);
    if (is_among(key, "Script_Extensions scx")) return find_script("scx:", value, found);
    return false;
  }
  if (inst_str_is(text, INST_LIT("Assigned"))) {
    *found = (inst_property){"", INST_LIT("Cn"), true, ""};
    return true;
  }
  return find_row(categories, text, found) || find_row(binaries, text, found);
}
