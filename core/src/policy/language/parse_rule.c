/* One rule: conditions => action; */
#include "parser.h"

#include <azattest/limits.h>

/* ---- conditions ---- */

static bool begins_expression(const azattest__parser *parser)
{
    return parser->word.kind == AZATTEST__QUOTED || parser->word.kind == AZATTEST__NUMBER ||
           parser->word.kind == AZATTEST__FRACTION || parser->word.kind == AZATTEST__WORD;
}

static bool comparison(azattest__parser *parser, azattest__operator *op)
{
    azattest__lexeme word = parser->word;

    if (word.kind == AZATTEST__COMPARE) {
        *op = word.op;
        azattest__parser_advance(parser);
        return true;
    }
    if (word.kind == AZATTEST__ASSIGN) {
        *op = AZATTEST__EQUAL;
        azattest__parser_advance(parser);
        azattest__parser_at(parser, AZATTEST__ERROR, "single-equals", word.span, AZATTEST__IN_TEST,
                            "== != < <= > >=", "= assigns: a condition compares with ==");
        return true;
    }
    if (word.kind == AZATTEST__ARROW) {
        *op = AZATTEST__GREATER_OR_EQUAL;
        azattest__parser_advance(parser);
        if (begins_expression(parser)) {
            azattest__parser_at(parser, AZATTEST__ERROR, "syntax", word.span, AZATTEST__IN_TEST,
                                "== != < <= > >=", "=> begins the action: \"not less than\" is written >=");
            return true;
        }
    }
    return azattest__parser_fail(parser, "syntax", AZATTEST__IN_TEST,
                                 "== != < <= > >=", "expected a comparison: one of == != < <= > >=");
}

static bool test(azattest__parser *parser, azattest__test *out)
{
    azattest__span from = parser->word.span;

    if (!azattest__parse_property(parser, AZATTEST__IN_TEST, &out->property) || !comparison(parser, &out->op) ||
        !azattest__parse_expression(parser, AZATTEST__IN_TEST, &out->expression))
        return false;
    out->span = azattest__parser_span(parser, from);
    return true;
}

/* At &&: another condition follows it, and not another test. */
static bool condition_follows(const azattest__parser *parser)
{
    azattest__lexeme next = azattest__parser_peek(parser);
    azattest_bytes text = azattest__policy_source(parser->policy, next.span);

    if (next.kind == AZATTEST__BRACKET_OPEN || next.kind == AZATTEST__NOT)
        return true;
    for (size_t i = 0; i < AZATTEST__PROPERTIES; i++)
        if (azattest__bytes_equal_text(text, azattest__property_names[i]))
            return false;
    return next.kind == AZATTEST__WORD;
}

/* Between two tests: a comma. */
static bool another_test(azattest__parser *parser, bool *more)
{
    *more = true;
    if (azattest__parser_take(parser, AZATTEST__COMMA))
        return true;
    if (parser->word.kind == AZATTEST__AND && condition_follows(parser)) {
        *more = false;
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, ", ]",
                              "expected ] at the end of the condition");
        return true;
    }
    if (parser->word.kind == AZATTEST__AND) {
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, ", ]",
                              "the tests of one condition are joined by commas");
        azattest__parser_advance(parser);
        return true;
    }
    *more = false;
    return azattest__parser_take(parser, AZATTEST__BRACKET_CLOSE) ||
           azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, ", ]",
                                 "expected , and another test, or ] at the end of the condition");
}

static bool tests(azattest__parser *parser, azattest__condition *out)
{
    size_t capacity = 0;
    bool more = true;

    while (more) {
        azattest__test *one;

        if (out->test_count == AZATTEST_LIMIT_POLICY_CONDITIONS)
            return azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_CONDITIONS, "tests in one condition");
        if (!azattest__arena_grow(&parser->policy->arena, (void **)&out->tests, out->test_count, &capacity,
                                  sizeof(*one)))
            return false;
        one = &out->tests[out->test_count];
        *one = (azattest__test){ .expression = NULL };
        if (!test(parser, one))
            return false;
        out->test_count++;
        if (!another_test(parser, &more))
            return false;
    }
    return true;
}

static bool identifier(azattest__parser *parser, const char **out)
{
    azattest_bytes text = azattest__policy_source(parser->policy, parser->word.span);

    *out = azattest__arena_text(&parser->policy->arena, text.ptr, text.len);
    azattest__parser_advance(parser);
    return *out != NULL;
}

static bool condition(azattest__parser *parser, azattest__condition *out)
{
    azattest__span from = parser->word.span;
    azattest__lexeme name;

    out->negated = azattest__parser_take(parser, AZATTEST__NOT);
    if (parser->word.kind == AZATTEST__WORD) {
        name = parser->word;
        if (!identifier(parser, &out->identifier))
            return false;
        if (parser->word.kind == AZATTEST__PARENTHESIS_OPEN)
            return azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "=>",
                                         "an action stands behind => (=> permit();)");
        if (parser->word.kind == AZATTEST__BRACKET_OPEN)
            azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, ":",
                                  "expected : between the identifier %.*s and its condition",
                                  (int)(name.span.length < 40 ? name.span.length : 40),
                                  parser->policy->text + name.span.offset);
        else if (!azattest__parser_take(parser, AZATTEST__COLON))
            return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, ":",
                                         "expected a rule: conditions as in c:[type==\"x\"], => and an action");
    }
    if (!azattest__parser_take(parser, AZATTEST__BRACKET_OPEN))
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CONDITION, "[",
                                     parser->word.kind == AZATTEST__PARENTHESIS_OPEN
                                         ? "conditions stand in brackets, and nothing groups them: write a rule for "
                                           "each alternative"
                                         : "expected [ and a condition");
    if (!tests(parser, out))
        return false;
    out->span = azattest__parser_span(parser, from);
    return true;
}

/* Behind a condition: && and another one, or the action. */
static bool another_condition(azattest__parser *parser, bool *more)
{
    *more = azattest__parser_take(parser, AZATTEST__AND);
    if (*more || azattest__parser_take(parser, AZATTEST__ARROW))
        return true;
    switch (parser->word.kind) {
    case AZATTEST__BRACKET_OPEN:
    case AZATTEST__NOT:
        *more = true;
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "&& =>", "expected && between two conditions");
        return true;
    case AZATTEST__COMMA:
        *more = true;
        azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "&& =>",
                              "conditions are joined by &&; a comma joins the tests of one condition");
        azattest__parser_advance(parser);
        return true;
    case AZATTEST__COMPARE:
    case AZATTEST__ASSIGN:
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "&& =>", "an action stands behind =>");
    case AZATTEST__WORD:
        if (azattest__parser_sees(parser, "or"))
            return azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "&& =>",
                                         "there is no \"or\": write a rule for each alternative");
        /* fall through */
    default:
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, "&& =>",
                                     "expected && and another condition, or => and the action");
    }
}

static bool conditions(azattest__parser *parser, azattest__rule *out)
{
    size_t capacity = 0;
    bool more = !azattest__parser_take(parser, AZATTEST__ARROW);

    while (more) {
        azattest__condition *one;

        if (out->condition_count == AZATTEST_LIMIT_POLICY_CONDITIONS)
            return azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_CONDITIONS, "conditions in one rule");
        if (!azattest__arena_grow(&parser->policy->arena, (void **)&out->conditions, out->condition_count, &capacity,
                                  sizeof(*one)))
            return false;
        one = &out->conditions[out->condition_count];
        *one = (azattest__condition){ .test_count = 0 };
        if (!condition(parser, one))
            return false;
        out->condition_count++;
        if (!another_condition(parser, &more))
            return false;
    }
    return true;
}

/* ---- actions ---- */

static bool equals(azattest__parser *parser, const char *what)
{
    if (azattest__parser_take(parser, AZATTEST__ASSIGN))
        return true;
    if ((parser->word.kind == AZATTEST__COMPARE && parser->word.op == AZATTEST__EQUAL) ||
        parser->word.kind == AZATTEST__COLON) {
        azattest__parser_at(parser, AZATTEST__ERROR, parser->word.kind == AZATTEST__COLON ? "syntax" : "double-equals",
                            parser->word.span, AZATTEST__IN_CLAIM, "=",
                            parser->word.kind == AZATTEST__COLON ? "an action assigns with ="
                                                                 : "== compares: an action assigns with =");
        azattest__parser_advance(parser);
        return true;
    }
    return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, "=", "expected = behind %s", what);
}

/* claim = c */
static bool whole_claim(azattest__parser *parser, azattest__action *out)
{
    azattest__parser_advance(parser);
    if (!equals(parser, "claim"))
        return false;
    if (parser->word.kind != AZATTEST__WORD)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, "IDENTIFIER",
                                     "expected the identifier of a claim, as in claim=c");
    out->identifier_span = parser->word.span;
    if (!identifier(parser, &out->identifier))
        return false;
    if (parser->word.kind == AZATTEST__DOT)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, ")",
                                     "claim= takes a whole claim by its identifier, not one of its properties");
    if (parser->word.kind == AZATTEST__COMMA)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, ")",
                                     "claim= stands alone: the copy has the properties of the claim");
    return true;
}

static bool assignment(azattest__parser *parser, azattest__action *action, azattest__assignment *out)
{
    azattest__span from = parser->word.span;

    out->property = AZATTEST__PROPERTY_TYPE;
    if (parser->word.kind == AZATTEST__QUOTED && action->assignment_count == 0) {
        /* issue("x", value=1), a misprint of the vendor's own articles */
        azattest__parser_fail(parser, "missing-type", AZATTEST__IN_CLAIM, "claim type value valueType issuer",
                              "type= is missing before the type of the claim");
        parser->broken = true;
    } else if (azattest__parser_sees(parser, "claim")) {
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, "type value valueType issuer",
                                     "claim= stands alone: the copy has the properties of the claim");
    } else if (!azattest__parse_property(parser, AZATTEST__IN_CLAIM, &out->property) ||
               !equals(parser, azattest__property_name(out->property))) {
        return false;
    }
    if (!azattest__parse_expression(parser, AZATTEST__IN_CLAIM, &out->expression))
        return false;
    out->span = azattest__parser_span(parser, from);
    return true;
}

static bool assignments(azattest__parser *parser, azattest__action *out)
{
    size_t capacity = 0;

    do {
        azattest__assignment *one;

        if (out->assignment_count == AZATTEST_LIMIT_POLICY_CONDITIONS)
            return azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_CONDITIONS, "assignments in one action");
        if (!azattest__arena_grow(&parser->policy->arena, (void **)&out->assignments, out->assignment_count, &capacity,
                                  sizeof(*one)))
            return false;
        one = &out->assignments[out->assignment_count];
        *one = (azattest__assignment){ .expression = NULL };
        if (!assignment(parser, out, one))
            return false;
        out->assignment_count++;
    } while (azattest__parser_take(parser, AZATTEST__COMMA));
    return true;
}

/* What stands in the parentheses. */
static bool arguments(azattest__parser *parser, azattest__action *out)
{
    const char *name = azattest__action_name(out->kind);

    if (out->kind == AZATTEST__PERMIT || out->kind == AZATTEST__DENY)
        return azattest__parser_take(parser, AZATTEST__PARENTHESIS_CLOSE) ||
               azattest__parser_fail(parser, "syntax", AZATTEST__IN_ACTION, ")", "%s takes nothing: expected )", name);
    if (parser->word.kind == AZATTEST__PARENTHESIS_CLOSE) {
        azattest__parser_fail(parser, "missing-type", AZATTEST__IN_CLAIM, "claim type value valueType issuer",
                              "%s needs a claim, as in %s(type=\"x\", value=true)", name, name);
        parser->broken = true;
        azattest__parser_advance(parser);
        return true;
    }
    if (parser->word.kind == AZATTEST__WORD && azattest__parser_peek(parser).kind == AZATTEST__PARENTHESIS_CLOSE)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_CLAIM, "claim type value valueType issuer",
                                     "a whole claim stands behind claim=, as in %s(claim=c)", name);
    if (!(azattest__parser_sees(parser, "claim") ? whole_claim(parser, out) : assignments(parser, out)))
        return false;
    return azattest__parser_take(parser, AZATTEST__PARENTHESIS_CLOSE) ||
           azattest__parser_fail(parser, "syntax", AZATTEST__IN_ACTION, out->identifier != NULL ? ")" : ", )",
                                 "%s is not closed: expected )", name);
}

static bool action(azattest__parser *parser, azattest__action *out)
{
    azattest__span from = parser->word.span;
    int kind =
        azattest__parser_choose(parser, azattest__action_names, AZATTEST__ACTIONS, AZATTEST__IN_ACTION, "action");

    if (kind < 0)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_ACTION, "permit deny add issue issueproperty",
                                     "expected an action: permit, deny, add, issue or issueproperty");
    out->kind = (azattest__action_kind)kind;
    out->condition = AZATTEST__NO_CONDITION;
    azattest__parser_advance(parser);
    if (!azattest__parser_take(parser, AZATTEST__PARENTHESIS_OPEN))
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_ACTION, "(", "expected ( behind %s",
                                     azattest__action_name(out->kind));
    if (!arguments(parser, out))
        return false;
    out->span = azattest__parser_span(parser, from);
    return true;
}

/* The semicolon, or a word that something else can begin with: then it was forgotten. */
static bool semicolon(azattest__parser *parser)
{
    if (azattest__parser_take(parser, AZATTEST__SEMICOLON))
        return true;
    if (parser->word.kind == AZATTEST__COMMA || parser->word.kind == AZATTEST__AND)
        return azattest__parser_fail(parser, "syntax", AZATTEST__IN_RULE, ";",
                                     "a rule has one action: write a rule for each");
    azattest__parser_fail(parser, "missing-semicolon", AZATTEST__IN_RULE, ";", "expected ; behind the action (line %u)",
                          parser->end_line);
    switch (parser->word.kind) {
    case AZATTEST__WORD:
    case AZATTEST__ARROW:
    case AZATTEST__NOT:
    case AZATTEST__BRACKET_OPEN:
    case AZATTEST__BRACE_CLOSE:
        return true;
    default:
        return false;
    }
}

bool azattest__parse_rule(azattest__parser *parser, azattest__rule *out)
{
    azattest__span from = parser->word.span;

    if (!conditions(parser, out) || !action(parser, &out->action) || !semicolon(parser))
        return false;
    out->span = azattest__parser_span(parser, from);
    return true;
}
