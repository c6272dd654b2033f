/* Certificates with evidence inside that binds their key: as Open Enclave and the attestation service make them. */
#include <stdlib.h>

#include "base/clock.h"
#include "der.h"
#include "make.h"

static const struct form {
    const char *name, *oid;
    bool evidence, bare, wrapped, der_key;
} forms[] = { { "ga", "1.3.6.1.4.1.311.105.1", false, false, false, false },
              { "legacy", "1.2.840.113556.10.1.1", false, false, false, false },
              { "preview", "1.2.840.113556.10.1.1", false, true, true, false },
              { "evidence", "1.3.6.1.4.1.311.105.2", true, false, false, false },
              { "legacy_evidence", "1.2.840.113556.10.1.2", true, false, false, false },
              { "ra_tls", "1.2.840.113741.1337.6", false, true, false, true } };

/* What the report binds: the PEM text and its NUL, or the DER. */
static azattest_status bound_text(const azattest__key *key, const struct form *form, bool other, azattest__buf *out,
                                  azattest_error **error)
{
    azattest_status status =
        form->der_key ? azattest__key_public_der(key, out, error) : azattest__key_public_pem(key, out, error);

    if (status == AZATTEST_OK && !form->der_key)
        azattest__buf_append(out, "", 1);
    if (status == AZATTEST_OK && other && out->len > 40)
        out->ptr[40] ^= 1;
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "key") : status;
}

static azattest_status make_value(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                  const azattest__key *key, const struct form *form, azattest__buf *out,
                                  azattest_error **error)
{
    azattest_simulated_enclave own;
    azattest_simulated_platform platform;
    azattest_status status;
    azattest__buf bound, quote;

    azattest__buf_init(&bound, LIMIT_EVIDENCE);
    azattest__buf_init(&quote, LIMIT_EVIDENCE);
    if ((status = azattest__enclave_take(enclave, &own, error)) != AZATTEST_OK ||
        (status = azattest__platform_take(own.platform, &platform, error)) != AZATTEST_OK ||
        (status = bound_text(key, form, (platform.faults & AZATTEST_SIMULATED_BIT(CERTIFICATE_KEY)) != 0, &bound,
                             error)) != AZATTEST_OK)
        goto done;
    own.report_data = azattest__bytes(NULL, 0);
    own.runtime_data = azattest__buf_bytes(&bound);
    if (form->evidence) {
        status = azattest__make_oe_evidence(simulator, &own, "sgx_ecdsa", own.runtime_data, out, error);
        goto done;
    }
    if ((status = azattest__make_sgx_quote(simulator, &own, &quote, error)) != AZATTEST_OK)
        goto done;
    if (form->wrapped)
        azattest__der_put_buf(out, DER_OCTETS, &quote);
    else if (form->bare)
        azattest__buf_append_bytes(out, azattest__buf_bytes(&quote));
    else
        azattest__oe_report(out, azattest__buf_bytes(&quote));
    status = azattest__error_from_buf(error, out, "extension");
done:
    azattest__buf_free(&quote);
    azattest__buf_free(&bound);
    return status;
}

static azattest_status issue(const struct form *form, const azattest__key *key, const char *subject,
                             azattest_bytes value, azattest__buf *out, azattest_error **error)
{
    static const unsigned char one[3] = { 2, 1, 1 }; /* INTEGER 1: what stands beside the preview's quote */
    azattest__cert_extension_request extensions[2] = { { form->oid, value, false },
                                                       { "1.2.840.113556.10.1.2", { one, sizeof(one) }, false } };
    azattest__cert_request request = { .common_name = subject,
                                       .serial = 1,
                                       .key_usage = "",
                                       .ca = form->wrapped,
                                       .path_length = form->wrapped ? 0 : -1,
                                       .extensions = extensions,
                                       .extension_count = form->wrapped ? 2 : 1 };
    azattest__cert *certificate = NULL;
    azattest_status status;

    /* Open Enclave's defaults, whatever the real age. */
    azattest__time_from_civil(2019, 5, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2050, 12, 31, 23, 59, 59, &request.not_after);
    if ((status = azattest__cert_issue(&request, key, NULL, NULL, &certificate, error)) == AZATTEST_OK) {
        azattest__buf_append_bytes(out, azattest__cert_der(certificate));
        status = azattest__error_from_buf(error, out, "certificate");
    }
    azattest__cert_free(certificate);
    return status;
}

azattest_status azattest_simulator_attested_certificate(azattest_simulator *simulator,
                                                        const azattest_simulated_enclave *enclave,
                                                        azattest_bytes key_pem, const char *form, const char *subject,
                                                        unsigned char **certificate, size_t *length,
                                                        azattest_error **error)
{
    azattest__key *key = NULL;
    azattest_status status;
    azattest__buf value, out;
    size_t which = 0;

    if ((status = azattest__simulate_begin(simulator, certificate, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&value, LIMIT_EVIDENCE);
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    while (which < sizeof(forms) / sizeof(forms[0]) && strcmp(forms[which].name, form == NULL ? "ga" : form) != 0)
        which++;
    if (which == sizeof(forms) / sizeof(forms[0]))
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "simulator: no form \"%s\" of a certificate (ga, legacy, preview, evidence, "
                                     "legacy_evidence, ra_tls)",
                                     form);
    else if (subject == NULL || *subject == '\0')
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: a certificate without a subject");
    else if ((status = azattest__key_from_private_pem(key_pem, &key, error)) == AZATTEST_OK &&
             (status = make_value(simulator, enclave, key, &forms[which], &value, error)) == AZATTEST_OK)
        status = issue(&forms[which], key, subject, azattest__buf_bytes(&value), &out, error);
    azattest__key_free(key);
    azattest__buf_free(&value);
    return azattest__simulate_end(status, &out, certificate, length, error);
}
