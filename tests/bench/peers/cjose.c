/* cjose: the JWK is imported once and kept; cJSON parses the claims, as its users have to. It looks at no claim. */
#include "peer.h"

#include <string.h>

#include <cjose/cjose.h>
#include <cjson/cJSON.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

static cjose_jwk_t *jwk;

bool peer_prepare(const char *pem, EVP_PKEY *key)
{
    unsigned char n[512], e[8];
    BIGNUM *modulus = NULL, *exponent = NULL;
    cjose_jwk_rsa_keyspec spec = { 0 };

    (void)pem;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_num_bytes(modulus) <= (int)sizeof(n) &&
        BN_num_bytes(exponent) <= (int)sizeof(e)) {
        spec.n = n;
        spec.nlen = (size_t)BN_bn2bin(modulus, n);
        spec.e = e;
        spec.elen = (size_t)BN_bn2bin(exponent, e);
        jwk = cjose_jwk_create_RSA_spec(&spec, NULL);
    }
    BN_free(modulus);
    BN_free(exponent);
    return jwk != NULL;
}

bool peer_validate(const char *token, size_t len)
{
    cjose_jws_t *jws = cjose_jws_import(token, len, NULL);
    cJSON *claims = NULL;
    uint8_t *body;
    size_t body_len;
    bool valid;

    if (jws != NULL && cjose_jws_verify(jws, jwk, NULL) && cjose_jws_get_plaintext(jws, &body, &body_len, NULL))
        claims = cJSON_ParseWithLength((const char *)body, body_len);
    valid = claims != NULL;
    cJSON_Delete(claims);
    if (jws != NULL)
        cjose_jws_release(jws);
    return valid;
}

void peer_free(void)
{
    cjose_jwk_release(jwk);
}
