/*
 * The claims of an Azure guest's token: the set that recorded ones have. What the real service reads from the event log
 * and from the firmware's variables (keys and databases of secure boot, code integrity, debuggers) is not read here:
 * these claims follow secure boot, as the hardware-bound configuration states it, in the direction that is careful.
 */
#include "../../base/encoding.h"
#include "../azure/guest.h"
#include "claims.h"

#define KEY_ID "TpmEphemeralEncryptionKey"

/* ---- the document of the guest's own client ---- */

/* A member in any letter case, as the service's binder finds it; NULL when absent or null. */
static azattest_status find(const azattest__json *document, const char *name, const azattest__json **out,
                            azattest_error **error)
{
    if (!azattest__json_find_nocase(document, name, out))
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "the guest's document has \"%s\" more than once, in different letter case", name);
    if (azattest__json_is_null(*out))
        *out = NULL;
    return AZATTEST_OK;
}

static azattest_status find_string(const azattest__json *document, const char *name, const char **out,
                                   azattest_error **error)
{
    const azattest__json *member;
    azattest_status status = find(document, name, &member, error);

    *out = NULL;
    if (status != AZATTEST_OK || member == NULL)
        return status;
    if ((*out = azattest__json_string(member)) == NULL)
        return azattest__error_set(error, AZATTEST_E_TYPE, "\"%s\" is of type %s, expected a string", name,
                                   azattest__json_kind(member));
    return AZATTEST_OK;
}

/* AZATTEST_ABSENT when there is no such member. */
static azattest_status find_bytes(const azattest__json *document, const char *name, azattest__buf *out,
                                  azattest_error **error)
{
    const char *text;
    azattest_status status = find_string(document, name, &text, error);

    if (status != AZATTEST_OK || text == NULL)
        return status == AZATTEST_OK ? AZATTEST_ABSENT : status;
    if (azattest__base64_any_decode(azattest__text(text), out))
        return AZATTEST_OK;
    return out->status != AZATTEST_OK
               ? azattest__error_from_buf(error, out, name)
               : azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" is not base64url", name);
}

/* What the client says beside its evidence; NULL for evidence that came in another form. */
static azattest_status read_document(const azattest_evidence *evidence, azattest__json **out, azattest_error **error)
{
    azattest_bytes raw = azattest__bytes(evidence->raw, evidence->raw_len);
    azattest__json *document = NULL;
    azattest_status status;
    azattest__buf inside;

    *out = NULL;
    if (evidence->guest == NULL || strcmp(evidence->form, "json") != 0)
        return AZATTEST_OK;
    azattest__buf_init(&inside, AZATTEST_LIMIT_ATTESTATION_INFO);
    if ((status = azattest__json_parse(raw, &document, error)) != AZATTEST_OK)
        goto done;
    if (azattest__json_get_nocase(document, "AttestationInfo") != NULL) {
        if ((status = find_bytes(document, "AttestationInfo", &inside, error)) != AZATTEST_OK)
            goto done;
        azattest__json_free(document);
        document = NULL;
        if ((status = azattest__json_parse(azattest__buf_bytes(&inside), &document, error)) != AZATTEST_OK)
            goto done;
    }
    if (azattest__json_get_nocase(document, "TpmInfo") != NULL) {
        *out = document;
        document = NULL;
    }
done:
    azattest__json_free(document);
    azattest__buf_free(&inside);
    return status == AZATTEST_ABSENT ? AZATTEST_OK : status;
}

/* Text in base64, as text; what is not text stays out. */
static azattest_status put_text(azattest__json *claims, const char *claim, const azattest__json *document,
                                const char *member, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_ATTESTATION_INFO);
    status = find_bytes(document, member, &text, error);
    if (status == AZATTEST_OK && azattest__utf8_valid(azattest__buf_bytes(&text)) &&
        (text.len == 0 || memchr(text.ptr, 0, text.len) == NULL))
        azattest__json_put_bytes_text(claims, claim,
                                      text.ptr == NULL ? azattest__text("") : azattest__buf_bytes(&text));
    azattest__buf_free(&text);
    return status == AZATTEST_ABSENT ? AZATTEST_OK : status;
}

/* A number, which some clients write as text. */
static azattest_status put_number(azattest__json *claims, const char *claim, const azattest__json *document,
                                  const char *member, azattest_error **error)
{
    const azattest__json *value;
    azattest_status status = find(document, member, &value, error);
    const char *text = azattest__json_string(value);
    int64_t number;

    if (status != AZATTEST_OK || value == NULL)
        return status;
    if (azattest__json_integer(value, &number) ||
        (text != NULL && azattest__json_integer_text(azattest__text(text), &number)))
        azattest__json_put_integer(claims, claim, number);
    return AZATTEST_OK;
}

static azattest_status put_system(azattest__json *claims, const azattest__json *document, azattest_error **error)
{
    const char *version;
    azattest_status status;

    if ((status = find_string(document, "AttestationProtocolVersion", &version, error)) != AZATTEST_OK ||
        (status = put_text(claims, "x-ms-azurevm-ostype", document, "OSType", error)) != AZATTEST_OK ||
        (status = put_text(claims, "x-ms-azurevm-osdistro", document, "OSDistro", error)) != AZATTEST_OK ||
        (status = put_text(claims, "x-ms-azurevm-osbuild", document, "OSBuild", error)) != AZATTEST_OK ||
        (status = put_number(claims, "x-ms-azurevm-osversion-major", document, "OSVersionMajor", error)) !=
            AZATTEST_OK ||
        (status = put_number(claims, "x-ms-azurevm-osversion-minor", document, "OSVersionMinor", error)) != AZATTEST_OK)
        return status;
    if (version != NULL)
        azattest__json_put_string(claims, "x-ms-azurevm-attestation-protocol-ver", version);
    return AZATTEST_OK;
}

static void put_pcrs(azattest__json *claims, const azattest_evidence *evidence)
{
    azattest__buf text;
    bool first = true;

    azattest__buf_init(&text, 1024);
    azattest__buf_append_text(&text, "[");
    for (unsigned index = 0; index < AZATTEST__TPM_PCRS; index++)
        for (size_t i = 0; i < evidence->tpm.selection_count; i++)
            if ((evidence->tpm.selections[i].mask >> index & 1) != 0) {
                azattest__buf_printf(&text, "%s%u", first ? "" : ",", index);
                first = false;
                break;
            }
    azattest__buf_append_text(&text, "]");
    azattest__json_put_raw(claims, "x-ms-azurevm-attested-pcrs", azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

static void put_boot(azattest__json *claims, const azattest_evidence *evidence)
{
    static const char *const as_secure_boot[] = { "secureboot",
                                                  "x-ms-azurevm-dbvalidated",
                                                  "x-ms-azurevm-dbxvalidated",
                                                  "x-ms-azurevm-debuggersdisabled",
                                                  "x-ms-azurevm-default-securebootkeysvalidated",
                                                  "x-ms-azurevm-signingdisabled" },
                             *const without_secure_boot[] = { "x-ms-azurevm-bootdebug-enabled",
                                                              "x-ms-azurevm-flightsigning-enabled",
                                                              "x-ms-azurevm-hypervisordebug-enabled",
                                                              "x-ms-azurevm-kerneldebug-enabled",
                                                              "x-ms-azurevm-testsigning-enabled" };
    bool secure_boot = azattest__guest_secure_boot(evidence) == 1;
    const char *os = azattest__json_get_string(claims, "x-ms-azurevm-ostype"),
               *vm = azattest__guest_vm_unique_id(evidence);

    for (size_t i = 0; i < sizeof(as_secure_boot) / sizeof(as_secure_boot[0]); i++)
        azattest__json_put_bool(claims, as_secure_boot[i], secure_boot);
    /* A policy that denies them must not pass a machine of which nothing is known. */
    for (size_t i = 0; i < sizeof(without_secure_boot) / sizeof(without_secure_boot[0]); i++)
        azattest__json_put_bool(claims, without_secure_boot[i], !secure_boot);
    azattest__json_put_bool(claims, "x-ms-azurevm-elam-enabled", false);
    azattest__json_put_integer(claims, "x-ms-azurevm-hvci-policy", 0);
    azattest__json_put_bool(claims, "x-ms-azurevm-is-windows",
                            os != NULL && azattest__text_equal_nocase(os, "Windows"));
    if (vm != NULL)
        azattest__json_put_string(claims, "x-ms-azurevm-vmid", vm);
    put_pcrs(claims, evidence);
}

/* The key that the answer is sealed to, as the client names it; false: it names none that can be read. */
static azattest_status sealing_key(const azattest_evidence *evidence, azattest__key **out, azattest_error **error)
{
    azattest_bytes piece = azattest__buf_bytes(&evidence->guest->pieces[AZATTEST__GUEST_KEY_PUBLIC]);
    azattest__tpm_public area;
    azattest_status status;

    *out = NULL;
    if (piece.ptr == NULL)
        return AZATTEST_OK;
    if ((status = azattest__tpm_public_parse(piece, &area, error)) != AZATTEST_OK ||
        (status = azattest__tpm_public_key(&area, out, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "EncKeyPub");
    return status;
}

static azattest_status put_key(azattest__json *runtime, const azattest__key *key, azattest_error **error)
{
    azattest__json *keys, *jwk, *operations;
    azattest_status status;
    azattest__buf n, e;

    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__key_numbers(key, &n, &e, error)) == AZATTEST_OK) {
        keys = azattest__json_new_array();
        jwk = azattest__json_new_object();
        operations = azattest__json_new_array();
        azattest__json_put_base64url(jwk, "e", azattest__buf_bytes(&e));
        azattest__json_add_string(operations, "encrypt");
        azattest__json_put(jwk, "key_ops", operations);
        azattest__json_put_string(jwk, "kid", KEY_ID);
        azattest__json_put_string(jwk, "kty", "RSA");
        azattest__json_put_base64url(jwk, "n", azattest__buf_bytes(&n));
        azattest__json_add(keys, jwk);
        azattest__json_put(runtime, "keys", keys);
    }
    azattest__buf_free(&e);
    azattest__buf_free(&n);
    return status;
}

/* {"client-payload": as it came, "keys": [the key that the answer is sealed to]} */
static azattest_status put_runtime(azattest__json *claims, const azattest__json *document,
                                   const azattest_evidence *evidence, azattest_error **error)
{
    azattest__json *runtime = azattest__json_new_object();
    const azattest__json *payload = NULL;
    azattest__key *key = NULL;
    azattest_status status;

    if ((status = find(document, "ClientPayload", &payload, error)) != AZATTEST_OK ||
        (status = sealing_key(evidence, &key, error)) != AZATTEST_OK)
        goto done;
    if (azattest__json_is_object(payload))
        azattest__json_put(runtime, "client-payload", azattest__claims_sorted(payload));
    if (key != NULL && (status = put_key(runtime, key, error)) != AZATTEST_OK)
        goto done;
    azattest__json_put(claims, "x-ms-runtime", runtime);
    runtime = NULL;
done:
    azattest__key_free(key);
    azattest__json_free(runtime);
    return status;
}

/* What a token of the machine itself would say, in an object of its own. */
static void put_isolation(azattest__json *claims, const azattest_evidence *evidence)
{
    azattest__json *isolation;
    azattest__tdx_report td;

    if (!azattest__claims_td_report(evidence, &td) && evidence->snp.version == 0)
        return; /* Trusted Launch */
    isolation = azattest__json_new_object();
    if (evidence->snp.version != 0)
        azattest__claims_put_snp(isolation, &evidence->snp);
    else
        azattest__claims_put_tdx(isolation, &td);
    if (evidence->guest->claims.document != NULL)
        azattest__json_put(isolation, "x-ms-runtime", azattest__claims_sorted(evidence->guest->claims.document));
    azattest__json_put_string(isolation, "x-ms-compliance-status", "azure-compliant-cvm");
    azattest__json_sort(isolation);
    azattest__json_put(claims, "x-ms-isolation-tee", isolation);
}

azattest_status azattest__claims_put_guest(azattest__json *claims, const azattest_evidence *evidence,
                                           azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status = read_document(evidence, &document, error);

    if (status == AZATTEST_OK && document == NULL && evidence->hcl.type == 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "the evidence is of kind %s and holds nothing of an Azure guest", evidence->kind);
    if (status == AZATTEST_OK && document != NULL && (status = put_system(claims, document, error)) == AZATTEST_OK)
        status = put_runtime(claims, document, evidence, error);
    if (status == AZATTEST_OK) {
        azattest__json_put_string(claims, "x-ms-attestation-type", "azurevm");
        put_boot(claims, evidence);
        put_isolation(claims, evidence);
    }
    azattest__json_free(document);
    return status;
}
