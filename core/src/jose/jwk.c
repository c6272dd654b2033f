#include "jwk.h"

#include <azattest/limits.h>

#include "../base/encoding.h"

azattest_status azattest__jwk_text(const azattest__json *jwk, const char *name, const char **text,
                                   azattest_error **error)
{
    const azattest__json *member = azattest__json_get(jwk, name);

    *text = azattest__json_string(member);
    if (member != NULL && *text == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" is of type %s, expected a string", name,
                                   azattest__json_kind(member));
    return AZATTEST_OK;
}

const char *azattest__jwk_private_member(const azattest__json *jwk)
{
    static const char *const secrets[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (azattest__json_get(jwk, secrets[i]) != NULL)
            return secrets[i];
    return NULL;
}

static azattest_status decode_number(const azattest__json *jwk, const char *name, azattest__buf *out,
                                     azattest_error **error)
{
    const char *text;
    azattest_status status = azattest__jwk_text(jwk, name, &text, error);

    if (status != AZATTEST_OK)
        return status;
    if (text == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" is missing", name);
    if (*text != '\0' && azattest__base64url_decode(azattest__text(text), out))
        return AZATTEST_OK;
    if (out->status != AZATTEST_OK)
        return azattest__error_from_buf(error, out, name);
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" is not base64url without padding", name);
}

azattest_status azattest__jwk_key(const azattest__json *jwk, azattest__key **key, azattest_error **error)
{
    bool rsa = strcmp(azattest__json_get_string(jwk, "kty"), "RSA") == 0;
    const char *first = rsa ? "n" : "x", *second = rsa ? "e" : "y", *curve = NULL;
    azattest_status status;
    azattest__buf a, b;

    if (azattest__json_get(jwk, first) == NULL && azattest__json_get(jwk, second) == NULL &&
        (rsa || azattest__json_get(jwk, "crv") == NULL))
        return AZATTEST_OK;
    azattest__buf_init(&a, AZATTEST_LIMIT_SIGNATURE + 1); /* some writers put a zero byte in front */
    azattest__buf_init(&b, AZATTEST_LIMIT_SIGNATURE + 1);
    if ((status = decode_number(jwk, first, &a, error)) != AZATTEST_OK ||
        (status = decode_number(jwk, second, &b, error)) != AZATTEST_OK)
        goto done;
    if (rsa) {
        status = azattest__key_from_rsa(azattest__buf_bytes(&a), azattest__buf_bytes(&b), key, error);
        goto done;
    }
    if ((status = azattest__jwk_text(jwk, "crv", &curve, error)) != AZATTEST_OK)
        goto done;
    if (curve == NULL)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "\"crv\" is missing");
    else
        status = azattest__key_from_ec(curve, azattest__buf_bytes(&a), azattest__buf_bytes(&b), key, error);
done:
    azattest__buf_free(&a);
    azattest__buf_free(&b);
    return status;
}

azattest_status azattest__jwk_from_key(const azattest__key *key, azattest__json **out, azattest_error **error)
{
    bool rsa = azattest__key_curve(key) == NULL;
    azattest__json *jwk = NULL;
    azattest_status status;
    azattest__buf first, second;

    *out = NULL;
    azattest__buf_init(&first, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&second, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__key_numbers(key, &first, &second, error)) != AZATTEST_OK)
        goto done;
    if ((jwk = azattest__json_new_object()) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if (rsa)
        azattest__json_put_base64url(jwk, "e", azattest__buf_bytes(&second));
    else
        azattest__json_put_string(jwk, "crv", azattest__key_curve(key));
    azattest__json_put_string(jwk, "kty", azattest__key_type(key));
    azattest__json_put_base64url(jwk, rsa ? "n" : "x", azattest__buf_bytes(&first));
    if (!rsa)
        azattest__json_put_base64url(jwk, "y", azattest__buf_bytes(&second));
    *out = jwk;
done:
    azattest__buf_free(&first);
    azattest__buf_free(&second);
    return status;
}

azattest_status azattest__jwk_thumbprint(const azattest__key *key, char **out, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__json *jwk = NULL;
    azattest_status status;
    azattest__buf text;

    *out = NULL;
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_TOKEN_HEADER);
    if ((status = azattest__jwk_from_key(key, &jwk, error)) != AZATTEST_OK ||
        (status = azattest__json_print(jwk, false, &text, error)) != AZATTEST_OK ||
        (status = azattest__sha256(azattest__buf_bytes(&text), hash, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_cut(&text, 0);
    azattest__base64url_encode(azattest__bytes(hash, sizeof(hash)), &text);
    if ((status = azattest__error_from_buf(error, &text, "thumbprint")) == AZATTEST_OK &&
        (*out = (char *)azattest__buf_take(&text, NULL)) == NULL)
        status = azattest__error_memory(error);
done:
    azattest__json_free(jwk);
    azattest__buf_free(&text);
    return status;
}
