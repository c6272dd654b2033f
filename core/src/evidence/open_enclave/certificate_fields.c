/* The fields of a certificate that holds evidence, as JSON. */
#include "../../crypto/x509.h"
#include "../formats.h"

static void put_read(azattest__json *json, const azattest__x509 *certificate)
{
    char name[256];

    if (azattest__x509_common_name(certificate->subject, name, sizeof(name)))
        azattest__json_put_string(json, "subject", name);
    if (azattest__x509_common_name(certificate->issuer, name, sizeof(name)))
        azattest__json_put_string(json, "issuer", name);
    azattest__json_put_hex(json, "serial", certificate->serial);
    azattest__fields_put_time(json, "not_before", certificate->not_before);
    azattest__fields_put_time(json, "not_after", certificate->not_after);
    if (certificate->key != NULL) {
        azattest__json_put_string(json, "key_type", azattest__key_type(certificate->key));
        azattest__json_put_integer(json, "key_bits", azattest__key_bits(certificate->key));
    }
    azattest__json_put_hex(json, "public_key", certificate->spki);
}

azattest_status azattest__attested_certificate_fields(const azattest_evidence *evidence, azattest__json *fields,
                                                      azattest_error **error)
{
    const azattest__attested_certificate *held = &evidence->certificate;
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__x509 certificate;
    azattest__json *json;
    azattest_status status;

    if ((status = azattest__sha256(held->der, hash, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__x509_read(held->der, &certificate, error)) == AZATTEST_E_MEMORY)
        return status;
    json = azattest__json_new_object();
    if (status == AZATTEST_OK) {
        put_read(json, &certificate);
        azattest__x509_clear(&certificate);
    }
    azattest__json_put_hex(json, "sha256", azattest__bytes(hash, sizeof(hash)));
    azattest__json_put_string(json, "extension", held->oid);
    azattest__json_put_string(json, "extension_holds", held->holds);
    azattest__json_put_bool(json, "extension_is_wrapped", held->wrapped);
    azattest__json_put_string(json, "key_binding", held->binding == AZATTEST__BINDS_SPKI ? "spki" : "pem_nul");
    azattest__json_put(fields, "certificate", json);
    if (error != NULL) {
        azattest_error_free(*error);
        *error = NULL;
    }
    return AZATTEST_OK;
}
