#include "pck.h"

#include <stdio.h>

#include <azattest/limits.h>

#include "../../base/encoding.h"
#include "../verdict/verification.h"
#include "root.h"

#define NAME_LIMIT 256 /* a common name has at most 64 characters (RFC 5280 appendix A) */

static const char *const roles[AZATTEST__PCK_CHAIN] = { "leaf", "intermediate", "root" };

static azattest_status chain_error(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "PCK chain: %s", what);
}

static bool is_line_end(azattest_bytes text)
{
    return text.len == 0 || azattest__bytes_equal_text(text, "\n") || azattest__bytes_equal_text(text, "\r\n");
}

/* Only whole blocks, one behind the other, and one NUL that C programs leave: no byte may change unnoticed. */
static azattest_status read_chain(azattest_bytes text, const azattest__x509_keys *keys, azattest__x509_chain *chain,
                                  azattest_error **error)
{
    const char *p = text.ptr;
    azattest_bytes block, body;
    azattest_status status;
    size_t offset = 0, end = 0;

    if (text.len > 0 && p[text.len - 1] == '\0')
        text.len--;
    if (text.len == 0)
        return chain_error(error, "empty, expected 3 certificates in PEM");
    if ((status = azattest__x509_chain_begin(text.len, chain, error)) != AZATTEST_OK)
        return status;
    while (azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
        if (!is_line_end(azattest__bytes(p + end, (size_t)((const char *)block.ptr - (p + end)))))
            return chain_error(error, "other text before or between the certificates");
        end = offset;
        if (chain->count == AZATTEST__PCK_CHAIN)
            return chain_error(error, "more than 3 certificates, expected leaf, intermediate, root");
        if ((status = azattest__x509_chain_add(chain, body, keys, error)) != AZATTEST_OK) {
            azattest__error_prefix(error, "PCK chain: %s", roles[chain->count]);
            return status;
        }
    }
    if (!is_line_end(azattest__bytes(p + end, text.len - end)))
        return chain_error(error, chain->count == 0 ? "no certificate in PEM, expected 3"
                                                    : "other text behind the certificates");
    if (chain->count != AZATTEST__PCK_CHAIN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: %zu certificate%s, expected 3: leaf, intermediate, root", chain->count,
                                   chain->count == 1 ? "" : "s");
    return AZATTEST_OK;
}

static azattest_status read_extensions(azattest__pck *pck, azattest_error **error)
{
    azattest_bytes value;
    bool twice;

    if (pck->chain.count == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "SGX extensions: there is no PCK certificate");
    value = azattest__x509_extension(&pck->chain.certificates[0], "1.2.840.113741.1.13.1", &twice);
    if (value.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: the PCK certificate has none (1.2.840.113741.1.13.1)");
    if (twice)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: the PCK certificate has them twice");
    return azattest__pck_extensions_parse(value, &pck->extensions, error);
}

azattest_status azattest__pck_read(azattest_bytes text, const azattest__x509_keys *keys, azattest__pck *out,
                                   azattest_error **error)
{
    azattest_status chain, extensions;

    memset(out, 0, sizeof(*out));
    chain = read_chain(text, keys, &out->chain, &out->chain_error);
    extensions = read_extensions(out, &out->extensions_error);
    if (chain != AZATTEST_E_MEMORY && extensions != AZATTEST_E_MEMORY)
        return AZATTEST_OK;
    azattest__pck_clear(out);
    return azattest__error_memory(error);
}

void azattest__pck_clear(azattest__pck *pck)
{
    azattest__x509_chain_clear(&pck->chain);
    azattest_error_free(pck->chain_error);
    azattest_error_free(pck->extensions_error);
    memset(pck, 0, sizeof(*pck));
}

azattest_bytes azattest__pck_serial(const azattest__x509 *certificate)
{
    azattest_bytes serial = certificate->serial;

    if (serial.len > 1 && *(const unsigned char *)serial.ptr == 0)
        serial = azattest__bytes((const unsigned char *)serial.ptr + 1, serial.len - 1);
    return serial;
}

/* What the certificate itself says. */
static azattest_status check_certificate(const azattest__pck *pck, size_t i, azattest_error **error)
{
    const azattest__x509 *certificate = &pck->chain.certificates[i];
    int path = certificate->path_length;
    bool ca = certificate->ca && (!certificate->has_key_usage || certificate->key_cert_sign);

    if (certificate->key == NULL || azattest__key_fits(certificate->key, AZATTEST__ES256, NULL) != AZATTEST_OK)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the key of the %s is not ECDSA P-256", roles[i]);
    if (ca != (i > 0))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "PCK chain: the %s %s", roles[i],
                                   i > 0 ? "is not a certificate authority" : "is a certificate authority");
    if (i > 0 && path >= 0 && (size_t)path < i - 1)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "PCK chain: the path length of the %s is %d, expected at least %zu", roles[i], path,
                                   i - 1);
    return AZATTEST_OK;
}

static azattest_status check_issuer(const azattest__pck *pck, size_t i, azattest_error **error)
{
    size_t issuer = i + 1 < AZATTEST__PCK_CHAIN ? i + 1 : i;
    bool known = false;
    azattest_status status;

    /* Intel's own bytes need no proof that they were not changed. */
    if (i == issuer && azattest__intel_root_is_known(pck->chain.certificates[i].der, &known, NULL) == AZATTEST_OK &&
        known)
        return AZATTEST_OK;
    status = azattest__x509_check_issued(&pck->chain.certificates[i], &pck->chain.certificates[issuer], 0, error);
    if (status != AZATTEST_OK)
        azattest__error_prefix(error, "PCK chain: the %s is not issued by the %s", roles[i],
                               i == issuer ? "root itself" : roles[issuer]);
    return status;
}

azattest_status azattest__pck_check_chain(const azattest__pck *pck, azattest_error **error)
{
    azattest_status status;

    if (pck->chain_error == NULL && pck->chain.count == 0)
        return chain_error(error, "the certification data hold none");
    if (pck->chain_error != NULL || pck->chain.count != AZATTEST__PCK_CHAIN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s", azattest_error_message(pck->chain_error));
    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++)
        if ((status = check_certificate(pck, i, error)) != AZATTEST_OK)
            return status;
    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++)
        if ((status = check_issuer(pck, i, error)) != AZATTEST_OK)
            return status;
    return AZATTEST_OK;
}

const char *azattest__pck_ca(const azattest__pck *pck)
{
    char name[NAME_LIMIT];

    if (pck->chain.count == 0 || !azattest__x509_common_name(pck->chain.certificates[0].issuer, name, sizeof(name)))
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
        char name[NAME_LIMIT];

        if (!azattest__x509_common_name(pck->chain.certificates[i].subject, name, sizeof(name)) ||
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
    for (size_t i = 0; i < pck->chain.count; i++) {
        const azattest__x509 *certificate = &pck->chain.certificates[i];
        char what[32];

        if (now >= certificate->not_before && now <= certificate->not_after)
            continue;
        snprintf(what, sizeof(what), "PCK chain: the %s", roles[i]);
        return azattest__verification_outside(what, certificate->not_before, certificate->not_after, now, error);
    }
    return AZATTEST_OK;
}

azattest_status azattest__pck_read_roots(azattest_bytes pem, azattest__x509_chain *out, azattest_error **error)
{
    azattest_bytes block, body;
    azattest_status status = azattest__x509_chain_begin(pem.len, out, error);
    size_t offset = 0;

    while (status == AZATTEST_OK && azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body)) {
        status = azattest__x509_chain_add(out, body, NULL, error);
        if (status == AZATTEST_OK || status == AZATTEST_E_MEMORY)
            continue;
        if (status == AZATTEST_E_LIMIT && out->count == AZATTEST_LIMIT_CHAIN) {
            azattest__error_prefix(error, "extra roots");
            continue;
        }
        azattest__error_prefix(error, "extra roots: certificate %zu", out->count + 1);
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s", error == NULL ? "" : azattest_error_message(*error));
    }
    if (status == AZATTEST_OK && out->count == 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "extra roots: no certificate in PEM");
    return status;
}
