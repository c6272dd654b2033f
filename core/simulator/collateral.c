/* Collateral of the made-up machines: single pieces as the services answer, and all of it as one document. */
#include <stdlib.h>

#include "amd.h"
#include "base/encoding.h"
#include "documents.h"
#include "json/json.h"
#include "make.h"

#define LIMIT_ITEM (256u * 1024u)

/* Certificates of the issuers of a piece, leaf first. */
static void put_signing_chain(const azattest__machine *machine, azattest__buf *out)
{
    azattest__platform_put_certificate(machine->tcb_signing, out);
    azattest__platform_put_certificate(machine->simulator->platform.certificates[LEVEL_ROOT], out);
}

/* The CA whose list is given out: that of the PCK certificate, or on purpose the other one. */
static azattest_status crl_ca(const azattest__machine *machine, const azattest__cert **ca, const azattest__key **key,
                              azattest_error **error)
{
    const azattest__platform *first = &machine->simulator->platform;
    const azattest__vault *vault;
    azattest_status status = azattest__vault_need(machine->simulator, VAULT_INTEL, &vault, error);
    bool processor = machine->sgx.processor != azattest__machine_has(machine, AZATTEST_SIMULATED_OTHER_CA_CRL);

    if (status != AZATTEST_OK)
        return status;
    *ca = processor ? vault->certificates[INTEL_PROCESSOR_CA] : first->certificates[LEVEL_PLATFORM_CA];
    *key = processor ? vault->keys[INTEL_PROCESSOR_CA] : first->keys[LEVEL_PLATFORM_CA];
    return AZATTEST_OK;
}

static azattest_status put_crl(const azattest__machine *machine, unsigned item, const azattest__cert *issuer,
                               const azattest__key *key, const azattest__cert *const revoked[2], azattest__buf *out,
                               azattest_error **error)
{
    azattest__crl_request request = { .number = 1 };
    azattest_status status = AZATTEST_OK;
    azattest_bytes serials[2];
    azattest__buf texts[2];
    size_t before = out->len;

    for (size_t i = 0; i < 2; i++) {
        azattest__buf_init(&texts[i], AZATTEST__HASH_MAX);
        if (status == AZATTEST_OK && revoked[i] != NULL &&
            (status = azattest__cert_serial(revoked[i], &texts[i], error)) == AZATTEST_OK)
            serials[request.revoked_count++] = azattest__buf_bytes(&texts[i]);
    }
    request.revoked = serials;
    azattest__machine_window(&machine->in, item, &request.this_update, &request.next_update);
    if (status == AZATTEST_OK)
        status = azattest__crl_issue(&request, issuer, key, out, error);
    if (status == AZATTEST_OK && azattest__machine_has(machine, AZATTEST_SIMULATED_CRL_SIGNATURE) && out->len > before)
        out->ptr[out->len - 3] ^= 1;
    azattest__buf_free(&texts[0]);
    azattest__buf_free(&texts[1]);
    return status;
}

azattest_status azattest__root_crl(const azattest__machine *machine, azattest__buf *out, azattest_error **error)
{
    const azattest__platform *first = &machine->simulator->platform;
    const azattest__cert *const revoked[2] = {
        azattest__machine_has(machine, AZATTEST_SIMULATED_REVOKED_PCK_CA) ? machine->ca : NULL,
        azattest__machine_has(machine, AZATTEST_SIMULATED_REVOKED_TCB_SIGNING) ? machine->tcb_signing : NULL
    };

    return put_crl(machine, AZATTEST_SIMULATED_ROOT_CA_CRL, first->certificates[LEVEL_ROOT], first->keys[LEVEL_ROOT],
                   revoked, out, error);
}

azattest_status azattest__pck_crl(const azattest__machine *machine, azattest__buf *out, azattest__buf *chain,
                                  azattest_error **error)
{
    const azattest__cert *const revoked[2] = {
        azattest__machine_has(machine, AZATTEST_SIMULATED_REVOKED_PCK) ? machine->pck : NULL, NULL
    };
    const azattest__cert *ca;
    const azattest__key *key;
    azattest_status status;

    if ((status = crl_ca(machine, &ca, &key, error)) != AZATTEST_OK)
        return status;
    azattest__platform_put_certificate(ca, chain);
    azattest__platform_put_certificate(machine->simulator->platform.certificates[LEVEL_ROOT], chain);
    return put_crl(machine, AZATTEST_SIMULATED_PCK_CRL, ca, key, revoked, out, error);
}

/* A document's inner text and its signature. */
typedef struct signed_text {
    azattest__buf text, signature;
} signed_text;

static azattest_status make_document(const azattest__machine *machine, const char *item, bool tdx, signed_text *out,
                                     azattest_error **error)
{
    bool identity = strcmp(item, "qe_identity") == 0, forged;
    azattest__tcb_info_plan *info = calloc(1, sizeof(*info)); /* too large for a stack of somebody else's */
    azattest__identity_plan own;
    azattest_status status;

    azattest__buf_init(&out->text, LIMIT_ITEM);
    azattest__buf_init(&out->signature, 256);
    if (info == NULL)
        return azattest__error_memory(error);
    forged = azattest__machine_has(machine, identity ? AZATTEST_SIMULATED_QE_IDENTITY_SIGNATURE
                                                     : AZATTEST_SIMULATED_TCB_INFO_SIGNATURE);
    if (identity) {
        if ((status = azattest__identity_fill(machine, tdx, &own, error)) == AZATTEST_OK)
            status = azattest__identity_print(&own, &out->text, error);
    } else if ((status = azattest__tcb_info_fill(machine, tdx, info, error)) == AZATTEST_OK) {
        status = azattest__tcb_info_print(info, &out->text, error);
    }
    if (status == AZATTEST_OK)
        status = azattest__document_sign(machine, azattest__buf_bytes(&out->text), forged, &out->signature, error);
    free(info);
    return status;
}

static void clear_document(signed_text *document)
{
    azattest__buf_free(&document->text);
    azattest__buf_free(&document->signature);
}

/* {"NAME":{...},"signature":"..."} as the service answers. */
static azattest_status put_document(const azattest__machine *machine, const char *item, bool tdx, azattest__buf *body,
                                    azattest__buf *chain, azattest_error **error)
{
    signed_text document = { .text = { .ptr = NULL } };
    azattest_status status = make_document(machine, item, tdx, &document, error);

    if (status == AZATTEST_OK) {
        azattest__buf_printf(body, "{\"%s\":", strcmp(item, "qe_identity") == 0 ? "enclaveIdentity" : "tcbInfo");
        azattest__buf_append_bytes(body, azattest__buf_bytes(&document.text));
        azattest__buf_append_text(body, ",\"signature\":\"");
        azattest__buf_append_bytes(body, azattest__buf_bytes(&document.signature));
        azattest__buf_append_text(body, "\"}");
        put_signing_chain(machine, chain);
    }
    clear_document(&document);
    return status;
}

/* The evaluation numbers that there are: this one and its predecessor. */
static azattest_status put_numbers(const azattest__machine *machine, bool tdx, azattest__buf *body,
                                   azattest__buf *chain, azattest_error **error)
{
    unsigned newest = machine->in.tcb_evaluation == 0 ? 17 : machine->in.tcb_evaluation;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    azattest__buf_printf(&text,
                         "{\"id\":\"%s\",\"version\":1,\"issueDate\":\"2019-01-01T00:00:00Z\","
                         "\"nextUpdate\":\"2049-12-31T23:59:59Z\",\"tcbEvaluationDataNumbers\":["
                         "{\"tcbEvaluationDataNumber\":%u,\"tcbRecoveryEventDate\":\"2024-03-12T00:00:00Z\","
                         "\"tcbDate\":\"2024-03-13T00:00:00Z\"},{\"tcbEvaluationDataNumber\":%u,"
                         "\"tcbRecoveryEventDate\":\"2023-08-08T00:00:00Z\",\"tcbDate\":\"2023-08-09T00:00:00Z\"}]}",
                         tdx ? "TDX" : "SGX", newest, newest - 1);
    azattest__buf_append_text(body, "{\"tcbEvaluationDataNumbers\":");
    azattest__buf_append_bytes(body, azattest__buf_bytes(&text));
    azattest__buf_append_text(body, ",\"signature\":\"");
    status = azattest__document_sign(machine, azattest__buf_bytes(&text), false, body, error);
    azattest__buf_append_text(body, "\"}");
    put_signing_chain(machine, chain);
    azattest__buf_free(&text);
    return status;
}

static azattest_status put_intel(azattest_simulator *simulator, const azattest_simulated_platform *platform, bool tdx,
                                 const char *item, azattest__buf *body, azattest__buf *chain, azattest_error **error)
{
    azattest__machine machine = { .simulator = NULL };
    azattest_status status;

    if ((status = azattest__machine_open(simulator, platform, &machine, error)) != AZATTEST_OK)
        goto done;
    if (strcmp(item, "tcb_evaluation_numbers") == 0) {
        status = put_numbers(&machine, tdx, body, chain, error);
    } else if (strcmp(item, "root_ca_crl") == 0) {
        azattest__platform_put_certificate(simulator->platform.certificates[LEVEL_ROOT], chain);
        status = azattest__root_crl(&machine, body, error);
    } else if (strcmp(item, "pck_crl") == 0) {
        status = azattest__pck_crl(&machine, body, chain, error);
    } else if (strcmp(item, "pck") == 0) {
        azattest__platform_put_certificate(machine.pck, body);
        azattest__platform_put_certificate(machine.ca, chain);
        azattest__platform_put_certificate(simulator->platform.certificates[LEVEL_ROOT], chain);
    } else {
        status = put_document(&machine, item, tdx, body, chain, error);
    }
done:
    azattest__machine_clear(&machine);
    return status;
}

static azattest_status put_amd(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                               const char *item, azattest__buf *body, azattest__buf *chain, azattest_error **error)
{
    azattest__amd_machine machine = { .certificate = NULL };
    azattest_status status;

    if ((status = azattest__amd_open(simulator, platform, &machine, error)) != AZATTEST_OK)
        goto done;
    if (strcmp(item, "vcek") == 0) {
        azattest__buf_append_bytes(body, azattest__cert_der(machine.certificate));
        azattest__amd_chain_pem(&machine, chain);
    } else if (strcmp(item, "amd_chain") == 0) {
        azattest__amd_chain_pem(&machine, body);
    } else {
        azattest__platform_put_certificate(machine.vault->certificates[AMD_ARK], chain);
        status = azattest__amd_crl(&machine, body, error);
    }
done:
    azattest__amd_clear(&machine);
    return status;
}

static azattest_status put_item(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                const char *tee, const char *item, azattest__buf *body, azattest__buf *chain,
                                azattest_error **error)
{
    static const char *const intel[] = { "tcb_info", "qe_identity", "tcb_evaluation_numbers", "pck_crl", "root_ca_crl",
                                         "pck",      NULL },
                             *const amd[] = { "vcek", "amd_chain", "amd_crl", NULL };
    bool tdx = tee != NULL && strcmp(tee, "tdx") == 0;

    for (size_t i = 0; intel[i] != NULL; i++)
        if (item != NULL && strcmp(item, intel[i]) == 0)
            return put_intel(simulator, platform, tdx, item, body, chain, error);
    for (size_t i = 0; amd[i] != NULL; i++)
        if (item != NULL && strcmp(item, amd[i]) == 0)
            return put_amd(simulator, platform, item, body, chain, error);
    return azattest__error_set(
        error, AZATTEST_E_ARGUMENT,
        "simulator: no piece of collateral \"%s\" (tcb_info, qe_identity, tcb_evaluation_numbers, "
        "pck_crl, root_ca_crl, pck, vcek, amd_chain, amd_crl)",
        item == NULL ? "" : item);
}

azattest_status azattest_simulator_collateral_item(azattest_simulator *simulator,
                                                   const azattest_simulated_platform *platform, const char *tee,
                                                   const char *item, unsigned char **body, size_t *length, char **chain,
                                                   azattest_error **error)
{
    azattest_status status;
    azattest__buf out, issuers;

    if (chain != NULL)
        *chain = NULL;
    if ((status = azattest__simulate_begin(simulator, body, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_ITEM);
    azattest__buf_init(&issuers, LIMIT_ITEM);
    status = put_item(simulator, platform, tee, item, &out, &issuers, error);
    azattest__buf_append(&issuers, "", 1);
    if (status == AZATTEST_OK)
        status = azattest__error_from_buf(error, &issuers, "issuers");
    if ((status = azattest__simulate_end(status, &out, body, length, error)) == AZATTEST_OK && chain != NULL)
        *chain = (char *)azattest__buf_take(&issuers, NULL);
    azattest__buf_free(&issuers);
    return status;
}

static void put_text(azattest__json *json, const char *name, const azattest__buf *text)
{
    azattest__json_put_bytes_text(json, name, azattest__buf_bytes(text));
}

static azattest_status bundle_intel(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                    bool tdx, azattest__json *json, azattest_error **error)
{
    signed_text info = { .text = { .ptr = NULL } }, identity = { .text = { .ptr = NULL } };
    azattest__machine machine = { .simulator = NULL };
    azattest__buf crl_chain, root_crl, pck_crl, chain;
    azattest_status status;

    azattest__buf_init(&crl_chain, LIMIT_ITEM);
    azattest__buf_init(&root_crl, LIMIT_ITEM);
    azattest__buf_init(&pck_crl, LIMIT_ITEM);
    azattest__buf_init(&chain, LIMIT_ITEM);
    if ((status = azattest__machine_open(simulator, platform, &machine, error)) != AZATTEST_OK ||
        (status = azattest__pck_crl(&machine, &pck_crl, &crl_chain, error)) != AZATTEST_OK ||
        (status = azattest__root_crl(&machine, &root_crl, error)) != AZATTEST_OK ||
        (status = make_document(&machine, "tcb_info", tdx, &info, error)) != AZATTEST_OK ||
        (status = make_document(&machine, "qe_identity", tdx, &identity, error)) != AZATTEST_OK)
        goto done;
    put_signing_chain(&machine, &chain);
    put_text(json, "pck_crl_issuer_chain", &crl_chain);
    azattest__json_put_hex(json, "root_ca_crl", azattest__buf_bytes(&root_crl));
    azattest__json_put_hex(json, "pck_crl", azattest__buf_bytes(&pck_crl));
    put_text(json, "tcb_info_issuer_chain", &chain);
    put_text(json, "tcb_info", &info.text);
    put_text(json, "tcb_info_signature", &info.signature);
    put_text(json, "qe_identity_issuer_chain", &chain);
    put_text(json, "qe_identity", &identity.text);
    put_text(json, "qe_identity_signature", &identity.signature);
    if ((status = azattest__error_from_buf(error, &chain, "issuers")) == AZATTEST_OK)
        status = azattest__error_from_buf(error, &crl_chain, "issuers");
done:
    clear_document(&identity);
    clear_document(&info);
    azattest__buf_free(&chain);
    azattest__buf_free(&pck_crl);
    azattest__buf_free(&root_crl);
    azattest__buf_free(&crl_chain);
    azattest__machine_clear(&machine);
    return status;
}

/* As the hosts of Azure give it, and the list beside it. */
static azattest_status bundle_amd(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                  azattest__json *json, azattest_error **error)
{
    azattest__amd_machine machine = { .certificate = NULL };
    azattest__buf vcek, chain, crl, pem, tcbm;
    azattest_status status;

    azattest__buf_init(&vcek, LIMIT_ITEM);
    azattest__buf_init(&chain, LIMIT_ITEM);
    azattest__buf_init(&crl, LIMIT_ITEM);
    azattest__buf_init(&pem, LIMIT_ITEM);
    azattest__buf_init(&tcbm, 64);
    if ((status = azattest__amd_open(simulator, platform, &machine, error)) != AZATTEST_OK ||
        (status = azattest__amd_crl(&machine, &crl, error)) != AZATTEST_OK)
        goto done;
    azattest__platform_put_certificate(machine.certificate, &vcek);
    azattest__amd_chain_pem(&machine, &chain);
    azattest__pem_encode("X509 CRL", azattest__buf_bytes(&crl), &pem);
    for (size_t i = 8; i > 0; i--) /* the number, most significant byte first */
        azattest__buf_printf(&tcbm, "%02x", machine.tcb[i - 1]);
    put_text(json, "vcekCert", &vcek);
    put_text(json, "tcbm", &tcbm);
    put_text(json, "certificateChain", &chain);
    azattest__json_put_string(json, "cacheControl", "86400");
    put_text(json, "crl", &pem);
    if ((status = azattest__error_from_buf(error, &vcek, "VCEK")) == AZATTEST_OK &&
        (status = azattest__error_from_buf(error, &chain, "issuers")) == AZATTEST_OK)
        status = azattest__error_from_buf(error, &pem, "revocation list");
done:
    azattest__buf_free(&tcbm);
    azattest__buf_free(&pem);
    azattest__buf_free(&crl);
    azattest__buf_free(&chain);
    azattest__buf_free(&vcek);
    azattest__amd_clear(&machine);
    return status;
}

azattest_status azattest_simulator_collateral(azattest_simulator *simulator,
                                              const azattest_simulated_platform *platform, const char *tee,
                                              unsigned char **json, size_t *length, azattest_error **error)
{
    azattest__json *document;
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, json, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    document = azattest__json_new_object();
    if (tee != NULL && (strcmp(tee, "sgx") == 0 || strcmp(tee, "tdx") == 0))
        status = bundle_intel(simulator, platform, strcmp(tee, "tdx") == 0, document, error);
    else if (tee != NULL && strcmp(tee, "snp") == 0)
        status = bundle_amd(simulator, platform, document, error);
    else
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no collateral for \"%s\" (sgx, tdx, snp)",
                                     tee == NULL ? "" : tee);
    if (status == AZATTEST_OK)
        status = azattest__json_print(document, true, &out, error);
    azattest__json_free(document);
    return azattest__simulate_end(status, &out, json, length, error);
}
