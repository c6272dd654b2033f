/* The claims of a token: the standard ones, the policy's, and what the library's mapping says of the evidence. */
#include "evidence/claims/claims.h"

#include "parts.h"

#define TOKEN_LIFE_S 28800 /* the service's eight hours; not configurable there either */

static void put_all(azattest__json *claims, const azattest__json *members)
{
    for (const azattest__json *member = azattest__json_first(members); member != NULL;
         member = azattest__json_next(member))
        azattest__json_put(claims, azattest__json_name(member), azattest__json_copy(member));
}

azattest_status azattest__claims_policy(azattest__json *claims, const azattest__claims_source *source,
                                        azattest_error **error)
{
    azattest_status status;
    azattest__buf hash;

    azattest__buf_init(&hash, 64);
    if ((status = azattest__policy_hash(source->policy, &hash, error)) != AZATTEST_OK)
        goto done;
    put_all(claims, source->verdict->claims);
    put_all(claims, source->verdict->properties);
    /* Recorded tokens of virtual machines, whose policies issue nothing, have no such member. */
    if (azattest__json_count(source->verdict->claims) > 0)
        azattest__json_put(claims, "x-ms-policy", azattest__claims_sorted(source->verdict->claims));
    azattest__json_put_bytes_text(claims, "x-ms-policy-hash", azattest__buf_bytes(&hash));
    if (source->policy_signer != NULL)
        azattest__json_put(claims, "x-ms-policy-signer", azattest__json_copy(source->policy_signer));
done:
    azattest__buf_free(&hash);
    return status;
}

azattest_status azattest__claims_standard(azattest__json *claims, const azattest__claims_source *source,
                                          azattest_error **error)
{
    azattest_status status;
    unsigned char id[32];

    if ((status = azattest__random(id, sizeof(id), error)) != AZATTEST_OK)
        return status;
    azattest__json_put_integer(claims, "exp", source->now_s + TOKEN_LIFE_S);
    azattest__json_put_integer(claims, "iat", source->now_s);
    azattest__json_put_string(claims, "iss", source->issuer);
    azattest__json_put_hex(claims, "jti", azattest__bytes(id, sizeof(id)));
    azattest__json_put_integer(claims, "nbf", source->now_s);
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

azattest_status azattest__claims_evidence(azattest__json *claims, const azattest__claims_source *source,
                                          azattest_error **error)
{
    azattest__claims_request request = { .evidence = source->evidence,
                                         .posted = source->posted,
                                         .runtime = data_of(source->runtime),
                                         .inittime = data_of(source->inittime),
                                         .nonce = source->nonce };

    return azattest__evidence_claims(kind_of(source), &request, claims, error);
}

azattest_status azattest__claims_make(const azattest__claims_source *source, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__json *claims = azattest__json_new_object();

    if ((status = azattest__claims_standard(claims, source, error)) == AZATTEST_OK &&
        (status = azattest__claims_policy(claims, source, error)) == AZATTEST_OK &&
        (status = azattest__claims_evidence(claims, source, error)) == AZATTEST_OK) {
        azattest__json_sort(claims);
        status = azattest__json_print(claims, false, out, error);
    }
    azattest__json_free(claims);
    return status;
}
