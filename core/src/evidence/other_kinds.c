/* Kinds of evidence that are known and not verified here, and things that lie around evidence: refused by name, so that
 * nobody hunts for damage in a file that is whole. Sources: Intel SGX and TDX DCAP quoting library references; TCG
 * TPM 2.0 library, part 2; Open Enclave, include/openenclave/internal. */
#include "formats.h"

#include <stdio.h>

#include "../crypto/crypto.h"

#define TEE_TDX 0x81u
#define TDX_REPORT_SIZE 1024u
#define ENDORSEMENTS_COUNT 9u

static azattest_status unsupported(const char *what, azattest_error **error)
{
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "%s: this version cannot verify it", what);
}

/* What lies around evidence, and where it belongs. */
static azattest_status no_evidence(const char *what, const char *instead, azattest_error **error)
{
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "%s, not evidence%s", what, instead);
}

#define AS_COLLATERAL ": give it as collateral"
#define NONE_INSIDE ", and none is inside"

/* The one type of attestation key that is defined and that no verifier takes. */
static bool has_p384_key(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    return azattest__intel_has_vendor(raw) && azattest__intel_quote_looks_like(raw) && azattest__le16(p + 2) == 3;
}

/* Open Enclave's container of collateral, and the quoting library's structure of it. */
static bool is_collateral(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    if (raw.len < 64)
        return false;
    if (azattest__le32(p) == 1 && azattest__le32(p + 4) == 2 && azattest__le32(p + 12) == ENDORSEMENTS_COUNT)
        return true;
    return (azattest__le16(p) == 3 || azattest__le16(p) == 4) && azattest__le32(p + 4) == TEE_TDX &&
           azattest__le16(p + 2) <= 1;
}

/* One SEQUENCE from end to end, in which lie SEQUENCE, SEQUENCE, BIT STRING: certificates and revocation lists. */
static bool is_signed_asn1(azattest_bytes raw)
{
    static const int tags[] = { 16, 16, 3 };
    azattest__der element;
    azattest_bytes inside;

    if (!azattest__der_next(&raw, &element) || element.tag != 16 || raw.len != 0)
        return false;
    inside = element.content;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (!azattest__der_next(&inside, &element) || element.tag != tags[i])
            return false;
    return inside.len == 0;
}

azattest_status azattest__other_kind_binary(azattest_bytes raw, azattest_error **error)
{
    const unsigned char *p = raw.ptr;
    char text[80];

    if (has_p384_key(raw)) {
        snprintf(text, sizeof(text), "a quote, version %u, with an attestation key of type 3 (ECDSA P-384)",
                 azattest__le16(p));
        return unsupported(text, error);
    }
    if (is_collateral(raw))
        return no_evidence("collateral for verifying quotes (Open Enclave endorsements)", AS_COLLATERAL, error);
    if (raw.len == TDX_REPORT_SIZE && p[0] == TEE_TDX)
        return unsupported("a TDX report (TDREPORT), which only its own machine can verify", error);
    if (raw.len >= 4 && azattest__le16(p) == 2 && azattest__le16(p + 2) == 1)
        return unsupported("an SGX EPID quote, version 2, whose attestation service has ended", error);
    if (is_signed_asn1(raw) && !azattest__attested_certificate_looks_like(raw))
        return no_evidence("an X.509 certificate or revocation list (DER)", NONE_INSIDE, error);
    return AZATTEST_OK;
}

static bool starts_with(azattest_bytes text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

azattest_status azattest__other_kind_text(azattest_bytes text, azattest_error **error)
{
    static const struct {
        const char *prefix, *name, *instead;
    } kinds[] = {
        { "-----BEGIN CERTIFICATE-----", "an X.509 certificate (PEM)", NONE_INSIDE },
        { "-----BEGIN X509 CRL-----", "a certificate revocation list (PEM)", AS_COLLATERAL },
        { "-----BEGIN PUBLIC KEY-----", "a public key (PEM)", "" },
        { "-----BEGIN PRIVATE KEY-----", "a private key (PEM)", "" },
        { "-----BEGIN RSA PRIVATE KEY-----", "a private key (PEM)", "" },
        { "-----BEGIN EC PRIVATE KEY-----", "a private key (PEM)", "" },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (starts_with(text, kinds[i].prefix))
            return no_evidence(kinds[i].name, kinds[i].instead, error);
    /* A JSON object in base64url, and a dot: nothing else begins so. */
    if (starts_with(text, "eyJ") && memchr(text.ptr, '.', text.len) != NULL)
        return no_evidence("a token (JWT)", ": validate it as one", error);
    return AZATTEST_OK;
}

azattest_status azattest__other_kind_json(const azattest__json *document, azattest_error **error)
{
    static const char collateral[] = "Intel collateral for verifying quotes";
    static const struct {
        const char *member, *name, *instead;
    } kinds[] = {
        { "vcek", "AMD certificates", AS_COLLATERAL },
        { "vcekCert", "AMD certificates of a host", AS_COLLATERAL },
        { "tcbInfo", collateral, AS_COLLATERAL },
        { "tcb_info", collateral, AS_COLLATERAL },
        { "enclaveIdentity", collateral, AS_COLLATERAL },
        { "keys", "a key set (JWKS)", ": its certificates are judged one by one, as those of the service" },
        { "token", "an answer of the service, which holds a token", ": validate that" },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (azattest__json_get(document, kinds[i].member) != NULL)
            return no_evidence(kinds[i].name, kinds[i].instead, error);
    return AZATTEST_OK;
}
