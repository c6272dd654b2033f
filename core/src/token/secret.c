/* Secrets sealed to the key of a validated token, and opened inside. */
#include <stdlib.h>

#include <azattest/limits.h>
#include <azattest/secret.h>

#include "../base/encoding.h"
#include "../error/options.h"
#include "../jose/jwe.h"
#include "../jose/recipients.h"
#include "result.h"

/* Clears what the caller will look at, and checks what all sealing calls take. */
static azattest_status begin(const azattest_secret_options *options, azattest_bytes secret, char **sealed,
                             size_t *length, azattest_secret_options *taken, azattest_error **error)
{
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (sealed != NULL)
        *sealed = NULL;
    if (length != NULL)
        *length = 0;
    if (sealed == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "secret: nowhere to put the sealed text");
    if ((status = azattest__options_take(options, taken, sizeof(*taken), "AZATTEST_SECRET_OPTIONS_INIT", error)) !=
        AZATTEST_OK)
        return status;
    if (secret.ptr == NULL || secret.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "secret: it is empty");
    if (secret.len > AZATTEST_LIMIT_SECRET)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "secret: %zu bytes, at most %u can be sealed", secret.len,
                                   AZATTEST_LIMIT_SECRET);
    return AZATTEST_OK;
}

static azattest_status seal(const azattest__recipients *recipients, const char *key_id, azattest_bytes secret,
                            char **sealed, size_t *length, azattest_error **error)
{
    const struct azattest__recipient *recipient;
    azattest_status status;
    azattest__buf out;
    size_t len = 0;

    azattest__buf_init(&out, AZATTEST_LIMIT_SEALED);
    if ((status = azattest__recipients_choose(recipients, key_id, &recipient, error)) == AZATTEST_OK &&
        (status = azattest__jwe_seal(recipient->key, recipient->key_id, secret, &out, error)) == AZATTEST_OK) {
        *sealed = (char *)azattest__buf_take(&out, &len);
        if (length != NULL)
            *length = len;
    }
    azattest__buf_free(&out);
    return status;
}

static azattest_status add_object(azattest__recipients *recipients, azattest_bytes json, azattest_error **error)
{
    azattest__json *object = NULL;
    azattest_status status;

    if (!azattest__claim_is_object(json))
        return AZATTEST_OK;
    if ((status = azattest__json_parse(json, &object, error)) == AZATTEST_OK)
        status = azattest__recipients_add_json(recipients, object, error);
    azattest__json_free(object);
    return status;
}

/* Validation tells of debuggable evidence and, by default, lets it pass: to read claims of a program under development
 * is no harm. A secret is another matter. Tokens without such a claim are those of TPMs, which have no TEE to speak of;
 * one that has an isolation TEE which does not speak is refused. */
static azattest_status check_debug(const azattest_result *result, azattest_error **error)
{
    const char *name = NULL, *wanted;
    azattest__debug said = azattest__claims_debug(result->body, &name);
    size_t at = 0;

    if (said == AZATTEST__DEBUG_UNSAID && azattest__claim_isolation(result->body).ptr != NULL)
        name = "x-ms-isolation-tee";
    else if (said != AZATTEST__DEBUG_ON && said != AZATTEST__DEBUG_UNCLEAR &&
             !azattest__claims_guest_debug(result->body, &at, &name, &wanted))
        return AZATTEST_OK;
    return azattest__error_set(
        error, AZATTEST_E_TOKEN_DEBUGGABLE,
        "secret: by \"%s\" the evidence is debuggable, or may be, so its host could read what is "
        "sealed to it; allow_debug allows that",
        name);
}

azattest_status azattest_result_seal_secret(const azattest_result *result, const azattest_secret_options *options,
                                            azattest_bytes secret, char **sealed, size_t *length,
                                            azattest_error **error)
{
    azattest__recipients recipients = { NULL, 0, 0, NULL };
    azattest_secret_options taken;
    azattest_bytes held;
    azattest_status status;

    if ((status = begin(options, secret, sealed, length, &taken, error)) != AZATTEST_OK)
        return status;
    if (result == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "secret: no result");
    if (!result->validated)
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "secret: the token is not validated, so anybody could have put a key of his own "
                                   "into it; validate it first");
    if (taken.allow_debug != AZATTEST_ON && (status = check_debug(result, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest_result_enclave_held_data(result, &held)) == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    if ((status = add_object(&recipients, azattest__json_find(result->body, "x-ms-runtime"), error)) == AZATTEST_OK &&
        (status = azattest__recipients_add_text(&recipients, held, error)) == AZATTEST_OK &&
        (status = add_object(&recipients, azattest__json_find(result->body, "cnf"), error)) == AZATTEST_OK)
        status = seal(&recipients, taken.key_id, secret, sealed, length, error);
    azattest__recipients_clear(&recipients);
    return status;
}

azattest_status azattest_secret_seal(azattest_bytes key_text, const azattest_secret_options *options,
                                     azattest_bytes secret, char **sealed, size_t *length, azattest_error **error)
{
    azattest__recipients recipients = { NULL, 0, 0, NULL };
    azattest_secret_options taken;
    azattest_status status;

    if ((status = begin(options, secret, sealed, length, &taken, error)) != AZATTEST_OK)
        return status;
    if (key_text.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "secret: the text of the key has %zu bytes, more than %u",
                                   key_text.len, AZATTEST_LIMIT_RUNTIME_DATA);
    if ((status = azattest__recipients_add_text(&recipients, key_text, error)) == AZATTEST_OK)
        status = seal(&recipients, taken.key_id, secret, sealed, length, error);
    azattest__recipients_clear(&recipients);
    return status;
}

azattest_status azattest_secret_open(azattest_bytes private_key, const char *passphrase, azattest_bytes sealed,
                                     char **secret, size_t *length, azattest_error **error)
{
    azattest__key *key = NULL;
    azattest_status status;
    azattest__buf out;

    if (error != NULL)
        *error = NULL;
    if (secret != NULL)
        *secret = NULL;
    if (length != NULL)
        *length = 0;
    if (secret == NULL || length == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "secret: nowhere to put it, or its length");
    if (private_key.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "secret: no private key");
    azattest__buf_init(&out, AZATTEST_LIMIT_SECRET);
    if ((status = azattest__key_from_encrypted_pem(private_key, passphrase, &key, error)) == AZATTEST_OK &&
        (status = azattest__jwe_open(key, sealed, &out, error)) == AZATTEST_OK) {
        azattest__buf_grow(&out, 0);
        if ((status = azattest__error_from_buf(error, &out, "secret")) == AZATTEST_OK)
            *secret = (char *)azattest__buf_take(&out, length);
    }
    azattest__buf_free(&out);
    azattest__key_free(key);
    return status;
}

void azattest_secret_free(char *secret, size_t length)
{
    if (secret == NULL)
        return;
    azattest__wipe(secret, length);
    free(secret);
}
