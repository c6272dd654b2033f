/* Certificates as callers hand them over, and as headers and key sets carry them. */
#include <azattest/limits.h>

#include "../base/encoding.h"
#include "signer.h"

static azattest_status add_base64(azattest__json *x5c, azattest_bytes der, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__base64_encode(der, &text);
    if ((status = azattest__error_from_buf(error, &text, "certificate")) == AZATTEST_OK)
        azattest__json_add_string(x5c, text.ptr == NULL ? "" : (const char *)text.ptr);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__signer_x5c(const azattest_signer *signer, azattest__json **out, azattest_error **error)
{
    azattest__json *x5c = azattest__json_new_array();
    azattest_status status = x5c == NULL ? azattest__error_memory(error) : AZATTEST_OK;

    for (size_t i = 0; i < signer->certificate_count && status == AZATTEST_OK; i++)
        status = add_base64(x5c, azattest__cert_der(signer->certificates[i]), error);
    *out = status == AZATTEST_OK ? x5c : NULL;
    if (status != AZATTEST_OK)
        azattest__json_free(x5c);
    return status;
}

/* "kty" by the key of the leaf; certificates of other keys get the type that lets the reader say what they are. */
static const char *type_of(const azattest__json *x5c)
{
    const char *type = "RSA", *text = azattest__json_string(azattest__json_first(x5c));
    azattest__cert *cert = NULL;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (text != NULL && azattest__base64_decode(azattest__text(text), &der) &&
        azattest__cert_parse(azattest__buf_bytes(&der), &cert, NULL) == AZATTEST_OK && azattest__cert_key(cert) != NULL)
        type = azattest__key_type(azattest__cert_key(cert)); /* a constant */
    azattest__cert_free(cert);
    azattest__buf_free(&der);
    return type;
}

azattest_status azattest__signer_from_x5c(const azattest__json *x5c, azattest_signer **out, azattest_error **error)
{
    azattest__json *jwk = azattest__json_new_object();
    azattest_signer *signer = NULL;
    azattest_status status;

    *out = NULL;
    azattest__json_put_string(jwk, "kty", type_of(x5c));
    azattest__json_put(jwk, "x5c", azattest__json_copy(x5c));
    if (azattest__json_get(jwk, "kty") == NULL || azattest__json_get(jwk, "x5c") == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__signer_from_jwk(jwk, &signer, error)) != AZATTEST_OK)
        goto done;
    if (signer->problem_code != AZATTEST_OK) {
        bool unfit = signer->problem_code == AZATTEST_E_TOKEN_KEY_UNFIT;

        status =
            azattest__error_set(error, unfit ? AZATTEST_E_UNSUPPORTED : AZATTEST_E_MALFORMED, "%s", signer->problem);
        goto done;
    }
    *out = signer;
    signer = NULL;
done:
    azattest_signer_free(signer);
    azattest__json_free(jwk);
    return status;
}

static azattest_status add_block(azattest__json *x5c, azattest_bytes body, azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (azattest__pem_decode_body(body, &der))
        status = add_base64(x5c, azattest__buf_bytes(&der), error);
    else if (der.status != AZATTEST_OK)
        status = azattest__error_from_buf(error, &der, "certificate");
    else
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: a PEM block that is not base64");
    azattest__buf_free(&der);
    return status;
}

/* DER begins with a SEQUENCE, which is no character that text begins with. */
static bool looks_like_der(azattest_bytes text)
{
    return text.len > 1 && ((const unsigned char *)text.ptr)[0] == 0x30 && ((const unsigned char *)text.ptr)[1] >= 0x80;
}

azattest_status azattest__signer_from_certificates(azattest_bytes text, azattest_signer **out, azattest_error **error)
{
    azattest__json *x5c = azattest__json_new_array();
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0;

    *out = NULL;
    if (x5c == NULL) {
        status = azattest__error_memory(error);
    } else if (text.len > AZATTEST_LIMIT_CHAIN * 2 * AZATTEST_LIMIT_CERTIFICATE) {
        status = azattest__error_set(error, AZATTEST_E_LIMIT, "certificate: %zu bytes, at most %u are accepted",
                                     text.len, AZATTEST_LIMIT_CHAIN * 2 * AZATTEST_LIMIT_CERTIFICATE);
    } else if (looks_like_der(text)) {
        status = add_base64(x5c, text, error);
    } else {
        while (status == AZATTEST_OK && azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body))
            status = add_block(x5c, body, error);
        if (status == AZATTEST_OK && azattest__json_count(x5c) == 0)
            status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                         "certificate: neither PEM text with a certificate nor DER");
    }
    if (status == AZATTEST_OK && (status = azattest__signer_from_x5c(x5c, out, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "certificate");
    azattest__json_free(x5c);
    return status;
}
