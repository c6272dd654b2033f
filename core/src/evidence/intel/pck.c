#include "pck.h"

#include <azattest/limits.h>

#include "../../base/clock.h"
#include "../../base/encoding.h"

static const char *const roles[AZATTEST__PCK_CHAIN] = { "leaf", "intermediate", "root" };

static azattest_status chain_error(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "PCK chain: %s", what);
}

static bool is_line_end(azattest_bytes text)
{
    return text.len == 0 || azattest__bytes_equal_text(text, "\n") || azattest__bytes_equal_text(text, "\r\n");
}

static azattest_status read_certificate(azattest_bytes body, azattest__cert **out, azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (azattest__pem_decode_body(body, &der))
        status = azattest__cert_parse(azattest__buf_bytes(&der), out, error);
    else if (der.status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "not base64");
    azattest__buf_free(&der);
    return status;
}

/* Only whole blocks, one behind the other, and one NUL that C programs leave: no byte may change unnoticed. */
static azattest_status read_chain(azattest_bytes text, azattest__pck *pck, azattest_error **error)
{
    const char *p = text.ptr;
    azattest_bytes block, body;
    azattest_status status;
    size_t offset = 0, end = 0;

    if (text.len > 0 && p[text.len - 1] == '\0')
        text.len--;
    if (text.len == 0)
        return chain_error(error, "empty, expected 3 certificates in PEM");
    while (azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
        if (!is_line_end(azattest__bytes(p + end, (size_t)((const char *)block.ptr - (p + end)))))
            return chain_error(error, "other text before or between the certificates");
        end = offset;
        if (pck->count == AZATTEST__PCK_CHAIN)
            return chain_error(error, "more than 3 certificates, expected leaf, intermediate, root");
        if ((status = read_certificate(body, &pck->certificates[pck->count], error)) != AZATTEST_OK) {
            azattest__error_prefix(error, "PCK chain: %s", roles[pck->count]);
            return status;
        }
        pck->count++;
    }
    if (!is_line_end(azattest__bytes(p + end, text.len - end)))
        return chain_error(error, pck->count == 0 ? "no certificate in PEM, expected 3"
                                                  : "other text behind the certificates");
    if (pck->count != AZATTEST__PCK_CHAIN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: %zu certificate%s, expected 3: leaf, intermediate, root", pck->count,
                                   pck->count == 1 ? "" : "s");
    return AZATTEST_OK;
}

static azattest_status read_extensions(azattest__pck *pck, azattest_error **error)
{
    azattest_bytes value;
    bool twice;

    if (pck->count == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "SGX extensions: there is no PCK certificate");
    value = azattest__cert_extension(pck->certificates[0], "1.2.840.113741.1.13.1", &twice);
    if (value.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: the PCK certificate has none (1.2.840.113741.1.13.1)");
    if (twice)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: the PCK certificate has them twice");
    return azattest__pck_extensions_parse(value, &pck->extensions, error);
}

azattest_status azattest__pck_read(azattest_bytes text, azattest__pck *out, azattest_error **error)
{
    azattest_status chain, extensions;

    memset(out, 0, sizeof(*out));
    chain = read_chain(text, out, &out->chain_error);
    extensions = read_extensions(out, &out->extensions_error);
    if (chain != AZATTEST_E_MEMORY && extensions != AZATTEST_E_MEMORY)
        return AZATTEST_OK;
    azattest__pck_clear(out);
    return azattest__error_memory(error);
}

void azattest__pck_clear(azattest__pck *pck)
{
    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++)
        azattest__cert_free(pck->certificates[i]);
    azattest_error_free(pck->chain_error);
    azattest_error_free(pck->extensions_error);
    memset(pck, 0, sizeof(*pck));
}

azattest_bytes azattest__pck_serial(const azattest__cert *certificate)
{
    static const unsigned char version_3[] = { 0xa0, 3, 2, 1, 2 }; /* [0] { INTEGER 2 } */
    azattest_bytes der = azattest__cert_der(certificate), absent = { NULL, 0 };
    azattest__der certificate_body, tbs, element;

    if (!azattest__der_next(&der, &certificate_body) || !azattest__der_next(&certificate_body.content, &tbs))
        return absent;
    der = tbs.content;
    if (der.len < sizeof(version_3) || memcmp(der.ptr, version_3, sizeof(version_3)) != 0)
        return absent;
    der = azattest__bytes((const unsigned char *)der.ptr + sizeof(version_3), der.len - sizeof(version_3));
    if (!azattest__der_next(&der, &element) || element.tag != 2 || element.content.len == 0)
        return absent;
    der = element.content;
    if (der.len > 1 && *(const unsigned char *)der.ptr == 0) /* the byte that only says "positive" */
        der = azattest__bytes((const unsigned char *)der.ptr + 1, der.len - 1);
    return der;
}

static azattest_status check_certificate(const azattest__pck *pck, size_t i, azattest_error **error)
{
    const azattest__cert *cert = pck->certificates[i];
    const azattest__key *key = azattest__cert_key(cert);
    size_t issuer = i + 1 < AZATTEST__PCK_CHAIN ? i + 1 : i;
    int path = azattest__cert_path_length(cert);

    if (key == NULL || azattest__key_fits(key, AZATTEST__ES256, NULL) != AZATTEST_OK)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the key of the %s is not ECDSA P-256", roles[i]);
    if (azattest__cert_is_ca(cert) != (i > 0))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "PCK chain: the %s %s", roles[i],
                                   i > 0 ? "is not a certificate authority" : "is a certificate authority");
    if (i > 0 && path >= 0 && (size_t)path < i - 1)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the path length of the %s is %d, expected at least %zu", roles[i], path,
                                   i - 1);
    if (!azattest__cert_is_issued_by(cert, pck->certificates[issuer]))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the %s is not issued by the %s (name or signature)", roles[i],
                                   i == issuer ? "root itself" : roles[issuer]);
    return AZATTEST_OK;
}

azattest_status azattest__pck_check_chain(const azattest__pck *pck, azattest_error **error)
{
    azattest_status status;

    if (pck->chain_error == NULL && pck->count == 0)
        return chain_error(error, "the certification data hold none");
    if (pck->chain_error != NULL || pck->count != AZATTEST__PCK_CHAIN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s", azattest_error_message(pck->chain_error));
    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++)
        if ((status = check_certificate(pck, i, error)) != AZATTEST_OK)
            return status;
    return AZATTEST_OK;
}

const char *azattest__pck_ca(const azattest__pck *pck)
{
    const char *name = pck->count == 0 ? NULL : azattest__cert_issuer_cn(pck->certificates[0]);

    if (name == NULL)
        return NULL;
    return strstr(name, "PCK Processor CA") != NULL  ? "processor"
           : strstr(name, "PCK Platform CA") != NULL ? "platform"
                                                     : NULL;
}

azattest_status azattest__pck_check_names(const azattest__pck *pck, azattest_error **error)
{
    static const char *const expected[AZATTEST__PCK_CHAIN][2] = {
        { "Intel SGX PCK Certificate", NULL },
        { "Intel SGX PCK Processor CA", "Intel SGX PCK Platform CA" },
        { "Intel SGX Root CA", NULL },
    };

    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++) {
        const char *name = azattest__cert_subject_cn(pck->certificates[i]);

        if (name == NULL ||
            (strcmp(name, expected[i][0]) != 0 && (expected[i][1] == NULL || strcmp(name, expected[i][1]) != 0)))
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "PCK chain: the %s under Intel's root has not the name of one, expected %s%s%s",
                                       roles[i], expected[i][0], expected[i][1] == NULL ? "" : " or ",
                                       expected[i][1] == NULL ? "" : expected[i][1]);
    }
    return AZATTEST_OK;
}

azattest_status azattest__pck_check_validity(const azattest__pck *pck, int64_t now, azattest_error **error)
{
    char first[AZATTEST__TIME_TEXT], last[AZATTEST__TIME_TEXT], at[AZATTEST__TIME_TEXT];

    for (size_t i = 0; i < pck->count; i++) {
        int64_t not_before = azattest__cert_not_before(pck->certificates[i]);
        int64_t not_after = azattest__cert_not_after(pck->certificates[i]);

        if (now >= not_before && now <= not_after)
            continue;
        azattest__time_format(not_before, first);
        azattest__time_format(not_after, last);
        azattest__time_format(now, at);
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the %s is valid from %s to %s, the time of verification is %s", roles[i],
                                   first, last, at);
    }
    return AZATTEST_OK;
}

azattest_status azattest__pck_is_intel_root(const azattest__key *key, bool *is_intel, azattest_error **error)
{
    /* SHA-256 of the SubjectPublicKeyInfo. Intel issued the root's certificate more than once with this key. */
    static const unsigned char pinned[AZATTEST__SHA256_SIZE] = { 0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4,
                                                                 0x13, 0x2f, 0x91, 0x86, 0x06, 0x8a, 0x7f, 0xc1,
                                                                 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35, 0x77, 0x74,
                                                                 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e };
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    azattest__buf spki;

    *is_intel = false;
    azattest__buf_init(&spki, 4096);
    if ((status = azattest__key_public_der(key, &spki, error)) == AZATTEST_OK &&
        (status = azattest__sha256(azattest__buf_bytes(&spki), hash, error)) == AZATTEST_OK)
        *is_intel = memcmp(hash, pinned, sizeof(pinned)) == 0;
    azattest__buf_free(&spki);
    return status;
}

azattest_status azattest__pck_read_roots(azattest_bytes pem, azattest__cert **out, size_t *count,
                                         azattest_error **error)
{
    azattest_bytes block, body;
    azattest_status status = AZATTEST_OK;
    size_t offset = 0;

    *count = 0;
    while (status == AZATTEST_OK && azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body)) {
        if (*count == AZATTEST_LIMIT_CHAIN)
            status = azattest__error_set(error, AZATTEST_E_LIMIT, "extra roots: more than %u certificates",
                                         AZATTEST_LIMIT_CHAIN);
        else if ((status = read_certificate(body, &out[*count], error)) == AZATTEST_OK)
            (*count)++;
        else if (status != AZATTEST_E_MEMORY) {
            azattest__error_prefix(error, "extra roots: certificate %zu", *count + 1);
            status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s",
                                         error == NULL ? "" : azattest_error_message(*error));
        }
    }
    if (status == AZATTEST_OK && *count == 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "extra roots: no certificate in PEM");
    return status;
}
