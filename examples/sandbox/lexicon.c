/*
** The words, in rows.
** A row is one text with blanks between the words: easy to read, to add to and to search, and quick
** enough for texts of the size that is read.  What is missing here is what the rules do not know.
*/
#include "examples/sandbox/lexicon.h"

/* A word may stand in several rows. */
static const struct group {
  unsigned bits;
  const char *words;
} groups[] = {
    {BOX_HARD,
     "a an the and or but nor so as if than then that this these those there here it its he she "
     "we they you i me him her us them my your his our their mine yours hers ours theirs i'm i've "
     "i'd i'll he's she's it's we're they're you're that's there's what's name's who's who whom "
     "whose which what when where why how is are was were be been being am do does did done has "
     "have had having can could would should shall might must in on at by for from to with of off "
     "into onto over under about after before during between since until till near not no yes ok "
     "years year old yo aged age ages turned turns both each every all any some none only also too "
     "very just now today tomorrow yesterday ago because while per via plus minus up down out "
     "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't can't won't wouldn't "
     "lives live living lived works work working worked called named born has likes loves speaks "
     "knows said says wrote writes costs cost other another more most many much few one"},
    {BOX_SOFT,
     "hello hi hey dear please thanks thank sorry welcome greetings congratulations introducing "
     "meet extract find get list give tell show parse read take note see say let consider given "
     "classify summarize summarise describe write create make add schedule book buy remind send "
     "call contact email mail phone fax mobile address city town country street state zip company "
     "user users customer client patient person people employee student teacher member guest "
     "friend name names surname title subject date time price total amount order invoice quantity "
     "job role occupation profession position department height weight salary score rating gender "
     "sex status priority category type id number input text content message summary description "
     "example question answer context data information info details profile born also however "
     "although though meanwhile later earlier recently currently finally first second third next "
     "last once sometimes usually often maybe perhaps well good great nice bad new old young both "
     "two three four five six seven eight nine ten my our her his their according two unlike like "
     "morning evening afternoon night everyone everybody someone nobody nothing something anyone "
     "will may regarding re fwd attention from to cc born deadline due start end venue location "
     "where today's yesterday's its urgent important help bug problem issue ticket weather"},
    {BOX_GIVEN, "will may april june august new"},
    {BOX_TITLE,
     "mr mrs ms miss mx dr prof professor doctor sir dame lord lady madam captain capt colonel col "
     "major general gen lieutenant lt sergeant sgt rev reverend father sister brother mother uncle "
     "aunt judge senator president minister mayor engineer programmer developer nurse teacher "
     "student author writer actor actress singer scientist mathematician physicist chef coach ceo "
     "cto cfo coo vp director manager agent detective officer herr frau fru monsieur madame "
     "señor señora"},
    {BOX_PARTICLE,
     "of the van von der den de la le du del della di da dos das bin ibn al el ter zu zur"},
    {BOX_BE, "is was are were turned turns aged am"},
    {BOX_VERB,
     "has had who lives lived live living works worked working wrote writes likes loves speaks "
     "knows said says joined will can does did won born studies studied plays moved owns runs"},
    {BOX_PLACE, "in from near outside around"},
    {BOX_WORK, "works work worked working employed job joined joins engineer developer ceo cto cfo "
               "manager director intern position designer analyst founder employee consultant"},
    {BOX_NOT, "not no never isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't "
              "can't cannot won't wouldn't without neither nor hardly none isn’t aren’t wasn’t "
              "weren’t don’t doesn’t didn’t hasn’t haven’t can’t won’t"},
    {BOX_MONTH, "january february march april may june july august september october november "
                "december jan feb mar apr jun jul aug sep sept oct nov dec"},
    {BOX_DAY, "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays "
              "wednesdays thursdays fridays saturdays sundays weekend"},
    {BOX_PEOPLE,
     "english french german spanish italian portuguese dutch norwegian swedish danish finnish "
     "icelandic polish czech slovak hungarian romanian bulgarian greek turkish russian ukrainian "
     "american canadian mexican brazilian argentinian british irish scottish welsh swiss austrian "
     "belgian chinese japanese korean indian arabic hebrew persian vietnamese thai hindi latin "
     "european african asian australian egyptian nigerian kenyan python javascript typescript lua "
     "java rust haskell ruby perl"},
    {BOX_COUNTRY,
     "norway sweden denmark finland iceland germany france spain portugal italy austria "
     "switzerland belgium netherlands holland luxembourg poland czechia slovakia hungary romania "
     "bulgaria greece turkey russia ukraine estonia latvia lithuania ireland england scotland "
     "wales britain uk usa us america canada mexico brazil argentina chile peru colombia cuba "
     "china japan korea india pakistan bangladesh thailand vietnam indonesia malaysia singapore "
     "philippines australia egypt morocco nigeria kenya ethiopia ghana israel iran iraq croatia "
     "serbia slovenia albania"},
    {BOX_COMPANY,
     "inc ltd llc corp corporation company co gmbh ag asa plc university college school institute "
     "bank hospital museum laboratories labs group foundation association agency ministry club "
     "airlines industries technologies systems software solutions partners"},
    {BOX_SHORT,
     "mr mrs ms mx dr prof sr jr st rev gen col capt lt sgt inc ltd corp co etc vs eg ie "
     "no approx dept est jan feb mar apr jun jul aug sep sept oct nov dec"},
    {BOX_INTRO, "named called meet introducing i'm am"},
};

unsigned box_lexicon_bits(inst_str word) {
  unsigned bits = 0;
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
    if ((bits & groups[i].bits) == 0 && box_in_list(groups[i].words, word)) bits |= groups[i].bits;
  }
  return bits;
}

/* ---- numbers and months ---------------------------------------------------------------------- */

/* The place of 'word' in 'list', or -1. */
static int place_in(const char *list, inst_str word) {
  for (int i = 0; *list != '\0'; i++) {
    size_t n = strcspn(list, " ");
    if (box_same_word((inst_str){list, n}, word)) return i;
    list += n + (list[n] == ' ');
  }
  return -1;
}

static double below_hundred(inst_str word) {
  int small = place_in("zero one two three four five six seven eight nine ten eleven twelve "
                       "thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
                       word);
  if (small >= 0) return small;
  int tens = place_in("twenty thirty forty fifty sixty seventy eighty ninety", word);
  return tens >= 0 ? 20 + 10 * tens : -1;
}

double box_lexicon_number(inst_str word) {
  static const double large[] = {12, 100, 1e3, 1e6, 1e9};
  int row = place_in("dozen hundred thousand million billion", word);
  if (row >= 0) return large[row];
  const char *hyphen = word.n > 0 ? memchr(word.p, '-', word.n) : NULL;
  if (hyphen == NULL) return below_hundred(word);
  size_t n = (size_t)(hyphen - word.p);
  double tens = below_hundred((inst_str){word.p, n});
  double ones = below_hundred((inst_str){hyphen + 1, word.n - n - 1});
  return tens >= 20 && ones > 0 && ones < 10 ? tens + ones : -1;
}

int box_lexicon_month(inst_str word) {
  static const char *const lists[] = {
      "january february march april may june july august september october november december",
      "jan feb mar apr may jun jul aug sep oct nov dec", "- - - - - - - - sept"};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    int month = place_in(lists[i], word) + 1;
    if (month > 0) return month;
  }
  return 0;
}

/* ---- units, kin and currencies --------------------------------------------------------------- */

box_unit box_lexicon_unit(inst_str word) {
  static const struct row {
    box_unit unit;
    const char *words;
  } rows[] = {
      {BOX_AGE, "yo y/o year-old years-old yr-old yrs-old"},
      {BOX_YEARS, "year years yr yrs"},
      {BOX_MONEY,
       "$ € £ ¥ ₹ dollar dollars buck bucks euro euros pound pounds yen rupees kroner cent "
       "cents usd eur gbp jpy nok sek dkk chf"},
      {BOX_PERCENT, "% percent pct"},
      {BOX_LENGTH, "mm cm m km metre metres meter meters centimetre centimetres centimeter "
                   "centimeters kilometre kilometres kilometer kilometers mile miles inch inches "
                   "foot feet ft mi"},
      {BOX_WEIGHT, "g kg gram grams kilo kilos kilogram kilograms lb lbs ounce ounces oz ton tons "
                   "tonnes"},
      {BOX_TIME, "s sec secs second seconds min mins minute minutes h hr hrs hour hours day days "
                 "week weeks month months ms"},
      {BOX_HEAT, "° °c °f degree degrees celsius fahrenheit"},
      {BOX_STARS, "star stars point points"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (box_in_list(rows[i].words, word)) return rows[i].unit;
  }
  return BOX_NO_UNIT;
}

/* The first word of a row is kin to the others. */
static const char *const kin[] = {
    "sender from by",
    "buyer bought buys customer",
    "seller sold sells vendor",
    "recipient to dear",
    "receiver to dear",
    "origin from",
    "departure from leaves leaving departs",
    "destination to towards",
    "arrival to arrives arriving",
    "start from since starts starting started begins began",
    "end to until till through ends ended ending",
    "due by before until deadline",
    "deadline by before until due",
    "birth born birthday",
    "birthday born",
    "dob born",
    "author by wrote written",
    "children child kids kid",
    "employees people staff employs",
    "students pupils",
    "members people",
    "population people inhabitants residents",
    "quantity buy bought order ordered",
    "price costs cost for priced",
    "cost costs price priced",
    "total altogether sum",
    "salary earns paid pays wage makes",
    "height tall high",
    "width wide",
    "length long",
    "depth deep",
    "weight weighs weighing heavy",
    "duration lasts lasted takes took long",
    "distance far away",
    "rating rated stars rate",
    "score scored rated",
    "experience experienced",
    "married wife husband spouse",
    "employed works working",
    "student studies studying",
    "available availability stock",
    "subscribed subscription subscribe",
    "positive love loves loved great good excellent happy amazing wonderful fantastic best nice "
    "thanks thank perfect delicious recommend awesome pleased delighted enjoy enjoyed brilliant",
    "negative hate hated terrible bad awful broken angry disappointed disappointing worst poor "
    "horrible useless refund slow sad rude unacceptable frustrated annoying never waste crashes "
    "crash",
    "high urgent urgently asap critical immediately important emergency",
    "critical urgent urgently asap immediately emergency outage",
    "urgent asap immediately critical emergency important",
    "low minor whenever eventually trivial",
    "medium normal moderate soon",
    "male he him his man boy mr husband father brother son",
    "female she her hers woman girl mrs ms wife mother sister daughter",
    "spam win winner prize free viagra lottery click congratulations offer cash",
    "billing invoice charge charged payment pay paid refund card subscription bill billed",
    "payment invoice charge charged card pay paid",
    "refund money back return",
    "technical crash crashes error bug broken login install slow fails failing down",
    "bug crash crashes error broken fails failing exception wrong",
    "account password login username sign profile",
    "shipping delivery package parcel arrive arrived late tracking shipped",
    "delivery package parcel arrive arrived shipping",
    "feature add wish suggestion would",
    "question how what why when where",
    "complaint disappointed angry terrible worst unacceptable",
    "sports match game football team goal player league tennis",
    "politics election president government minister vote parliament",
    "technology computer software phone app internet ai",
    "business company market stock profit revenue",
    "done finished completed complete",
    "hobbies hobby likes like loves love enjoys enjoy",
    "interests interested likes like loves love enjoys enjoy",
    "languages speaks speak fluent",
    "skills knows know uses skilled",
    "return returning back",
    "todo open pending",
};

const char *box_lexicon_related(inst_str word) {
  for (size_t i = 0; i < sizeof kin / sizeof kin[0]; i++) {
    size_t n = strcspn(kin[i], " ");
    if (box_same_word((inst_str){kin[i], n}, word)) return kin[i] + n + 1;
  }
  return "";
}

inst_str box_lexicon_currency(inst_str word) {
  static const struct row {
    const char *code, *words;
  } rows[] = {
      {"USD", "$ dollar dollars usd buck bucks"},
      {"EUR", "€ euro euros eur"},
      {"GBP", "£ pound pounds gbp"},
      {"JPY", "¥ yen jpy"},
      {"INR", "₹ rupee rupees inr"},
      {"NOK", "nok kroner"},
      {"SEK", "sek"},
      {"CHF", "chf"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (box_in_list(rows[i].words, word)) return inst_str_of(rows[i].code);
  }
  return (inst_str){NULL, 0};
}
