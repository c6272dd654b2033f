/* What the made-up TPM attests: see tpm.h. */
#include "tpm.h"

#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "der.h"
#include "make.h"

#define ALG_RSA 0x0001u
#define ALG_SHA1 0x0004u
#define ALG_SHA256 0x000bu
#define ALG_SHA384 0x000cu
#define ALG_NULL 0x0010u
#define ALG_RSASSA 0x0014u
#define ALG_RSAPSS 0x0016u
#define ALG_ECDSA 0x0018u
#define ALG_ECC 0x0023u
#define ALG_AES 0x0006u
#define ALG_CFB 0x0043u
#define CURVE_P256 0x0003u
#define MAGIC 0xff544347u
#define TPM_MEASURED 16u /* PCRs that the log extends */
/* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, and sign or decrypt. */
#define ATTRIBUTES_SIGN 0x00050072u
#define ATTRIBUTES_DECRYPT 0x00020072u

static const struct bank {
    const char *name;
    unsigned id;
    azattest__hash hash;
    size_t size;
} banks[] = { { "sha256", ALG_SHA256, AZATTEST__SHA256, 32 },
              { "sha384", ALG_SHA384, AZATTEST__SHA384, 48 },
              { "sha1", ALG_SHA1, AZATTEST__SHA1, 20 } };

static const struct bank *find_bank(const char *name)
{
    for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++)
        if (strcmp(banks[i].name, name == NULL ? "sha256" : name) == 0)
            return &banks[i];
    return NULL;
}

azattest_status azattest__vm_take(const azattest_simulated_vm *in, azattest_simulated_vm *out, azattest_error **error)
{
    const struct bank *bank;
    azattest_status status;

    if ((status = azattest__simulated_take(in, out, sizeof(*out), &out->size, "AZATTEST_SIMULATED_VM_INIT", error)) !=
            AZATTEST_OK ||
        (status = azattest__simulated_size(out->user_data, 64, "user_data", error)) != AZATTEST_OK)
        return status;
    if (out->tee == NULL)
        out->tee = "snp";
    if (strcmp(out->tee, "snp") != 0 && strcmp(out->tee, "tdx") != 0 && strcmp(out->tee, "none") != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulated VM: tee is \"%s\", not snp, tdx or none",
                                   out->tee);
    if (out->platform == NULL && out->guest != NULL && strcmp(out->tee, "snp") == 0)
        out->platform = out->guest->platform;
    if (out->platform == NULL && out->td != NULL && strcmp(out->tee, "tdx") == 0)
        out->platform = out->td->platform;
    if (out->nonce.ptr != NULL && out->nonce.len > AZATTEST__HASH_MAX)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulated VM: a nonce of %zu bytes, more than %d",
                                   out->nonce.len, AZATTEST__HASH_MAX);
    if ((bank = find_bank(out->pcr_bank)) == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulated VM: pcr_bank is \"%s\", not sha256, sha384 or sha1", out->pcr_bank);
    return azattest__simulated_size(out->pcrs, TPM_PCRS * bank->size, "pcrs", error);
}

static void put_sized(azattest__buf *out, azattest_bytes bytes)
{
    azattest__append_be(out, bytes.len, 2);
    azattest__buf_append_bytes(out, bytes);
}

azattest_status azattest__tpm_public(const azattest__key *key, azattest__alg alg, bool decrypts, azattest__buf *out,
                                     azattest_error **error)
{
    bool ec = azattest__key_curve(key) != NULL;
    azattest_status status;
    azattest__buf first, second;

    azattest__buf_init(&first, 1024);
    azattest__buf_init(&second, 1024);
    if ((status = azattest__key_numbers(key, &first, &second, error)) != AZATTEST_OK)
        goto done;
    azattest__append_be(out, ec ? ALG_ECC : ALG_RSA, 2);
    azattest__append_be(out, ALG_SHA256, 2); /* of its name */
    azattest__append_be(out, decrypts ? ATTRIBUTES_DECRYPT : ATTRIBUTES_SIGN, 4);
    azattest__append_be(out, 0, 2); /* no policy */
    if (decrypts) {                 /* a storage key: with the cipher for its children, and no scheme */
        azattest__append_be(out, ALG_AES, 2);
        azattest__append_be(out, 128, 2);
        azattest__append_be(out, ALG_CFB, 2);
        azattest__append_be(out, ALG_NULL, 2);
    } else {
        azattest__append_be(out, ALG_NULL, 2);
        azattest__append_be(out, ec ? ALG_ECDSA : alg == AZATTEST__PS256 ? ALG_RSAPSS : ALG_RSASSA, 2);
        azattest__append_be(out, ALG_SHA256, 2);
    }
    if (ec) {
        azattest__append_be(out, CURVE_P256, 2);
        azattest__append_be(out, ALG_NULL, 2); /* key derivation */
        put_sized(out, azattest__buf_bytes(&first));
        put_sized(out, azattest__buf_bytes(&second));
    } else {
        azattest__append_be(out, (unsigned)azattest__key_bits(key), 2);
        azattest__append_be(out, 0, 4); /* the exponent that is usual */
        put_sized(out, azattest__buf_bytes(&first));
    }
    status = azattest__error_from_buf(error, out, "public area");
done:
    azattest__buf_free(&second);
    azattest__buf_free(&first);
    return status;
}

azattest_status azattest__tpm_name(azattest_bytes public_area, azattest__buf *out, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status = azattest__sha256(public_area, hash, error);

    azattest__append_be(out, ALG_SHA256, 2);
    azattest__buf_append(out, hash, sizeof(hash));
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "name") : status;
}

azattest_status azattest__tpm_open(azattest_simulator *simulator, const azattest_simulated_vm *vm, azattest__tpm *out,
                                   azattest_error **error)
{
    azattest_simulated_platform own;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&out->public_area, 4096);
    azattest__buf_init(&out->name, 64);
    out->alg = vm->signature == NULL || strcmp(vm->signature, "rsassa") == 0 ? AZATTEST__RS256
               : strcmp(vm->signature, "rsapss") == 0                        ? AZATTEST__PS256
               : strcmp(vm->signature, "ecdsa") == 0                         ? AZATTEST__ES256
                                                                             : AZATTEST__ALG_UNKNOWN;
    if (out->alg == AZATTEST__ALG_UNKNOWN)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulated VM: signature is \"%s\", not rsassa, rsapss or ecdsa", vm->signature);
    if ((status = azattest__platform_take(vm->platform, &own, error)) != AZATTEST_OK ||
        (status = azattest__vault_need(simulator, VAULT_TPM, &out->vault, error)) != AZATTEST_OK)
        return status;
    out->faults = own.faults;
    out->ak = out->vault->keys[out->alg == AZATTEST__ES256 ? TPM_AK_EC : TPM_AK];
    out->signer = out->ak;
    if ((out->faults & AZATTEST_SIMULATED_BIT(OTHER_AK)) != 0)
        out->signer = out->alg == AZATTEST__ES256 ? simulator->platform.attestation_key : out->vault->keys[TPM_EK];
    if ((status = azattest__tpm_public(out->ak, out->alg, false, &out->public_area, error)) != AZATTEST_OK)
        return status;
    return azattest__tpm_name(azattest__buf_bytes(&out->public_area), &out->name, error);
}

void azattest__tpm_clear(azattest__tpm *tpm)
{
    azattest__buf_free(&tpm->public_area);
    azattest__buf_free(&tpm->name);
}

static void measured(unsigned pcr, char text[64])
{
    snprintf(text, 64, "azattest simulated PCR %u", pcr);
}

/* As after a start: one measurement in each of the first, ff in those of late launch, zero in those for debugging. */
static azattest_status fill_pcrs(const struct bank *bank, azattest__tpm_plan *out, azattest_error **error)
{
    unsigned char extended[2 * AZATTEST__HASH_MAX] = { 0 };
    azattest_status status = AZATTEST_OK;
    char text[64];
    size_t len;

    for (unsigned i = 0; i < TPM_PCRS && status == AZATTEST_OK; i++) {
        memset(out->pcrs[i], i >= 17 && i <= 22 ? 0xff : 0, bank->size);
        measured(i, text);
        if (i >= TPM_MEASURED || (status = azattest__digest(bank->hash, azattest__text(text), extended + bank->size,
                                                            &len, error)) != AZATTEST_OK)
            continue;
        status = azattest__digest(bank->hash, azattest__bytes(extended, 2 * bank->size), out->pcrs[i], &len, error);
    }
    return status;
}

/* Source: TCG PC Client Platform Firmware Profile, section 10.2. Integers are little-endian here. */
static azattest_status put_event_log(const struct bank *bank, azattest__buf *out, azattest_error **error)
{
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest_status status = AZATTEST_OK;
    char text[64];
    size_t len;

    azattest__append_le(out, 0, 4);
    azattest__append_le(out, 3, 4); /* EV_NO_ACTION: the head, in the old form */
    azattest__append_zeros(out, 20);
    azattest__append_le(out, 33, 4);
    azattest__buf_append(out, "Spec ID Event03", 16);
    azattest__append_le(out, 0, 4);          /* client */
    azattest__append_le(out, 0x02000200, 4); /* version 2.0, errata 0, an UINTN of two words */
    azattest__append_le(out, 1, 4);
    azattest__append_le(out, bank->id, 2);
    azattest__append_le(out, bank->size, 2);
    azattest__append_le(out, 0, 1);
    for (unsigned i = 0; i < TPM_MEASURED && status == AZATTEST_OK; i++) {
        measured(i, text);
        status = azattest__digest(bank->hash, azattest__text(text), digest, &len, error);
        azattest__append_le(out, i, 4);
        azattest__append_le(out, 13, 4); /* EV_IPL */
        azattest__append_le(out, 1, 4);
        azattest__append_le(out, bank->id, 2);
        azattest__buf_append(out, digest, bank->size);
        azattest__append_le(out, strlen(text), 4);
        azattest__buf_append_text(out, text);
    }
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "event log") : status;
}

azattest_status azattest__tpm_plan_quote(const azattest__tpm *tpm, const azattest_simulated_vm *vm,
                                         azattest__tpm_plan *out, azattest_error **error)
{
    const struct bank *bank = find_bank(vm->pcr_bank);

    memset(out, 0, sizeof(*out));
    out->magic = (tpm->faults & AZATTEST_SIMULATED_BIT(TPM_MAGIC)) != 0 ? MAGIC ^ 1 : MAGIC;
    out->type = 0x8018;
    out->qualified_signer = azattest__buf_bytes(&tpm->name);
    out->extra_data = vm->nonce;
    out->bank = bank->id;
    out->value_size = bank->size;
    out->mask = vm->pcr_mask == 0 ? 0xffffff : vm->pcr_mask & 0xffffff;
    if (vm->pcrs.ptr == NULL)
        return fill_pcrs(bank, out, error);
    for (unsigned i = 0; i < TPM_PCRS; i++)
        memcpy(out->pcrs[i], (const char *)vm->pcrs.ptr + i * bank->size, bank->size);
    return AZATTEST_OK;
}

static azattest_status put_quote(const azattest__tpm_plan *plan, azattest__buf *out, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_bytes digest = plan->digest;
    azattest_status status;
    azattest__buf values;

    azattest__append_be(out, 1, 4); /* one bank */
    azattest__append_be(out, plan->bank, 2);
    azattest__append_be(out, 3, 1);
    azattest__append_le(out, plan->mask, 3);
    azattest__buf_init(&values, TPM_PCRS * AZATTEST__HASH_MAX);
    for (unsigned i = 0; i < TPM_PCRS; i++)
        if ((plan->mask >> i & 1) != 0)
            azattest__buf_append(&values, plan->pcrs[i], plan->value_size);
    /* By the hash of the signature, not by that of the bank. */
    if ((status = azattest__error_from_buf(error, &values, "PCRs")) == AZATTEST_OK)
        status =
            azattest__sha256(azattest__bytes(values.len == 0 ? "" : (const char *)values.ptr, values.len), hash, error);
    if (digest.ptr == NULL)
        digest = azattest__bytes(hash, sizeof(hash));
    put_sized(out, digest);
    azattest__buf_free(&values);
    return status;
}

azattest_status azattest__tpm_attest(const azattest__tpm_plan *plan, azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    azattest__append_be(out, plan->magic, 4);
    azattest__append_be(out, plan->type, 2);
    put_sized(out, plan->qualified_signer);
    put_sized(out, plan->extra_data);
    azattest__append_be(out, 123456789, 8);                    /* clock in milliseconds */
    azattest__append_be(out, 42, 4);                           /* resets */
    azattest__append_be(out, 0, 4);                            /* restarts */
    azattest__append_be(out, 1, 1);                            /* safe */
    azattest__append_be(out, UINT64_C(0x2020031200120003), 8); /* firmware: as Azure's */
    if (plan->type == 0x8018) {
        status = put_quote(plan, out, error);
    } else {
        put_sized(out, plan->name);
        put_sized(out, plan->qualified_name);
    }
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "attestation") : status;
}

azattest_status azattest__tpm_sign(const azattest__tpm *tpm, azattest_bytes message, azattest__buf *raw,
                                   azattest__buf *structure, azattest_error **error)
{
    azattest_status status;
    azattest__buf signature;

    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__key_sign(tpm->signer, tpm->alg, message, &signature, error)) != AZATTEST_OK)
        goto done;
    if ((tpm->faults & AZATTEST_SIMULATED_BIT(TPM_SIGNATURE)) != 0)
        signature.ptr[7] ^= 1;
    if (raw != NULL)
        azattest__buf_append_bytes(raw, azattest__buf_bytes(&signature));
    if (structure == NULL)
        goto done;
    azattest__append_be(structure,
                        tpm->alg == AZATTEST__ES256   ? ALG_ECDSA
                        : tpm->alg == AZATTEST__PS256 ? ALG_RSAPSS
                                                      : ALG_RSASSA,
                        2);
    azattest__append_be(structure, ALG_SHA256, 2);
    if (tpm->alg == AZATTEST__ES256) {
        put_sized(structure, azattest__bytes(signature.ptr, 32));
        put_sized(structure, azattest__bytes(signature.ptr + 32, 32));
    } else {
        put_sized(structure, azattest__buf_bytes(&signature));
    }
    status = azattest__error_from_buf(error, structure, "signature");
done:
    azattest__buf_free(&signature);
    return status;
}

static unsigned char *take(azattest__buf *buf, size_t *length)
{
    azattest__buf_append(buf, "", 1);
    *length = buf->len - (buf->len > 0);
    return buf->status == AZATTEST_OK ? azattest__buf_take(buf, NULL) : NULL;
}

azattest_status azattest_simulator_tpm_quote(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                             azattest_simulated_tpm_quote *out, azattest_error **error)
{
    azattest__buf message, signature, raw, pem, pcrs, log;
    azattest__tpm tpm = { .vault = NULL };
    azattest_simulated_vm own;
    azattest__tpm_plan plan;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        memset(out, 0, sizeof(*out));
    if (simulator == NULL || out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no simulator, or no place for the result");
    azattest__buf_init(&message, LIMIT_EVIDENCE);
    azattest__buf_init(&signature, LIMIT_EVIDENCE);
    azattest__buf_init(&raw, LIMIT_EVIDENCE);
    azattest__buf_init(&pem, LIMIT_EVIDENCE);
    azattest__buf_init(&pcrs, LIMIT_EVIDENCE);
    azattest__buf_init(&log, LIMIT_EVIDENCE);
    if ((status = azattest__vm_take(vm, &own, error)) != AZATTEST_OK ||
        (status = azattest__tpm_open(simulator, &own, &tpm, error)) != AZATTEST_OK ||
        (status = azattest__tpm_plan_quote(&tpm, &own, &plan, error)) != AZATTEST_OK ||
        (status = azattest__tpm_attest(&plan, &message, error)) != AZATTEST_OK ||
        (status = azattest__tpm_sign(&tpm, azattest__buf_bytes(&message), &raw, &signature, error)) != AZATTEST_OK ||
        (status = azattest__key_public_pem(tpm.ak, &pem, error)) != AZATTEST_OK)
        goto done;
    if (own.pcrs.ptr == NULL && (status = put_event_log(find_bank(own.pcr_bank), &log, error)) != AZATTEST_OK)
        goto done;
    if ((tpm.faults & AZATTEST_SIMULATED_BIT(PCR_VALUE)) != 0)
        plan.pcrs[4][0] ^= 1;
    for (size_t i = 0; i < TPM_PCRS; i++)
        azattest__buf_append(&pcrs, plan.pcrs[i], plan.value_size);
    out->message = take(&message, &out->message_length);
    out->signature = take(&signature, &out->signature_length);
    out->raw = take(&raw, &out->raw_length);
    out->key_pem = take(&pem, &out->key_pem_length);
    out->pcrs = take(&pcrs, &out->pcrs_length);
    out->public_area = take(&tpm.public_area, &out->public_length);
    if (log.len > 0)
        out->event_log = take(&log, &out->event_log_length);
    if ((own.pcrs.ptr == NULL && out->event_log == NULL) || out->message == NULL || out->signature == NULL ||
        out->raw == NULL || out->key_pem == NULL || out->pcrs == NULL || out->public_area == NULL)
        status = azattest__error_memory(error);
done:
    if (status != AZATTEST_OK)
        azattest_simulated_tpm_quote_clear(out);
    azattest__tpm_clear(&tpm);
    azattest__buf_free(&log);
    azattest__buf_free(&pcrs);
    azattest__buf_free(&pem);
    azattest__buf_free(&raw);
    azattest__buf_free(&signature);
    azattest__buf_free(&message);
    return status;
}

void azattest_simulated_tpm_quote_clear(azattest_simulated_tpm_quote *quote)
{
    if (quote == NULL)
        return;
    free(quote->message);
    free(quote->signature);
    free(quote->raw);
    free(quote->key_pem);
    free(quote->pcrs);
    free(quote->event_log);
    free(quote->public_area);
    memset(quote, 0, sizeof(*quote));
}
