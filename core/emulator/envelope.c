#include "envelope.h"

#include <azattest/limits.h>

#include "base/encoding.h"

#include "parts.h"

#define REFUSE(...) azattest__refuse(error, 400, "InvalidOperation", __VA_ARGS__)

/*
 * Header algorithms. RSA256 and ECDH256 are misspelt, and official clients send them. That the real service takes more
 * than none and RS256 is not documented; this one takes what its clients can be told to send.
 */
static const struct {
    const char *name;
    azattest__alg alg;
} algorithms[] = {
    { "none", AZATTEST__ALG_UNKNOWN }, { "RS256", AZATTEST__RS256 },  { "RS384", AZATTEST__RS384 },
    { "RS512", AZATTEST__RS512 },      { "PS256", AZATTEST__PS256 },  { "PS384", AZATTEST__PS384 },
    { "PS512", AZATTEST__PS512 },      { "ES256", AZATTEST__ES256 },  { "ES384", AZATTEST__ES384 },
    { "ES512", AZATTEST__ES512 },      { "RSA256", AZATTEST__RS256 }, { "ECDH256", AZATTEST__ES256 },
};

static azattest_status find_algorithm(const azattest__json *header, azattest__alg *out, azattest_error **error)
{
    const char *name = azattest__json_get_string(header, "alg");

    for (size_t i = 0; name != NULL && i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (strcmp(name, algorithms[i].name) == 0) {
            *out = algorithms[i].alg;
            return AZATTEST_OK;
        }
    return REFUSE("the JWS has %s; none, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and ES512 are "
                  "accepted, and RSA256 and ECDH256 from older clients",
                  name == NULL ? "no \"alg\"" : "an unknown \"alg\"");
}

azattest_status azattest__first_certificate(const azattest__json *object, azattest__cert **out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    const azattest__json *chain = azattest__json_get(object, "x5c");
    const char *text = azattest__json_is_array(chain) ? azattest__json_string(azattest__json_first(chain)) : NULL;
    azattest_error *reason = NULL;
    azattest__buf der;

    *out = NULL;
    if (chain == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (text == NULL || !azattest__base64_any_decode(azattest__text(text), &der))
        status = der.status == AZATTEST_E_MEMORY
                     ? azattest__error_memory(error)
                     : REFUSE("\"x5c\" is no list of certificates in base64, or its first one is too large");
    else if ((status = azattest__cert_parse(azattest__buf_bytes(&der), out, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = REFUSE("the first certificate of \"x5c\" cannot be read: %s", azattest_error_message(reason));
    else if (azattest__cert_key(*out) == NULL)
        status = REFUSE("the first certificate of \"x5c\" holds a key that is neither RSA nor EC");
    if (status != AZATTEST_OK) {
        azattest__cert_free(*out);
        *out = NULL;
    }
    azattest_error_free(reason);
    azattest__buf_free(&der);
    return status;
}

/* From "x5c" or, as one official client writes it, from "x5c" in "jwk". Two that differ leave open who signed. */
static azattest_status find_certificate(const azattest__json *header, azattest__cert **out, azattest_error **error)
{
    azattest_status status;
    azattest__cert *other = NULL;

    if ((status = azattest__first_certificate(header, out, error)) != AZATTEST_OK ||
        (status = azattest__first_certificate(azattest__json_get(header, "jwk"), &other, error)) != AZATTEST_OK)
        goto done;
    if (*out == NULL) {
        *out = other;
        other = NULL;
    }
    if (*out == NULL)
        status = REFUSE("the JWS is signed, but its header has a certificate neither in \"x5c\" nor in \"jwk\"");
    else if (other != NULL && !azattest__bytes_equal(azattest__cert_der(*out), azattest__cert_der(other)))
        status = REFUSE("the JWS has different certificates in \"x5c\" and \"jwk\"");
done:
    azattest__cert_free(other);
    return status;
}

/* An INTEGER of a DER signature as `size` bytes; false when it is none that fits. */
static bool take_number(azattest_bytes *der, unsigned char *out, size_t size)
{
    azattest__der element;
    const unsigned char *p;

    if (!azattest__der_next(der, &element) || element.tag != 2 || element.constructed || element.content.len == 0)
        return false;
    p = element.content.ptr;
    if ((p[0] & 0x80) != 0)
        return false;
    for (; element.content.len > 0 && p[0] == 0; element.content.len--)
        p++;
    if (element.content.len > size)
        return false;
    memset(out, 0, size - element.content.len);
    memcpy(out + size - element.content.len, p, element.content.len);
    return true;
}

/* One official client sends ECDSA signatures as OpenSSL makes them: SEQUENCE of r and s. The fixed-length form of it,
 * or nothing. The raw buffer has room for the largest curve. */
static azattest_bytes from_der(azattest_bytes signature, size_t size, unsigned char raw[2 * 66])
{
    azattest__der sequence;

    if (size <= 66 && azattest__der_next(&signature, &sequence) && sequence.tag == 16 && sequence.constructed &&
        signature.len == 0 && take_number(&sequence.content, raw, size) &&
        take_number(&sequence.content, raw + size, size) && sequence.content.len == 0)
        return azattest__bytes(raw, 2 * size);
    return azattest__bytes(NULL, 0);
}

static azattest_status check_signature(const azattest__envelope *envelope, azattest_error **error)
{
    azattest_status status;
    const azattest__key *key = azattest__cert_key(envelope->certificate);
    azattest_bytes signature = envelope->jws.signature, other;
    azattest_error *reason = NULL;
    unsigned char raw[2 * 66];
    bool valid = false;

    if ((status = azattest__key_fits(key, envelope->alg, &reason)) != AZATTEST_OK) {
        status = status == AZATTEST_E_MEMORY
                     ? azattest__error_memory(error)
                     : REFUSE("the key of the JWS does not fit its \"alg\": %s", azattest_error_message(reason));
        azattest_error_free(reason);
        return status;
    }
    status = azattest__key_verify(key, envelope->alg, envelope->jws.signed_elements, signature, &valid, error);
    if (status == AZATTEST_OK && !valid && azattest__key_curve(key) != NULL) {
        other = from_der(signature, ((size_t)azattest__key_bits(key) + 7) / 8, raw);
        if (other.len > 0)
            status = azattest__key_verify(key, envelope->alg, envelope->jws.signed_elements, other, &valid, error);
    }
    if (status == AZATTEST_OK && !valid)
        return REFUSE("the signature of the JWS does not verify with the key of its certificate");
    return status;
}

/* The tokens' own faults are the operation's faults here. */
static azattest_status parse(azattest_bytes text, azattest__jws *out, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__jws_parse(text, out, &reason);

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status =
            REFUSE("Native operation failed with 74: the body is no compact JWS: %s", azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__envelope_reopen(azattest_bytes text, azattest__envelope *out, azattest_error **error)
{
    azattest_status status;
    azattest__json *header = NULL;

    memset(out, 0, sizeof(*out));
    if ((status = parse(text, &out->jws, error)) != AZATTEST_OK ||
        (status = azattest__json_parse(out->jws.header, &header, error)) != AZATTEST_OK ||
        (out->jws.body.len > 0 && (status = azattest__json_parse(out->jws.body, &out->payload, error)) != AZATTEST_OK))
        goto done;
    if (azattest__json_get(header, "crit") != NULL) {
        status = REFUSE("the JWS has critical header members, and none are understood");
        goto done;
    }
    if ((status = find_algorithm(header, &out->alg, error)) != AZATTEST_OK)
        goto done;
    if (out->alg != AZATTEST__ALG_UNKNOWN)
        status = find_certificate(header, &out->certificate, error);
    else if (out->jws.signature.len > 0)
        status = REFUSE("the JWS says \"none\" and yet has a signature");
done:
    azattest__json_free(header);
    return status;
}

azattest_status azattest__envelope_open(azattest_bytes text, azattest__envelope *out, azattest_error **error)
{
    azattest_status status = azattest__envelope_reopen(text, out, error);

    return status == AZATTEST_OK && out->certificate != NULL ? check_signature(out, error) : status;
}

void azattest__envelope_clear(azattest__envelope *envelope)
{
    azattest__jws_clear(&envelope->jws);
    azattest__json_free(envelope->payload);
    azattest__cert_free(envelope->certificate);
    memset(envelope, 0, sizeof(*envelope));
}

static azattest__alg common_algorithm(const azattest__key *key)
{
    const char *curve = azattest__key_curve(key);

    return curve == NULL                 ? AZATTEST__RS256
           : strcmp(curve, "P-384") == 0 ? AZATTEST__ES384
           : strcmp(curve, "P-521") == 0 ? AZATTEST__ES512
                                         : AZATTEST__ES256;
}

azattest_status azattest__signer_jwk(const azattest__cert *certificate, azattest__alg alg, azattest__json **out,
                                     azattest_error **error)
{
    azattest_status status;
    const azattest__key *key = azattest__cert_key(certificate);
    azattest__json *chain;
    azattest__buf text;

    *out = NULL;
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__base64_encode(azattest__cert_der(certificate), &text);
    if ((status = azattest__error_from_buf(error, &text, "certificate")) == AZATTEST_OK) {
        chain = azattest__json_new_array();
        azattest__json_add_string(chain, (const char *)text.ptr);
        *out = azattest__json_new_object();
        azattest__json_put_string(*out, "alg",
                                  azattest__alg_name(alg == AZATTEST__ALG_UNKNOWN ? common_algorithm(key) : alg));
        azattest__json_put_string(*out, "kty", azattest__key_type(key));
        azattest__json_put_string(*out, "use", "sig");
        azattest__json_put(*out, "x5c", chain);
    }
    azattest__buf_free(&text);
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

azattest_bytes azattest__bare_token(azattest_bytes body)
{
    const char *p = body.ptr;
    size_t len = body.len;

    while (len > 0 && is_blank(p[0]))
        p++, len--;
    while (len > 0 && is_blank(p[len - 1]))
        len--;
    if (len >= 2 && p[0] == '"' && p[len - 1] == '"')
        p++, len -= 2;
    return azattest__bytes(p, len);
}

azattest_status azattest__envelope_policy(const azattest__envelope *envelope, azattest__buf *out,
                                          azattest_error **error)
{
    const char *text;

    if (envelope->payload == NULL)
        return AZATTEST_OK;
    /* Exactly this spelling: unlike the members of JSON bodies it is not the front end's binder that reads it. */
    if ((text = azattest__json_get_string(envelope->payload, "AttestationPolicy")) == NULL)
        return azattest__refuse(error, 400, "InvalidOperation", "the policy JWT has no text \"AttestationPolicy\"");
    if (!azattest__base64_any_decode(azattest__text(text), out))
        return out->status == AZATTEST_E_LIMIT
                   ? azattest__error_set(error, AZATTEST_E_LIMIT, "the policy has more than %u bytes",
                                         AZATTEST_LIMIT_POLICY)
               : out->status == AZATTEST_E_MEMORY
                   ? azattest__error_memory(error)
                   : azattest__refuse(error, 400, "InvalidOperation", "\"AttestationPolicy\" is not base64url");
    if (!azattest__utf8_valid(azattest__buf_bytes(out)) || (out->len > 0 && memchr(out->ptr, 0, out->len) != NULL))
        return azattest__refuse(error, 400, "PolicyParsingError", "the policy is not UTF-8 text");
    return AZATTEST_OK;
}
