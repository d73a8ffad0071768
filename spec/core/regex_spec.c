/*
** Regular expressions: what matches, against what JavaScript answers; what is refused; how much
** work and memory a search may take; many threads on one regex; memory that runs out.
** The answers in the table are JavaScript's own, with flag u; where that forbids the syntax,
** without it.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/check.h"

#include "core/schema/regex.h"

#include <pthread.h>

#define TEXT(literal)                                                                              \
  { (literal), sizeof(literal) - 1 } /* where INST_LIT is no constant */
#define Y(literal)                                                                                 \
  { TEXT(literal), 1 }
#define N(literal)                                                                                 \
  { TEXT(literal), 0 }
#define SUBJECTS 24

static const struct {
  inst_str source, flags;
  struct {
    inst_str text; /* p == NULL ends them */
    int matches;
  } subjects[SUBJECTS];
} answers[] = {
    /* the suite of JSON Schema */
    {TEXT("^abc$"), TEXT(""), {Y("abc"), N("abc\n")}},
    {TEXT("^\\t$"), TEXT(""), {Y("\t"), N("\\t")}},
    {TEXT("^\\cC$"), TEXT(""), {Y("\003"), N("\\cC")}},
    {TEXT("^\\cc$"), TEXT(""), {Y("\003"), N("\\cc")}},
    {TEXT("^\\d$"), TEXT(""), {Y("0"), N("߀"), N("१")}},
    {TEXT("^\\D$"), TEXT(""), {N("0"), Y("߀")}},
    {TEXT("^\\w$"), TEXT(""), {Y("a"), Y("_"), N("é")}},
    {TEXT("^\\W$"), TEXT(""), {N("a"), Y("é")}},
    {TEXT("^\\s$"),
     TEXT(""),
     {Y(" "), Y("\t"), Y("\013"), Y("\014"), Y("\u00A0"), Y("\uFEFF"), Y("\n"), Y("\r"),
      Y("\u2028"), Y("\u2029"), Y("\u2003"), Y("\u3000"), Y("\u1680"), N("\u180E"), N("\u200B"),
      N("\302\205"), N("\001"), N("–")}},
    {TEXT("^\\S$"),
     TEXT(""),
     {N(" "), N("\u00A0"), N("\uFEFF"), N("\u2029"), Y("\001"), Y("–"), Y("\302\205"), Y("😀")}},
    {TEXT("\\p{Letter}cole"), TEXT(""), {Y("l'école"), N("L'ÉCOLE")}},
    {TEXT("\\wcole"), TEXT(""), {Y("l'ecole"), N("l'école")}},
    {TEXT("[a-z]cole"), TEXT(""), {Y("l'ecole"), N("l'école")}},
    {TEXT("^\\p{digit}+$"), TEXT(""), {Y("42"), N("-%#"), Y("৪২")}},
    /* plain characters and where they may stand */
    {TEXT(""), TEXT(""), {Y(""), Y("a")}},
    {TEXT("a"), TEXT(""), {Y("a"), N("b"), Y("xax"), N("A"), N("")}},
    {TEXT("abc"), TEXT(""), {Y("xxabcxx"), N("ab")}},
    {TEXT("é"), TEXT(""), {Y("é"), N("e\u0301")}},
    {TEXT("😀"), TEXT(""), {Y("😀"), N("😁")}},
    {TEXT("^.$"), TEXT(""), {Y("😀"), Y("é"), N("ab")}},
    {TEXT("^..$"), TEXT(""), {N("😀"), Y("ab")}},
    {TEXT("#x y"), TEXT(""), {Y("#x y"), N("x y")}},
    {TEXT("a b # c"), TEXT(""), {Y("a b # c"), N("ab")}},
    {TEXT("\"'<>~`@%&_=:;!,"), TEXT(""), {Y("\"'<>~`@%&_=:;!,")}},
    /* anchors: the very ends, and with m the four line ends */
    {TEXT("^b"), TEXT(""), {Y("b"), N("a\nb")}},
    {TEXT("a$"), TEXT(""), {Y("a"), N("a\n"), N("a\nb")}},
    {TEXT("^b$"),
     TEXT("m"),
     {Y("a\nb"), Y("a\rb"), Y("a\u2028b\u2029c"), N("a\302\205b"), N("ab"), Y("a\r\nb\r\nc")}},
    {TEXT("^$"), TEXT(""), {Y(""), N("\n")}},
    {TEXT("^$"), TEXT("m"), {Y("\n"), Y("a\n"), N("a"), Y("a\r\nb")}},
    {TEXT("$^"), TEXT(""), {Y("")}},
    {TEXT("a^"), TEXT(""), {N("a")}},
    {TEXT("a$b"), TEXT(""), {N("a$b")}},
    {TEXT("^^a$$"), TEXT(""), {Y("a")}},
    {TEXT("(?:^|,)b"), TEXT(""), {Y("b"), Y("a,b"), N("ab")}},
    /* the dot */
    {TEXT("^a.c$"),
     TEXT(""),
     {Y("abc"), N("a\nc"), N("a\rc"), N("a\u2028c"), N("a\u2029c"), Y("a\302\205c"), Y("a\013c"),
      Y("a\000c")}},
    {TEXT("^a.c$"), TEXT("s"), {Y("a\nc"), Y("a\u2028c"), Y("a😀c"), N("ac")}},
    {TEXT("^.*$"), TEXT(""), {Y("abc"), N("a\nb")}},
    {TEXT("^.*$"), TEXT("s"), {Y("a\nb")}},
    {TEXT("[.]"), TEXT(""), {Y("."), N("a")}},
    /* classes */
    {TEXT("^[abc]$"), TEXT(""), {Y("a"), N("d")}},
    {TEXT("^[^abc]$"), TEXT(""), {N("a"), Y("d"), Y("\n"), Y("😀")}},
    {TEXT("^[a-c]$"), TEXT(""), {Y("b"), N("d"), N("-")}},
    {TEXT("^[a-]$"), TEXT(""), {Y("-"), Y("a"), N("b")}},
    {TEXT("^[-a]$"), TEXT(""), {Y("-"), N("b")}},
    {TEXT("^[a\\-c]$"), TEXT(""), {Y("-"), N("b")}},
    {TEXT("^[^-a]$"), TEXT(""), {N("-"), Y("b")}},
    {TEXT("[]"), TEXT(""), {N(""), N("a")}},
    {TEXT("[^]"), TEXT(""), {Y("\n"), N("")}},
    {TEXT("^[^]$"), TEXT(""), {Y("😀"), Y("\n")}},
    {TEXT("a[]|b"), TEXT(""), {N("a"), Y("b")}},
    {TEXT("^[]*$"), TEXT(""), {Y(""), N("a")}},
    {TEXT("^[\\]]$"), TEXT(""), {Y("]"), N("\\")}},
    {TEXT("^[[]$"), TEXT(""), {Y("[")}},
    {TEXT("^[\\[\\]]$"), TEXT(""), {Y("]"), N("a")}},
    {TEXT("^[\\\\]$"), TEXT(""), {Y("\\")}},
    {TEXT("^[\\^]$"), TEXT(""), {Y("^")}},
    {TEXT("^[a^]$"), TEXT(""), {Y("^")}},
    {TEXT("^[$.*+?(){}|/]+$"), TEXT(""), {Y("$.*+?(){}|/"), N("a")}},
    {TEXT("^[\\d.]+$"), TEXT(""), {Y("1.5"), N("1,5")}},
    {TEXT("^[\\w-]+$"), TEXT(""), {Y("a-b"), N("a b")}},
    {TEXT("^[^\\d\\s]+$"), TEXT(""), {Y("abc"), N("a1"), N("a b")}},
    {TEXT("^[\\W]$"), TEXT(""), {Y("-"), N("a")}},
    {TEXT("^[\\S]$"), TEXT(""), {Y("a"), N("\u2003")}},
    {TEXT("^[\\D\\d]$"), TEXT(""), {Y("\n")}},
    {TEXT("^[^\\D]$"), TEXT(""), {Y("5"), N("a")}},
    {TEXT("^[^\\w\\W]$"), TEXT(""), {N("a")}},
    {TEXT("^[\\b]$"), TEXT(""), {Y("\010"), N("b")}},
    {TEXT("^[\\t\\n\\v\\f\\r\\0]+$"), TEXT(""), {Y("\t\n\013\014\r\000"), N("t")}},
    {TEXT("^[\\x41-\\x43]$"), TEXT(""), {Y("B"), N("D")}},
    {TEXT("^[\\u0041-\\u{43}]$"), TEXT(""), {Y("B"), N("D")}},
    {TEXT("^[\\cA]$"), TEXT(""), {Y("\001"), N("A")}},
    {TEXT("^[à-ý]$"), TEXT(""), {Y("é"), N("e")}},
    {TEXT("^[😀-😎]$"), TEXT(""), {Y("😅"), N("😏")}},
    {TEXT("^[\\ud83d\\ude00-\\ud83d\\ude0e]$"), TEXT(""), {Y("😅"), N("😏")}},
    {TEXT("^[\\0-\\u{10FFFF}]$"), TEXT(""), {Y("\000"), Y("😀")}},
    {TEXT("^[ -~]+$"), TEXT(""), {Y("a b~"), N("é")}},
    {TEXT("[&&]"), TEXT(""), {Y("&")}},
    {TEXT("^[[:x]$"), TEXT(""), {Y("["), Y(":"), Y("x"), N("a")}},
    /* escapes */
    {TEXT("^\\n\\r\\t\\v\\f\\0$"), TEXT(""), {Y("\n\r\t\013\014\000")}},
    {TEXT("^\\x41\\u0042\\u{43}\\u{1F600}\\uD83D\\uDE00$"), TEXT(""), {Y("ABC😀😀")}},
    {TEXT("\\u{000041}"), TEXT(""), {Y("A")}},
    {TEXT("^\\cJ\\cj$"), TEXT(""), {Y("\n\n")}},
    {TEXT("^\\/\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$\\\\$"), TEXT(""), {Y("/.*+?()[]{}|^$\\")}},
    {TEXT("^\\0a$"), TEXT(""), {Y("\000a")}},
    {TEXT("^\\uD83D$"), TEXT(""), {N("😀"), N("a")}},
    {TEXT("[\\uD800-\\uDFFF]"), TEXT(""), {N("😀"), N("a")}},
    {TEXT("^[^\\uD800-\\uDFFF]$"), TEXT(""), {Y("😀"), Y("a")}},
    {TEXT("^\\u{D83D}\\u{DE00}$"), TEXT(""), {N("😀")}},
    {TEXT("^[\\uD7FF-\\uE000]$"), TEXT(""), {Y("\uD7FF"), Y("\uE000"), N("\uD7FE")}},
    {TEXT("\\ude00"), TEXT(""), {N("😀")}},
    /* words */
    {TEXT("\\bcat\\b"), TEXT(""), {Y("the cat sat"), N("concat"), Y("cat")}},
    {TEXT("\\Bcat"), TEXT(""), {Y("concat"), N("cat")}},
    {TEXT("é\\b"), TEXT(""), {N("é"), Y("éa")}},
    {TEXT("^\\b"), TEXT(""), {Y("a"), N("é"), N("")}},
    {TEXT("^\\B$"), TEXT(""), {Y("")}},
    {TEXT("a\\b_"), TEXT(""), {N("a_")}},
    /* groups and alternatives */
    {TEXT("^(a|b)c$"), TEXT(""), {Y("ac"), Y("bc"), N("c")}},
    {TEXT("^(?:a|b)c$"), TEXT(""), {Y("bc")}},
    {TEXT("a|"), TEXT(""), {Y("b")}},
    {TEXT("|a"), TEXT(""), {Y("b")}},
    {TEXT("^(|a)b$"), TEXT(""), {Y("b"), Y("ab")}},
    {TEXT("^(?:)$"), TEXT(""), {Y(""), N("a")}},
    {TEXT("()"), TEXT(""), {Y("")}},
    {TEXT("^(?<year>\\d{4})-(?<month>\\d\\d)$"), TEXT(""), {Y("2024-01"), N("24-01")}},
    {TEXT("(?<$>a)(?<_1>b)(?<é>c)"), TEXT(""), {Y("abc"), N("ab")}},
    {TEXT("^(a(b(c)))$"), TEXT(""), {Y("abc")}},
    {TEXT("a|b|c|d"), TEXT(""), {Y("d"), N("e")}},
    /* quantifiers */
    {TEXT("^a*$"), TEXT(""), {Y(""), Y("aaa"), N("b")}},
    {TEXT("^a+$"), TEXT(""), {N(""), Y("aa")}},
    {TEXT("^a?$"), TEXT(""), {Y(""), Y("a"), N("aa")}},
    {TEXT("^a{2}$"), TEXT(""), {N("a"), Y("aa"), N("aaa")}},
    {TEXT("^a{2,}$"), TEXT(""), {N("a"), Y("aaa")}},
    {TEXT("^a{2,3}$"), TEXT(""), {N("a"), Y("aaa"), N("aaaa")}},
    {TEXT("^a{0}b$"), TEXT(""), {Y("b"), N("ab")}},
    {TEXT("^a{0,0}b$"), TEXT(""), {Y("b"), N("ab")}},
    {TEXT("^(?:ab){2}$"), TEXT(""), {Y("abab"), N("ab")}},
    {TEXT("^a*?$"), TEXT(""), {Y("aaa")}},
    {TEXT("^a+?b$"), TEXT(""), {Y("aab")}},
    {TEXT("^a??b$"), TEXT(""), {Y("b"), Y("ab")}},
    {TEXT("^a{2,3}?$"), TEXT(""), {Y("aaa"), N("a")}},
    {TEXT("^<.+?>$"), TEXT(""), {Y("<a><b>")}},
    {TEXT("^(?:a|ab)(?:c|bcd)(?:d*)$"), TEXT(""), {Y("abcd")}},
    {TEXT("^\\d{3}-\\d{4}$"), TEXT(""), {Y("555-1234"), N("5555-123")}},
    {TEXT("^(?:a*)*$"), TEXT(""), {Y("aaa"), N("b")}},
    {TEXT("^(?:a?){3}$"), TEXT(""), {Y("aa"), N("aaaa")}},
    {TEXT("^(?:|a)+$"), TEXT(""), {Y("aaa"), N("b")}},
    {TEXT("^.{3,5}$"), TEXT(""), {N("ab"), Y("abc"), Y("😀😀😀"), N("abcdef")}},
    {TEXT("^[^,]{20,}$"), TEXT(""), {Y("aaaaaaaaaaaaaaaaaaaa"), N("aaaaaaaaaaaaaaaaaaa")}},
    {TEXT("^a{0,100}b$"), TEXT(""), {Y("aaab"), N("aaa")}},
    {TEXT("^(?:a{0,2}){2}b"), TEXT(""), {Y("aaaab"), N("aaaaab")}},
    /* back references */
    {TEXT("^(a+)-\\1$"), TEXT(""), {Y("aa-aa"), N("aa-a")}},
    {TEXT("^(?<q>['\"]).*\\k<q>$"), TEXT(""), {Y("'a'"), N("'a\"")}},
    {TEXT("^(?:(a)|b)\\1$"), TEXT(""), {Y("aa"), Y("b"), N("ab")}},
    {TEXT("^(a)?b\\1$"), TEXT(""), {Y("aba"), Y("b"), N("ab")}},
    {TEXT("\\1(a)"), TEXT(""), {Y("a"), N("b")}},
    {TEXT("^\\k<n>(?<n>a)$"), TEXT(""), {Y("a"), N("aa")}},
    {TEXT("^(a\\1)$"), TEXT(""), {Y("a"), N("aa")}},
    {TEXT("^(?:(a)|b\\1)$"), TEXT(""), {Y("a"), Y("b"), N("ba")}},
    {TEXT("^(?!(a))\\1b$"), TEXT(""), {Y("b"), N("ab")}},
    {TEXT("^(?=(a+))\\1$"), TEXT(""), {Y("aa"), N("ab")}},
    {TEXT("^(.)(.)\\2\\1$"), TEXT(""), {Y("abba"), N("abab")}},
    {TEXT("^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10$"), TEXT(""), {Y("abcdefghijj"), N("abcdefghija0")}},
    {TEXT("^(a)\\1{2}$"), TEXT(""), {Y("aaa"), N("aa")}},
    {TEXT("^(é+)\\1$"), TEXT(""), {Y("éé"), N("é")}},
    {TEXT("(\\w)\\1"), TEXT(""), {Y("hello"), N("helo")}},
    {TEXT("^(?:(\\w)(?!.*\\1))+$"), TEXT(""), {Y("abc"), N("abca")}},
    {TEXT("^(?:([\"'])[^\"']*\\1|[^\"'])*$"), TEXT(""), {Y("a \"b\" 'c' d"), N("a \"b' c")}},
    {TEXT("^(a+)\\1+$"), TEXT(""), {Y("aaaa"), Y("aaa"), Y("aaaaa"), N("a")}},
    {TEXT("^(a)[\\0]?\\1$"), TEXT(""), {Y("aa")}},
    /* lookaround */
    {TEXT("^(?=.*\\d)(?=.*[a-z]).{4,}$"), TEXT(""), {Y("abc1"), N("abcd"), N("ab1")}},
    {TEXT("a(?=b)"), TEXT(""), {Y("ab"), N("ac")}},
    {TEXT("a(?!b)"), TEXT(""), {N("ab"), Y("ac"), Y("a")}},
    {TEXT("(?<=\\$)\\d+"), TEXT(""), {Y("$42"), N("42")}},
    {TEXT("(?<!\\$)\\b\\d+"), TEXT(""), {N("$42"), Y("42")}},
    {TEXT("(?<=a|bc)d"), TEXT(""), {Y("ad"), Y("bcd"), N("cd")}},
    {TEXT("(?<=^|,)x"), TEXT(""), {Y("x"), Y("a,x"), N("ax")}},
    {TEXT("(?<=\\bfoo)bar"), TEXT(""), {Y("foobar"), N("xfoobar")}},
    {TEXT("(?<![a-z]{2})\\d$"), TEXT(""), {N("ab1"), Y("a1"), Y("1")}},
    {TEXT("(?<=(?=a)a)b"), TEXT(""), {Y("ab"), N("bb")}},
    {TEXT("(?<=(\\d{2})):\\1"), TEXT(""), {Y("12:12"), N("12:21")}},
    {TEXT("(?<=é😀)x"), TEXT(""), {Y("é😀x"), N("😀x")}},
    {TEXT("(?=(?!a))."), TEXT(""), {N("a"), Y("b")}},
    {TEXT("^(?!.*(?:foo|bar)).*$"), TEXT(""), {Y("baz"), N("a bar")}},
    {TEXT("(?<=a{3})b"), TEXT(""), {Y("aaab"), N("aab")}},
    {TEXT("(?<!^)a"), TEXT(""), {N("a"), Y("ba")}},
    {TEXT("(?=)"), TEXT(""), {Y("")}},
    {TEXT("(?!)"), TEXT(""), {N("")}},
    {TEXT("(?<=)a"), TEXT(""), {Y("a")}},
    {TEXT("(?<!)a"), TEXT(""), {N("a")}},
    {TEXT("(?=a)\\w*a"), TEXT(""), {Y("a"), Y("ba"), N("b")}},
    {TEXT("(?=ab).*a"), TEXT(""), {Y("ab")}},
    {TEXT("((?=ab))\\1a+"), TEXT(""), {Y("aab"), N("ba")}},
    {TEXT("(?=x)[xy]?x"), TEXT(""), {Y("x"), Y("yx")}},
    /* flag i: simple case folding */
    {TEXT("^straße$"), TEXT("i"), {N("STRASSE"), Y("STRAßE"), Y("STRAẞE")}},
    {TEXT("k"), TEXT("i"), {Y("K"), Y("K")}},
    {TEXT("K"), TEXT("i"), {Y("k")}},
    {TEXT("s"), TEXT("i"), {Y("ſ")}},
    {TEXT("^[a-z]$"), TEXT("i"), {Y("Q"), Y("ſ"), Y("K"), N("é")}},
    {TEXT("^\\w$"), TEXT("i"), {Y("ſ"), Y("K"), N("é")}},
    {TEXT("^\\W$"), TEXT("i"), {N("ſ"), Y("é")}},
    {TEXT("^[\\W]$"), TEXT("i"), {N("K"), Y("-")}},
    {TEXT("^[^\\W]$"), TEXT("i"), {Y("K"), N("-")}},
    {TEXT("^\\w$"), TEXT(""), {N("ſ")}},
    {TEXT("\\u017f\\b"), TEXT("i"), {Y("ſ")}},
    {TEXT("\\u017f\\b"), TEXT(""), {N("ſ")}},
    {TEXT("a\\B\\u212a"), TEXT("i"), {Y("ak")}},
    {TEXT("^É$"), TEXT("i"), {Y("é"), N("e")}},
    {TEXT("^σ$"), TEXT("i"), {Y("ς"), Y("Σ")}},
    {TEXT("^[^x]$"), TEXT("i"), {N("X"), Y("y")}},
    {TEXT("^(a)\\1$"), TEXT("i"), {Y("aA")}},
    {TEXT("^\\u0130$"), TEXT("i"), {N("i"), Y("İ")}},
    {TEXT("^µ$"), TEXT("i"), {Y("μ")}},
    {TEXT("^\\p{L}$"), TEXT("i"), {Y("\u0345"), N("5")}},
    {TEXT("^\\P{L}$"), TEXT("i"), {Y("ι"), N("a"), Y("5")}},
    {TEXT("^[^\\p{L}]$"), TEXT("i"), {N("\u0345"), Y("5")}},
    {TEXT("^\\p{Script=Greek}$"), TEXT("i"), {Y("µ"), N("a")}},
    {TEXT("^\\p{ASCII}$"), TEXT("i"), {Y("K"), N("é")}},
    {TEXT("^[Ⅰ]$"), TEXT("i"), {Y("ⅰ")}},
    {TEXT("^ⓐ$"), TEXT("i"), {Y("Ⓐ")}},
    /* Unicode properties */
    {TEXT("^\\p{L}+$"), TEXT(""), {Y("aéß中"), N("a1")}},
    {TEXT("^\\p{Lu}\\p{Ll}+$"), TEXT(""), {Y("Élan"), N("élan")}},
    {TEXT("^\\P{L}+$"), TEXT(""), {Y("123"), N("a")}},
    {TEXT("^\\p{General_Category=Uppercase_Letter}$"), TEXT(""), {Y("A"), N("a")}},
    {TEXT("^\\p{gc=Nd}$"), TEXT(""), {Y("٣"), N("½")}},
    {TEXT("^\\p{N}$"), TEXT(""), {Y("½")}},
    {TEXT("^\\p{Script=Greek}+$"), TEXT(""), {Y("αβγ"), N("abc")}},
    {TEXT("^\\p{sc=Cyrl}$"), TEXT(""), {Y("ж"), N("z")}},
    {TEXT("^\\p{Script_Extensions=Hira}$"), TEXT(""), {Y("ー"), N("ア")}},
    {TEXT("^\\p{sc=Hira}$"), TEXT(""), {N("ー"), Y("あ")}},
    {TEXT("^\\p{Emoji_Presentation}$"), TEXT(""), {Y("😀"), N("a")}},
    {TEXT("^\\p{Extended_Pictographic}$"), TEXT(""), {Y("❤"), N("a")}},
    {TEXT("^\\p{Any}$"), TEXT(""), {Y("\n")}},
    {TEXT("^\\p{Assigned}$"), TEXT(""), {Y("a"), N("\u0378")}},
    {TEXT("^\\P{Assigned}$"), TEXT(""), {N("a"), Y("\u0378")}},
    {TEXT("^\\p{ASCII}$"), TEXT(""), {Y("a"), N("é")}},
    {TEXT("^\\p{Alphabetic}$"), TEXT(""), {Y("ª"), N("1")}},
    {TEXT("^\\p{White_Space}$"), TEXT(""), {Y("\302\205"), N("\uFEFF")}},
    {TEXT("^\\p{ID_Start}\\p{ID_Continue}*$"), TEXT(""), {Y("x1"), N("1x")}},
    {TEXT("^[\\p{L}\\p{N}_]+$"), TEXT(""), {Y("né_1"), N("a-b")}},
    {TEXT("^[^\\p{P}]$"), TEXT(""), {N("!"), Y("a")}},
    {TEXT("^\\p{Lowercase}$"), TEXT(""), {Y("ª"), N("A")}},
    {TEXT("^\\p{punct}$"), TEXT(""), {Y("-"), N("+")}},
    {TEXT("^\\p{Sc}$"), TEXT(""), {Y("€"), N("c")}},
    {TEXT("^\\p{LC}$"), TEXT(""), {Y("ǅ"), N("ª")}},
    /* what unicode mode forbids but means plainly */
    {TEXT("^a{$"), TEXT(""), {Y("a{")}},
    {TEXT("^{{name}}$"), TEXT(""), {Y("{{name}}"), N("name")}},
    {TEXT("^a{1$"), TEXT(""), {Y("a{1")}},
    {TEXT("^a{b}$"), TEXT(""), {Y("a{b}")}},
    {TEXT("^a}$"), TEXT(""), {Y("a}")}},
    {TEXT("^]$"), TEXT(""), {Y("]")}},
    {TEXT("^[\\w-.]+$"), TEXT(""), {Y("a-b.c"), N("a b")}},
    {TEXT("^[.-\\w]+$"), TEXT(""), {Y("a-b."), N("a/b")}},
    {TEXT("^[\\w-a-z]$"), TEXT(""), {Y("-"), N("~")}},
    {TEXT("^\\\"\\'\\ \\#\\@\\_\\%\\-$"), TEXT(""), {Y("\"' #@_%-")}},
    {TEXT("^\\:\\!\\,\\;\\=\\&\\~\\`\\<\\>$"), TEXT(""), {Y(":!,;=&~`<>")}},
    {TEXT("^\\é$"), TEXT(""), {Y("é")}},
    /* patterns of everyday */
    {TEXT("^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$"),
     TEXT(""),
     {Y("ann@example.com"), N("ann@example"), N("ann example.com")}},
    {TEXT("^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}$"),
     TEXT(""),
     {Y("192.168.0.1"), N("256.1.1.1"), N("1.2.3")}},
    {TEXT("^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
     TEXT("i"),
     {Y("123E4567-e89b-12d3-a456-426614174000"), N("123e4567e89b12d3a456426614174000")}},
    {TEXT("^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$"),
     TEXT(""),
     {Y("2024-02-29"), N("2024-13-01")}},
    {TEXT("^https?:\\/\\/[^\\s/$.?#].[^\\s]*$"),
     TEXT("i"),
     {Y("HTTPS://example.com/a?b#c"), N("ftp://example.com")}},
    {TEXT("^#?(?:[0-9a-f]{3}){1,2}$"), TEXT("i"), {Y("#FFaa00"), N("#FFaa0")}},
    {TEXT("^(?=.*[A-Z])(?=.*\\d)(?=.*[^\\w\\s]).{8,}$"),
     TEXT(""),
     {Y("Passw0rd!"), N("Password1")}},
    {TEXT("^[a-z0-9]+(?:-[a-z0-9]+)*$"), TEXT(""), {Y("a-slug-1"), N("a--b")}},
    {TEXT("^[\\p{L}\\p{M}' -]+$"), TEXT("u"), {Y("Zoë O'Neil-Ng"), N("R2D2")}},
    {TEXT("^(\\p{Extended_Pictographic}|\\p{Emoji_Component})+$"),
     TEXT("u"),
     {Y("👩\u200D💻"), N("a")}},
    {TEXT("^P(?!$)(\\d+Y)?(\\d+M)?(\\d+D)?$"), TEXT(""), {Y("P1Y2M"), N("P")}},
    /* flags that change nothing in a search */
    {TEXT("a"), TEXT("g"), {Y("ba")}},
    {TEXT("a"), TEXT("d"), {Y("ba")}},
    {TEXT("^A.$"), TEXT("gimsu"), {Y("a\n")}},
};

/* ---- helpers --------------------------------------------------------------------------------- */

static inst_regex *compile(const char *source, const char *flags) {
  inst_error error = {0};
  inst_regex *regex =
      inst_regex_new((inst_alloc){0}, inst_str_of(source), inst_str_of(flags), &error);
  if (regex == NULL) fail_msg("%s", error.text);
  return regex;
}

/* 'unit' repeated until there are 'n' bytes or more, then 'end'.  Given. */
static char *make_text(const char *unit, size_t n, const char *end, inst_str *text) {
  size_t size = strlen(unit), count = (n + size - 1) / size;
  char *p = malloc(count * size + strlen(end) + 1);
  assert_non_null(p);
  for (size_t i = 0; i < count; i++) memcpy(p + i * size, unit, size);
  strcpy(p + count * size, end);
  *text = (inst_str){p, count * size + strlen(end)};
  return p;
}

static int search_long(const char *source, const char *unit, size_t n, const char *end,
                       inst_error *error) {
  inst_str text;
  char *p = make_text(unit, n, end, &text);
  inst_regex *regex = compile(source, "");
  *error = (inst_error){0};
  int answer = inst_regex_search(regex, text, error);
  inst_regex_free(regex);
  free(p);
  return answer;
}

static void assert_limit(const char *source, const char *unit, size_t n, const char *end,
                         const char *what) {
  inst_error error;
  int answer = search_long(source, unit, n, end, &error);
  if (answer != -1 || error.code != INST_E_LIMIT || strstr(error.text, what) == NULL)
    fail_msg("%s gave %d, %s, \"%s\"", source, answer, inst_code_name(error.code), error.text);
  assert_non_null(strstr(error.text, source));
}

static void assert_answer(const char *source, const char *unit, size_t n, const char *end,
                          int expected) {
  inst_error error;
  int answer = search_long(source, unit, n, end, &error);
  if (answer != expected) fail_msg("%s gave %d: %s", source, answer, error.text);
}

static void assert_refused(const char *source, const char *text, size_t at) {
  inst_error error = {0};
  assert_null(inst_regex_new((inst_alloc){0}, inst_str_of(source), INST_LIT(""), &error));
  assert_int_equal(error.code, INST_E_USAGE);
  assert_string_equal(error.text, text);
  assert_int_equal(error.offset, at);
}

/* ---- what matches ---------------------------------------------------------------------------- */

static void patterns_match_what_they_match_in_javascript(void **state) {
  (void)state;
  size_t rows = 0;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    inst_error error = {0};
    inst_regex *regex =
        inst_regex_new((inst_alloc){0}, answers[i].source, answers[i].flags, &error);
    if (regex == NULL) fail_msg("%s", error.text);
    for (size_t j = 0; j < SUBJECTS && answers[i].subjects[j].text.p != NULL; j++, rows++) {
      inst_str subject = answers[i].subjects[j].text;
      int answer = inst_regex_search(regex, subject, &error);
      if (answer != answers[i].subjects[j].matches)
        fail_msg("/%s/%s on \"%s\" gives %d", answers[i].source.p, answers[i].flags.p, subject.p,
                 answer);
    }
    assert_int_equal(error.code, INST_E_NONE);
    inst_regex_free(regex);
  }
  assert_true(rows >= 150);
}

static void text_that_is_not_utf8_never_matches(void **state) {
  (void)state;
  static const char *const texts[] = {
      "\x80", "a\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF4\x90\x80\x80"};
  inst_regex *regex = compile("[^]*", "");
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    inst_error error = {0};
    assert_int_equal(inst_regex_search(regex, inst_str_of(texts[i]), &error), 0);
    assert_int_equal(error.code, INST_E_NONE);
  }
  inst_regex_free(regex);
}

static void no_text_is_the_empty_text(void **state) {
  (void)state;
  inst_error error = {0};
  inst_regex *regex =
      inst_regex_new((inst_alloc){0}, (inst_str){NULL, 0}, (inst_str){NULL, 0}, &error);
  assert_non_null(regex);
  assert_int_equal(inst_regex_search(regex, (inst_str){NULL, 0}, &error), 1);
  inst_regex_free(regex);
  inst_regex_free(NULL);
}

static void only_the_length_says_where_a_text_ends(void **state) {
  (void)state;
  inst_error error = {0};
  inst_regex *regex =
      inst_regex_new((inst_alloc){0}, (inst_str){"^ab$cd", 4}, (inst_str){"is", 1}, &error);
  assert_non_null(regex);
  assert_int_equal(inst_regex_search(regex, (inst_str){"ABC", 2}, &error), 1);
  assert_int_equal(inst_regex_search(regex, (inst_str){"ABC", 3}, &error), 0);
  inst_regex_free(regex);
}

/* ---- properties ------------------------------------------------------------------------------ */

/* Divided by blanks. */
static const char properties[] =
    "Letter L Cased_Letter LC Uppercase_Letter Lu Lowercase_Letter Ll Titlecase_Letter Lt "
    "Modifier_Letter Lm Other_Letter Lo Mark M Combining_Mark Nonspacing_Mark Mn Spacing_Mark Mc "
    "Enclosing_Mark Me Number N Decimal_Number Nd digit Letter_Number Nl Other_Number No "
    "Punctuation P punct Connector_Punctuation Pc Dash_Punctuation Pd Open_Punctuation Ps "
    "Close_Punctuation Pe Initial_Punctuation Pi Final_Punctuation Pf Other_Punctuation Po Symbol "
    "S Math_Symbol Sm Currency_Symbol Sc Modifier_Symbol Sk Other_Symbol So Separator Z "
    "Space_Separator Zs Line_Separator Zl Paragraph_Separator Zp Other C Control Cc cntrl Format "
    "Cf Surrogate Cs Private_Use Co Unassigned Cn ASCII ASCII_Hex_Digit AHex Alphabetic Alpha Any "
    "Bidi_Control Bidi_C Bidi_Mirrored Bidi_M Case_Ignorable CI Cased Changes_When_Casefolded "
    "CWCF Changes_When_Casemapped CWCM Changes_When_Lowercased CWL Changes_When_Titlecased CWT "
    "Changes_When_Uppercased CWU Dash Default_Ignorable_Code_Point DI Deprecated Dep Diacritic "
    "Dia Emoji Emoji_Component EComp Emoji_Modifier EMod Emoji_Modifier_Base EBase "
    "Emoji_Presentation EPres Extended_Pictographic ExtPict Extender Ext Grapheme_Base Gr_Base "
    "Grapheme_Extend Gr_Ext Hex_Digit Hex IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST "
    "ID_Continue IDC ID_Start IDS Ideographic Ideo Join_Control Join_C Logical_Order_Exception "
    "LOE Lowercase Lower Math Noncharacter_Code_Point NChar Pattern_Syntax Pat_Syn "
    "Pattern_White_Space Pat_WS Quotation_Mark QMark Radical Regional_Indicator RI "
    "Sentence_Terminal STerm Soft_Dotted SD Terminal_Punctuation Term Unified_Ideograph UIdeo "
    "Uppercase Upper Variation_Selector VS White_Space space XID_Continue XIDC XID_Start XIDS "
    "Assigned gc=Lu General_Category=Letter sc=Latn Script=Latin scx=Hani Script_Extensions=Han "
    "sc=Zyyy sc=Zinh sc=Qaai sc=Unknown sc=Zzzz";

/* Each character has the property or has it not, whichever way that is said. */
static void every_property_name_of_ecmascript_is_known_to_pcre2(void **state) {
  (void)state;
  size_t n;
  for (const char *name = properties; n = strcspn(name, " "), n > 0;
       name += n, name += *name == ' ') {
    char source[256];
    int k = (int)n;
    inst_error error = {0};
    snprintf(source, sizeof source, "^(?:\\p{%.*s}\\P{%.*s}|\\P{%.*s}[\\p{%.*s}])$", k, name, k,
             name, k, name, k, name);
    inst_regex *regex = compile(source, "");
    assert_int_equal(inst_regex_search(regex, INST_LIT("aa"), &error), 0);
    assert_int_equal(inst_regex_search(regex, INST_LIT("\u0345\u0345"), &error), 0);
    inst_regex_free(regex);
  }
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void refusals_name_the_construct_and_its_place(void **state) {
  (void)state;
  assert_refused("(?<=a+)b",
                 "regex \"(?<=a+)b\": lookbehind of unbounded length at 0 cannot be honoured", 0);
  assert_refused("a++", "regex \"a++\": \"+\" at 2 has nothing to repeat", 2);
}

static void properties_pcre2_does_not_know_are_refused(void **state) {
  (void)state;
  assert_refused(
      "a[b\\p{Script=Atlantean}]+",
      "regex \"a[b\\p{Script=Atlantean}]+\": property \"sc:Atlantean\" at 1 is not known to PCRE2",
      1);
  assert_refused(
      "a|\\P{scx=Nowhere}*",
      "regex \"a|\\P{scx=Nowhere}*\": property \"scx:Nowhere\" at 2 is not known to PCRE2", 2);
}

static void patterns_too_large_for_pcre2_are_refused(void **state) {
  (void)state;
  inst_error error = {0};
  assert_null(
      inst_regex_new((inst_alloc){0}, INST_LIT("x(?:(?:ab){999}){999}"), INST_LIT(""), &error));
  assert_int_equal(error.code, INST_E_USAGE);
  assert_non_null(strstr(error.text, "regex \"x(?:(?:ab){999}){999}\": PCRE2 cannot compile it: "));
}

static void groups_nest_as_deeply_as_promised(void **state) {
  (void)state;
  inst_str opened, closed;
  char *left = make_text("(", 200, "a", &opened), *right = make_text(")", 200, "", &closed);
  char source[512];
  snprintf(source, sizeof source, "^%s%s$", left, right);
  inst_regex *regex = compile(source, "i");
  inst_error error = {0};
  assert_int_equal(inst_regex_search(regex, INST_LIT("A"), &error), 1);
  inst_regex_free(regex);
  free(left);
  free(right);
}

static void nobody_has_to_ask_for_the_error(void **state) {
  (void)state;
  assert_null(inst_regex_new((inst_alloc){0}, INST_LIT("("), INST_LIT(""), NULL));
  assert_null(inst_regex_new((inst_alloc){0}, INST_LIT("\\p{sc=Nowhere}"), INST_LIT(""), NULL));
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void catastrophic_patterns_end_at_the_step_limit(void **state) {
  (void)state;
  assert_limit("(a+)+$", "a", 50, "b", "too many steps");
  assert_limit("(a+)+$", "a", 100000, "b", "too many steps");
  assert_limit("^(a|a)*$", "a", 50, "b", "too many steps");
  assert_limit("^(([a-z])+.)+[A-Z]([a-z])+$", "a", 50, "", "too many steps");
  assert_limit("^(?:a?){30}a{30}$", "a", 30, "b", "too many steps");
  assert_limit("^(?=(?:a|aa)+$)", "a", 60, "b", "too many steps");
}

/* Each place where a match may start is within PCRE2's limit; all of them together would take
** minutes. */
static void many_slow_starts_end_at_the_work_limit(void **state) {
  (void)state;
  assert_limit("(?:a|a){14}[bc]", "a", 1000000, "", "too many steps");
  assert_limit("a?a?a?a?a?a?a?a?a?a?a?a?a?a?[bc]", "a", 1000000, "", "too many steps");
  assert_limit("(?:(?:a)?){14}[bc]", "a", 1000000, "", "too many steps");
  assert_limit("a{5000}[bc]", "a", 1000000, "", "too many steps");
  assert_limit("(?=(?:ab)*)[^ab]", "ab", 20000, "", "too many steps");
}

/* Here a step may pass over the whole text, so that PCRE2's own count would allow hours. */
static void quadratic_scans_of_long_texts_end_at_the_work_limit(void **state) {
  (void)state;
  assert_limit("\\s+$", " ", 100000, "x", "too many steps");
  assert_limit("(?=.*x)(?=.*y)", "a", 100000, "", "too many steps");
  assert_limit("(a*?)\\1(?:b|c)", "a", 20000, "", "too many steps");
}

static void quadratic_scans_of_short_texts_end_by_themselves(void **state) {
  (void)state;
  assert_answer("\\s+$", " ", 1000, "x", 0);
  assert_answer("\\s+$", " ", 1000, "", 1);
  assert_answer("a+[bc]", "a", 2000, "", 0);
}

static void backtracking_points_have_a_memory_limit(void **state) {
  (void)state;
  assert_limit("^(?:(a)|(b)|(c)|(d)|(e)|(f)|(g)|(h)|(i)|(j))*$", "abcdefghij", 200000, "",
               "too much memory");
}

static void plain_searches_of_long_texts_are_within_the_limits(void **state) {
  (void)state;
  assert_answer("^[a-z ]+$", "lorem ipsum ", 4000000, "", 1);
  assert_answer("^.*$", "\u00E9", 4000000, "", 1);
  assert_answer("foo[0-9]", "lorem ipsum foo ", 4000000, "", 0);
  assert_answer("^(?:\\w+\\s?)*$", "lorem ipsum ", 100000, "", 1);
  assert_answer("^(?:a|b)*$", "ab", 50000, "", 1);
}

static void a_limit_in_one_search_leaves_the_next_alone(void **state) {
  (void)state;
  inst_regex *regex = compile("(a+)+$", "");
  for (int i = 0; i < 3; i++) {
    inst_error error = {0};
    assert_int_equal(inst_regex_search(regex, INST_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &error),
                     -1);
    assert_int_equal(error.code, INST_E_LIMIT);
    assert_int_equal(inst_regex_search(regex, INST_LIT("aaaa"), &error), 1);
  }
  inst_regex_free(regex);
}

/* ---- threads --------------------------------------------------------------------------------- */

static void *search_often(void *ctx) {
  const inst_regex *regex = ctx;
  size_t wrong = 0;
  for (int i = 0; i < 500; i++) {
    inst_error error = {0};
    wrong += inst_regex_search(regex, INST_LIT("a=1, b=22"), &error) != 1;
    wrong += inst_regex_search(regex, INST_LIT("a=1, b=x"), &error) != 0;
  }
  return wrong == 0 ? ctx : NULL;
}

static void threads_may_share_a_regex(void **state) {
  (void)state;
  inst_regex *regex = compile("^(?:(\\w)=(\\d)\\2?(?:, |$))+$", "");
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, search_often, regex), 0);
  for (size_t i = 0; i < 4; i++) {
    void *result = NULL;
    assert_int_equal(pthread_join(threads[i], &result), 0);
    assert_ptr_equal(result, regex);
  }
  inst_regex_free(regex);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Compiles and searches; false when memory ran out in either. */
static bool compile_and_search(inst_alloc alloc, void *ctx) {
  inst_error error = {0};
  inst_regex *regex = inst_regex_new(alloc, inst_str_of(ctx), INST_LIT("im"), &error);
  int answer = regex != NULL ? inst_regex_search(regex, INST_LIT("x: aab aab"), &error) : -1;
  inst_regex_free(regex);
  assert_int_equal(error.code, answer == 1 ? INST_E_NONE : INST_E_MEMORY);
  return answer == 1;
}

static void every_failed_allocation_is_an_ordinary_error(void **state) {
  (void)state;
  char source[] = "\\b(?<w>a+b)(?:\\s|[^\\W\\d])\\k<w>$";
  assert_true(check_every_failure(compile_and_search, source) > 5);
}

/* A pattern PCRE2 refuses: false when memory ran out before it could. */
static bool compile_in_vain(inst_alloc alloc, void *ctx) {
  inst_error error = {0};
  assert_null(inst_regex_new(alloc, inst_str_of(ctx), INST_LIT(""), &error));
  if (error.code != INST_E_USAGE) assert_int_equal(error.code, INST_E_MEMORY);
  return error.code == INST_E_USAGE;
}

static void refusing_leaks_nothing(void **state) {
  (void)state;
  char unknown[] = "(a)\\p{sc=Nowhere}", bad[] = "(a)+\\1(?<n>b)(";
  check_every_failure(compile_in_vain, unknown);
  check_every_failure(compile_in_vain, bad);
}

/* A search that takes many backtracking points asks for memory more than once. */
static bool search_deeply(inst_alloc alloc, void *ctx) {
  inst_error error = {0};
  inst_str *text = ctx;
  inst_regex *regex = inst_regex_new(alloc, INST_LIT("^(?:(a)|(b))*$"), INST_LIT(""), &error);
  int answer = regex != NULL ? inst_regex_search(regex, *text, &error) : -1;
  inst_regex_free(regex);
  assert_int_equal(error.code, answer == 1 ? INST_E_NONE : INST_E_MEMORY);
  return answer == 1;
}

static void a_search_survives_memory_that_runs_out(void **state) {
  (void)state;
  inst_str text;
  char *p = make_text("ab", 4000, "", &text);
  check_every_failure(search_deeply, &text);
  free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_match_what_they_match_in_javascript),
      cmocka_unit_test(text_that_is_not_utf8_never_matches),
      cmocka_unit_test(no_text_is_the_empty_text),
      cmocka_unit_test(only_the_length_says_where_a_text_ends),
      cmocka_unit_test(every_property_name_of_ecmascript_is_known_to_pcre2),
      cmocka_unit_test(refusals_name_the_construct_and_its_place),
      cmocka_unit_test(properties_pcre2_does_not_know_are_refused),
      cmocka_unit_test(patterns_too_large_for_pcre2_are_refused),
      cmocka_unit_test(groups_nest_as_deeply_as_promised),
      cmocka_unit_test(nobody_has_to_ask_for_the_error),
      cmocka_unit_test(catastrophic_patterns_end_at_the_step_limit),
      cmocka_unit_test(many_slow_starts_end_at_the_work_limit),
      cmocka_unit_test(quadratic_scans_of_long_texts_end_at_the_work_limit),
      cmocka_unit_test(quadratic_scans_of_short_texts_end_by_themselves),
      cmocka_unit_test(backtracking_points_have_a_memory_limit),
      cmocka_unit_test(plain_searches_of_long_texts_are_within_the_limits),
      cmocka_unit_test(a_limit_in_one_search_leaves_the_next_alone),
      cmocka_unit_test(threads_may_share_a_regex),
      cmocka_unit_test(every_failed_allocation_is_an_ordinary_error),
      cmocka_unit_test(refusing_leaks_nothing),
      cmocka_unit_test(a_search_survives_memory_that_runs_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
