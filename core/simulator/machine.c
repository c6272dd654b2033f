/* What a caller says of a machine, taken apart; and its Intel certificates. */
#include "base/clock.h"
#include "error/options.h"
#include "platform.h"

#define DEFAULT_ITEMS                                                                                                  \
    (AZATTEST_SIMULATED_TCB_INFO | AZATTEST_SIMULATED_QE_IDENTITY | AZATTEST_SIMULATED_ROOT_CA_CRL |                   \
     AZATTEST_SIMULATED_PCK_CRL | AZATTEST_SIMULATED_AMD_CRL)

static const char *const fault_names[AZATTEST_SIMULATED_FAULTS + 1] = {
    [AZATTEST_SIMULATED_REVOKED_PCK] = "revoked-pck",
    [AZATTEST_SIMULATED_REVOKED_PCK_CA] = "revoked-pck-ca",
    [AZATTEST_SIMULATED_REVOKED_TCB_SIGNING] = "revoked-tcb-signing",
    [AZATTEST_SIMULATED_OTHER_CA_CRL] = "other-ca-crl",
    [AZATTEST_SIMULATED_CRL_SIGNATURE] = "crl-signature",
    [AZATTEST_SIMULATED_TCB_INFO_SIGNATURE] = "tcb-info-signature",
    [AZATTEST_SIMULATED_QE_IDENTITY_SIGNATURE] = "qe-identity-signature",
    [AZATTEST_SIMULATED_TCB_INFO_OTHER_KIND] = "tcb-info-other-kind",
    [AZATTEST_SIMULATED_QE_IDENTITY_OTHER_KIND] = "qe-identity-other-kind",
    [AZATTEST_SIMULATED_TCB_INFO_FMSPC] = "tcb-info-fmspc",
    [AZATTEST_SIMULATED_TCB_INFO_PCEID] = "tcb-info-pceid",
    [AZATTEST_SIMULATED_NO_MODULE_IDENTITY] = "no-module-identity",
    [AZATTEST_SIMULATED_NO_TDX_COMPONENTS] = "no-tdx-components",
    [AZATTEST_SIMULATED_REVOKED_VCEK] = "revoked-vcek",
    [AZATTEST_SIMULATED_REVOKED_ASK] = "revoked-ask",
    [AZATTEST_SIMULATED_VCEK_OTHER_CHIP] = "vcek-other-chip",
    [AZATTEST_SIMULATED_VCEK_OTHER_TCB] = "vcek-other-tcb",
    [AZATTEST_SIMULATED_VCEK_NO_HARDWARE_ID] = "vcek-no-hardware-id",
    [AZATTEST_SIMULATED_VCEK_NO_TCB] = "vcek-no-tcb",
    [AZATTEST_SIMULATED_VCEK_OTHER_PRODUCT] = "vcek-other-product",
    [AZATTEST_SIMULATED_QE_MR_SIGNER] = "qe-mr-signer",
    [AZATTEST_SIMULATED_QE_PRODUCT_ID] = "qe-product-id",
    [AZATTEST_SIMULATED_QE_MISC_SELECT] = "qe-misc-select",
    [AZATTEST_SIMULATED_QE_ATTRIBUTES] = "qe-attributes",
    [AZATTEST_SIMULATED_QE_DEBUG] = "qe-debug",
    [AZATTEST_SIMULATED_QE_BINDING] = "qe-binding",
    [AZATTEST_SIMULATED_QE_SIGNATURE] = "qe-signature",
    [AZATTEST_SIMULATED_QUOTE_SIGNATURE] = "quote-signature",
    [AZATTEST_SIMULATED_VENDOR] = "vendor",
    [AZATTEST_SIMULATED_SEAM_SIGNER] = "seam-signer",
    [AZATTEST_SIMULATED_SEAM_ATTRIBUTES] = "seam-attributes",
    [AZATTEST_SIMULATED_REPORT_DATA] = "report-data",
    [AZATTEST_SIMULATED_BYTE_ORDER] = "byte-order",
    [AZATTEST_SIMULATED_MASKED_CHIP_ID] = "masked-chip-id",
    [AZATTEST_SIMULATED_KEY_KIND] = "key-kind",
    [AZATTEST_SIMULATED_CPUID] = "cpuid",
    [AZATTEST_SIMULATED_RUNTIME_CLAIMS] = "runtime-claims",
    [AZATTEST_SIMULATED_OTHER_AK] = "other-ak",
    [AZATTEST_SIMULATED_TPM_SIGNATURE] = "tpm-signature",
    [AZATTEST_SIMULATED_TPM_MAGIC] = "tpm-magic",
    [AZATTEST_SIMULATED_PCR_VALUE] = "pcr-value",
    [AZATTEST_SIMULATED_TD_REPORT] = "td-report",
    [AZATTEST_SIMULATED_CERTIFICATE_KEY] = "certificate-key",
    [AZATTEST_SIMULATED_PCK_NO_FMSPC] = "pck-no-fmspc",
};

const char *azattest_simulator_fault_name(int fault)
{
    return fault < 0 || fault >= AZATTEST_SIMULATED_FAULTS ? NULL : fault_names[fault];
}

azattest_status azattest__made_up(const char *what, unsigned char *out, size_t len, azattest_error **error)
{
    unsigned char hash[AZATTEST__HASH_MAX];
    size_t size;
    azattest_status status = azattest__digest(len == 32   ? AZATTEST__SHA256
                                              : len == 48 ? AZATTEST__SHA384
                                                          : AZATTEST__SHA512,
                                              azattest__text(what), hash, &size, error);

    if (status == AZATTEST_OK)
        memcpy(out, hash, len < size ? len : size);
    return status;
}

azattest_status azattest__simulated_take(const void *in, void *out, size_t size, size_t *own_size, const char *init,
                                         azattest_error **error)
{
    azattest_status status = azattest__options_take(in, out, size, init, error);

    if (status == AZATTEST_OK)
        *own_size = size; /* absent in a copy of NULL */
    return status;
}

azattest_status azattest__simulated_size(azattest_bytes bytes, size_t size, const char *what, azattest_error **error)
{
    if (bytes.ptr == NULL || bytes.len == size)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: %s has %zu bytes, not %zu", what, size,
                               bytes.len);
}

azattest_status azattest__platform_take(const azattest_simulated_platform *in, azattest_simulated_platform *out,
                                        azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__simulated_take(in, out, sizeof(*out), &out->size, "AZATTEST_SIMULATED_PLATFORM_INIT",
                                           error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->fmspc, 6, "fmspc", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->pceid, 2, "pceid", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->cpu_svn, 16, "cpu_svn", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->tee_tcb_svn, 16, "tee_tcb_svn", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->tee_tcb_svn2, 16, "tee_tcb_svn2", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->reported_tcb, 8, "reported_tcb", error)) != AZATTEST_OK)
        return status;
    if (out->pck_ca != NULL && strcmp(out->pck_ca, "platform") != 0 && strcmp(out->pck_ca, "processor") != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulator: pck_ca is \"%s\", not \"platform\" or \"processor\"", out->pck_ca);
    if (out->faults >> AZATTEST_SIMULATED_FAULTS != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: faults has bits that are no fault");
    if (out->tcb_info_version != 0 && out->tcb_info_version != 2 && out->tcb_info_version != 3)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: tcb_info_version is %u, not 2 or 3",
                                   out->tcb_info_version);
    return AZATTEST_OK;
}

void azattest__machine_window(const azattest_simulated_platform *platform, unsigned item, int64_t *from, int64_t *until)
{
    const azattest__cert_request life = azattest__intel_request(NULL);
    unsigned items = platform->window_items == 0 ? DEFAULT_ITEMS : platform->window_items;

    *from = life.not_before;
    *until = life.not_after;
    if ((items & item) == 0)
        return;
    if (platform->from_ms != 0)
        *from = platform->from_ms / 1000;
    if (platform->until_ms != 0)
        *until = platform->until_ms / 1000;
}

static void take_values(azattest__machine *machine)
{
    static const unsigned char tee_tcb_svn[16] = { 5, 1, 2 };
    const azattest_simulated_platform *in = &machine->in;

    azattest__sgx_values_default(&machine->sgx);
    machine->sgx.without_fmspc = azattest__machine_has(machine, AZATTEST_SIMULATED_PCK_NO_FMSPC);
    machine->sgx.processor = in->pck_ca != NULL && strcmp(in->pck_ca, "processor") == 0;
    if (in->fmspc.ptr != NULL)
        memcpy(machine->sgx.fmspc, in->fmspc.ptr, 6);
    if (in->pceid.ptr != NULL)
        memcpy(machine->sgx.pceid, in->pceid.ptr, 2);
    if (in->cpu_svn.ptr != NULL)
        memcpy(machine->sgx.components, in->cpu_svn.ptr, 16);
    if (in->pcesvn != 0)
        machine->sgx.pcesvn = in->pcesvn;
    memcpy(machine->tee_tcb_svn, in->tee_tcb_svn.ptr != NULL ? in->tee_tcb_svn.ptr : tee_tcb_svn, 16);
    memcpy(machine->tee_tcb_svn2, in->tee_tcb_svn2.ptr != NULL ? in->tee_tcb_svn2.ptr : machine->tee_tcb_svn, 16);
}

/* A serial number that whoever makes the revocation list finds again: a hash of what the certificate says. */
static azattest_status derive_serial(const azattest__cert_request *request, unsigned char serial[20],
                                     azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    azattest__buf seed;

    azattest__buf_init(&seed, 8192);
    azattest__buf_printf(&seed, "%s %lld %lld ", request->common_name, (long long)request->not_before,
                         (long long)request->not_after);
    azattest__buf_append_bytes(&seed, request->extension_value);
    if ((status = azattest__error_from_buf(error, &seed, "serial number")) == AZATTEST_OK &&
        (status = azattest__sha256(azattest__buf_bytes(&seed), hash, error)) == AZATTEST_OK) {
        memcpy(serial, hash, 20);
        serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and of full length */
    }
    azattest__buf_free(&seed);
    return status;
}

/* The folder's PCK certificate, or one of the same key that says what was asked for. */
static azattest_status issue_pck(azattest__machine *machine, azattest__cert *kept, azattest_error **error)
{
    const azattest_simulated_platform *in = &machine->in;
    azattest__cert_request request = azattest__intel_request(azattest__cert_subject_cn(kept));
    bool own_life = (in->window_items & AZATTEST_SIMULATED_PCK) != 0;
    unsigned char serial[20];
    azattest_status status;
    azattest__buf extensions;

    if (in->fmspc.ptr == NULL && in->pceid.ptr == NULL && in->cpu_svn.ptr == NULL && in->pcesvn == 0 && !own_life &&
        !machine->sgx.without_fmspc) {
        machine->pck = azattest__cert_ref(kept);
        return AZATTEST_OK;
    }
    azattest__buf_init(&extensions, 4096);
    if ((status = azattest__made_up("azattest simulated PPID", machine->sgx.ppid, 16, error)) != AZATTEST_OK ||
        (status = azattest__made_up("azattest simulated platform instance", machine->sgx.instance, 16, error)) !=
            AZATTEST_OK ||
        (status = azattest__sgx_extensions(&machine->sgx, &extensions, error)) != AZATTEST_OK)
        goto done;
    azattest__machine_window(in, AZATTEST_SIMULATED_PCK, &request.not_before, &request.not_after);
    request.extension_oid = "1.2.840.113741.1.13.1";
    request.extension_value = azattest__buf_bytes(&extensions);
    if ((status = derive_serial(&request, serial, error)) != AZATTEST_OK)
        goto done;
    request.serial_bytes = azattest__bytes(serial, sizeof(serial));
    status = azattest__cert_issue(&request, machine->pck_key, machine->ca, machine->ca_key, &machine->pck, error);
done:
    azattest__buf_free(&extensions);
    return status;
}

static azattest_status issue_tcb_signing(azattest__machine *machine, azattest__cert *kept, azattest_error **error)
{
    const azattest__platform *platform = &machine->simulator->platform;
    azattest__cert_request request = azattest__intel_request(azattest__cert_subject_cn(kept));
    unsigned char serial[20];
    azattest_status status;

    if ((machine->in.window_items & AZATTEST_SIMULATED_TCB_SIGNING) == 0) {
        machine->tcb_signing = azattest__cert_ref(kept);
        return AZATTEST_OK;
    }
    azattest__machine_window(&machine->in, AZATTEST_SIMULATED_TCB_SIGNING, &request.not_before, &request.not_after);
    request.key_usage = "critical,digitalSignature,nonRepudiation";
    if ((status = derive_serial(&request, serial, error)) != AZATTEST_OK)
        return status;
    request.serial_bytes = azattest__bytes(serial, sizeof(serial));
    return azattest__cert_issue(&request, machine->tcb_signing_key, platform->certificates[LEVEL_ROOT],
                                platform->keys[LEVEL_ROOT], &machine->tcb_signing, error);
}

azattest_status azattest__machine_open(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                       azattest__machine *out, azattest_error **error)
{
    const azattest__platform *first = &simulator->platform;
    const azattest__vault *vault;
    azattest_status status;
    azattest__cert *pck;

    memset(out, 0, sizeof(*out));
    out->simulator = simulator;
    azattest__buf_init(&out->chain_pem, 64u * 1024u);
    if ((status = azattest__platform_take(platform, &out->in, error)) != AZATTEST_OK ||
        (status = azattest__vault_need(simulator, VAULT_INTEL, &vault, error)) != AZATTEST_OK)
        return status;
    take_values(out);
    pck = out->sgx.processor ? vault->certificates[INTEL_PROCESSOR_PCK] : first->certificates[LEVEL_PCK];
    out->pck_key = out->sgx.processor ? vault->keys[INTEL_PROCESSOR_PCK] : first->keys[LEVEL_PCK];
    out->ca = azattest__cert_ref(out->sgx.processor ? vault->certificates[INTEL_PROCESSOR_CA]
                                                    : first->certificates[LEVEL_PLATFORM_CA]);
    out->ca_key = out->sgx.processor ? vault->keys[INTEL_PROCESSOR_CA] : first->keys[LEVEL_PLATFORM_CA];
    out->tcb_signing_key = vault->keys[INTEL_TCB_SIGNING];
    if ((status = issue_pck(out, pck, error)) != AZATTEST_OK ||
        (status = issue_tcb_signing(out, vault->certificates[INTEL_TCB_SIGNING], error)) != AZATTEST_OK)
        return status;
    azattest__platform_put_certificate(out->pck, &out->chain_pem);
    azattest__platform_put_certificate(out->ca, &out->chain_pem);
    azattest__platform_put_certificate(first->certificates[LEVEL_ROOT], &out->chain_pem);
    azattest__buf_append(&out->chain_pem, "", 1);
    return azattest__error_from_buf(error, &out->chain_pem, "chain");
}

void azattest__machine_clear(azattest__machine *machine)
{
    azattest__cert_free(machine->pck);
    azattest__cert_free(machine->ca);
    azattest__cert_free(machine->tcb_signing);
    azattest__buf_free(&machine->chain_pem);
    memset(machine, 0, sizeof(*machine));
}
