/* One entry of a key set: read and judged once. What depends on the token or on the time is judged at use. */
#include "signer.h"

#include <stdlib.h>
#include <strings.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "jwk.h"

#define SHOWN 80 /* characters of foreign text in a message */

static azattest_status read_key_id(azattest_signer *signer, const azattest__json *jwk, azattest_error **error)
{
    const char *key_id;
    azattest_status status = azattest__jwk_text(jwk, "kid", &key_id, error);

    if (status != AZATTEST_OK || key_id == NULL)
        return status;
    if (strlen(key_id) > AZATTEST_LIMIT_KEY_ID)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"kid\" has %zu bytes, at most %u are accepted",
                                   strlen(key_id), AZATTEST_LIMIT_KEY_ID);
    signer->key_id = azattest__dup_text(key_id);
    return signer->key_id == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* RFC 7517 section 4.3: when there is a list of operations, checking signatures has to be one of them. */
static azattest_status check_operations(const azattest__json *jwk, azattest_error **error)
{
    const azattest__json *operations = azattest__json_get(jwk, "key_ops"), *operation;

    if (operations == NULL)
        return AZATTEST_OK;
    operation = azattest__json_is_array(operations) ? azattest__json_first(operations) : NULL;
    for (; operation != NULL; operation = azattest__json_next(operation)) {
        const char *name = azattest__json_string(operation);

        if (name != NULL && strcmp(name, "verify") == 0)
            return AZATTEST_OK;
    }
    return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "\"key_ops\" does not hold \"verify\"");
}

/* What a key says about its own use. A private or secret part that is published makes the whole key worthless. */
static azattest_status check_purpose(azattest_signer *signer, const azattest__json *jwk, azattest_error **error)
{
    const char *secret;
    azattest_status status;
    const char *kty, *use, *alg;
    char *shown = NULL;

    if ((status = azattest__jwk_text(jwk, "kty", &kty, error)) != AZATTEST_OK ||
        (status = azattest__jwk_text(jwk, "use", &use, error)) != AZATTEST_OK ||
        (status = azattest__jwk_text(jwk, "alg", &alg, error)) != AZATTEST_OK)
        return status;
    if (kty == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"kty\" is missing");
    if (strcmp(kty, "RSA") != 0 && strcmp(kty, "EC") != 0) {
        shown = azattest__printable(azattest__text(kty), SHOWN);
        status = azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "\"kty\" is \"%s\", expected RSA or EC",
                                     shown == NULL ? "?" : shown);
    } else if (use != NULL && strcmp(use, "sig") != 0) {
        shown = azattest__printable(azattest__text(use), SHOWN);
        status = azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "\"use\" is \"%s\", expected \"sig\"",
                                     shown == NULL ? "?" : shown);
    } else if (alg != NULL && (signer->algorithm = azattest__alg_from_name(alg)) == AZATTEST__ALG_UNKNOWN) {
        shown = azattest__printable(azattest__text(alg), SHOWN);
        status = azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT,
                                     "\"alg\" is \"%s\", expected a public-key signature algorithm",
                                     shown == NULL ? "?" : shown);
    }
    free(shown);
    if (status != AZATTEST_OK)
        return status;
    if ((secret = azattest__jwk_private_member(jwk)) != NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT,
                                   "the private member \"%s\" is published: anybody could sign with this key", secret);
    return check_operations(jwk, error);
}

static azattest_status add_certificate(azattest_signer *signer, azattest__cert *cert, azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;
    size_t i = signer->certificate_count;

    azattest__buf_init(&pem, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(cert), &pem);
    status = azattest__error_from_buf(error, &pem, "certificate");
    if (status == AZATTEST_OK) {
        signer->certificates_pem[i] = (char *)azattest__buf_take(&pem, NULL);
        signer->certificates[i] = azattest__cert_ref(cert);
        signer->certificate_count++;
    }
    azattest__buf_free(&pem);
    return status;
}

static azattest_status reserve_certificates(azattest_signer *signer, size_t count, azattest_error **error)
{
    signer->certificates = calloc(count, sizeof(*signer->certificates));
    signer->certificates_pem = calloc(count, sizeof(*signer->certificates_pem));
    return signer->certificates == NULL || signer->certificates_pem == NULL ? azattest__error_memory(error)
                                                                            : AZATTEST_OK;
}

static azattest_status read_certificate(azattest_signer *signer, const azattest__json *element, azattest_error **error)
{
    azattest_status status;
    azattest__cert *cert = NULL;
    azattest__buf der;
    size_t index = signer->certificate_count;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (!azattest__json_is_string(element))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "is of type %s, expected a string",
                                     azattest__json_kind(element));
    else if (!azattest__base64_decode(azattest__text(azattest__json_string(element)), &der))
        status = der.status == AZATTEST_OK ? azattest__error_set(error, AZATTEST_E_MALFORMED,
                                                                 "not base64 with padding (RFC 7517 section 4.7)")
                                           : azattest__error_from_buf(error, &der, "certificate");
    else if ((status = azattest__cert_parse(azattest__buf_bytes(&der), &cert, error)) == AZATTEST_OK)
        status = add_certificate(signer, cert, error);
    if (status != AZATTEST_OK)
        azattest__error_prefix(error, "x5c[%zu]", index);
    azattest__cert_free(cert);
    azattest__buf_free(&der);
    return status;
}

static azattest_status read_certificates(azattest_signer *signer, const azattest__json *jwk, azattest_error **error)
{
    const azattest__json *x5c = azattest__json_get(jwk, "x5c"), *element;
    size_t count = azattest__json_count(x5c);
    azattest_status status;

    if (x5c == NULL)
        return AZATTEST_OK;
    if (!azattest__json_is_array(x5c) || count == 0 || count > AZATTEST_LIMIT_CHAIN)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "\"x5c\" (type %s, %zu entries) is not an array of 1 to %u certificates",
                                   azattest__json_kind(x5c), count, AZATTEST_LIMIT_CHAIN);
    if ((status = reserve_certificates(signer, count, error)) != AZATTEST_OK)
        return status;
    for (element = azattest__json_first(x5c); element != NULL; element = azattest__json_next(element))
        if ((status = read_certificate(signer, element, error)) != AZATTEST_OK)
            return status;
    return AZATTEST_OK;
}

/* Chooses the key, from the numbers or from the leaf certificate; K6 where both are there. */
static azattest_status choose_key(azattest_signer *signer, const char *kty, azattest__key *own, azattest_error **error)
{
    azattest__key *leaf = signer->certificate_count == 0 ? NULL : azattest__cert_key(signer->certificates[0]);

    if (signer->certificate_count > 0 && leaf == NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT,
                                   "x5c[0]: the certificate's key cannot be used, only RSA keys and EC keys on P-256, "
                                   "P-384 and P-521 can");
    if (own != NULL && leaf != NULL && !azattest__key_equal(own, leaf))
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_MISMATCH,
                                   "the certificate's key is not the key of the entry's own numbers");
    if (own == NULL && leaf == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "neither \"%s\" nor \"x5c\": the entry has no key",
                                   strcmp(kty, "RSA") == 0 ? "n" : "x");
    if (strcmp(kty, azattest__key_type(own != NULL ? own : leaf)) != 0)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_MISMATCH,
                                   "\"kty\" is %s, but the certificate's key is %s", kty, azattest__key_type(leaf));
    signer->key = azattest__key_ref(own != NULL ? own : leaf);
    return AZATTEST_OK;
}

/* Each certificate is issued by the next, which is a CA that allows for the length; the last one, if it names itself
 * as its issuer, verifies with its own key. */
static azattest_status judge_chain(const azattest_signer *signer, azattest_error **error)
{
    size_t count = signer->certificate_count;
    azattest__cert *const *certs = signer->certificates;

    for (size_t i = 0; i + 1 < count; i++) {
        int path_length = azattest__cert_path_length(certs[i + 1]);

        if (!azattest__cert_is_issued_by(certs[i], certs[i + 1]))
            return azattest__error_set(error, AZATTEST_E_TOKEN_CERTIFICATE, "x5c[%zu] is not issued by x5c[%zu]", i,
                                       i + 1);
        if (!azattest__cert_is_ca(certs[i + 1]))
            return azattest__error_set(error, AZATTEST_E_TOKEN_CERTIFICATE,
                                       "x5c[%zu] issued x5c[%zu] but is no certificate authority", i + 1, i);
        if (path_length >= 0 && (size_t)path_length < i)
            return azattest__error_set(error, AZATTEST_E_TOKEN_CERTIFICATE,
                                       "x5c[%zu] allows %d authorities below it, there are %zu", i + 1, path_length, i);
    }
    if (count > 0 && azattest__cert_is_self_issued(certs[count - 1]) &&
        !azattest__cert_is_issued_by(certs[count - 1], certs[count - 1]))
        return azattest__error_set(error, AZATTEST_E_TOKEN_CERTIFICATE,
                                   "x5c[%zu] names itself as its issuer but does not verify with its own key",
                                   count - 1);
    return AZATTEST_OK;
}

/* K8a. Other forms of `kid` exist, so a kid is a label; but one that says it is the hash of a key must be that. */
static azattest_status judge_key_id(const azattest_signer *signer, azattest_error **error)
{
    char expected[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;

    if (!azattest__is_service_key_id(signer->key_id))
        return AZATTEST_OK;
    if ((status = azattest__service_key_id_of_pem(signer->public_key_pem, expected, hash, error)) != AZATTEST_OK)
        return status;
    if (strcmp(signer->key_id, expected) != 0)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_ID, "\"kid\" is %s, the hash of the key is %s",
                                   signer->key_id, expected);
    return AZATTEST_OK;
}

/* Keeps a verdict: AZATTEST_OK, or code and text. Only want of memory is a failure of the reading itself. */
static azattest_status keep(azattest_status verdict, azattest_error *reason, azattest_status *code, char **text,
                            azattest_error **error)
{
    *code = verdict;
    if (verdict == AZATTEST_OK)
        return AZATTEST_OK;
    *text = azattest__dup_text(azattest_error_message(reason));
    azattest_error_free(reason);
    return verdict == AZATTEST_E_MEMORY || *text == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* Everything that follows from a key that can be used. */
static azattest_status judge(azattest_signer *signer, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status;
    azattest__buf pem;

    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_public_pem(signer->key, &pem, error)) != AZATTEST_OK)
        goto done;
    signer->public_key_pem = (char *)azattest__buf_take(&pem, NULL);
    status = judge_chain(signer, &reason);
    if ((status = keep(status, reason, &signer->chain_code, &signer->chain_problem, error)) != AZATTEST_OK)
        goto done;
    reason = NULL;
    status = judge_key_id(signer, &reason);
    status = keep(status, reason, &signer->key_id_code, &signer->key_id_problem, error);
done:
    azattest__buf_free(&pem);
    return status;
}

/* The window in which all certificates are valid, and the instance that the leaf names. */
static azattest_status read_leaf(azattest_signer *signer, azattest_error **error)
{
    const char *name;

    signer->not_before = signer->certificate_count == 0 ? 0 : INT64_MIN;
    signer->not_after = INT64_MAX;
    for (size_t i = 0; i < signer->certificate_count; i++) {
        int64_t from = azattest__cert_not_before(signer->certificates[i]);
        int64_t until = azattest__cert_not_after(signer->certificates[i]);

        signer->not_before = from > signer->not_before ? from : signer->not_before;
        signer->not_after = until < signer->not_after ? until : signer->not_after;
    }
    if (signer->certificate_count == 0 || !azattest__cert_is_self_issued(signer->certificates[0]))
        return AZATTEST_OK;
    name = azattest__cert_subject_cn(signer->certificates[0]);
    if (name == NULL || strncasecmp(name, "https://", 8) != 0)
        return AZATTEST_OK;
    signer->instance = azattest__dup_text(name);
    return signer->instance == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* Stops at the first thing that makes the entry useless. */
static azattest_status read_jwk(azattest_signer *signer, const azattest__json *jwk, azattest_error **error)
{
    azattest_status status;
    azattest__key *own = NULL;

    if ((status = read_key_id(signer, jwk, error)) == AZATTEST_OK &&
        (status = check_purpose(signer, jwk, error)) == AZATTEST_OK &&
        (status = read_certificates(signer, jwk, error)) == AZATTEST_OK &&
        (status = azattest__jwk_key(jwk, &own, error)) == AZATTEST_OK)
        status = choose_key(signer, azattest__json_get_string(jwk, "kty"), own, error);
    azattest__key_free(own);
    /* To the users of a set there are two reasons: what stands there is broken, or it is no key for signatures. */
    if (status == AZATTEST_E_UNSUPPORTED)
        return AZATTEST_E_TOKEN_KEY_UNFIT;
    return status == AZATTEST_E_LIMIT ? AZATTEST_E_MALFORMED : status;
}

static azattest_signer *signer_new(void)
{
    azattest_signer *signer = calloc(1, sizeof(*signer));

    if (signer != NULL)
        atomic_init(&signer->references, 1);
    return signer;
}

azattest_status azattest__signer_from_jwk(const azattest__json *jwk, azattest_signer **out, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status;
    azattest_signer *signer = signer_new();

    *out = NULL;
    if (signer == NULL)
        return azattest__error_memory(error);
    status = read_jwk(signer, jwk, &reason);
    if ((status = keep(status, reason, &signer->problem_code, &signer->problem, error)) != AZATTEST_OK ||
        (status = read_leaf(signer, error)) != AZATTEST_OK ||
        (signer->key != NULL && (status = judge(signer, error)) != AZATTEST_OK))
        goto done;
    *out = signer;
    signer = NULL;
done:
    azattest_signer_free(signer);
    return status;
}

azattest_status azattest__signer_from_parts(azattest__cert *cert, azattest__key *key, azattest_signer **out,
                                            azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_signer *signer = signer_new();

    *out = NULL;
    if (signer == NULL)
        return azattest__error_memory(error);
    signer->key = azattest__key_ref(key);
    if (cert != NULL && ((status = reserve_certificates(signer, 1, error)) != AZATTEST_OK ||
                         (status = add_certificate(signer, cert, error)) != AZATTEST_OK))
        goto done;
    if ((status = read_leaf(signer, error)) != AZATTEST_OK || (status = judge(signer, error)) != AZATTEST_OK)
        goto done;
    *out = signer;
    signer = NULL;
done:
    azattest_signer_free(signer);
    return status;
}

azattest_status azattest__signer_fits(const azattest_signer *signer, azattest__alg alg, azattest_error **error)
{
    if (signer->algorithm != AZATTEST__ALG_UNKNOWN && signer->algorithm != alg)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "the key is for %s only, the token says %s",
                                   azattest__alg_name(signer->algorithm),
                                   azattest__alg_name(alg) == NULL ? "something else" : azattest__alg_name(alg));
    return azattest__key_fits(signer->key, alg, error);
}

/* The count is the one thing that changes, so the reference stands apart from the const of the readers. */
azattest_signer *azattest_signer_ref(const azattest_signer *signer)
{
    azattest_signer *counted;

    memcpy(&counted, &signer, sizeof(counted));
    if (counted != NULL)
        atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void azattest_signer_free(azattest_signer *signer)
{
    if (signer == NULL || atomic_fetch_sub_explicit(&signer->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < signer->certificate_count; i++) {
        azattest__cert_free(signer->certificates[i]);
        free(signer->certificates_pem[i]);
    }
    free(signer->certificates);
    free(signer->certificates_pem);
    azattest__key_free(signer->key);
    free(signer->key_id);
    free(signer->public_key_pem);
    free(signer->problem);
    free(signer->chain_problem);
    free(signer->key_id_problem);
    free(signer->instance);
    free(signer);
}

const char *azattest_signer_key_id(const azattest_signer *signer)
{
    return signer == NULL ? NULL : signer->key_id;
}

const char *azattest_signer_key_type(const azattest_signer *signer)
{
    return signer == NULL || signer->key == NULL ? NULL : azattest__key_type(signer->key);
}

int azattest_signer_key_bits(const azattest_signer *signer)
{
    return signer == NULL || signer->key == NULL ? 0 : azattest__key_bits(signer->key);
}

const char *azattest_signer_problem(const azattest_signer *signer)
{
    return signer == NULL ? NULL : signer->problem;
}

size_t azattest_signer_certificate_count(const azattest_signer *signer)
{
    return signer == NULL ? 0 : signer->certificate_count;
}

azattest_bytes azattest_signer_certificate_der(const azattest_signer *signer, size_t index)
{
    if (signer == NULL || index >= signer->certificate_count)
        return azattest__bytes(NULL, 0);
    return azattest__cert_der(signer->certificates[index]);
}

const char *azattest_signer_certificate_pem(const azattest_signer *signer, size_t index)
{
    return signer == NULL || index >= signer->certificate_count ? NULL : signer->certificates_pem[index];
}

const char *azattest_signer_public_key_pem(const azattest_signer *signer)
{
    return signer == NULL ? NULL : signer->public_key_pem;
}
