/* Bundles of a guest of Azure: as guest components send them, and as Azure's client posts them. */
#include <stdlib.h>

#include "base/encoding.h"
#include "der.h"
#include "json/json.h"
#include "make.h"
#include "vm.h"

static void put_base64(azattest__json *json, const char *name, azattest_bytes bytes)
{
    azattest__buf text;

    azattest__buf_init(&text, 2 * LIMIT_EVIDENCE);
    azattest__base64_encode(bytes, &text);
    azattest__json_put_bytes_text(json, name, azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

static azattest_bytes quoted(const unsigned char *bytes, size_t len)
{
    return azattest__bytes(bytes, len);
}

/* ---- as guest components send it: bytes as arrays of numbers ---- */

static void put_numbers(azattest__buf *out, azattest_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        azattest__buf_printf(out, "%s%u", i == 0 ? "[" : ",", ((const unsigned char *)bytes.ptr)[i]);
    azattest__buf_append_text(out, bytes.len == 0 ? "[]" : "]");
}

static void put_tpm_quote(azattest__buf *out, const azattest_simulated_tpm_quote *quote, size_t value_size,
                          const char *bank)
{
    azattest__buf_append_text(out, "{\"message\":");
    put_numbers(out, quoted(quote->message, quote->message_length));
    azattest__buf_append_text(out, ",\"pcrs\":[");
    for (size_t i = 0; i < 24; i++) {
        azattest_bytes value = azattest__bytes(quote->pcrs + i * value_size, value_size);

        azattest__buf_append_text(out, i == 0 ? "" : ",");
        if (value_size == 32) {
            put_numbers(out, value);
            continue;
        }
        azattest__buf_printf(out, "{\"bank\":\"%s\",\"index\":%zu,\"value\":\"", bank, i);
        azattest__hex_encode(value, out);
        azattest__buf_append_text(out, "\"}");
    }
    azattest__buf_append_text(out, "],\"signature\":");
    put_numbers(out, quoted(quote->raw, quote->raw_length));
    azattest__buf_append_text(out, "}");
}

static void put_event_log(const azattest_simulated_tpm_quote *quote, azattest__buf *out)
{
    if (quote->event_log == NULL)
        return;
    azattest__buf_append_text(out, ",\"event_log\":\"");
    azattest__base64url_encode(quoted(quote->event_log, quote->event_log_length), out);
    azattest__buf_append_text(out, "\"");
}

static void put_evidence(const azattest__vm *vm, const azattest_simulated_tpm_quote *quote, azattest__buf *out)
{
    const char *bank = vm->in.pcr_bank == NULL ? "sha256" : vm->in.pcr_bank;
    bool snp = strcmp(vm->in.tee, "snp") == 0;
    char *vcek;

    azattest__buf_append_text(out, snp ? "{\"quote\":" : "{\"tpm_quote\":");
    put_tpm_quote(out, quote, quote->pcrs_length / 24, bank);
    azattest__buf_append_text(out, snp ? ",\"report\":" : ",\"hcl_report\":");
    put_numbers(out, azattest__buf_bytes(&vm->hcl));
    if (snp) {
        azattest__buf_append_text(out, ",\"vcek\":");
        if ((vcek = azattest__dup(vm->vcek.ptr, vm->vcek.len)) == NULL)
            out->status = AZATTEST_E_MEMORY;
        azattest__json_append_string(vcek == NULL ? "" : vcek, out);
        free(vcek);
    } else if (vm->td_quote.len > 0) {
        azattest__buf_append_text(out, ",\"td_quote\":");
        put_numbers(out, azattest__buf_bytes(&vm->td_quote));
    }
    put_event_log(quote, out);
    azattest__buf_append_text(out, "}");
}

/* Any TPM's quote, and the key that signed it. */
static void put_tpm_document(const azattest__vm *vm, const azattest_simulated_tpm_quote *quote, azattest__buf *out)
{
    azattest__buf_append_text(out, "{\"tpm_quote\":");
    put_tpm_quote(out, quote, quote->pcrs_length / 24, vm->in.pcr_bank);
    azattest__buf_append_text(out, ",\"ak_public\":\"");
    azattest__base64url_encode(quoted(quote->public_area, quote->public_length), out);
    azattest__buf_append_text(out, "\"");
    put_event_log(quote, out);
    azattest__buf_append_text(out, "}");
}

/* ---- as Azure's client posts it: base64 of the standard alphabet ---- */

static azattest_status put_encryption_key(const azattest__tpm *tpm, azattest__json *info, azattest_error **error)
{
    azattest__buf area, name, message, signature;
    azattest__tpm_plan plan = { .magic = 0xff544347u, .type = 0x8017 };
    azattest_status status;

    azattest__buf_init(&area, 4096);
    azattest__buf_init(&name, 64);
    azattest__buf_init(&message, 4096);
    azattest__buf_init(&signature, 4096);
    if ((status = azattest__tpm_public(tpm->vault->keys[TPM_EK], AZATTEST__RS256, true, &area, error)) != AZATTEST_OK ||
        (status = azattest__tpm_name(azattest__buf_bytes(&area), &name, error)) != AZATTEST_OK)
        goto done;
    plan.qualified_signer = azattest__buf_bytes(&tpm->name);
    plan.name = plan.qualified_name = azattest__buf_bytes(&name);
    if ((status = azattest__tpm_attest(&plan, &message, error)) != AZATTEST_OK ||
        (status = azattest__tpm_sign(tpm, azattest__buf_bytes(&message), NULL, &signature, error)) != AZATTEST_OK)
        goto done;
    put_base64(info, "EncKeyPub", azattest__buf_bytes(&area));
    put_base64(info, "EncKeyCertifyInfo", azattest__buf_bytes(&message));
    put_base64(info, "EncKeyCertifyInfoSignature", azattest__buf_bytes(&signature));
done:
    azattest__buf_free(&signature);
    azattest__buf_free(&message);
    azattest__buf_free(&name);
    azattest__buf_free(&area);
    return status;
}

static azattest_status put_tpm_info(const azattest__tpm *tpm, const azattest__vm *vm,
                                    const azattest_simulated_tpm_quote *quote, azattest__json *document,
                                    azattest_error **error)
{
    azattest__json *info = azattest__json_new_object(), *set = azattest__json_new_array(),
                   *pcrs = azattest__json_new_array();
    azattest__cert_request request = azattest__intel_request("azattest Simulated AIK");
    uint32_t mask = vm->in.pcr_mask == 0 ? 0xffffff : vm->in.pcr_mask;
    size_t size = quote->pcrs_length / 24;
    azattest__cert *certificate = NULL;
    azattest_status status;

    if ((status = azattest__cert_issue(&request, tpm->ak, NULL, NULL, &certificate, error)) != AZATTEST_OK)
        goto done;
    put_base64(info, "AikCert", azattest__cert_der(certificate));
    put_base64(info, "AikPub", quoted(quote->public_area, quote->public_length));
    put_base64(info, "PcrQuote", quoted(quote->message, quote->message_length));
    put_base64(info, "PcrSignature", quoted(quote->signature, quote->signature_length));
    for (unsigned i = 0; i < 24; i++) {
        azattest__json *pcr, *index;

        if ((mask >> i & 1) == 0)
            continue;
        pcr = azattest__json_new_object();
        azattest__json_put_integer(pcr, "Index", i);
        put_base64(pcr, "Digest", quoted(quote->pcrs + i * size, size));
        index = azattest__json_copy(azattest__json_get(pcr, "Index"));
        azattest__json_add(set, index);
        azattest__json_add(pcrs, pcr);
    }
    azattest__json_put(info, "PcrSet", azattest__json_copy(set));
    azattest__json_put(info, "PCRs", azattest__json_copy(pcrs));
    status = put_encryption_key(tpm, info, error);
done:
    azattest__cert_free(certificate);
    azattest__json_free(set);
    azattest__json_free(pcrs);
    azattest__json_put(document, "TpmInfo", info);
    return status;
}

static azattest_status put_isolation(const azattest__vm *vm, azattest__json *document, azattest_error **error)
{
    azattest__json *isolation = azattest__json_new_object(), *evidence = azattest__json_new_object(), *proof;
    azattest_status status = AZATTEST_OK;
    azattest__buf text;

    azattest__buf_init(&text, LIMIT_EVIDENCE);
    if (strcmp(vm->in.tee, "snp") == 0) {
        azattest__json_put_string(isolation, "Type", "SevSnp");
        proof = azattest__json_new_object();
        azattest__json_put_base64url(proof, "SnpReport", azattest__buf_bytes(&vm->hardware_report));
        azattest__json_put_base64url(proof, "VcekCertChain", azattest__buf_bytes(&vm->vcek));
        status = azattest__json_print(proof, false, &text, error);
        azattest__json_free(proof);
    } else if (strcmp(vm->in.tee, "tdx") == 0) {
        azattest__json_put_string(isolation, "Type", "Tdx");
        azattest__buf_append_bytes(&text, azattest__buf_bytes(&vm->td_quote));
    } else {
        azattest__json_put_string(isolation, "Type", "TrustedLaunch");
    }
    if (text.len > 0) {
        put_base64(evidence, "Proof", azattest__buf_bytes(&text));
        put_base64(evidence, "RunTimeData", azattest__buf_bytes(&vm->claims));
    }
    azattest__json_put(isolation, "Evidence", evidence);
    azattest__json_put(document, "IsolationInfo", isolation);
    azattest__buf_free(&text);
    return status;
}

static azattest_status put_info(azattest_simulator *simulator, const azattest__vm *vm,
                                const azattest_simulated_tpm_quote *quote, azattest__buf *out, azattest_error **error)
{
    azattest__json *document = azattest__json_new_object(), *payload = azattest__json_new_object();
    azattest__tpm tpm = { .vault = NULL };
    azattest_status status;

    azattest__json_put_string(document, "AttestationProtocolVersion", "2.0");
    put_base64(document, "OSType", azattest__text("Linux"));
    put_base64(document, "OSDistro", azattest__text("Simulated"));
    azattest__json_put_integer(document, "OSVersionMajor", 24);
    azattest__json_put_integer(document, "OSVersionMinor", 4);
    put_base64(document, "OSBuild", azattest__text("0"));
    put_base64(document, "TcgLogs", azattest__bytes(quote->event_log, quote->event_log_length));
    if (vm->in.nonce.ptr != NULL)
        put_base64(payload, "nonce", vm->in.nonce);
    azattest__json_put(document, "ClientPayload", payload);
    if ((status = azattest__tpm_open(simulator, &vm->in, &tpm, error)) == AZATTEST_OK &&
        (status = put_tpm_info(&tpm, vm, quote, document, error)) == AZATTEST_OK &&
        (status = put_isolation(vm, document, error)) == AZATTEST_OK)
        status = azattest__json_print(document, false, out, error);
    azattest__tpm_clear(&tpm);
    azattest__json_free(document);
    return status;
}

azattest_status azattest_simulator_azure_guest(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                               const char *form, unsigned char **bundle, size_t *length,
                                               azattest_error **error)
{
    azattest_simulated_tpm_quote quote = { .message = NULL };
    bool info = form != NULL && strcmp(form, "attestation_info") == 0,
         tpm = form != NULL && strcmp(form, "tpm_quote") == 0;
    azattest__vm made = { .hcl = { .ptr = NULL } };
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, bundle, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    if (!info && !tpm && form != NULL && strcmp(form, "evidence") != 0)
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                "simulator: no form \"%s\" of a bundle (evidence, attestation_info, tpm_quote)", form);
    else if ((status = azattest__vm_make(simulator, vm, &made, error)) == AZATTEST_OK &&
             (status = azattest_simulator_tpm_quote(simulator, &made.in, &quote, error)) == AZATTEST_OK) {
        if (info)
            status = put_info(simulator, &made, &quote, &out, error);
        else if (tpm)
            put_tpm_document(&made, &quote, &out);
        else
            put_evidence(&made, &quote, &out);
    }
    azattest_simulated_tpm_quote_clear(&quote);
    azattest__vm_clear(&made);
    return azattest__simulate_end(status, &out, bundle, length, error);
}
