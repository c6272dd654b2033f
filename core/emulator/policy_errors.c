/*
 * What the service says of a policy that does not parse, and of one that does not let evidence pass. Published and
 * recorded texts: the one published parsing error; a recorded refusal for want of a permit, whose innererror repeats
 * code and message; the published denial; the shape of a guest's denial, whose message has the rule. What is in neither
 * (where `details` stand, how a meaning that is wrong is said) is this service's choice, and made here.
 */
#include <stdlib.h>

#include "policy_errors.h"

#define PARSING_ERROR "PolicyParsingError"
#define EVALUATION_ERROR "PolicyEvaluationError"
#define SHOWN 200 /* characters of somebody's text in a message */
#define DETAILS 16

/* ---- parsing ---- */

static bool is_end(const char *found)
{
    return found != NULL && strcmp(found, "end of text") == 0;
}

/* The parser's own word for what it found; ANTLR's for the end. */
static void append_symbol(const azattest_policy *policy, const azattest__diagnostic *diagnostic, azattest__buf *out)
{
    azattest_bytes source = azattest__policy_source(policy, diagnostic->span);
    char *shown = azattest__printable(diagnostic->found != NULL ? azattest__text(diagnostic->found) : source, SHOWN);

    azattest__buf_printf(out, "'%s'", is_end(diagnostic->found) ? "<EOF>" : shown == NULL ? "" : shown);
    free(shown);
}

/* Words of the grammar with blanks between them, classes in capitals; as ANTLR lists them: ';' or {';', STRING}. */
static void append_expected(const char *expected, azattest__buf *out)
{
    bool several = strchr(expected, ' ') != NULL;

    azattest__buf_append_text(out, several ? "{" : "");
    for (const char *word = expected; *word != '\0';) {
        size_t len = strcspn(word, " ");
        const char *quote = word[0] >= 'A' && word[0] <= 'Z' && word[len - 1] >= 'A' && word[len - 1] <= 'Z' ? "" : "'";

        azattest__buf_printf(out, "%s%s%.*s%s", word == expected ? "" : ", ", quote, (int)len, word, quote);
        word += len + strspn(word + len, " ");
    }
    azattest__buf_append_text(out, several ? "}" : "");
}

/* What is no word of the language at all: nothing else was expected in its place. */
static bool is_lexical(const azattest__diagnostic *diagnostic)
{
    static const char *const ids[] = { "syntax", "unterminated-string", "typographic-quote", "block-comment" };

    for (size_t i = 0; diagnostic->expected == NULL && i < sizeof(ids) / sizeof(ids[0]); i++)
        if (strcmp(diagnostic->id, ids[i]) == 0)
            return true;
    return false;
}

/* ANTLR's wording, which the service shows, for what its grammar sees; our own for the rest. */
static void append_failure(const azattest_policy *policy, const azattest__diagnostic *diagnostic, azattest__buf *out)
{
    if (is_lexical(diagnostic)) {
        azattest__buf_append_text(out, "token recognition error at: ");
        append_symbol(policy, diagnostic, out);
        return;
    }
    if (diagnostic->rule_path == NULL || diagnostic->expected == NULL || diagnostic->expected[0] == '\0' ||
        diagnostic->expected[0] == ' ') {
        azattest__buf_append_text(out, diagnostic->message);
        return;
    }
    azattest__buf_append_text(out, "mismatched input ");
    append_symbol(policy, diagnostic, out);
    azattest__buf_append_text(out, " expecting ");
    append_expected(diagnostic->expected, out);
}

static bool is_syntax(const azattest__diagnostic *diagnostic)
{
    return diagnostic->rule_path != NULL || is_lexical(diagnostic);
}

/* The service's parser stops at its first error, and looks at meaning only when there is none. */
static const azattest__diagnostic *first_error(const azattest__diagnostics *list)
{
    const azattest__diagnostic *first = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const azattest__diagnostic *one = &list->items[i];

        if (one->severity == AZATTEST__ERROR &&
            (first == NULL || (is_syntax(one) && !is_syntax(first)) ||
             (is_syntax(one) == is_syntax(first) && one->span.offset < first->span.offset)))
            first = one;
    }
    return first;
}

/* Every error, for whoever wrote the policy: {"code": id, "target": "line 4, column 9", "message"}, columns from 1. */
static azattest__json *all_errors(const azattest__diagnostics *list)
{
    azattest__json *details = azattest__json_new_array();
    size_t shown = 0;

    for (size_t i = 0; i < list->count && shown < DETAILS; i++) {
        const azattest__diagnostic *one = &list->items[i];
        azattest__json *detail;
        azattest__buf place;

        if (one->severity != AZATTEST__ERROR)
            continue;
        shown++;
        detail = azattest__json_new_object();
        azattest__buf_init(&place, 64);
        azattest__buf_printf(&place, "line %u, column %u", one->span.line, one->span.column);
        azattest__json_put_string(detail, "code", one->id);
        azattest__json_put_string(detail, "target", (const char *)place.ptr);
        azattest__json_put_string(detail, "message", one->message);
        azattest__json_add(details, detail);
        azattest__buf_free(&place);
    }
    return details;
}

azattest_status azattest__refuse_policy(azattest__call *call, const azattest_policy *policy, azattest_error **error)
{
    azattest_status status;
    const azattest__diagnostics *list = &policy->diagnostics;
    const azattest__diagnostic *first = first_error(list);
    azattest__buf text;

    if (first == NULL || list->no_memory)
        return azattest__error_memory(error);
    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append_text(&text, "Native operation failed with 65526: Exception(0) 83FFFFF6 Invalid policy was "
                                     "specified    Msg:[Policy Parser Exception Thrown: Offending symbol: ");
    append_symbol(policy, first, &text);
    azattest__buf_printf(&text, "\nLine: '%u', Column: '%u'\nFailure message: '", first->span.line,
                         first->span.column - 1); /* ANTLR counts columns from 0 */
    append_failure(policy, first, &text);
    azattest__buf_printf(&text,
                         "'\nFailing rule: '%s'] \n\r\nUnhandled Enclave Exception: \"Invalid policy was "
                         "specified\"\r\n",
                         first->rule_path == NULL ? "policy" : first->rule_path);
    if ((status = azattest__error_from_buf(error, &text, "answer")) == AZATTEST_OK) {
        azattest__answer_refuse_with(call->answer, 400, PARSING_ERROR, (const char *)text.ptr, all_errors(list),
                                     azattest__inner_error(PARSING_ERROR, (const char *)text.ptr));
        call->refused = true;
        status = AZATTEST_E_POLICY;
    }
    azattest__buf_free(&text);
    return status;
}

/* ---- evaluation ---- */

static azattest_status refuse(azattest__call *call, const char *reason, const char *inner_code, azattest__json *details,
                              azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_printf(&text,
                         "Attestation Enclave operation failed with 65518: Exception(0) 83FFFFEE Policy Evaluation "
                         "Error has occurred    Msg:[Policy Engine Exception: %s] \n\r\nUnhandled Enclave Exception: "
                         "\"Policy Evaluation Error has occurred\"\r\n",
                         reason);
    if ((status = azattest__error_from_buf(error, &text, "answer")) == AZATTEST_OK) {
        azattest__answer_refuse_with(call->answer, 400, EVALUATION_ERROR, (const char *)text.ptr, details,
                                     azattest__inner_error(inner_code, (const char *)text.ptr));
        call->refused = true;
        status = AZATTEST_E_POLICY_EVALUATION;
    } else {
        azattest__json_free(details);
    }
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__refuse_evaluation(azattest__call *call, const char *why, azattest_error **error)
{
    return refuse(call, why, EVALUATION_ERROR, NULL, error);
}

/* {"code":"PolicyFailureClaim","target":type,"message":value}: what the deny rule matched. */
static azattest__json *failure_claims(const azattest_policy_evaluation *evaluation)
{
    azattest__json *details = azattest__json_new_array();

    for (size_t i = 0; i < evaluation->denied_count && i < DETAILS; i++) {
        const azattest__claim *claim = evaluation->denied[i];
        azattest__json *detail = azattest__json_new_object();
        azattest__buf value;

        azattest__buf_init(&value, 4 * SHOWN + 64);
        if (claim->value.kind == AZATTEST__VALUE_STRING) {
            char *shown = azattest__printable(azattest__bytes(claim->value.text, claim->value.text_len), SHOWN);

            azattest__buf_append_text(&value, shown == NULL ? "" : shown);
            free(shown);
        } else {
            azattest__value_print(&claim->value, &value);
        }
        azattest__json_put_string(detail, "code", "PolicyFailureClaim");
        azattest__json_put_string(detail, "target", claim->type);
        azattest__json_put_string(detail, "message", value.ptr == NULL ? "" : (const char *)value.ptr);
        azattest__json_add(details, detail);
        azattest__buf_free(&value);
    }
    return details;
}

/* For guests the service shows the rule, and what of the machine it is about. */
static azattest_status refuse_guest(azattest__call *call, const azattest_policy_evaluation *evaluation,
                                    const char *reason, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;
    bool denied = evaluation->deny_rule != NULL;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_POLICY);
    azattest__buf_append_text(&text, reason);
    if (denied)
        azattest__buf_printf(&text, " Rule: %s", azattest_policy_evaluation_deny_rule(evaluation));
    if ((status = azattest__error_from_buf(error, &text, "answer")) == AZATTEST_OK)
        status = refuse(call, (const char *)text.ptr, "PolicyValidationFailure",
                        denied ? failure_claims(evaluation) : NULL, error);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__refuse_denied(azattest__call *call, const azattest_policy_evaluation *evaluation,
                                        azattest_error **error)
{
    const char *reason = evaluation->deny_rule != NULL
                             ? "A Deny claim was issued, authorization failed."
                             : "No Permit claim was issued in the authorizationrules section, authorization failed.";

    return strcmp(call->kind->name, "AzureGuest") == 0 ? refuse_guest(call, evaluation, reason, error)
                                                       : refuse(call, reason, EVALUATION_ERROR, NULL, error);
}
