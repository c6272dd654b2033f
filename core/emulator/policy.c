/*
 * The default policy of SGX and Open Enclave instances. The first text is the one that shared instances applied in
 * November 2022: its hash is the x-ms-policy-hash of their tokens. The others say the same: as the documentation prints
 * it, and in the language's first version as instances served it in 2021.
 */
#include "base/encoding.h"

#include "parts.h"

#define ISSUE(from, to) "c:[type==\"" from "\"] => issue(type=\"" to "\", value=c.value);"
#define ISSUE_ALL(before, after)                                                                                       \
    before ISSUE("x-ms-sgx-is-debuggable", "is-debuggable") after before ISSUE("x-ms-sgx-mrsigner", "sgx-mrsigner")    \
        after before ISSUE("x-ms-sgx-mrenclave", "sgx-mrenclave")                                                      \
            after before ISSUE("x-ms-sgx-product-id", "product-id") after before ISSUE("x-ms-sgx-svn", "svn")          \
                after before ISSUE("x-ms-attestation-type", "tee") after
#define CONFIGURE "=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");"
#define PERMIT "=> permit();"

static const char *const defaults[] = {
    "version= 1.1;configurationrules{" CONFIGURE "};authorizationrules{" PERMIT
    "};issuancerules{" ISSUE_ALL("", "") "};",
    "version= 1.1;\nconfigurationrules{\n\t" CONFIGURE "\n};\nauthorizationrules{\n\t" PERMIT
    "\n};\nissuancerules{\n" ISSUE_ALL("\t", "\n") "};",
    "version= 1.0;authorizationrules{" PERMIT "};issuancerules{" ISSUE_ALL("", "") "};",
};

const char *azattest__policy_default(void)
{
    return defaults[0];
}

bool azattest__policy_is_default(const char *text)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        size_t len = strlen(defaults[i]);

        if (strncmp(text, defaults[i], len) == 0 && text[len + strspn(text + len, " \t\r\n")] == '\0')
            return true;
    }
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

void azattest__policy_issue(azattest__json *claims, const azattest__sgx_report *report)
{
    azattest__json_put_bool(claims, "is-debuggable", (report->attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0);
    azattest__json_put_integer(claims, "product-id", report->isv_product_id);
    azattest__json_put_hex(claims, "sgx-mrenclave", azattest__bytes(report->mr_enclave, 32));
    azattest__json_put_hex(claims, "sgx-mrsigner", azattest__bytes(report->mr_signer, 32));
    azattest__json_put_integer(claims, "svn", report->isv_svn);
    azattest__json_put_string(claims, "tee", "sgx");
}
