/* JMESPath that compiles, or is put together from pieces, and does not mean what it looks like. */
#include <string.h>

#include <azattest/limits.h>

#include "../claims/claims.h"
#include "lint.h"

/* How far a query is followed through claims that hold pieces of it, how many pieces are looked at, and how much text
 * may come together so in one policy: the largest published one has some hundred bytes. */
#define MOST_CLAIMS 8u
#define MOST_PIECES 1024u
#define MOST_TEXT (256u * 1024u)

/* Where a finding about a query goes. */
typedef struct place {
    azattest__lint *lint;
    const azattest__expression *literal; /* the query's own text; NULL: it was put together */
    azattest__span span;
} place;

/* The operator's place in the text: escapes make the literal longer than the query. */
static azattest__span inside(const place *where, size_t offset, size_t length)
{
    azattest__span span = where->span;
    const char *source;
    size_t at = 1;

    if (where->literal == NULL || span.length < 2)
        return span;
    source = where->lint->policy->text + span.offset;
    for (size_t i = 0; i < offset && at + 1 < span.length; i++)
        at += source[at] == '\\' ? 2 : 1;
    if (at + length >= span.length)
        return span;
    for (size_t i = 0; i < at; i++)
        span.column += ((unsigned char)source[i] & 0xC0u) != 0x80u;
    span.offset += at;
    span.length = length;
    return span;
}

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text != NULL && strcmp(text, list[i]) == 0)
            return true;
    return false;
}

static bool is_field(azattest__jmespath_operand operand)
{
    return operand == AZATTEST__OPERAND_FIELD || operand == AZATTEST__OPERAND_PATH;
}

static bool is_string(azattest__jmespath_operand operand)
{
    return operand == AZATTEST__OPERAND_RAW_STRING || operand == AZATTEST__OPERAND_STRING;
}

/* Members of the logs that hold numbers, and those that hold strings (reference, 3.6). */
static const char *const numbers[] = { "EventSeq", "PcrIndex", "Index", "obj_attr", "name_alg" };
static const char *const strings[] = { "EventTypeString", "VariableGuid", "UnicodeName", "VariableData",
                                       "KernelVersion",   "Keyring",      "hash_alg",    "kty" };
static const char *const others[] = { "Events", "PCRs", "ProcessedData", "Digests", "CertificateSubject" };
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *in_another_case(const char *field)
{
    static const struct {
        const char *const *list;
        size_t count;
    } lists[] = { { numbers, COUNT(numbers) }, { strings, COUNT(strings) }, { others, COUNT(others) } };

    for (size_t i = 0; i < COUNT(lists); i++)
        for (size_t j = 0; j < lists[i].count; j++)
            if (azattest__text_equal_nocase(field, lists[i].list[j]) && strcmp(field, lists[i].list[j]) != 0)
                return lists[i].list[j];
    return NULL;
}

static void check_case(const place *where, const char *field, azattest__span span)
{
    const char *known = in_another_case(field);

    if (known != NULL)
        azattest__lint_say(where->lint, AZATTEST__WARNING, "jmespath-field-case", span, field, known,
                           "the logs have no member \"%s\": it is called \"%s\", and names compare with regard to case",
                           field, known);
}

/* As a query writes a number or a constant. */
static const char *in_backticks(azattest__lint *lint, const char *text)
{
    azattest__buf out;
    const char *kept;

    azattest__buf_init(&out, 1024);
    azattest__buf_printf(&out, "`%s`", text);
    kept = out.status == AZATTEST_OK ? azattest__arena_text(&lint->arena, out.ptr, out.len) : NULL;
    lint->list->no_memory |= out.status == AZATTEST_E_MEMORY;
    azattest__buf_free(&out);
    return kept;
}

static void check_literal(const place *where, const char *field, azattest__span span)
{
    static const char *const words[] = { "true", "false", "null" };

    if (is_one_of(field, words, COUNT(words)))
        azattest__lint_say(
            where->lint, AZATTEST__WARNING, "jmespath-literal", span, field, in_backticks(where->lint, field),
            "a bare `%s` is a field of that name: the literal stands in backticks inside the query", field);
}

static bool is_digits(const char *text)
{
    return text != NULL && text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* A number on one side and a string on the other: never equal, never less or greater. */
static void check_kinds(const place *where, const azattest__jmespath_comparison *seen, azattest__jmespath_operand left,
                        const char *left_text, azattest__jmespath_operand right, const char *right_text,
                        azattest__span span)
{
    static const char *const constants[] = { "true", "false", "null" };
    const char *shown = right_text == NULL ? "" : azattest__lint_shown(where->lint, right_text);

    if (is_string(right) && (is_field(left) ? is_one_of(left_text, numbers, COUNT(numbers))
                                            : left == AZATTEST__OPERAND_OTHER && is_digits(right_text)))
        azattest__lint_say(where->lint, AZATTEST__WARNING, "jmespath-types", span, shown,
                           is_digits(right_text) ? in_backticks(where->lint, right_text) : NULL,
                           "a number is compared with the string '%s': a number stands in backticks inside the query",
                           shown);
    else if (is_string(right) && seen->op[0] != '=' && seen->op[0] != '!')
        azattest__lint_say(where->lint, AZATTEST__WARNING, "jmespath-types", span, shown, NULL,
                           "JMESPath orders numbers only: the comparison %s with the string '%s' gives null", seen->op,
                           shown);
    else if (right == AZATTEST__OPERAND_NUMBER && is_field(left) && is_one_of(left_text, strings, COUNT(strings)))
        azattest__lint_say(where->lint, AZATTEST__WARNING, "jmespath-types", span, shown, NULL,
                           "\"%s\" is a string and is compared with the number %s", left_text, shown);
    else if (right == AZATTEST__OPERAND_RAW_STRING && is_one_of(right_text, constants, COUNT(constants)))
        azattest__lint_say(where->lint, AZATTEST__WARNING, "jmespath-types", span, shown,
                           in_backticks(where->lint, right_text),
                           "'%s' is a string: the literal stands in backticks inside the query", shown);
}

static void comparison_seen(void *user, const azattest__jmespath_comparison *seen)
{
    const place *where = user;
    azattest__span span = inside(where, seen->offset, strlen(seen->op));

    if (seen->left == AZATTEST__OPERAND_FIELD)
        check_literal(where, seen->left_text, span);
    if (seen->right == AZATTEST__OPERAND_FIELD)
        check_literal(where, seen->right_text, span);
    if (is_field(seen->left))
        check_case(where, seen->left_text, span);
    if (is_field(seen->right))
        check_case(where, seen->right_text, span);
    check_kinds(where, seen, seen->left, seen->left_text, seen->right, seen->right_text, span);
    check_kinds(where, seen, seen->right, seen->right_text, seen->left, seen->left_text, span);
}

static void field_seen(void *user, const char *field)
{
    const place *where = user;

    check_case(where, field, where->span);
}

static void look_at(place *where, const azattest__jmespath *query)
{
    azattest__jmespath_comparisons(query, comparison_seen, where);
    azattest__jmespath_first_fields(query, field_seen, where);
}

/* A query that is put together: its text with a filling where a value is known only at evaluation. */
typedef struct assembly {
    azattest__lint *lint;
    azattest__buf text;
    const char *filling;
    size_t pieces, literals, gaps, claims;
    azattest__span span; /* of the expression that puts the pieces together */
} assembly;

/* Inside of a literal or a string any digit will do. */
static bool is_quoted(const azattest__buf *text)
{
    char open = '\0';

    for (size_t i = 0; i < text->len; i++) {
        char c = (char)text->ptr[i];

        if (open != '\0' ? c == open : c == '`' || c == '\'' || c == '"')
            open = open == '\0' ? c : '\0';
    }
    return open != '\0';
}

static void append_gap(assembly *a)
{
    a->gaps++;
    azattest__buf_append_text(&a->text, is_quoted(&a->text) ? "0" : a->filling);
}

/* The one rule that makes the claim which a condition binds; SIZE_MAX: none, or several. */
static size_t only_maker(const azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const char *type = azattest__lint_type_of(condition);
    size_t found = SIZE_MAX;

    if (type == NULL || azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_SERVICE))
        return SIZE_MAX;
    for (size_t i = 0; i < rule; i++) {
        const azattest__lint_rule *earlier = &lint->rules[i];

        if (!earlier->makes || (earlier->made != NULL && strcmp(earlier->made, type) != 0))
            continue;
        if (found != SIZE_MAX || earlier->made == NULL)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static void assemble(assembly *a, size_t rule, const azattest__expression *expression)
{
    const azattest__rule *source = a->lint->rules[rule].rule;
    const azattest__expression *value = NULL;
    size_t maker;

    if (++a->pieces > MOST_PIECES || expression == NULL)
        return;
    if (expression->kind == AZATTEST__STRING) {
        a->literals += expression->text_len > 0;
        azattest__buf_append(&a->text, expression->text, expression->text_len);
    } else if (expression->kind == AZATTEST__CALL && expression->function == AZATTEST__APPEND_STRING) {
        for (size_t i = 0; i < expression->argument_count; i++)
            assemble(a, rule, expression->arguments[i]);
    } else if (expression->kind == AZATTEST__REFERENCE && expression->property == AZATTEST__PROPERTY_VALUE &&
               expression->condition < source->condition_count && a->claims < MOST_CLAIMS &&
               (maker = only_maker(a->lint, rule, &source->conditions[expression->condition])) != SIZE_MAX &&
               (value = azattest__lint_assigned(&a->lint->rules[maker].rule->action, AZATTEST__PROPERTY_VALUE)) !=
                   NULL &&
               (value->kind == AZATTEST__STRING ||
                (value->kind == AZATTEST__CALL && value->function == AZATTEST__APPEND_STRING))) {
        if (a->literals == 0)
            a->span = value->span;
        a->claims++;
        assemble(a, maker, value);
    } else
        append_gap(a);
}

/* Whether the pieces make a query with this filling; looks at it if they do. */
static bool try_filling(assembly *a, size_t rule, const azattest__expression *expression, azattest_error **error)
{
    place where = { a->lint, NULL, expression->span };
    azattest__jmespath *query = NULL;
    azattest_status status;
    size_t offset;

    azattest__buf_init(&a->text, AZATTEST_LIMIT_JMESPATH);
    a->pieces = a->literals = a->gaps = a->claims = 0;
    a->span = expression->span;
    assemble(a, rule, expression);
    where.span = a->span;
    a->lint->assembled += a->text.len;
    if (a->pieces > MOST_PIECES || a->lint->assembled > MOST_TEXT || a->literals == 0 ||
        a->text.status != AZATTEST_OK || a->text.len == 0)
        status = a->text.status == AZATTEST_E_MEMORY ? AZATTEST_E_MEMORY : AZATTEST_OK; /* nothing can be said */
    else if ((status = azattest__jmespath_compile(azattest__buf_bytes(&a->text), &query, &offset, error)) ==
             AZATTEST_OK)
        look_at(&where, query);
    a->lint->list->no_memory |= status == AZATTEST_E_MEMORY || azattest_error_code(*error) == AZATTEST_E_MEMORY;
    azattest__jmespath_free(query);
    azattest__buf_free(&a->text);
    return status != AZATTEST_E_MALFORMED;
}

static void check_assembled(azattest__lint *lint, size_t rule, const azattest__expression *expression)
{
    static const char *const fillings[] = { "a", "`0`", "0", "'a'", "", "@" };
    assembly a = { .lint = lint };
    azattest_error *error = NULL;
    bool good = false;

    for (size_t i = 0; i < COUNT(fillings) && !good; i++) {
        a.filling = fillings[i];
        good = try_filling(&a, rule, expression, &error);
        if (a.gaps == 0)
            break;
    }
    if (!good)
        azattest__lint_say(lint, AZATTEST__WARNING, "jmespath-assembled", a.span, NULL, NULL,
                           "the query that is put together here is no JMESPath: %s", azattest_error_message(error));
    azattest_error_free(error);
}

static void check_call(azattest__lint *lint, size_t rule, const azattest__expression *expression)
{
    place where = { .lint = lint };

    if (expression->kind != AZATTEST__CALL || expression->function != AZATTEST__JMES_PATH ||
        expression->argument_count != 2)
        return;
    if (expression->query != NULL) {
        where.literal = expression->arguments[1];
        where.span = where.literal->span;
        look_at(&where, expression->query);
    } else if (expression->arguments[1]->kind != AZATTEST__STRING)
        check_assembled(lint, rule, expression->arguments[1]);
}

void azattest__lint_queries(azattest__lint *lint, size_t rule)
{
    azattest__lint_expressions(lint, rule, check_call);
}
