/* The runtime claims of an HCL report: keys of the virtual TPM, how the machine was set up, and what it wrote itself.
 */
#include "hcl.h"

#include <azattest/limits.h>

#include "../../base/encoding.h"

#define AK_ID "HCLAkPub"

static int flag(const azattest__json *object, const char *name)
{
    bool value;

    return azattest__json_bool(azattest__json_get(object, name), &value) ? (value ? 1 : 0) : -1;
}

static bool decode(const azattest__json *key, const char *name, azattest__buf *out)
{
    const char *text = azattest__json_get_string(key, name);

    return text != NULL && azattest__base64url_decode(azattest__text(text), out);
}

static bool may_sign(const azattest__json *key)
{
    const azattest__json *operations = azattest__json_get(key, "key_ops");

    for (const azattest__json *item = azattest__json_first(operations); item != NULL; item = azattest__json_next(item))
        if (azattest__bytes_equal_text(azattest__text(azattest__json_string(item)), "sign"))
            return true;
    return operations == NULL;
}

/* Only trouble with memory is a failure here. */
static azattest_status read_key(const azattest__json *jwk, azattest__runtime_claims *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_error *reason = NULL;
    azattest__buf n, e;

    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    if (!azattest__bytes_equal_text(azattest__text(azattest__json_get_string(jwk, "kty")), "RSA"))
        out->problem = "the runtime claims' key " AK_ID " is no RSA key";
    else if (!may_sign(jwk))
        out->problem = "the runtime claims' key " AK_ID " is not for signing";
    else if (!decode(jwk, "n", &n) || !decode(jwk, "e", &e))
        out->problem = "the runtime claims' key " AK_ID " has no modulus and exponent in base64url";
    else if ((status = azattest__key_from_rsa(azattest__buf_bytes(&n), azattest__buf_bytes(&e), &out->ak, &reason)) !=
             AZATTEST_OK)
        out->problem = "the runtime claims' key " AK_ID " is no usable RSA key";
    status = status == AZATTEST_E_MEMORY || n.status == AZATTEST_E_MEMORY || e.status == AZATTEST_E_MEMORY
                 ? azattest__error_memory(error)
                 : AZATTEST_OK;
    azattest_error_free(reason);
    azattest__buf_free(&e);
    azattest__buf_free(&n);
    return status;
}

static azattest_status find_key(azattest__runtime_claims *out, azattest_error **error)
{
    const azattest__json *keys = azattest__json_get(out->document, "keys"), *found = NULL;

    out->problem = "the runtime claims have no key " AK_ID;
    for (const azattest__json *key = azattest__json_first(keys); key != NULL; key = azattest__json_next(key)) {
        if (!azattest__bytes_equal_text(azattest__text(azattest__json_get_string(key, "kid")), AK_ID))
            continue;
        if (found != NULL) {
            out->problem = "the runtime claims have two keys " AK_ID;
            return AZATTEST_OK;
        }
        found = key;
    }
    if (found == NULL)
        return AZATTEST_OK;
    out->problem = NULL;
    return read_key(found, out, error);
}

static void read_user_data(azattest__runtime_claims *out)
{
    const char *text = azattest__json_get_string(out->document, "user-data");
    azattest__buf bytes;

    azattest__buf_init(&bytes, AZATTEST__USER_DATA_SIZE);
    if (text != NULL && azattest__hex_decode(azattest__text(text), &bytes) && bytes.len == AZATTEST__USER_DATA_SIZE) {
        memcpy(out->user_data, bytes.ptr, bytes.len);
        out->has_user_data = true;
    }
    azattest__buf_free(&bytes);
}

azattest_status azattest__runtime_claims_read(azattest_bytes claims, azattest__runtime_claims *out,
                                              azattest_error **error)
{
    const azattest__json *configuration;
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_parse(claims, &out->document, &reason);

    azattest_error_free(reason);
    out->secure_boot = out->tpm_enabled = out->console_enabled = out->tpm_persisted = -1;
    if (status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    if (status != AZATTEST_OK || !azattest__json_is_object(out->document)) {
        out->problem = "the runtime claims are no JSON object";
        return AZATTEST_OK;
    }
    configuration = azattest__json_get(out->document, "vm-configuration");
    out->secure_boot = flag(configuration, "secure-boot");
    out->tpm_enabled = flag(configuration, "tpm-enabled");
    out->console_enabled = flag(configuration, "console-enabled");
    out->tpm_persisted = flag(configuration, "tpm-persisted");
    out->vm_unique_id = azattest__json_get_string(configuration, "vmUniqueId");
    read_user_data(out);
    return find_key(out, error);
}

void azattest__runtime_claims_clear(azattest__runtime_claims *claims)
{
    azattest__json_free(claims->document);
    azattest__key_free(claims->ak);
    memset(claims, 0, sizeof(*claims));
}
