/* What came of an evaluation, for people and for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "policy/vocabulary/vocabulary.h"
#include "policy_eval.h"
#include "table.h"

/* --- the token that would be made --- */

static const char *text_claim(const azattest_claim_set *claims, const char *type)
{
    for (size_t i = 0; i < azattest_claim_set_count(claims); i++)
        if (strcmp(azattest_claim_set_type(claims, i), type) == 0 && azattest_claim_set_string(claims, i) != NULL)
            return azattest_claim_set_string(claims, i);
    return NULL;
}

static azattest__json *value_of(const azattest_claim_set *claims, size_t index, azattest__claim_kind kind)
{
    const char *text = azattest_claim_set_string(claims, index);
    azattest__json *holder = azattest__json_new_object(), *value;
    int64_t number = 0;

    if (text != NULL && kind == AZATTEST__KIND_JSON && azattest__json_check(azattest__text(text), NULL) == AZATTEST_OK)
        azattest__json_put_raw(holder, "value", azattest__text(text));
    else if (text != NULL)
        azattest__json_put_string(holder, "value", text);
    else if (azattest_claim_set_integer(claims, index, &number) == AZATTEST_OK)
        azattest__json_put_integer(holder, "value", number);
    else
        azattest__json_put_bool(holder, "value", azattest_claim_set_boolean(claims, index) == 1);
    value = azattest__json_copy(azattest__json_get(holder, "value"));
    azattest__json_free(holder);
    return value;
}

/* All values of one type that the service issued: one alone, or a list. */
static void put_service_claim(azattest__json *token, const azattest_claim_set *claims, size_t first,
                              const azattest__known_claim *known)
{
    const char *type = azattest_claim_set_type(claims, first);
    azattest__json *list = azattest__json_new_array();

    for (size_t i = first; i < azattest_claim_set_count(claims); i++)
        if (strcmp(azattest_claim_set_type(claims, i), type) == 0 &&
            strcmp(azattest_claim_set_issuer(claims, i), "AttestationService") == 0)
            azattest__json_add(list, value_of(claims, i, known->kind));
    if (azattest__json_count(list) == 1 && (known->flags & AZATTEST__CLAIM_MULTIPLE) == 0) {
        azattest__json_put(token, type, azattest__json_copy(azattest__json_first(list)));
        azattest__json_free(list);
    } else {
        azattest__json_put(token, type, list);
    }
}

/* 0: not known. */
static unsigned type_of(const azattest__trial *trial)
{
    const char *type = trial->type != NULL ? trial->type : text_claim(trial->claims, "x-ms-attestation-type");

    return type == NULL || type[0] == '\0' ? 0 : azattest__vocabulary_types(type);
}

azattest__json *azattest__trial_token(const azattest__trial *trial)
{
    unsigned type = type_of(trial), types = type == 0 ? AZATTEST__ANY_TYPE : type;
    azattest__json *token, *issued = NULL;

    if (!azattest__trial_is_admitted(trial) ||
        azattest__json_parse(azattest_policy_evaluation_claims(trial->evaluation), &issued, NULL) != AZATTEST_OK)
        return NULL;
    token = azattest__json_new_object();
    for (size_t i = 0; i < azattest_claim_set_count(trial->claims); i++) {
        const char *name = azattest_claim_set_type(trial->claims, i);
        const azattest__known_claim *known = azattest__known_claim_find(name, types);

        if (strcmp(name, "x-ms-policy-hash") == 0 || strcmp(name, "x-ms-policy-signer") == 0)
            continue; /* of another token, and another policy */
        if (known != NULL && (known->flags & AZATTEST__CLAIM_EMITTED) != 0 && azattest__json_get(token, name) == NULL &&
            strcmp(azattest_claim_set_issuer(trial->claims, i), "AttestationService") == 0)
            put_service_claim(token, trial->claims, i, known);
    }
    for (const azattest__json *each = azattest__json_first(issued); each != NULL; each = azattest__json_next(each))
        if (azattest__json_get(token, azattest__json_name(each)) == NULL && /* the service's own value stays */
            !azattest__known_claim_is_reserved(azattest__json_name(each), types))
            azattest__json_put(token, azattest__json_name(each), azattest__json_copy(each));
    if (trial->nonce != NULL && azattest__json_get(token, "nonce") == NULL)
        azattest__json_put_string(token, "nonce", trial->nonce);
    if (azattest__json_get(token, "x-ms-policy-hash") == NULL)
        azattest__json_put_base64url(token, "x-ms-policy-hash", azattest_policy_policy_hash(trial->policy));
    azattest__json_free(issued);
    return token;
}

/* --- what was not checked --- */

/* What the evidence was not verified by: parts of the verification, and properties of the policy that steer how the
 * service judges evidence, which nothing here does. */
static azattest__json *not_checked(const azattest__trial *trial)
{
    azattest__json *list = azattest__json_new_array(), *properties = NULL;

    if (trial->verification == NULL)
        return list;
    for (size_t i = 0; i < azattest_verification_result_not_checked_count(trial->verification); i++)
        azattest__json_add_string(list, azattest_verification_result_not_checked(trial->verification, i));
    if (trial->evaluation == NULL || azattest__json_parse(azattest_policy_evaluation_properties(trial->evaluation),
                                                          &properties, NULL) != AZATTEST_OK)
        return list;
    for (const azattest__json *each = azattest__json_first(properties); each != NULL;
         each = azattest__json_next(each)) {
        const azattest__known_property *known = azattest__known_property_find(azattest__json_name(each));

        if (known != NULL && known->in_configuration)
            azattest__json_add_string(list, known->name);
    }
    azattest__json_free(properties);
    return list;
}

static void append_not_checked(azattest__buf *line, const azattest__trial *trial)
{
    azattest__json *list = not_checked(trial);
    bool first = true;

    for (const azattest__json *each = azattest__json_first(list); each != NULL; each = azattest__json_next(each)) {
        azattest__buf_printf(line, "%s%s", first ? "; not fully checked: " : ", ", azattest__json_string(each));
        first = false;
    }
    azattest__json_free(list);
}

/* --- for programs --- */

static void put_raw(azattest__json *document, const char *name, azattest_bytes json)
{
    if (json.ptr == NULL)
        azattest__json_put_null(document, name);
    else
        azattest__json_put_raw(document, name, json);
}

static azattest__json *policy_json(const azattest__trial *trial)
{
    azattest__json *object = azattest__json_new_object();
    azattest_bytes hash = azattest_policy_policy_hash(trial->policy);
    unsigned line = azattest_policy_evaluation_deny_line(trial->evaluation);

    azattest__json_put_string(object, "file", trial->source.name);
    azattest__json_put_base64url(object, "policy_hash", hash);
    azattest__json_put_string(object, "known", azattest_policy_known_name(hash));
    azattest__json_put_string(object, "outcome",
                              trial->failure != NULL ? "error" : azattest_policy_evaluation_outcome(trial->evaluation));
    azattest__json_put_string(object, "reason",
                              trial->failure != NULL ? azattest_error_message(trial->failure)
                                                     : azattest_policy_evaluation_reason(trial->evaluation));
    if (line > 0)
        azattest__json_put_integer(object, "deny_line", line);
    else
        azattest__json_put_null(object, "deny_line");
    azattest__json_put_string(object, "deny_rule", azattest_policy_evaluation_deny_rule(trial->evaluation));
    if (trial->failure != NULL)
        azattest__json_put(object, "error", azattest__error_json(trial->failure));
    return object;
}

int azattest__trial_document(const azattest__trial *trial)
{
    static const char *const from[] = { "evidence", "token", "claims" };
    azattest__json *document = azattest__json_new_object(), *token = azattest__trial_token(trial);

    /* Claims that were taken as they are admit nobody. */
    if (trial->from == FROM_EVIDENCE && trial->failure == NULL)
        azattest__json_put_bool(document, "admitted", azattest__trial_is_admitted(trial));
    else
        azattest__json_put_null(document, "admitted");
    azattest__json_put_string(document, "claims_from", from[trial->from]);
    azattest__json_put(document, "policy", policy_json(trial));
    put_raw(document, "evidence",
            trial->verification == NULL ? azattest__bytes(NULL, 0)
                                        : azattest_verification_result_json(trial->verification));
    azattest__json_put(document, "not_checked", not_checked(trial));
    put_raw(document, "issued_claims", azattest_policy_evaluation_claims(trial->evaluation));
    put_raw(document, "properties", azattest_policy_evaluation_properties(trial->evaluation));
    if (token != NULL)
        azattest__json_put(document, "token_claims", token);
    else
        azattest__json_put_null(document, "token_claims");
    put_raw(document, "claims", azattest_claim_set_json(trial->claims));
    put_raw(document, "incoming_claims", azattest_policy_evaluation_incoming(trial->evaluation));
    put_raw(document, "trace", azattest_policy_evaluation_trace(trial->evaluation));
    return azattest__output_json(document, azattest__trial_code(trial));
}

/* --- for people --- */

/* Says of rows whose names are the service's own that the token has another value. */
static void mark_reserved(azattest__table *table, unsigned type)
{
    for (size_t i = 0; i < table->count; i++) {
        struct azattest__row *row = &table->rows[i];
        char *marked = NULL;

        if (!azattest__known_claim_is_reserved(row->label, type))
            continue;
        if (asprintf(&marked, "%s (the service keeps its own %s)", row->value, row->label) < 0) {
            table->failed = true;
            continue;
        }
        free(row->value);
        row->value = marked;
    }
}

static void print_members(azattest_bytes json, unsigned type, const char *heading)
{
    azattest__table table = { NULL, 0, false };
    azattest__json *object = NULL;

    if (json.ptr != NULL && azattest__json_parse(json, &object, NULL) == AZATTEST_OK) {
        azattest__table_members(&table, object, NULL, 0);
        mark_reserved(&table, type);
        azattest__table_print(&table, heading);
    }
    azattest__json_free(object);
}

static void print_answer(const azattest__trial *trial)
{
    static const char *const taken[] = { "", "; the token's claims were taken as they are: nobody verified the token",
                                         "; the claims were taken as they are: nobody verified them" };
    bool permitted = azattest__trial_is_permitted(trial), evidence = trial->from == FROM_EVIDENCE;
    const char *word = evidence ? "NOT ADMITTED" : permitted ? "PERMITTED" : "DENIED";
    const char *reason = azattest_policy_evaluation_reason(trial->evaluation);
    azattest__buf line;

    azattest__buf_init(&line, AZATTEST__LINE_LIMIT);
    if (azattest__trial_is_admitted(trial) && evidence)
        word = "ADMITTED";
    if (trial->failure != NULL) {
        word = "NO OUTCOME";
        azattest__buf_printf(&line, "%s", azattest_error_message(trial->failure));
    } else if (evidence) {
        bool valid = azattest_verification_result_is_valid(trial->verification);

        azattest__buf_printf(&line, "the policy %s (%s), and the evidence %s%s", permitted ? "permits" : "denies",
                             reason == NULL ? "?" : reason, valid ? "verifies" : "does not verify",
                             azattest_evidence_is_debuggable(trial->evidence) ? "; it is debuggable" : "");
        if (valid)
            append_not_checked(&line, trial);
        else
            azattest__verdict_reasons(trial->verification, &line);
    } else {
        azattest__buf_printf(&line, "%s%s", reason == NULL ? "?" : reason, taken[trial->from]);
    }
    azattest__output_answer(azattest__trial_is_admitted(trial) ? VERDICT_VALID : VERDICT_INVALID, word,
                            line.ptr == NULL ? "" : (const char *)line.ptr);
    azattest__buf_free(&line);
}

static void print_policy(const azattest__trial *trial)
{
    azattest_bytes hash = azattest_policy_policy_hash(trial->policy);
    azattest__table table = { NULL, 0, false };

    azattest__table_text(&table, "file", trial->source.name);
    azattest__table_hash(&table, "hash", hash);
    azattest__table_text(&table, "known as", azattest_policy_known_name(hash));
    azattest__table_text(&table, "outcome",
                         trial->failure != NULL ? "none" : azattest_policy_evaluation_outcome(trial->evaluation));
    azattest__table_text(&table, "reason",
                         trial->failure != NULL ? azattest_error_message(trial->failure)
                                                : azattest_policy_evaluation_reason(trial->evaluation));
    azattest__table_text(&table, "deny rule", azattest_policy_evaluation_deny_rule(trial->evaluation));
    azattest__table_print(&table, "Policy");
}

int azattest__trial_print(const azattest__trial *trial, bool trace)
{
    azattest__json *token = azattest__trial_token(trial);
    azattest__table table = { NULL, 0, false };
    char what[64];

    print_answer(trial);
    print_policy(trial);
    print_members(azattest_policy_evaluation_claims(trial->evaluation), type_of(trial), "Issued claims");
    print_members(azattest_policy_evaluation_properties(trial->evaluation), 0, "Properties");
    if (trace)
        azattest__trace_print(azattest_policy_evaluation_trace(trial->evaluation));
    if (token != NULL) {
        azattest__table_members(&table, token, NULL, 0);
        azattest__table_print(&table, "Token's claims, beside iss, jti, iat, nbf, exp and what only the service knows");
    }
    azattest__json_free(token);
    if (trial->verification != NULL) { /* last, for it is long, and the first line has its outcome */
        printf("\nEvidence\n");
        azattest__print_verdict(trial->verification, azattest__evidence_text(trial->evidence, what, sizeof(what)),
                                azattest__expectations_now(&trial->expectations));
    }
    return azattest__trial_code(trial);
}
