/* The policy of a kind of evidence where none was set, and what a default policy says of evidence. */
#include "base/encoding.h"
#include "policy/known.h"

#include "envelope.h"
#include "parts.h"

#define PROPERTY "x-ms-sgx-tcbidentifier"

const char *azattest__policy_default(const azattest__kind *kind)
{
    return azattest_policy_default(kind->name);
}

static size_t length_trimmed(const char *text)
{
    size_t len = strlen(text);

    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    return len;
}

static bool is_of_kind(const azattest__known_policy *policy, const azattest__kind *kind)
{
    for (size_t i = 0; i < 2 && policy->types[i] != NULL; i++)
        if (strcmp(policy->types[i], kind->name) == 0)
            return true;
    return false;
}

bool azattest__policy_is_default(const azattest__kind *kind, const char *text)
{
    size_t count, len = length_trimmed(text);
    const azattest__known_policy *known = azattest__known_policies(&count);

    for (size_t i = 0; i < count; i++)
        if (known[i].text != NULL && is_of_kind(&known[i], kind) && length_trimmed(known[i].text) == len &&
            strncmp(text, known[i].text, len) == 0)
            return strchr(text, '$') == NULL; /* the names of 2020 are not looked up here */
    return false;
}

azattest_status azattest__policy_hash(const char *text, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf encoded;

    azattest__buf_init(&encoded, 2 * AZATTEST_LIMIT_POLICY);
    azattest__base64url_encode(azattest__text(text), &encoded);
    if ((status = azattest__error_from_buf(error, &encoded, "policy")) != AZATTEST_OK ||
        (status = azattest__sha256(azattest__buf_bytes(&encoded), hash, error)) != AZATTEST_OK)
        goto done;
    azattest__base64url_encode(azattest__bytes(hash, sizeof(hash)), out);
    status = azattest__error_from_buf(error, out, "policy hash");
done:
    azattest__buf_free(&encoded);
    return status;
}

/* The claims that the default policy of SGX issues, and the property that those of version 1.1 do. */
static void issue_sgx(const char *text, const azattest__sgx_report *report, azattest__policy_verdict *out)
{
    azattest__json_put_bool(out->claims, "is-debuggable", (report->attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0);
    azattest__json_put_integer(out->claims, "product-id", report->isv_product_id);
    azattest__json_put_hex(out->claims, "sgx-mrenclave", azattest__bytes(report->mr_enclave, 32));
    azattest__json_put_hex(out->claims, "sgx-mrsigner", azattest__bytes(report->mr_signer, 32));
    azattest__json_put_integer(out->claims, "svn", report->isv_svn);
    azattest__json_put_string(out->claims, "tee", "sgx");
    /* No baseline is held, and the README says so. */
    if (strstr(text, PROPERTY) != NULL)
        azattest__json_put_string(out->properties, PROPERTY, "azuredefault");
}

azattest_status azattest__policy_evaluate(const azattest__kind *kind, const char *text,
                                          const azattest_evidence *evidence, azattest__policy_verdict *out,
                                          azattest_error **error)
{
    *out = (azattest__policy_verdict){ .claims = NULL };
    if (!azattest__policy_is_default(kind, text))
        return azattest__refuse(error, 400, "InvalidOperation",
                                "the policy is not evaluated: the local service of this version evaluates default "
                                "policies of %s only, and gives no token for any other",
                                kind->name);
    out->claims = azattest__json_new_object();
    out->properties = azattest__json_new_object();
    if (evidence->intel.report.body != NULL) /* those of virtual machines issue nothing */
        issue_sgx(text, &evidence->intel.report, out);
    return AZATTEST_OK;
}

void azattest__policy_verdict_clear(azattest__policy_verdict *verdict)
{
    azattest__json_free(verdict->claims);
    azattest__json_free(verdict->properties);
    *verdict = (azattest__policy_verdict){ .claims = NULL };
}
