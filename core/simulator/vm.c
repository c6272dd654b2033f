/* HCL reports and TDREPORTs. Sources: Azure confidential-computing-cvm-guest-attestation (attestation report
 * structures); Intel TDX module base architecture specification, TDREPORT_STRUCT. */
#include "vm.h"

#include <stdlib.h>

#include "amd.h"
#include "base/encoding.h"
#include "der.h"
#include "evidence/intel/quote.h"
#include "json/json.h"
#include "make.h"
#include "quote.h"

#define TD_REPORT_SIZE 1024u
#define HARDWARE_SIZE 1184u
#define NV_SIZE 2600u

/* In a TDREPORT: its MAC structure, the TCB information, the TD's information. */
enum {
    AT_MAC_SVN = 16,
    AT_MAC_TCB_HASH = 32,
    AT_MAC_TD_HASH = 80,
    AT_MAC_REPORT_DATA = 128,
    AT_MAC = 224,
    AT_TCB = 256,
    TCB_SIZE = 239,
    AT_TD = 512,
    TD_SIZE = 512
};

static azattest_status hash384(const unsigned char *data, size_t len, unsigned char out[48], azattest_error **error)
{
    unsigned char hash[AZATTEST__HASH_MAX];
    size_t size;
    azattest_status status = azattest__digest(AZATTEST__SHA384, azattest__bytes(data, len), hash, &size, error);

    if (status == AZATTEST_OK)
        memcpy(out, hash, 48);
    return status;
}

/* From the body that a quote of the same TD has. */
static azattest_status td_report(const azattest__machine *machine, const unsigned char *body, unsigned char *report,
                                 azattest_error **error)
{
    azattest_status status;

    memset(report, 0, TD_REPORT_SIZE);
    report[0] = 0x81; /* a TD's */
    memcpy(report + AT_MAC_SVN, machine->sgx.components, 16);
    memcpy(report + AT_MAC_REPORT_DATA, body + AT_TD_REPORT_DATA, 64);
    azattest__put_le(report + AT_TCB, UINT64_C(0x301ff), 8); /* which of its fields are valid */
    memcpy(report + AT_TCB + 8, body + AT_TD_TCB_SVN, 16);
    memcpy(report + AT_TCB + 24, body + AT_TD_SEAM, 48);
    memcpy(report + AT_TCB + 72, body + AT_TD_SEAM_SIGNER, 48);
    memcpy(report + AT_TCB + 120, body + AT_TD_SEAM_ATTRIBUTES, 8);
    memcpy(report + AT_TCB + 128, machine->tee_tcb_svn2, 16);
    /* Attributes, XFAM, MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, RTMRs: in the same order. */
    memcpy(report + AT_TD, body + AT_TD_ATTRIBUTES, AT_TD_REPORT_DATA - AT_TD_ATTRIBUTES);
    memcpy(report + AT_TD + 400, body + AT_TD_SERVICE, 48);
    if ((status = hash384(report + AT_TCB, TCB_SIZE, report + AT_MAC_TCB_HASH, error)) != AZATTEST_OK ||
        (status = hash384(report + AT_TD, TD_SIZE, report + AT_MAC_TD_HASH, error)) != AZATTEST_OK)
        return status;
    /* The key of a CPU makes it; nobody else can check it. */
    return azattest__made_up("azattest simulated MAC", report + AT_MAC, 32, error);
}

azattest_status azattest__make_td_report(azattest_simulator *simulator, const azattest_simulated_td *td,
                                         azattest__buf *out, azattest_error **error)
{
    unsigned char body[AZATTEST__TDX_REPORT_15_SIZE], report[TD_REPORT_SIZE];
    azattest__machine machine = { .simulator = NULL };
    azattest_simulated_td own;
    azattest_status status;

    if ((status = azattest__td_take(td, &own, error)) == AZATTEST_OK &&
        (status = azattest__machine_open(simulator, own.platform, &machine, error)) == AZATTEST_OK &&
        (status = azattest__td_body(&machine, &own, body, sizeof(body), error)) == AZATTEST_OK &&
        (status = td_report(&machine, body, report, error)) == AZATTEST_OK) {
        azattest__buf_append(out, report, sizeof(report));
        status = azattest__error_from_buf(error, out, "TDREPORT");
    }
    azattest__machine_clear(&machine);
    return status;
}

azattest_status azattest_simulator_td_report(azattest_simulator *simulator, const azattest_simulated_td *td,
                                             unsigned char **report, size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, report, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    status = azattest__make_td_report(simulator, td, &out, error);
    return azattest__simulate_end(status, &out, report, length, error);
}

static azattest_status put_jwk(azattest__json *keys, const char *kid, const char *use, const azattest__key *key,
                               azattest_error **error)
{
    azattest__json *jwk = azattest__json_new_object(), *uses = azattest__json_new_array();
    azattest_status status;
    azattest__buf n, e;

    azattest__buf_init(&n, 1024);
    azattest__buf_init(&e, 64);
    if ((status = azattest__key_numbers(key, &n, &e, error)) == AZATTEST_OK) {
        azattest__json_put_string(jwk, "kid", kid);
        azattest__json_add_string(uses, use);
        azattest__json_put(jwk, "key_ops", azattest__json_copy(uses));
        azattest__json_put_string(jwk, "kty", "RSA");
        azattest__json_put_base64url(jwk, "e", azattest__buf_bytes(&e));
        azattest__json_put_base64url(jwk, "n", azattest__buf_bytes(&n));
    }
    azattest__json_add(keys, jwk);
    azattest__json_free(uses);
    azattest__buf_free(&e);
    azattest__buf_free(&n);
    return status;
}

/* Runtime claims as Azure's paravisor writes them. */
static azattest_status make_claims(azattest_simulator *simulator, azattest__vm *vm, azattest_error **error)
{
    static const unsigned char thumbprint[32] = { 0x5a }, nothing[64] = { 0 };
    azattest__json *claims, *keys, *configuration;
    const azattest__vault *vault;
    azattest_status status;

    if (vm->in.runtime_claims.ptr != NULL) {
        azattest__buf_append_bytes(&vm->claims, vm->in.runtime_claims);
        return azattest__error_from_buf(error, &vm->claims, "runtime claims");
    }
    if ((status = azattest__vault_need(simulator, VAULT_TPM, &vault, error)) != AZATTEST_OK)
        return status;
    claims = azattest__json_new_object();
    keys = azattest__json_new_array();
    configuration = azattest__json_new_object();
    if ((status = put_jwk(keys, "HCLAkPub", "sign", vault->keys[TPM_AK], error)) == AZATTEST_OK)
        status = put_jwk(keys, "HCLEkPub", "encrypt", vault->keys[TPM_EK], error);
    azattest__json_put(claims, "keys", keys);
    azattest__json_put_bool(configuration, "console-enabled", true);
    azattest__json_put_base64url(configuration, "root-cert-thumbprint", azattest__bytes(thumbprint, 32));
    azattest__json_put_bool(configuration, "secure-boot", vm->in.secure_boot != AZATTEST_OFF);
    azattest__json_put_bool(configuration, "tpm-enabled", true);
    azattest__json_put_bool(configuration, "tpm-persisted", true);
    azattest__json_put_string(configuration, "vmUniqueId",
                              vm->in.vm_unique_id == NULL ? "5A177E57-0000-4000-8000-000000000001"
                                                          : vm->in.vm_unique_id);
    azattest__json_put(claims, "vm-configuration", configuration);
    azattest__json_put_hex(claims, "user-data",
                           vm->in.user_data.ptr == NULL ? azattest__bytes(nothing, 64) : vm->in.user_data);
    if (status == AZATTEST_OK)
        status = azattest__json_print(claims, false, &vm->claims, error);
    azattest__json_free(claims);
    return status;
}

static azattest_status make_snp(azattest_simulator *simulator, azattest__vm *vm, azattest_error **error)
{
    unsigned char report[AZATTEST__SNP_SIZE];
    azattest__amd_machine machine = { .certificate = NULL };
    azattest_simulated_guest guest;
    azattest_status status;

    if ((status = azattest__guest_take(vm->in.guest, &guest, error)) != AZATTEST_OK ||
        (status = azattest__amd_open(simulator, vm->in.platform, &machine, error)) != AZATTEST_OK)
        goto done;
    guest.report_data = azattest__bytes(NULL, 0);
    guest.runtime_data = azattest__buf_bytes(&vm->claims);
    if ((status = azattest__snp_plan(&machine, &guest, report, error)) != AZATTEST_OK ||
        (status = azattest__snp_sign(&machine, report, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append(&vm->hardware_report, report, sizeof(report));
    azattest__platform_put_certificate(machine.certificate, &vm->vcek);
    azattest__amd_chain_pem(&machine, &vm->vcek);
    status = azattest__error_from_buf(error, &vm->vcek, "VCEK");
done:
    azattest__amd_clear(&machine);
    return status;
}

static azattest_status make_tdx(azattest_simulator *simulator, azattest__vm *vm, azattest_error **error)
{
    static const unsigned char other[48] = { 0x07 };
    azattest_simulated_td td;
    azattest_status status;

    if ((status = azattest__td_take(vm->in.td, &td, error)) != AZATTEST_OK)
        return status;
    td.platform = vm->in.platform;
    td.report_data = azattest__bytes(NULL, 0);
    td.runtime_data = azattest__buf_bytes(&vm->claims);
    if ((status = azattest__make_td_report(simulator, &td, &vm->hardware_report, error)) != AZATTEST_OK)
        return status;
    if ((vm->faults & AZATTEST_SIMULATED_BIT(TD_REPORT)) != 0)
        td.mr_td = azattest__bytes(other, sizeof(other));
    return azattest__make_tdx_quote(simulator, &td, &vm->td_quote, error);
}

static azattest_status put_hcl(azattest__vm *vm, azattest_error **error)
{
    unsigned type = strcmp(vm->in.tee, "snp") == 0 ? 2 : strcmp(vm->in.tee, "tdx") == 0 ? 4 : 3;
    azattest__buf *out = &vm->hcl;

    azattest__buf_append_text(out, "HCLA");
    azattest__append_le(out, 2, 4);                                        /* version */
    azattest__append_le(out, 32 + HARDWARE_SIZE + 20 + vm->claims.len, 4); /* size */
    azattest__append_le(out, 2, 4);                                        /* request: the AK's certificate */
    azattest__append_zeros(out, 16);
    azattest__buf_append_bytes(out, azattest__buf_bytes(&vm->hardware_report));
    azattest__append_zeros(out, HARDWARE_SIZE - vm->hardware_report.len);
    azattest__append_le(out, 20 + vm->claims.len, 4);
    azattest__append_le(out, 1, 4); /* version of the data */
    azattest__append_le(out, type, 4);
    azattest__append_le(out, 1, 4); /* SHA-256 */
    azattest__append_le(out, vm->claims.len, 4);
    azattest__buf_append_bytes(out, azattest__buf_bytes(&vm->claims));
    if (out->len < NV_SIZE)
        azattest__append_zeros(out, NV_SIZE - out->len);
    return azattest__error_from_buf(error, out, "HCL report");
}

azattest_status azattest__vm_make(azattest_simulator *simulator, const azattest_simulated_vm *vm, azattest__vm *out,
                                  azattest_error **error)
{
    azattest_simulated_platform platform;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&out->claims, 256u * 1024u);
    azattest__buf_init(&out->hardware_report, LIMIT_EVIDENCE);
    azattest__buf_init(&out->td_quote, LIMIT_EVIDENCE);
    azattest__buf_init(&out->vcek, LIMIT_EVIDENCE);
    azattest__buf_init(&out->hcl, LIMIT_EVIDENCE);
    if ((status = azattest__vm_take(vm, &out->in, error)) != AZATTEST_OK ||
        (status = azattest__platform_take(out->in.platform, &platform, error)) != AZATTEST_OK)
        return status;
    out->faults = platform.faults;
    if ((status = make_claims(simulator, out, error)) != AZATTEST_OK)
        return status;
    if (strcmp(out->in.tee, "snp") == 0)
        status = make_snp(simulator, out, error);
    else if (strcmp(out->in.tee, "tdx") == 0)
        status = make_tdx(simulator, out, error);
    if ((out->faults & AZATTEST_SIMULATED_BIT(RUNTIME_CLAIMS)) != 0 && out->claims.len > 3)
        out->claims.ptr[out->claims.len - 3] ^= 1; /* the last digit of the user data */
    return status == AZATTEST_OK ? put_hcl(out, error) : status;
}

void azattest__vm_clear(azattest__vm *vm)
{
    azattest__buf_free(&vm->claims);
    azattest__buf_free(&vm->hardware_report);
    azattest__buf_free(&vm->td_quote);
    azattest__buf_free(&vm->vcek);
    azattest__buf_free(&vm->hcl);
}

azattest_status azattest_simulator_hcl_report(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                              unsigned char **report, size_t *length, azattest_error **error)
{
    azattest__vm made = { .hcl = { .ptr = NULL } };
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, report, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    if ((status = azattest__vm_make(simulator, vm, &made, error)) == AZATTEST_OK)
        azattest__buf_append_bytes(&out, azattest__buf_bytes(&made.hcl));
    azattest__vm_clear(&made);
    return azattest__simulate_end(status, &out, report, length, error);
}
