/* What a guest's evidence says, as JSON. */
#include "guest.h"

#include <stdio.h>

static azattest__json *td_report_json(const azattest__td_report *report)
{
    azattest__json *json = azattest__json_new_object();
    static const char *const rtmrs[] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

    azattest__json_put_hex(json, "report_data", azattest__bytes(report->report_data, 64));
    azattest__json_put_hex(json, "cpu_svn", azattest__bytes(report->body + 16, 16));
    azattest__json_put_hex(json, "tee_tcb_svn", azattest__bytes(report->tee_tcb_svn, 16));
    azattest__json_put_hex(json, "tee_tcb_svn2", azattest__bytes(report->tee_tcb_svn2, 16));
    azattest__json_put_hex(json, "mr_seam", azattest__bytes(report->mr_seam, 48));
    azattest__json_put_hex(json, "mr_signer_seam", azattest__bytes(report->mr_signer_seam, 48));
    azattest__json_put_hex(json, "seam_attributes", azattest__bytes(report->body + 376, 8));
    azattest__json_put_hex(json, "td_attributes", azattest__bytes(report->body + 512, 8));
    azattest__json_put_hex(json, "xfam", azattest__bytes(report->body + 520, 8));
    azattest__json_put_hex(json, "mr_td", azattest__bytes(report->mr_td, 48));
    azattest__json_put_hex(json, "mr_config_id", azattest__bytes(report->mr_config_id, 48));
    azattest__json_put_hex(json, "mr_owner", azattest__bytes(report->mr_owner, 48));
    azattest__json_put_hex(json, "mr_owner_config", azattest__bytes(report->mr_owner_config, 48));
    for (size_t i = 0; i < 4; i++)
        azattest__json_put_hex(json, rtmrs[i], azattest__bytes(report->rtmr[i], 48));
    azattest__json_put_hex(json, "mr_service_td", azattest__bytes(report->mr_service_td, 48));
    azattest__json_put_hex(json, "mac", azattest__bytes(report->body + 224, 32));
    return json;
}

static void put_hcl(const azattest__hcl_report *hcl, azattest__json *fields)
{
    azattest__json *json = azattest__json_new_object();

    if (hcl->version != 0) {
        azattest__json_put_integer(json, "version", hcl->version);
        azattest__json_put_integer(json, "report_size", hcl->report_size);
        azattest__json_put_integer(json, "request_type", hcl->request_type);
        azattest__json_put_integer(json, "data_version", hcl->data_version);
        azattest__json_put_integer(json, "trailing_bytes", (int64_t)hcl->trailing.len);
    }
    azattest__json_put_integer(json, "report_type", hcl->type);
    azattest__json_put_string(json, "report_type_name", azattest__hcl_type_name(hcl->type));
    azattest__json_put_integer(json, "hash_type", hcl->hash_type);
    azattest__json_put_integer(json, "runtime_claims_size", (int64_t)hcl->runtime_claims.len);
    if (hcl->td_report.body != NULL)
        azattest__json_put(json, "td_report", td_report_json(&hcl->td_report));
    azattest__json_put(fields, "hcl", json);
}

static void put_claims(const azattest__runtime_claims *claims, azattest__json *fields)
{
    if (claims->document != NULL)
        azattest__json_put(fields, "runtime_claims", azattest__json_copy(claims->document));
    else
        azattest__json_put_null(fields, "runtime_claims");
}

static void put_u64(azattest__json *json, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    azattest__json_put_raw(json, name, azattest__text(text));
}

static void put_indices(azattest__json *json, uint32_t mask)
{
    char text[4 * 32 + 2] = "[";
    size_t at = 1;

    for (unsigned index = 0; index < 32; index++)
        if ((mask >> index & 1) != 0)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u", at == 1 ? "" : ",", index);
    text[at++] = ']';
    azattest__json_put_raw(json, "pcrs", azattest__bytes(text, at));
}

static azattest__json *selections_json(const azattest__tpm_attest *attest)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < attest->selection_count; i++) {
        azattest__json *one = azattest__json_new_object();

        azattest__json_put_integer(one, "hash_algorithm", attest->selections[i].hash_alg);
        azattest__json_put_string(one, "bank", azattest__tpm_hash_name(attest->selections[i].hash_alg));
        put_indices(one, attest->selections[i].mask);
        azattest__json_add(list, one);
    }
    return list;
}

static azattest__json *attest_json(const azattest__tpm_attest *attest)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_string(json, "type", attest->type == AZATTEST__TPM_QUOTE ? "quote" : "certify");
    azattest__json_put_hex(json, "qualified_signer", attest->qualified_signer);
    azattest__json_put_hex(json, "nonce", attest->extra_data);
    put_u64(json, "clock", attest->clock);
    azattest__json_put_integer(json, "reset_count", attest->reset_count);
    azattest__json_put_integer(json, "restart_count", attest->restart_count);
    azattest__json_put_bool(json, "safe", attest->safe);
    put_u64(json, "firmware_version", attest->firmware_version);
    if (attest->type == AZATTEST__TPM_QUOTE) {
        azattest__json_put(json, "selections", selections_json(attest));
        azattest__json_put_hex(json, "pcr_digest", attest->pcr_digest);
    } else {
        azattest__json_put_hex(json, "name", attest->name);
        azattest__json_put_hex(json, "qualified_name", attest->qualified_name);
    }
    return json;
}

static const char *scheme_name(uint16_t scheme)
{
    return scheme == AZATTEST__TPM_RSASSA   ? "RSASSA"
           : scheme == AZATTEST__TPM_RSAPSS ? "RSAPSS"
           : scheme == AZATTEST__TPM_ECDSA  ? "ECDSA"
                                            : NULL;
}

static void put_signature(const azattest__tpm_attest *attest, const azattest__tpm_signature *signature,
                          azattest__json *json)
{
    azattest__json *one;

    if (signature->scheme == 0)
        return;
    one = azattest__json_new_object();
    azattest__json_put_string(one, "scheme", scheme_name(signature->scheme));
    azattest__json_put_string(one, "hash", azattest__tpm_hash_name(azattest__tpm_signature_hash(attest, signature)));
    if (signature->rsa.ptr != NULL)
        azattest__json_put_hex(one, "value", signature->rsa);
    else {
        azattest__json_put_hex(one, "r", signature->r);
        azattest__json_put_hex(one, "s", signature->s);
    }
    azattest__json_put(json, "signature", one);
}

static void put_area(const azattest__tpm_public *area, azattest__json *json)
{
    unsigned char name[2 + AZATTEST__HASH_MAX];
    azattest__json *one;
    size_t len;

    if (area->area.ptr == NULL)
        return;
    one = azattest__json_new_object();
    azattest__json_put_string(one, "type", area->type == AZATTEST__TPM_RSA ? "RSA" : "ECC");
    azattest__json_put_integer(one, "attributes", area->attributes);
    if (azattest__tpm_public_name(area, name, &len, NULL) == AZATTEST_OK)
        azattest__json_put_hex(one, "name", azattest__bytes(name, len));
    azattest__json_put(json, "ak_public", one);
}

static azattest_status put_key(const azattest__key *key, azattest__json *json, azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    if (key == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_public_pem(key, &pem, error)) == AZATTEST_OK)
        azattest__json_put_bytes_text(json, "ak", azattest__buf_bytes(&pem));
    azattest__buf_free(&pem);
    return status;
}

static void put_pcrs(const azattest__tpm_proof *proof, azattest__json *json)
{
    azattest__json *banks, *bank = NULL;
    char index[16];

    if (proof->pcr_count == 0)
        return;
    banks = azattest__json_new_object();
    for (size_t alg = AZATTEST__TPM_SHA1; alg <= AZATTEST__TPM_SHA512; alg++, bank = NULL)
        for (size_t i = 0; i < proof->pcr_count; i++) {
            if (proof->pcrs[i].bank != alg)
                continue;
            if (bank == NULL)
                azattest__json_put(banks, azattest__tpm_hash_name((uint16_t)alg), bank = azattest__json_new_object());
            snprintf(index, sizeof(index), "%u", proof->pcrs[i].index);
            azattest__json_put_hex(bank, index, proof->pcrs[i].value);
        }
    azattest__json_put(json, "pcrs", banks);
}

azattest_status azattest__guest_fields(const azattest_evidence *evidence, azattest__json *fields,
                                       azattest_error **error)
{
    const struct azattest__guest *guest = evidence->guest;
    azattest_status status;
    azattest__json *tpm;

    if (evidence->hcl.type != 0) {
        put_hcl(&evidence->hcl, fields);
        put_claims(&guest->claims, fields);
    }
    if (evidence->tpm.message.ptr == NULL)
        return AZATTEST_OK;
    tpm = attest_json(&evidence->tpm);
    put_signature(&evidence->tpm, &guest->proof.signature, tpm);
    put_area(&guest->proof.area, tpm);
    put_pcrs(&guest->proof, tpm);
    status = put_key(azattest__guest_attestation_key(evidence), tpm, error);
    azattest__json_put(fields, "tpm", tpm);
    return status;
}
