/*
 * A policy applied to evidence. Only what the library's evaluator permits gets a token; the policy's claims stand
 * beside the service's own and never in their place.
 */
#include <stdlib.h>

#include "base/encoding.h"
#include "policy/claims/claims.h"
#include "policy/evaluation/evaluation.h"
#include "policy/vocabulary/vocabulary.h"
#include "protocol/claim_source.h"

#include "policy_apply.h"
#include "policy_errors.h"

#define TCB_PROPERTY "x-ms-sgx-tcbidentifier"

/* ---- names that are the service's ---- */

static void warn_of(const char *name, const char *what)
{
    char *shown = azattest__printable(azattest__text(name), 60);

    azattest__log(AZATTEST_LOG_WARNING, "policy: \"%s\" %s", shown == NULL ? "?" : shown, what);
    free(shown);
}

/*
 * The claims of a JSON text, without those whose names are the service's, whether or not this token has them: nothing
 * public says what the real service does when a policy issues one, and a reader has to be able to believe that they are
 * the service's.
 */
static azattest_status take_claims(const azattest__call *call, azattest_bytes text, const azattest__json *emitted,
                                   azattest__json **out, azattest_error **error)
{
    azattest_status status;
    azattest__json *issued = NULL;

    if (text.ptr == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__json_parse(text, &issued, error)) != AZATTEST_OK)
        return status;
    *out = azattest__json_new_object();
    for (const azattest__json *claim = azattest__json_first(issued); claim != NULL;
         claim = azattest__json_next(claim)) {
        const char *name = azattest__json_name(claim);

        if (azattest__known_claim_is_reserved(name, azattest__vocabulary_types(call->kind->name)) ||
            azattest__json_get(emitted, name) != NULL)
            warn_of(name, "is issued, and is the service's own claim: the service's value stays");
        else
            azattest__json_put(*out, name, azattest__json_copy(claim));
    }
    azattest__json_free(issued);
    return AZATTEST_OK;
}

/* A few rules can double a text until no token holds it; of that no JSON is made. What is issued stands in a token
 * twice: at top level and in x-ms-policy. */
static azattest_status check_size(azattest__call *call, const azattest_policy_evaluation *evaluation,
                                  azattest_error **error)
{
    azattest_status status;
    azattest__buf why;
    size_t size = 0;

    for (size_t i = 0; i < evaluation->outgoing.count; i++)
        size += evaluation->outgoing.items[i].type_len + evaluation->outgoing.items[i].value.text_len;
    if (size <= AZATTEST_LIMIT_TOKEN_BODY / 2)
        return AZATTEST_OK;
    azattest__buf_init(&why, 128);
    azattest__buf_printf(&why, "the policy issues claims of %zu bytes, more than the %u that fit into a token", size,
                         AZATTEST_LIMIT_TOKEN_BODY / 2);
    if ((status = azattest__error_from_buf(error, &why, "answer")) == AZATTEST_OK)
        status = azattest__refuse_evaluation(call, (const char *)why.ptr, error);
    azattest__buf_free(&why);
    return status;
}

/* ---- properties ---- */

static const azattest__claim *find_property(const azattest_policy_evaluation *evaluation, const char *name)
{
    for (size_t i = 0; i < evaluation->properties.count; i++)
        if (strcmp(evaluation->properties.items[i].type, name) == 0)
            return &evaluation->properties.items[i];
    return NULL;
}

/* Those of tokens for TPMs, which there are none of here, change nothing for other evidence. */
static void warn_of_properties(const azattest__call *call, const azattest_policy_evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->properties.count; i++) {
        const char *name = evaluation->properties.items[i].type;
        const azattest__known_property *property = azattest__known_property_find(name);

        if (property == NULL || (property->types & azattest__vocabulary_types(call->kind->name)) == 0)
            warn_of(name, "is no property of this kind of evidence, and does nothing");
    }
}

/* The baseline of the configuration rules; *out is NULL when they choose none. What tcb.c does not list is refused. */
static azattest_status choose_baseline(const azattest_policy_evaluation *evaluation, const char **out,
                                       azattest_error **error)
{
    const azattest__value *value = azattest__policy_evaluation_property(evaluation, TCB_PROPERTY);
    azattest_status status;
    char *shown;

    *out = NULL;
    if (find_property(evaluation, TCB_PROPERTY) == NULL)
        return AZATTEST_OK;
    if (value == NULL || value->kind != AZATTEST__VALUE_STRING)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "the policy's " TCB_PROPERTY " is not one text, such as \"azuredefault\"");
    if (azattest__tcb_is_known(value->text)) {
        *out = value->text;
        return AZATTEST_OK;
    }
    shown = azattest__printable(azattest__bytes(value->text, value->text_len), 60);
    status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                 "the policy wants the TCB baseline \"%s\" (" TCB_PROPERTY "), which is none of those "
                                 "that GET /tcbbaselines lists",
                                 shown == NULL ? "" : shown);
    free(shown);
    return status;
}

void azattest__service_policy_baseline(const azattest__service_policy *policy, azattest__buf *out)
{
    azattest_policy_evaluation *evaluation = NULL;
    const char *identifier = NULL;

    if (policy != NULL && policy->parsed->diagnostics.errors == 0 &&
        azattest__policy_configure(policy->parsed, &evaluation, NULL) == AZATTEST_OK &&
        choose_baseline(evaluation, &identifier, NULL) == AZATTEST_OK)
        azattest__buf_append_text(out, identifier == NULL ? AZATTEST__TCB_DEFAULT : identifier);
    azattest_policy_evaluation_free(evaluation);
}

/* ---- the outcome ---- */

/* What the conditions see: the service's claims of the evidence under all their names, and what it says of the policy
 * itself, whose appearance here is a choice (the articles list it as incoming and as outgoing). */
static azattest_status make_incoming(const azattest__call *call, const azattest__service_policy *policy,
                                     const azattest__json *emitted, azattest_claim_set **out, azattest_error **error)
{
    azattest_status status;
    azattest__json *own = azattest__json_new_object();
    azattest__claims_kind kind;
    const char *type;

    azattest__json_put_base64url(own, "x-ms-policy-hash",
                                 azattest__bytes(policy->parsed->hash, sizeof(policy->parsed->hash)));
    if (policy->signer != NULL)
        azattest__json_put(own, "x-ms-policy-signer", azattest__json_copy(policy->signer));
    if (!azattest__json_is_whole(own)) /* as there: a claim less may be a denial less */
        status = azattest__error_memory(error);
    else if ((status = azattest__claim_source_kind(call->kind->name, &type, &kind, error)) == AZATTEST_OK &&
             (status = azattest__claim_source_set(kind, emitted, out, error)) == AZATTEST_OK)
        status = azattest__claim_set_add_json(*out, own, AZATTEST__ISSUER_SERVICE, error);
    azattest__json_free(own);
    return status;
}

static azattest_status evaluate(azattest__call *call, const azattest__service_policy *policy,
                                const azattest_claim_set *incoming, azattest_policy_evaluation **out,
                                azattest_error **error)
{
    azattest_error *why = NULL;
    azattest_status status = azattest_policy_evaluate(policy->parsed, incoming, NULL, out, &why);

    if (status == AZATTEST_E_POLICY_EVALUATION || status == AZATTEST_E_LIMIT)
        status = azattest__refuse_evaluation(call, azattest_error_message(why), error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, status, "%s", azattest_error_message(why));
    azattest_error_free(why);
    return status;
}

azattest_status azattest__service_policy_apply(azattest__call *call, const azattest__service_policy *policy,
                                               const azattest__json *emitted, azattest__service_verdict *out,
                                               azattest_error **error)
{
    azattest_status status;
    azattest_claim_set *incoming = NULL;
    azattest_policy_evaluation *evaluation = NULL;
    bool enclave = azattest__json_get(emitted, "x-ms-sgx-mrenclave") != NULL;

    *out = (azattest__service_verdict){ .claims = NULL };
    azattest__buf_init(&out->tcb_identifier, 256);
    if (policy->parsed->diagnostics.errors > 0)
        return azattest__refuse_policy(call, policy->parsed, error);
    if ((status = make_incoming(call, policy, emitted, &incoming, error)) != AZATTEST_OK ||
        (status = evaluate(call, policy, incoming, &evaluation, error)) != AZATTEST_OK)
        goto done;
    if (enclave) {
        const char *baseline;

        if ((status = choose_baseline(evaluation, &baseline, error)) != AZATTEST_OK)
            goto done;
        /* Recorded: the default is in the token of a policy that configures nothing, too. */
        azattest__buf_append_text(&out->tcb_identifier, baseline == NULL ? AZATTEST__TCB_DEFAULT : baseline);
    }
    if (!azattest_policy_evaluation_is_permitted(evaluation)) {
        status = azattest__refuse_denied(call, evaluation, error);
        goto done;
    }
    warn_of_properties(call, evaluation);
    if ((status = check_size(call, evaluation, error)) == AZATTEST_OK &&
        (status = azattest__error_from_buf(error, &out->tcb_identifier, "baseline")) == AZATTEST_OK)
        status = take_claims(call, azattest_policy_evaluation_claims(evaluation), emitted, &out->claims, error);
done:
    azattest_policy_evaluation_free(evaluation);
    azattest_claim_set_free(incoming);
    return status;
}

void azattest__service_verdict_clear(azattest__service_verdict *verdict)
{
    azattest__json_free(verdict->claims);
    azattest__buf_free(&verdict->tcb_identifier);
    *verdict = (azattest__service_verdict){ .claims = NULL };
}
