#include "recipients.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "signer.h"

void azattest__recipients_clear(azattest__recipients *recipients)
{
    for (size_t i = 0; i < recipients->count; i++) {
        azattest__key_free(recipients->items[i].key);
        free(recipients->items[i].key_id);
    }
    free(recipients->items);
    free(recipients->reason);
    memset(recipients, 0, sizeof(*recipients));
}

/* Takes no ownership. Adds the key, or counts it as refused; fails only for want of memory, and beyond the ceiling. */
static azattest_status add_key(azattest__recipients *recipients, azattest__key *key, const char *key_id,
                               azattest_error **error)
{
    azattest_status status;
    char *own_id = NULL;

    if (recipients->items == NULL &&
        (recipients->items = calloc(AZATTEST_LIMIT_KEYS, sizeof(*recipients->items))) == NULL)
        return azattest__error_memory(error);
    if (recipients->count == AZATTEST_LIMIT_KEYS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "secret: more than %u keys to choose from",
                                   AZATTEST_LIMIT_KEYS);
    if (key_id == NULL) {
        if ((status = azattest__jwk_thumbprint(key, &own_id, error)) != AZATTEST_OK)
            return status;
    } else if ((own_id = azattest__dup_text(key_id)) == NULL) {
        return azattest__error_memory(error);
    }
    recipients->items[recipients->count].key = azattest__key_ref(key);
    recipients->items[recipients->count++].key_id = own_id;
    return AZATTEST_OK;
}

/* Counts a key that is not taken, and keeps the first reason. Takes the reason over. */
static azattest_status refuse(azattest__recipients *recipients, azattest_status status, azattest_error *reason,
                              azattest_error **error)
{
    if (status == AZATTEST_E_MEMORY) {
        azattest_error_free(reason);
        return azattest__error_memory(error);
    }
    recipients->refused++;
    if (recipients->reason == NULL)
        recipients->reason = azattest__dup_text(azattest_error_message(reason));
    azattest_error_free(reason);
    return recipients->reason == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* RFC 7517 section 4.3: where operations are listed, one of those that encryption needs has to be among them. */
static bool operations_fit(const azattest__json *operations, bool rsa)
{
    static const char *const rsa_names[] = { "encrypt", "wrapKey" }, *const ec_names[] = { "deriveKey", "deriveBits" };
    const char *const *names = rsa ? rsa_names : ec_names;

    if (operations == NULL)
        return true;
    if (!azattest__json_is_array(operations))
        return false;
    for (const azattest__json *item = azattest__json_first(operations); item != NULL;
         item = azattest__json_next(item)) {
        const char *name = azattest__json_string(item);

        if (name != NULL && (strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0))
            return true;
    }
    return false;
}

/* What the entry says about itself. */
static azattest_status check_purpose(const azattest__json *jwk, const char **key_id, azattest_error **error)
{
    const char *kty, *use, *alg, *private_member;
    azattest_status status;
    bool rsa;

    if ((status = azattest__jwk_text(jwk, "kty", &kty, error)) != AZATTEST_OK ||
        (status = azattest__jwk_text(jwk, "kid", key_id, error)) != AZATTEST_OK ||
        (status = azattest__jwk_text(jwk, "use", &use, error)) != AZATTEST_OK ||
        (status = azattest__jwk_text(jwk, "alg", &alg, error)) != AZATTEST_OK)
        return status;
    rsa = strcmp(kty, "RSA") == 0;
    if (!rsa && strcmp(kty, "EC") != 0)
        return azattest__error_set(error, AZATTEST_E_SECRET, "\"kty\" is neither RSA nor EC");
    if (use != NULL && strcmp(use, "enc") != 0)
        return azattest__error_set(error, AZATTEST_E_SECRET, "\"use\" is not \"enc\"");
    if (!operations_fit(azattest__json_get(jwk, "key_ops"), rsa))
        return azattest__error_set(error, AZATTEST_E_SECRET, "\"key_ops\" does not hold %s",
                                   rsa ? "\"encrypt\" or \"wrapKey\"" : "\"deriveKey\" or \"deriveBits\"");
    if (alg != NULL && strcmp(alg, rsa ? "RSA-OAEP-256" : "ECDH-ES") != 0)
        return azattest__error_set(error, AZATTEST_E_SECRET, "\"alg\" is not \"%s\"", rsa ? "RSA-OAEP-256" : "ECDH-ES");
    if ((private_member = azattest__jwk_private_member(jwk)) != NULL)
        return azattest__error_set(error, AZATTEST_E_SECRET,
                                   "the private member \"%s\" is published: anybody could open the secret",
                                   private_member);
    if (*key_id != NULL && strlen(*key_id) > AZATTEST_LIMIT_KEY_ID)
        return azattest__error_set(error, AZATTEST_E_SECRET, "\"kid\" has more than %u bytes", AZATTEST_LIMIT_KEY_ID);
    return AZATTEST_OK;
}

static azattest_status add_jwk(azattest__recipients *recipients, const azattest__json *jwk, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest__key *key = NULL;
    const char *key_id = NULL;
    azattest_status status;

    if ((status = check_purpose(jwk, &key_id, &reason)) == AZATTEST_OK &&
        (status = azattest__jwk_key(jwk, &key, &reason)) == AZATTEST_OK) {
        if (key == NULL)
            status = azattest__error_set(&reason, AZATTEST_E_SECRET, "the entry has no numbers of a key");
        else
            status = azattest__key_encrypts(key, &reason);
    }
    status =
        status == AZATTEST_OK ? add_key(recipients, key, key_id, error) : refuse(recipients, status, reason, error);
    azattest__key_free(key);
    return status;
}

azattest_status azattest__recipients_add_json(azattest__recipients *recipients, const azattest__json *value,
                                              azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    if (azattest__json_get_string(value, "kty") != NULL)
        return add_jwk(recipients, value, error);
    /* Members and elements alike; the gate bounds the depth. */
    for (const azattest__json *child = azattest__json_first(value); status == AZATTEST_OK && child != NULL;
         child = azattest__json_next(child))
        status = azattest__recipients_add_json(recipients, child, error);
    return status;
}

static azattest_status add_pem(azattest__recipients *recipients, azattest_bytes text, azattest_error **error)
{
    azattest_signers *signers = NULL;
    azattest_error *reason = NULL;
    azattest_status status = azattest_signers_parse(text, &signers, &reason);

    if (status != AZATTEST_OK)
        return refuse(recipients, status, reason, error);
    for (size_t i = 0; status == AZATTEST_OK && i < signers->count; i++) {
        const azattest_signer *signer = azattest_signers_at(signers, i);
        azattest__key *key = signer == NULL ? NULL : signer->key;

        if (signer == NULL)
            status = azattest__error_memory(&reason);
        else if (key == NULL)
            status = azattest__error_set(&reason, AZATTEST_E_SECRET, "%s", signer->problem);
        else
            status = azattest__key_encrypts(key, &reason);
        status =
            status == AZATTEST_OK ? add_key(recipients, key, NULL, error) : refuse(recipients, status, reason, error);
        reason = NULL;
    }
    azattest_signers_free(signers);
    return status;
}

azattest_status azattest__recipients_add_text(azattest__recipients *recipients, azattest_bytes text,
                                              azattest_error **error)
{
    static const char pem[] = "-----BEGIN ";
    azattest__json *root = NULL;
    azattest_status status;
    const char *start = text.ptr;

    text = azattest__json_unterminated(text); /* programs in C put the end of their text into their report data, too */
    if (start == NULL || text.len == 0)
        return AZATTEST_OK;
    for (size_t i = 0; i + sizeof(pem) - 1 <= text.len; i++)
        if (memcmp(start + i, pem, sizeof(pem) - 1) == 0)
            return add_pem(recipients, text, error);
    if ((status = azattest__json_parse(text, &root, NULL)) == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    status = status == AZATTEST_OK ? azattest__recipients_add_json(recipients, root, error) : AZATTEST_OK;
    azattest__json_free(root);
    return status;
}

/* "a", "b": key ids are public. */
static void list_key_ids(const azattest__recipients *recipients, azattest__buf *out)
{
    for (size_t i = 0; i < recipients->count; i++) {
        char *shown = azattest__printable(azattest__text(recipients->items[i].key_id), 80);

        azattest__buf_printf(out, "%s\"%s\"", i == 0 ? "" : ", ", shown == NULL ? "?" : shown);
        free(shown);
    }
}

static azattest_status nothing_to_choose(const azattest__recipients *recipients, azattest_error **error)
{
    if (recipients->refused == 0)
        return azattest__error_set(
            error, AZATTEST_E_SECRET,
            "secret: there is no public key to seal it to; in a token the program's runtime data have "
            "to hold one: a JWK where they are JSON, else a JWK or PEM");
    return azattest__error_set(error, AZATTEST_E_SECRET,
                               "secret: none of %zu keys may be used to encrypt; of the first: %s", recipients->refused,
                               recipients->reason);
}

azattest_status azattest__recipients_choose(const azattest__recipients *recipients, const char *key_id,
                                            const struct azattest__recipient **out, azattest_error **error)
{
    const struct azattest__recipient *found = NULL;
    azattest_status status = AZATTEST_OK;
    azattest__buf ids;
    bool different = false;

    *out = NULL;
    if (recipients->count == 0)
        return nothing_to_choose(recipients, error);
    for (size_t i = 0; i < recipients->count; i++) {
        const struct azattest__recipient *item = &recipients->items[i];

        if (key_id != NULL && strcmp(item->key_id, key_id) != 0)
            continue;
        different = different || (found != NULL && !azattest__key_equal(found->key, item->key));
        found = found == NULL ? item : found;
    }
    azattest__buf_init(&ids, 8192);
    list_key_ids(recipients, &ids);
    if (found == NULL)
        status = azattest__error_set(error, AZATTEST_E_SECRET, "secret: no key has that key id; there is %s",
                                     ids.ptr == NULL ? "?" : (const char *)ids.ptr);
    else if (different)
        status = azattest__error_set(error, AZATTEST_E_SECRET, "secret: several keys would do, %s: %s",
                                     ids.ptr == NULL ? "?" : (const char *)ids.ptr,
                                     key_id == NULL ? "name one by key_id" : "different keys share that key id");
    else
        *out = found;
    azattest__buf_free(&ids);
    return status;
}
