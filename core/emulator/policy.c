/*
 * The default policies, and what they say of evidence. The first text of SGX and Open Enclave is the one that shared
 * instances applied in November 2022: its hash is the x-ms-policy-hash of their tokens. The others of that list say the
 * same: as the documentation prints it, in the language's first version as instances served it in 2021, and that as the
 * documentation printed it. The texts of the virtual machines are proved by the hashes in their tokens too. A TPM has
 * no default (recorded), and for kinds of later versions none is known.
 */
#include "base/encoding.h"

#include "envelope.h"
#include "parts.h"

#define ISSUE(from, to) "c:[type==\"" from "\"] => issue(type=\"" to "\", value=c.value);"
#define ISSUE_ALL(before, after)                                                                                       \
    before ISSUE("x-ms-sgx-is-debuggable", "is-debuggable") after before ISSUE("x-ms-sgx-mrsigner", "sgx-mrsigner")    \
        after before ISSUE("x-ms-sgx-mrenclave", "sgx-mrenclave")                                                      \
            after before ISSUE("x-ms-sgx-product-id", "product-id") after before ISSUE("x-ms-sgx-svn", "svn")          \
                after before ISSUE("x-ms-attestation-type", "tee") after
#define CONFIGURE "=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");"
#define PERMIT "=> permit();"
#define MARGIN "                "
#define DENY(type) MARGIN "    [type==\"" type "\", value==false] => deny();\n\n"

static const char *const sgx[] = {
    "version= 1.1;configurationrules{" CONFIGURE "};authorizationrules{" PERMIT
    "};issuancerules{" ISSUE_ALL("", "") "};",
    "version= 1.1;\nconfigurationrules{\n\t" CONFIGURE "\n};\nauthorizationrules{\n\t" PERMIT
    "\n};\nissuancerules{\n" ISSUE_ALL("\t", "\n") "};",
    "version= 1.0;authorizationrules{" PERMIT "};issuancerules{" ISSUE_ALL("", "") "};",
    "version= 1.0;\nauthorizationrules {\n\t" PERMIT "\n};\nissuancerules {\n" ISSUE_ALL("\t", "\n") "};",
    NULL,
};
static const char *const confidential_vm[] = { "version= 1.0;authorizationrules{" PERMIT "};", NULL };
static const char *const azure_guest[] = {
    "\n" MARGIN "version= 1.0;\n" MARGIN "authorizationrules\n" MARGIN
    "{\n" DENY("x-ms-azurevm-default-securebootkeysvalidated") DENY("x-ms-azurevm-debuggersdisabled") DENY("secureboot")
        DENY("x-ms-azurevm-signingdisabled") DENY("x-ms-azurevm-dbvalidated") DENY("x-ms-azurevm-dbxvalidated") MARGIN
    "    " PERMIT "\n" MARGIN "};\n" MARGIN "issuancerules\n" MARGIN "{\n" MARGIN "};",
    NULL,
};
static const char *const none[] = { NULL };

static const struct {
    const char *kind;
    const char *const *texts; /* the first one is in force */
} defaults[] = {
    { "SgxEnclave", sgx },        { "OpenEnclave", sgx },        { "SevSnpVm", confidential_vm },
    { "TdxVm", confidential_vm }, { "AzureGuest", azure_guest },
};

static const char *const *texts_of(const azattest__kind *kind)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (strcmp(kind->name, defaults[i].kind) == 0)
            return defaults[i].texts;
    return none;
}

const char *azattest__policy_default(const azattest__kind *kind)
{
    return texts_of(kind)[0];
}

bool azattest__policy_is_default(const azattest__kind *kind, const char *text)
{
    for (const char *const *known = texts_of(kind); *known != NULL; known++) {
        size_t len = strlen(*known);

        if (strncmp(text, *known, len) == 0 && text[len + strspn(text + len, " \t\r\n")] == '\0')
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
    if (strstr(text, CONFIGURE) != NULL)
        azattest__json_put_string(out->properties, "x-ms-sgx-tcbidentifier", "azuredefault");
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
