/* The claims of a token: the standard ones, what the library's mapping says of the evidence, and what the policy makes
 * of that. */
#include "evidence/claims/claims.h"

#include "policy_apply.h"

#define TOKEN_LIFE_S 28800 /* the service's eight hours; not configurable there either */

static void put_all(azattest__json *claims, const azattest__json *members)
{
    for (const azattest__json *member = azattest__json_first(members); member != NULL;
         member = azattest__json_next(member))
        azattest__json_put(claims, azattest__json_name(member), azattest__json_copy(member));
}

static void put_policy(azattest__json *claims, const azattest__service_policy *policy,
                       const azattest__service_verdict *verdict)
{
    put_all(claims, verdict->claims);
    if (verdict->tcb_identifier.len > 0)
        azattest__json_put_string(claims, "x-ms-sgx-tcbidentifier", (const char *)verdict->tcb_identifier.ptr);
    /* Recorded tokens of virtual machines, whose policies issue nothing, have no such member. */
    if (azattest__json_count(verdict->claims) > 0)
        azattest__json_put(claims, "x-ms-policy", azattest__claims_sorted(verdict->claims));
    azattest__json_put_base64url(claims, "x-ms-policy-hash",
                                 azattest__bytes(policy->parsed->hash, sizeof(policy->parsed->hash)));
    if (policy->signer != NULL)
        azattest__json_put(claims, "x-ms-policy-signer", azattest__json_copy(policy->signer));
}

static azattest_status put_standard(azattest__json *claims, const azattest__call *call, int64_t now_s,
                                    azattest_error **error)
{
    azattest_status status;
    unsigned char id[32];

    if ((status = azattest__random(id, sizeof(id), error)) != AZATTEST_OK)
        return status;
    azattest__json_put_integer(claims, "exp", now_s + TOKEN_LIFE_S);
    azattest__json_put_integer(claims, "iat", now_s);
    azattest__json_put_string(claims, "iss", call->service->endpoint);
    azattest__json_put_hex(claims, "jti", azattest__bytes(id, sizeof(id)));
    azattest__json_put_integer(claims, "nbf", now_s);
    return AZATTEST_OK;
}

static azattest__claims_data data_of(const azattest__attest_data *data)
{
    return data == NULL ? (azattest__claims_data){ .given = false }
                        : (azattest__claims_data){ data->given, azattest__buf_bytes(&data->bytes), data->json };
}

static azattest__claims_kind kind_of(const azattest__claims_source *source)
{
    if (source->guest)
        return AZATTEST__CLAIMS_GUEST;
    if (source->evidence->intel.report.body != NULL)
        return AZATTEST__CLAIMS_SGX;
    return source->evidence->intel.td_report.body != NULL ? AZATTEST__CLAIMS_TDX : AZATTEST__CLAIMS_SNP;
}

static azattest_status put_evidence(azattest__json *claims, const azattest__claims_source *source,
                                    azattest_error **error)
{
    azattest__claims_request request = { .evidence = source->evidence,
                                         .posted = source->posted,
                                         .runtime = data_of(source->runtime),
                                         .inittime = data_of(source->inittime),
                                         .nonce = source->nonce };

    return azattest__evidence_claims(kind_of(source), &request, claims, error);
}

static azattest_status find_policy(const azattest__call *call, const char *draft, azattest__service_policy **out,
                                   azattest_error **error)
{
    azattest_status status;

    if (draft != NULL)
        return azattest__service_policy_draft(call->service, call->kind, draft, out, error);
    if ((status = azattest__service_policy_in_force(call->service, call->kind, out, error)) == AZATTEST_OK &&
        *out == NULL)
        status =
            azattest__refuse(error, 400, "InvalidOperation", "this instance has no policy for %s", call->kind->name);
    return status;
}

azattest_status azattest__claims_make(azattest__call *call, const azattest__claims_source *source, azattest__buf *out,
                                      azattest_error **error)
{
    azattest_status status;
    azattest__json *claims = azattest__json_new_object();
    azattest__service_policy *policy = NULL;
    azattest__service_verdict verdict = { .claims = NULL };

    if ((status = find_policy(call, source->draft, &policy, error)) == AZATTEST_OK &&
        (status = put_evidence(claims, source, error)) == AZATTEST_OK &&
        (status = azattest__service_policy_apply(call, policy, claims, &verdict, error)) == AZATTEST_OK &&
        (status = put_standard(claims, call, source->now_s, error)) == AZATTEST_OK) {
        put_policy(claims, policy, &verdict);
        azattest__json_sort(claims);
        status = azattest__json_print(claims, false, out, error);
    }
    azattest__service_verdict_clear(&verdict);
    azattest__service_policy_free(policy);
    azattest__json_free(claims);
    return status;
}
