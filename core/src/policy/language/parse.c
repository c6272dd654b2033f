/* The policy as a whole: version and sections. */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../../crypto/policy_text.h"

/* ---- going on after an error ---- */

/* A string that is not closed has swallowed the rest of its line, and with it the end of its rule: an action's. */
static bool has_end_of_rule(const azattest__parser *parser)
{
    azattest_bytes source = azattest__policy_source(parser->policy, parser->word.span);

    return parser->word.kind == AZATTEST__BAD && memmem(source.ptr, source.len, ");", 2) != NULL;
}

/* Leaves out what cannot be understood, up to a section, a closing brace, or the end; up to and with the end of the
 * rule too where rules are. */
static void recover(azattest__parser *parser, bool rules)
{
    bool over = false;

    parser->lexer.quiet = true;
    while (!over && parser->word.kind != AZATTEST__END && !azattest__parser_sees_section(parser)) {
        if (rules && (parser->word.kind == AZATTEST__BRACE_CLOSE || parser->word.kind == AZATTEST__SEMICOLON))
            break;
        over = rules && has_end_of_rule(parser);
        parser->lexer.quiet = !over;
        azattest__parser_advance(parser);
    }
    parser->lexer.quiet = false;
    if (rules && !over)
        azattest__parser_take(parser, AZATTEST__SEMICOLON);
}

/* ---- version=1.0; ---- */

static void version_number(azattest__parser *parser)
{
    azattest_policy *policy = parser->policy;
    azattest_bytes text = azattest__policy_source(policy, parser->word.span);
    bool quoted = parser->word.kind == AZATTEST__QUOTED;

    policy->version_span = parser->word.span;
    if (quoted)
        text = azattest__bytes(parser->word.text, parser->word.text_len);
    for (int version = 10; version <= 12; version++)
        if (azattest__bytes_equal_text(text, azattest__version_text(version)))
            policy->version = version;
    if (quoted && policy->version != 0)
        azattest__parser_at(parser, AZATTEST__ERROR, "syntax", parser->word.span, AZATTEST__IN_VERSION,
                            azattest__version_text(policy->version), "the version stands without quotes: version=%s;",
                            azattest__version_text(policy->version));
    else if (policy->version == 0)
        azattest__parser_at(parser, AZATTEST__ERROR, "unknown-version", parser->word.span, AZATTEST__IN_VERSION,
                            "1.0 1.1 1.2", "there is no version %.*s of the language: 1.0, 1.1 and 1.2 are known",
                            (int)(parser->word.span.length < 40 ? parser->word.span.length : 40),
                            policy->text + parser->word.span.offset);
    azattest__parser_advance(parser);
}

static bool version_statement(azattest__parser *parser)
{
    static const char *const keyword[] = { "version" };

    if (azattest__parser_choose(parser, keyword, 1, AZATTEST__IN_VERSION, "word that a policy begins with") < 0)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_VERSION, "version",
                                     "a policy begins with its version (version=1.0;)");
    azattest__parser_advance(parser);
    if (parser->word.kind == AZATTEST__COMPARE && parser->word.op == AZATTEST__EQUAL)
        azattest__parser_at(parser, AZATTEST__ERROR, "double-equals", parser->word.span, AZATTEST__IN_VERSION, "=",
                            "== compares: the version is given with =");
    else if (parser->word.kind != AZATTEST__ASSIGN)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_VERSION, "=",
                                     "expected = and the version (version=1.0;)");
    azattest__parser_advance(parser);
    if (parser->word.kind != AZATTEST__FRACTION && parser->word.kind != AZATTEST__NUMBER &&
        parser->word.kind != AZATTEST__QUOTED)
        return azattest__parser_fail(parser, "unknown-version", AZATTEST__IN_VERSION, "1.0 1.1 1.2",
                                     "expected the version, 1.0, 1.1 or 1.2");
    version_number(parser);
    return azattest__parser_take(parser, AZATTEST__SEMICOLON) ||
           azattest__parser_fail(parser, "missing-semicolon", AZATTEST__IN_VERSION, ";",
                                 "expected ; behind the version (line %u)", parser->end_line);
}

/* ---- sections ---- */

static bool begins_rule(const azattest__parser *parser)
{
    switch (parser->word.kind) {
    case AZATTEST__ARROW:
    case AZATTEST__BRACKET_OPEN:
    case AZATTEST__NOT:
    case AZATTEST__WORD:
        return true;
    default:
        return false;
    }
}

/* A semicolon where a rule is expected: the section's own, whose brace is missing, or one too many, which is taken. */
static bool ends_section(azattest__parser *parser)
{
    azattest__lexeme next = azattest__parser_peek(parser);

    if (next.kind == AZATTEST__END || azattest__parser_is_section(parser, &next))
        return true;
    azattest__parser_fail(parser, "syntax", AZATTEST__IN_SECTION, "}", "one ; too many");
    azattest__parser_advance(parser);
    return false;
}

static void rules(azattest__parser *parser, azattest__section *section)
{
    azattest__arena *arena = &parser->policy->arena;
    size_t capacity = section->rule_count; /* a section that is there twice goes on, in a new array */

    while (parser->limit == AZATTEST_OK && parser->word.kind != AZATTEST__BRACE_CLOSE &&
           parser->word.kind != AZATTEST__END && !azattest__parser_sees_section(parser)) {
        azattest__rule rule = { .condition_count = 0 };

        if (parser->word.kind == AZATTEST__SEMICOLON) {
            if (ends_section(parser))
                return;
            continue;
        }
        if (++parser->rules > AZATTEST_LIMIT_POLICY_RULES) {
            azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_RULES, "rules");
            return;
        }
        parser->broken = false;
        if (!azattest__parse_rule(parser, &rule))
            recover(parser, true);
        else if (!parser->broken &&
                 azattest__arena_grow(arena, (void **)&section->rules, section->rule_count, &capacity, sizeof(rule)))
            section->rules[section->rule_count++] = rule;
    }
}

/* Behind the section's keyword. */
static void section_body(azattest__parser *parser, const char *name, azattest__section *section)
{
    if (!azattest__parser_take(parser, AZATTEST__BRACE_OPEN)) {
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_SECTION, "{", "expected { behind %s", name);
        if (!begins_rule(parser) || azattest__parser_sees_section(parser)) {
            recover(parser, false);
            return;
        }
    }
    rules(parser, section);
    if (parser->limit != AZATTEST_OK)
        return;
    if (!azattest__parser_take(parser, AZATTEST__BRACE_CLOSE)) {
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_SECTION, "}", "%s is not closed: expected }", name);
        azattest__parser_take(parser, AZATTEST__SEMICOLON);
    } else if (!azattest__parser_take(parser, AZATTEST__SEMICOLON)) {
        azattest__parser_fail(parser, "missing-semicolon", AZATTEST__IN_POLICY, ";",
                              "expected ; behind the } that closes %s (line %u)", name, parser->end_line);
    }
}

/* Sections that were read so far, and the first one that stood before authorizationrules should. */
typedef struct order {
    int last;
    azattest__span early;
    bool is_early;
    bool lost; /* text was left out, and a section may have been in it */
} order;

static void check_order(azattest__parser *parser, order *seen, int kind)
{
    const azattest__section *sections = parser->policy->sections;
    const char *name = azattest__section_names[kind];

    if (sections[kind].present) {
        azattest__parser_at(parser, AZATTEST__ERROR, "section-order", parser->word.span, AZATTEST__IN_POLICY, NULL,
                            "%s is here for the second time (first in line %u): a policy has it once", name,
                            sections[kind].span.line);
    } else if (kind < seen->last && !(kind == AZATTEST__AUTHORIZATION && seen->is_early)) {
        azattest__parser_at(parser, AZATTEST__ERROR, "section-order", parser->word.span, AZATTEST__IN_POLICY, NULL,
                            "%s has to stand before %s", name, azattest__section_names[kind + 1]);
    } else if (kind == AZATTEST__ISSUANCE && !sections[AZATTEST__AUTHORIZATION].present) {
        /* What is wrong with it turns out at the end: authorizationrules comes later, or not at all. */
        seen->early = parser->word.span;
        seen->is_early = true;
    }
    if (kind > seen->last)
        seen->last = kind;
}

static void check_authorization(azattest__parser *parser, const order *seen)
{
    bool present = parser->policy->sections[AZATTEST__AUTHORIZATION].present;

    if (seen->is_early && present)
        azattest__parser_at(parser, AZATTEST__ERROR, "section-order", seen->early, AZATTEST__IN_POLICY,
                            "configurationrules authorizationrules",
                            "issuancerules has to stand behind authorizationrules");
    else if (seen->is_early && !seen->lost)
        azattest__parser_at(parser, AZATTEST__ERROR, "missing-section", seen->early, AZATTEST__IN_POLICY,
                            "configurationrules authorizationrules",
                            "authorizationrules is missing: every policy has it, and it comes before issuancerules");
    else if (!seen->is_early && !present && !seen->lost)
        azattest__parser_fail(parser, "missing-section", AZATTEST__IN_POLICY, "configurationrules authorizationrules",
                              "authorizationrules is missing: every policy has it");
}

static void section(azattest__parser *parser, order *seen, int kind)
{
    azattest__section *section = &parser->policy->sections[kind];
    azattest__span from = parser->word.span;

    check_order(parser, seen, kind);
    parser->section = kind;
    azattest__parser_advance(parser);
    section_body(parser, azattest__section_names[kind], section);
    parser->section = -1;
    if (!section->present) {
        section->span = azattest__parser_span(parser, from);
        section->keyword = from;
    }
    section->present = true;
}

/* Anything else that stands where a section is expected. */
static void stray(azattest__parser *parser, order *seen)
{
    if (parser->word.kind == AZATTEST__SEMICOLON) {
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_POLICY, "EOF", "one ; too many");
        azattest__parser_advance(parser);
        return;
    }
    seen->lost = true;
    if (azattest__parser_sees(parser, "version"))
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_POLICY, "EOF",
                              "the version stands once, at the beginning");
    else if (parser->policy->sections[AZATTEST__ISSUANCE].present)
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_POLICY, "EOF",
                              "expected the end of the text behind the last section");
    else
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_POLICY,
                              "configurationrules authorizationrules issuancerules",
                              "expected a section: configurationrules, authorizationrules or issuancerules");
    recover(parser, false);
}

static void sections(azattest__parser *parser)
{
    order seen = { .last = -1 };

    while (parser->limit == AZATTEST_OK && parser->word.kind != AZATTEST__END) {
        int kind = azattest__parser_choose(parser, azattest__section_names, AZATTEST__SECTIONS, AZATTEST__IN_POLICY,
                                           "section");

        if (kind >= 0)
            section(parser, &seen, kind);
        else
            stray(parser, &seen);
    }
    if (parser->limit == AZATTEST_OK)
        check_authorization(parser, &seen);
}

/* ---- texts that are no policies at all ---- */

static bool is_something_else(azattest__parser *parser)
{
    const char *p = parser->policy->text + parser->word.span.offset;

    if (parser->word.kind == AZATTEST__END)
        return !azattest__parser_fail(parser, "syntax", AZATTEST__IN_POLICY, "version",
                                      "there is no policy in this text: it begins with its version (version=1.0;)");
    if (parser->word.kind == AZATTEST__BRACE_OPEN || parser->word.kind == AZATTEST__BRACKET_OPEN) {
        p++;
        p += strspn(p, " \t\r\n");
        if (*p == '"' || *p == '}' || *p == '{')
            return !azattest__parser_fail(parser, "json-policy", AZATTEST__IN_VERSION, "version",
                                          "this is JSON, perhaps a policy of the preview of 2019, which no service "
                                          "takes any more: a policy begins with its version (version=1.0;)");
    }
    if (strncmp(p, "eyJ", 3) == 0)
        return !azattest__parser_fail(
            parser, "syntax", AZATTEST__IN_VERSION, "version",
            "this looks like a policy token, which has the policy's text inside in base64url");
    return false;
}

static void byte_order_mark(azattest__parser *parser)
{
    static const char mark[] = "\xef\xbb\xbf";
    azattest__span span = { 0, sizeof(mark) - 1, 1, 1 };

    if (strncmp(parser->policy->text, mark, sizeof(mark) - 1) != 0)
        return;
    parser->policy->has_bom = true;
    parser->lexer.at = sizeof(mark) - 1;
    azattest__parser_at(parser, azattest__strictly(parser->policy), "byte-order-mark", span, AZATTEST__IN_VERSION,
                        "version",
                        "the text begins with a byte order mark: save it as UTF-8 without one; it changes the hash");
}

static void parse(azattest__parser *parser)
{
    byte_order_mark(parser);
    azattest__parser_advance(parser);
    if (is_something_else(parser))
        return;
    if (!version_statement(parser) && !azattest__parser_sees_section(parser)) {
        size_t before = parser->policy->diagnostics.count;

        recover(parser, false);
        /* Without any section there is nothing to add to what was said. */
        if (parser->word.kind == AZATTEST__END && before > 0)
            return;
    }
    sections(parser);
}

azattest_status azattest__policy_read(azattest_bytes text, bool lenient, const char *attestation_type,
                                      azattest_policy **out, azattest_error **error)
{
    azattest__parser parser = { .section = -1, .failed_at = SIZE_MAX, .error = error };
    azattest_policy *policy = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__policy_text_check(text, error)) != AZATTEST_OK)
        return status;
    if ((policy = azattest__policy_new(text, lenient, attestation_type)) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__policy_text_hash(text, policy->hash, error)) != AZATTEST_OK)
        goto done;
    parser.policy = policy;
    azattest__lexer_init(&parser.lexer, policy);
    parse(&parser);
    azattest__diagnostics_sort(&policy->diagnostics);
    if (parser.limit != AZATTEST_OK)
        status = parser.limit;
    else if (policy->diagnostics.no_memory || policy->arena.status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (policy->arena.status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_LIMIT, "policy: its tree takes more than %u bytes",
                                     AZATTEST_LIMIT_POLICY_TREE);
    if (status != AZATTEST_OK)
        goto done;
    *out = policy;
    policy = NULL;
done:
    azattest_policy_free(policy);
    return status;
}
