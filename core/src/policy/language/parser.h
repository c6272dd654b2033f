/* The parser's inside: recursive descent with one word of lookahead. */
#ifndef AZATTEST_POLICY_PARSER_H
#define AZATTEST_POLICY_PARSER_H

#include "lexer.h"

typedef struct azattest__parser {
    azattest_policy *policy;
    azattest__lexer lexer;
    azattest__lexeme word; /* the next one */
    size_t end;            /* of the last one that was taken, bytes */
    unsigned end_line;     /* the line that it is in */
    size_t failed_at;      /* the word of the last error: none is reported about it again. SIZE_MAX: none yet */
    int section;           /* azattest__section_kind; -1: outside of all */
    bool broken;           /* the rule at hand has an error: it is read on, and does not come into the tree */
    size_t rules, calls;   /* rules of all sections; calls that the expression at hand is in */
    azattest_status limit; /* AZATTEST_E_LIMIT: the error is set, all stops */
    azattest_error **error;
} azattest__parser;

/* What a rule of the grammar is part of, for `rule_path`. */
typedef enum azattest__place {
    AZATTEST__IN_POLICY,
    AZATTEST__IN_VERSION,
    AZATTEST__IN_SECTION,
    AZATTEST__IN_RULE,
    AZATTEST__IN_CONDITION,
    AZATTEST__IN_TEST,
    AZATTEST__IN_ACTION,
    AZATTEST__IN_CLAIM
} azattest__place;

/* names.c: the words of those enumerations, in their order. */
#define AZATTEST__PROPERTIES 4
#define AZATTEST__ACTIONS 5
extern const char *const azattest__property_names[AZATTEST__PROPERTIES];
extern const char *const azattest__action_names[AZATTEST__ACTIONS];
extern const char *const azattest__section_names[AZATTEST__SECTIONS];

/* parser.c */
void azattest__parser_advance(azattest__parser *parser);
/* The word is of that kind: takes it. */
bool azattest__parser_take(azattest__parser *parser, azattest__lexeme_kind kind);
/* The word behind the next one, in silence. */
azattest__lexeme azattest__parser_peek(const azattest__parser *parser);
/* The next word is that one, in any case. */
bool azattest__parser_sees(const azattest__parser *parser, const char *text);
/* It is the keyword of a section, in any case. */
bool azattest__parser_is_section(const azattest__parser *parser, const azattest__lexeme *word);
bool azattest__parser_sees_section(const azattest__parser *parser);
/* An error at the next word; a word that the lexer has reported is not reported again. `expected`: the words of the
 * grammar that would do, a blank between them, classes in capitals ("; STRING"). The message follows, then
 * `, found "..."` is added. False, so that `return azattest__parser_fail(...)` reads well. */
__attribute__((format(printf, 5, 6))) bool azattest__parser_fail(azattest__parser *parser, const char *id,
                                                                 azattest__place place, const char *expected,
                                                                 const char *format, ...);
/* About a span, with a message that stands for itself. */
__attribute__((format(printf, 7, 8))) void azattest__parser_at(azattest__parser *parser, azattest__severity severity,
                                                               const char *id, azattest__span span,
                                                               azattest__place place, const char *expected,
                                                               const char *format, ...);
/* A word of the language in another case than its own. */
void azattest__parser_case(azattest__parser *parser, azattest__span span, azattest__place place, const char *written,
                           const char *right);
/* AZATTEST_E_LIMIT at the next word. False. */
bool azattest__parser_limit(azattest__parser *parser, unsigned most, const char *what);
/* Which of the words of a table the next word is: as it is written, in another case (reported), or the nearest
 * (reported, `what` says what it is: "a section"). -1: none. */
int azattest__parser_choose(azattest__parser *parser, const char *const *table, size_t count, azattest__place place,
                            const char *what);
azattest__span azattest__parser_span(const azattest__parser *parser, azattest__span from);

/* parse_rule.c: one rule with its semicolon. False: it could not be read to its end, and the caller looks for the next
 * one. `out` is complete only if it returns true and the parser is not broken. */
bool azattest__parse_rule(azattest__parser *parser, azattest__rule *out);
/* parse_expression.c */
bool azattest__parse_expression(azattest__parser *parser, azattest__place place, azattest__expression **out);
bool azattest__parse_property(azattest__parser *parser, azattest__place place, azattest__property *out);

#endif
