/*
 * The default policies. The first text of SGX and Open Enclave is the one that shared instances applied in November
 * 2022: its hash is the x-ms-policy-hash of their tokens. The others of that list say the same: as the documentation
 * prints it, in the language's first version as instances served it in 2021, that as the documentation printed it, and
 * with the claims' first names as instances served it in 2020. The texts of the virtual machines are proved by the
 * hashes in their tokens too. A TPM has no default (recorded). Of two hashes that tokens of the vendor's test instances
 * have, the texts were not found.
 */
#include "known.h"

#include <string.h>

#include "../../base/encoding.h"

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

#define SGX_TYPES                                                                                                      \
    {                                                                                                                  \
        "SgxEnclave", "OpenEnclave"                                                                                    \
    }

static const azattest__known_policy policies[] = {
    { "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc",
      "default of SgxEnclave and OpenEnclave on shared instances, as tokens of 2022 have it", SGX_TYPES,
      "version= 1.1;configurationrules{" CONFIGURE "};authorizationrules{" PERMIT
      "};issuancerules{" ISSUE_ALL("", "") "};" },
    { "_9-4sQbuBdJce7g9FGy44hdOhJyGeif2ZrdhiFLJhqQ",
      "default of SgxEnclave and OpenEnclave, as its documentation prints it since 2023", SGX_TYPES,
      "version= 1.1;\nconfigurationrules{\n\t" CONFIGURE "\n};\nauthorizationrules{\n\t" PERMIT
      "\n};\nissuancerules{\n" ISSUE_ALL("\t", "\n") "};\n" },
    { "bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw",
      "default of SgxEnclave and OpenEnclave, as served in 2021 and 2022", SGX_TYPES,
      "version= 1.0;authorizationrules{" PERMIT "};issuancerules{" ISSUE_ALL("", "") "};" },
    { "mkn2VBHothGTGkMF4YC46yOdyKBwf-bhzVuM_XDZYj8",
      "default of SgxEnclave and OpenEnclave, as its documentation printed it in 2021", SGX_TYPES,
      "version= 1.0;\nauthorizationrules {\n\t" PERMIT "\n};\nissuancerules {\n" ISSUE_ALL("\t", "\n") "};\n" },
    { "egjnANIzEpS2WgpE4Nk-QEwM69XRCgTs42_G0qLlbnk", "default of SgxEnclave and OpenEnclave, as served in 2020",
      SGX_TYPES,
      "version= 1.0;authorizationrules{c:[type==\"$is-debuggable\"] " PERMIT
      "};issuancerules{" ISSUE("$is-debuggable", "is-debuggable") ISSUE("$sgx-mrsigner", "sgx-mrsigner")
          ISSUE("$sgx-mrenclave", "sgx-mrenclave") ISSUE("$product-id", "product-id") ISSUE("$svn", "svn")
              ISSUE("$tee", "tee") "};" },
    { "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco",
      "default of SevSnpVm and TdxVm on shared instances", /* of TdxVm by a public pin of a deployment on one */
      { "SevSnpVm", "TdxVm" },
      "version= 1.0;authorizationrules{" PERMIT "};" },
    { "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs",
      "default of AzureGuest on shared instances",
      { "AzureGuest", NULL },
      "\n" MARGIN "version= 1.0;\n" MARGIN "authorizationrules\n" MARGIN "{\n" DENY(
          "x-ms-azurevm-default-securebootkeysvalidated") DENY("x-ms-azurevm-debuggersdisabled") DENY("secureboot")
          DENY("x-ms-azurevm-signingdisabled") DENY("x-ms-azurevm-dbvalidated") DENY("x-ms-azurevm-dbxvalidated") MARGIN
      "    " PERMIT "\n" MARGIN "};\n" MARGIN "issuancerules\n" MARGIN "{\n" MARGIN "};" },
    /* The type is retired, and no instance is known to have it in force: it is nobody's default here. */
    { "uXQqphtQ8MXORiyFEnCLl7Nwo_3RggOMY5UJ9z8A9lo",
      "default of CyResComponent, a type that is no more",
      { NULL, NULL },
      "version= 1.0;authorizationrules{c:[type==\"$is-debuggable\"] " PERMIT
      "};issuancerules{" ISSUE("$public_key_0", "device_id")
          ISSUE("$product_id_0",
                "component_0_id") "=> issue(type=\"expected_components\", value=\"component_0\");" ISSUE("$tee",
                                                                                                         "tee") "};" },
    { "LTPRQQju-FejAwdYihF8YV_c2XWebG9joKvrHKc3bxs", "SEV-SNP sandbox of 2022, text not known", { NULL, NULL }, NULL },
    { "B56nbp5slhw66peoRYkpdq1WykMkEworvdol08hnMXE", "TDX sandbox of 2023, text not known", { NULL, NULL }, NULL },
};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))

static const struct {
    const char *type, *claim;
} types[] = {
    { "SgxEnclave", "sgx" }, { "OpenEnclave", "sgx" },    { "SevSnpVm", "sevsnpvm" },
    { "TdxVm", "tdxvm" },    { "AzureGuest", "azurevm" }, { "Tpm", "tpm" },
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Letter case, `-` and `_` of the text aside: "sgx-enclave" is what the command calls it. */
static bool same_name(const char *name, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == '_')
            continue;
        if (lower(*name) != lower(*text))
            return false;
        name++;
    }
    return *name == '\0';
}

const char *azattest__policy_type(const char *text)
{
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < TYPES; i++)
        if (same_name(types[i].type, text) || same_name(types[i].claim, text))
            return types[i].type;
    return same_name("vbs", text) ? "Tpm" : NULL; /* the same path and the same policy */
}

const char *azattest__policy_type_claim(const char *type)
{
    for (size_t i = 0; i < TYPES; i++)
        if (type != NULL && strcmp(types[i].type, type) == 0)
            return types[i].claim;
    return NULL;
}

const azattest__known_policy *azattest__known_policies(size_t *count)
{
    *count = POLICIES;
    return policies;
}

const char *azattest_policy_default(const char *attestation_type)
{
    const char *type = azattest__policy_type(attestation_type);

    for (size_t i = 0; type != NULL && i < POLICIES; i++)
        for (size_t k = 0; k < 2 && policies[i].types[k] != NULL; k++)
            if (strcmp(policies[i].types[k], type) == 0)
                return policies[i].text;
    return NULL;
}

const char *azattest_policy_known_name(azattest_bytes policy_hash)
{
    const char *name = NULL;
    azattest__buf text;

    if (policy_hash.ptr == NULL || policy_hash.len != 32)
        return NULL;
    azattest__buf_init(&text, 64);
    azattest__base64url_encode(policy_hash, &text);
    for (size_t i = 0; i < POLICIES && name == NULL; i++)
        if (azattest__bytes_equal_text(azattest__buf_bytes(&text), policies[i].hash))
            name = policies[i].name;
    azattest__buf_free(&text);
    return name;
}
