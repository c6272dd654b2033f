/*
 * Claims of tokens and of evidence, as a policy sees them. Not established, and chosen here: of the members that every
 * token has, x-ms-attestation-type is incoming for certain (the default policy reads it); x-ms-ver, x-ms-policy-hash,
 * x-ms-policy-signer and nonce were listed as incoming once, and are taken where they are there. Source: reference of
 * the policy language, sections 2.5 and 3.
 */
#include "claim_source.h"

#include <azattest/policy.h>

#include "../base/encoding.h"
#include "../error/options.h"
#include "../policy/claims/claims.h"
#include "../policy/vocabulary/known.h"
#include "../policy/language/tree.h"
#include "../policy/vocabulary/vocabulary.h"
#include "../token/checks.h"

#define ATTESTATION_TYPE "x-ms-attestation-type"
#define POLICY_CLAIMS "x-ms-policy"

azattest_status azattest__claim_source_kind(const char *attestation_type, const char **type,
                                            azattest__claims_kind *kind, azattest_error **error)
{
    static const struct {
        const char *type;
        azattest__claims_kind kind;
    } kinds[] = {
        { AZATTEST_TYPE_SGX_ENCLAVE, AZATTEST__CLAIMS_SGX },   { AZATTEST_TYPE_OPEN_ENCLAVE, AZATTEST__CLAIMS_SGX },
        { AZATTEST_TYPE_SEV_SNP_VM, AZATTEST__CLAIMS_SNP },    { AZATTEST_TYPE_TDX_VM, AZATTEST__CLAIMS_TDX },
        { AZATTEST_TYPE_AZURE_GUEST, AZATTEST__CLAIMS_GUEST }, { AZATTEST_TYPE_TPM, AZATTEST__CLAIMS_TPM },
    };

    *type = azattest__policy_type(attestation_type);
    for (size_t i = 0; *type != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].type, *type) == 0) {
            *kind = kinds[i].kind;
            return AZATTEST_OK;
        }
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "attestation type \"%.64s\": none whose claims are known; expected one of SgxEnclave, "
                               "OpenEnclave, SevSnpVm, TdxVm, AzureGuest, Tpm",
                               azattest__utf8_valid(azattest__text(attestation_type)) ? attestation_type : "?");
}

/* ---- members to claims ---- */

azattest_status azattest__claim_source_set(azattest__claims_kind kind, const azattest__json *members,
                                           azattest_claim_set **out, azattest_error **error)
{
    static const struct {
        const char *name, *first;
    } aliases[] = {
        { "x-ms-sgx-is-debuggable", "$is-debuggable" },
        { "x-ms-sgx-product-id", "$product-id" },
        { "x-ms-sgx-svn", "$svn" },
        { "x-ms-sgx-mrsigner", "$sgx-mrsigner" },
        { "x-ms-sgx-mrenclave", "$sgx-mrenclave" },
        { ATTESTATION_TYPE, "$tee" },
    };
    azattest_claim_set *set = NULL;
    azattest_status status;

    *out = NULL;
    if (!azattest__json_is_whole(members)) /* a claim less may be a denial less */
        return azattest__error_memory(error);
    if ((status = azattest_claim_set_new(&set, error)) == AZATTEST_OK)
        status = azattest__claim_set_add_json(set, members, AZATTEST__ISSUER_SERVICE, error);
    for (size_t i = 0;
         status == AZATTEST_OK && kind == AZATTEST__CLAIMS_SGX && i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        const azattest__json *value = azattest__json_get(members, aliases[i].name);

        if (value != NULL)
            status = azattest__claim_set_add_value(set, aliases[i].first, value, AZATTEST__ISSUER_SERVICE, error);
    }
    if (status == AZATTEST_OK) {
        *out = set;
        set = NULL;
    }
    azattest_claim_set_free(set);
    return status;
}

/* ---- tokens ---- */

static bool is_any(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}
#define IS_ANY(name, list) is_any(name, list, sizeof(list) / sizeof((list)[0]))

/* Claims about the token, not about the evidence; what the policy issued, once more; and the properties of policies
 * that come into tokens. */
static bool is_no_claim(const char *name)
{
    static const char *const names[] = { "iss", "iat", "exp", "nbf",         "jti",
                                         "aud", "sub", "cnf", POLICY_CLAIMS, "x-ms-sgx-tcbidentifier" };

    return IS_ANY(name, names);
}

/* What the service itself makes of evidence of that kind: a claim that is of another kind's evidence can only be the
 * policy's, whatever its name. */
static const struct services {
    azattest__claims_kind kind;
    const char *beginnings[3], *names[8];
} services[] = {
    { AZATTEST__CLAIMS_SGX, { "x-ms-sgx-" }, { "aas-ehd", "maa-ehd", "maa-attestationcollateral" } },
    { AZATTEST__CLAIMS_SNP, { "x-ms-sevsnpvm-" }, { "x-ms-compliance-status" } },
    { AZATTEST__CLAIMS_TDX, { "tdx_", "attester_" }, { "x-ms-compliance-status", "dbgstat", "intuse", "eat_profile" } },
    { AZATTEST__CLAIMS_GUEST, { "x-ms-azurevm-" }, { "x-ms-isolation-tee", "secureboot", "x-ms-compliance-status" } },
};

static bool is_of_all(const char *name)
{
    static const char *const names[] = { ATTESTATION_TYPE,
                                         "x-ms-ver",
                                         "x-ms-policy-hash",
                                         "x-ms-policy-signer",
                                         "x-ms-runtime",
                                         "x-ms-inittime",
                                         "nonce",
                                         "rp_data",
                                         "ver",
                                         "policy_hash",
                                         "maa-policyHash",
                                         "aas-policyHash",
                                         "policy_signer" };

    return IS_ANY(name, names);
}

/* By the beginnings of the names, so that claims of newer versions are not taken for a policy's. */
static bool is_the_services(const char *name, azattest__claims_kind kind)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        const struct services *own = &services[i];

        if (own->kind != kind)
            continue;
        for (size_t k = 0; k < sizeof(own->beginnings) / sizeof(own->beginnings[0]); k++)
            if (own->beginnings[k] != NULL && strncmp(name, own->beginnings[k], strlen(own->beginnings[k])) == 0)
                return true;
        for (size_t k = 0; k < sizeof(own->names) / sizeof(own->names[0]) && own->names[k] != NULL; k++)
            if (strcmp(name, own->names[k]) == 0)
                return true;
    }
    return is_of_all(name);
}

/* In the language's vocabulary, as one that the service puts into such a token. */
static bool is_known(const char *name, azattest__claims_kind kind)
{
    static const unsigned types[] = { [AZATTEST__CLAIMS_SGX] = AZATTEST__TYPE_SGX,
                                      [AZATTEST__CLAIMS_SNP] = AZATTEST__TYPE_SNP,
                                      [AZATTEST__CLAIMS_TDX] = AZATTEST__TYPE_TDX,
                                      [AZATTEST__CLAIMS_GUEST] = AZATTEST__TYPE_GUEST,
                                      [AZATTEST__CLAIMS_TPM] = AZATTEST__TYPE_TPM };
    const azattest__known_claim *known = azattest__known_claim_find(name, types[kind]);

    return known != NULL && (known->flags & AZATTEST__CLAIM_EMITTED) != 0;
}

/* A token says in x-ms-policy what its policy issued; a claim that is known to be the service's keeps the service's
 * value even so. One without it has nothing of a policy, or is of a time or a type that did not say so: then everything
 * is the policy's that the service does not make itself. */
static bool was_seen(const char *name, azattest__claims_kind kind, const azattest__json *issued)
{
    if (is_no_claim(name))
        return false;
    if (issued == NULL)
        return is_the_services(name, kind);
    return azattest__json_get(issued, name) == NULL || is_known(name, kind);
}

/* The type by the token's own claim, which has to be the one that is asked for. */
static azattest_status find_type(const azattest__json *body, const char *wanted, azattest__claims_kind *kind,
                                 const char **claim, azattest_error **error)
{
    static const char *const names[] = { AZATTEST__TYPE_CLAIMS };
    const char *type, *own;
    azattest__claims_kind own_kind;
    azattest_status status;

    *claim = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && *claim == NULL; i++)
        *claim = azattest__json_get_string(body, names[i]);
    if (*claim == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "the token has no claim " ATTESTATION_TYPE ": it is not of an attestation");
    if ((status = azattest__claim_source_kind(*claim, &own, &own_kind, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "claim " ATTESTATION_TYPE " of the token");
        return status;
    }
    *kind = own_kind;
    if (wanted == NULL)
        return AZATTEST_OK;
    if ((status = azattest__claim_source_kind(wanted, &type, kind, error)) == AZATTEST_OK && *kind != own_kind)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "attestation type %s: the token is of an attestation of type \"%s\" (%s)", type,
                                     *claim, own);
    return status;
}

static azattest_status read_body(const azattest_token *token, const char *wanted, azattest__claims_kind *kind,
                                 azattest__json *seen, azattest_error **error)
{
    const azattest__json *issued;
    azattest__json *body = NULL;
    const char *claim;
    azattest_status status = azattest__json_parse(token->jws.body, &body, error);

    if (status != AZATTEST_OK || (status = find_type(body, wanted, kind, &claim, error)) != AZATTEST_OK)
        goto done;
    issued = azattest__json_get(body, POLICY_CLAIMS);
    if (!azattest__json_is_object(issued))
        issued = NULL;
    for (const azattest__json *member = azattest__json_first(body); member != NULL;
         member = azattest__json_next(member))
        if (was_seen(azattest__json_name(member), *kind, issued))
            azattest__json_put(seen, azattest__json_name(member), azattest__json_copy(member));
    if (azattest__json_get(seen, ATTESTATION_TYPE) == NULL)
        azattest__json_put_string(seen, ATTESTATION_TYPE, claim);
done:
    azattest__json_free(body);
    return status;
}

azattest_status azattest__claim_source_begin(const azattest_claims_options *in, const void *source, const char *what,
                                             azattest_claims_options *options, azattest_claim_set **out,
                                             azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no place for the result");
    *out = NULL;
    if (source == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no %s", what);
    return azattest__options_take(in, options, sizeof(*options), "AZATTEST_CLAIMS_OPTIONS_INIT", error);
}

azattest_status azattest_claim_set_from_token(const azattest_token *token, const azattest_claims_options *in,
                                              azattest_claim_set **out, azattest_error **error)
{
    azattest_claims_options options;
    azattest__claims_kind kind;
    azattest__json *seen = NULL;
    azattest_status status = azattest__claim_source_begin(in, token, "token", &options, out, error);

    if (status != AZATTEST_OK)
        return status;
    if (options.runtime_data.ptr != NULL || options.runtime_json.ptr != NULL || options.inittime_data.ptr != NULL ||
        options.inittime_json.ptr != NULL || options.nonce != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "claims: data and nonce go with evidence; a token has its own");
    if ((seen = azattest__json_new_object()) == NULL)
        return azattest__error_memory(error);
    if ((status = read_body(token, options.attestation_type, &kind, seen, error)) == AZATTEST_OK)
        status = azattest__claim_source_set(kind, seen, out, error);
    azattest__json_free(seen);
    return status;
}

azattest_status azattest_policy_matches_token(const azattest_policy *policy, const azattest_token *token, bool *matches)
{
    azattest__buf text, hash;
    azattest_status status = AZATTEST_ABSENT;

    if (matches != NULL)
        *matches = false;
    if (policy == NULL || token == NULL || matches == NULL)
        return AZATTEST_E_ARGUMENT;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__buf_init(&hash, AZATTEST_LIMIT_TOKEN_BODY);
    if (azattest__claim_text(azattest__token_claim_any(token, &azattest__claim_policy_hash, NULL), &text)) {
        status = AZATTEST_OK;
        *matches =
            text.len > 0 && azattest__base64url_decode(azattest__buf_bytes(&text), &hash) &&
            azattest__bytes_equal(azattest__buf_bytes(&hash), azattest__bytes(policy->hash, sizeof(policy->hash)));
    }
    if (text.status == AZATTEST_E_MEMORY || hash.status == AZATTEST_E_MEMORY)
        status = AZATTEST_E_MEMORY;
    azattest__buf_free(&hash);
    azattest__buf_free(&text);
    return status;
}
