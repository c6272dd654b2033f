/* What a quote of an enclave or a TD says. */
#include <azattest/limits.h>

#include "base/encoding.h"
#include "der.h"
#include "evidence/intel/quote.h"
#include "platform.h"
#include "quote.h"

#define FLAGS_ENCLAVE 0x05u         /* INIT, MODE64BIT */
#define FLAGS_QUOTING_ENCLAVE 0x15u /* and PROVISIONKEY */
#define FLAG_PROVISION_KEY 0x10u
#define FLAG_KSS 0x80u
#define XFRM 0xe7u /* x87, SSE, AVX, AVX-512 */
#define TD_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define TD_XFAM 0x602e7u /* and AMX */

static azattest_status make_header(const azattest__cert *pck, unsigned version, bool td, unsigned pcesvn,
                                   unsigned char *header, azattest_error **error)
{
    unsigned char id[AZATTEST__SHA256_SIZE];
    azattest_status status = azattest__sha256(azattest__cert_der(pck), id, error);

    azattest__put_le(header, version, 2);
    azattest__put_le(header + 2, AZATTEST__SGX_KEY_TYPE_P256, 2);
    azattest__put_le(header + 4, td ? AZATTEST__TEE_TYPE_TDX : AZATTEST__TEE_TYPE_SGX, 4);
    if (version == 3) { /* zero in all real ones of later versions */
        azattest__put_le(header + AT_QE_SVN, QE_SVN, 2);
        azattest__put_le(header + AT_PCE_SVN, pcesvn, 2);
    }
    memcpy(header + AZATTEST__SGX_VENDOR_OFFSET, azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE);
    memcpy(header + AT_USER_DATA, id, 16); /* identifies the quoting enclave on its platform */
    return status;
}

static azattest_status put_measurement(azattest_bytes given, const char *made_up, size_t size, unsigned char *out,
                                       azattest_error **error)
{
    if (given.ptr == NULL)
        return azattest__made_up(made_up, out, size, error);
    memcpy(out, given.ptr, size);
    return AZATTEST_OK;
}

static void put_optional(azattest_bytes given, unsigned char *out)
{
    if (given.ptr != NULL && given.len > 0)
        memcpy(out, given.ptr, given.len);
}

/* 64 bytes; `out` is zero. */
static azattest_status put_report_data(azattest_bytes report_data, azattest_bytes runtime_data, bool damage,
                                       unsigned char *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    if (report_data.ptr != NULL)
        memcpy(out, report_data.ptr, 64);
    else if (runtime_data.ptr != NULL)
        status = azattest__sha256(runtime_data, out, error);
    if (damage)
        out[0] ^= 1;
    return status;
}

static azattest_status make_report(const azattest_simulated_enclave *enclave, const unsigned char *cpu_svn,
                                   uint64_t faults, unsigned char *report, azattest_error **error)
{
    bool kss = enclave->config_id.ptr != NULL || enclave->config_svn != 0 || enclave->isv_family_id.ptr != NULL ||
               enclave->isv_extended_product_id.ptr != NULL;
    azattest_status status;

    memcpy(report + AT_CPU_SVN, cpu_svn, 16);
    azattest__put_le(
        report + AT_FLAGS,
        FLAGS_ENCLAVE | (kss ? FLAG_KSS : 0) | (enclave->debug == AZATTEST_ON ? AZATTEST__SGX_FLAG_DEBUG : 0), 8);
    azattest__put_le(report + AT_XFRM, XFRM, 8);
    azattest__put_le(report + AT_PRODUCT_ID, enclave->product_id, 2);
    azattest__put_le(report + AT_SVN, enclave->svn, 2);
    azattest__put_le(report + AT_CONFIG_SVN, enclave->config_svn, 2);
    put_optional(enclave->config_id, report + AT_CONFIG_ID);
    put_optional(enclave->isv_family_id, report + AT_FAMILY_ID);
    put_optional(enclave->isv_extended_product_id, report + AT_EXTENDED_PRODUCT_ID);
    if ((status = put_measurement(enclave->mr_enclave, "azattest simulated enclave", 32, report + AT_MR_ENCLAVE,
                                  error)) != AZATTEST_OK ||
        (status = put_measurement(enclave->mr_signer, "azattest simulated signer", 32, report + AT_MR_SIGNER, error)) !=
            AZATTEST_OK)
        return status;
    return put_report_data(enclave->report_data, enclave->runtime_data,
                           (faults & AZATTEST_SIMULATED_BIT(REPORT_DATA)) != 0, report + AT_REPORT_DATA, error);
}

static azattest_status make_qe_report(bool td, const unsigned char *cpu_svn, uint64_t faults, unsigned char *report,
                                      azattest_error **error)
{
    unsigned flags = FLAGS_QUOTING_ENCLAVE;
    azattest_status status;

    if ((faults & AZATTEST_SIMULATED_BIT(QE_ATTRIBUTES)) != 0)
        flags &= ~FLAG_PROVISION_KEY;
    if ((faults & AZATTEST_SIMULATED_BIT(QE_DEBUG)) != 0)
        flags |= AZATTEST__SGX_FLAG_DEBUG;
    memcpy(report + AT_CPU_SVN, cpu_svn, 16);
    report[AT_MISC_SELECT] = (faults & AZATTEST_SIMULATED_BIT(QE_MISC_SELECT)) != 0;
    azattest__put_le(report + AT_FLAGS, flags, 8);
    azattest__put_le(report + AT_XFRM, XFRM, 8);
    azattest__put_le(
        report + AT_PRODUCT_ID,
        (td ? TD_QE_PRODUCT : QE_PRODUCT) + ((faults & AZATTEST_SIMULATED_BIT(QE_PRODUCT_ID)) != 0 ? 7u : 0u), 2);
    azattest__put_le(report + AT_SVN, td ? TD_QE_SVN : QE_SVN, 2);
    if ((status = azattest__made_up(td ? "azattest simulated TD quoting enclave" : "azattest simulated quoting enclave",
                                    report + AT_MR_ENCLAVE, 32, error)) == AZATTEST_OK)
        status = azattest__made_up(td ? TD_QE_SIGNER_TEXT : QE_SIGNER_TEXT, report + AT_MR_SIGNER, 32, error);
    if ((faults & AZATTEST_SIMULATED_BIT(QE_MR_SIGNER)) != 0)
        report[AT_MR_SIGNER] ^= 1;
    return status;
}

static void plan_authentication(azattest__quote_parts *out)
{
    static const unsigned char auth[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                            16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

    out->auth_data = azattest__bytes(auth, sizeof(auth));
    out->certification_type = AZATTEST__SGX_CERTIFICATION_PCK_CHAIN;
}

azattest_status azattest__quote_plan(const azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                     azattest__quote_parts *out, azattest_error **error)
{
    azattest__sgx_values values;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    azattest__sgx_values_default(&values);
    plan_authentication(out);
    out->certification = azattest__buf_bytes(&simulator->chain_pem);
    out->attestation_key = simulator->platform.attestation_key;
    out->pck_key = simulator->platform.keys[LEVEL_PCK];
    if ((status = make_header(simulator->platform.certificates[LEVEL_PCK], 3, false, values.pcesvn, out->header,
                              error)) != AZATTEST_OK ||
        (status = make_report(enclave, values.components, 0, out->report, error)) != AZATTEST_OK)
        return status;
    return make_qe_report(false, values.components, 0, out->qe_report, error);
}

/* Certification data of another type than the chain: ids of the platform, or the leaf alone. */
static azattest_status plan_certification(azattest__machine *machine, unsigned type, azattest__quote_parts *out,
                                          azattest_error **error)
{
    static const size_t sizes[] = { 0, 16, 256, 384 }; /* of the PPID, in clear or encrypted */
    azattest_bytes block, body;
    size_t offset = 0;

    out->certification_type = type;
    if (type >= 1 && type <= 3) {
        memset(machine->ids, 0x5a, sizes[type]);
        memcpy(machine->ids + sizes[type], machine->sgx.components, 16);
        azattest__put_le(machine->ids + sizes[type] + 16, machine->sgx.pcesvn, 2);
        memcpy(machine->ids + sizes[type] + 18, machine->sgx.pceid, 2);
        out->certification = azattest__bytes(machine->ids, sizes[type] + 20);
        return AZATTEST_OK;
    }
    if (type == 4 &&
        azattest__pem_next(azattest__buf_bytes(&machine->chain_pem), "CERTIFICATE", &offset, &block, &body)) {
        out->certification = block;
        return AZATTEST_OK;
    }
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: certification_type is %u, not 1 to 5", type);
}

static azattest_status plan(azattest__machine *machine, unsigned version, bool td, unsigned certification_type,
                            azattest__quote_parts *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    memset(out, 0, sizeof(*out));
    plan_authentication(out);
    out->faults = machine->in.faults;
    out->certification = azattest__buf_bytes(&machine->chain_pem);
    out->attestation_key = machine->simulator->platform.attestation_key;
    out->pck_key = machine->pck_key;
    if (certification_type != 0 && certification_type != AZATTEST__SGX_CERTIFICATION_PCK_CHAIN)
        status = plan_certification(machine, certification_type, out, error);
    if (status == AZATTEST_OK)
        status = make_header(machine->pck, version, td, machine->sgx.pcesvn, out->header, error);
    if (azattest__machine_has(machine, AZATTEST_SIMULATED_VENDOR))
        out->header[AZATTEST__SGX_VENDOR_OFFSET] ^= 1;
    return status == AZATTEST_OK
               ? make_qe_report(td, machine->sgx.components, machine->in.faults, out->qe_report, error)
               : status;
}

azattest_status azattest__quote_plan_enclave(azattest__machine *machine, const azattest_simulated_enclave *enclave,
                                             azattest__quote_parts *out, azattest_error **error)
{
    unsigned version = enclave->quote_version == 0 ? 3 : enclave->quote_version;
    azattest_status status;

    if (version < 3 || version > 5)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulated enclave: quote_version is %u, not 3, 4 or 5",
                                   version);
    if ((status = plan(machine, version, false, enclave->certification_type, out, error)) != AZATTEST_OK)
        return status;
    out->report_size = AZATTEST__SGX_REPORT_SIZE;
    out->body_type = 1;
    out->trailing = enclave->trailing;
    return make_report(enclave, machine->sgx.components, machine->in.faults, out->report, error);
}

azattest_status azattest__td_body(const azattest__machine *machine, const azattest_simulated_td *td,
                                  unsigned char *body, size_t size, azattest_error **error)
{
    static const char *const rtmr[4] = { "azattest simulated RTMR0", "azattest simulated RTMR1",
                                         "azattest simulated RTMR2", "azattest simulated RTMR3" };
    uint64_t attributes = td->attributes == 0 ? TD_SEPT_VE_DISABLE : td->attributes;
    azattest_status status;

    memset(body, 0, size);
    memcpy(body + AT_TD_TCB_SVN, machine->tee_tcb_svn, 16);
    body[AT_TD_SEAM_SIGNER] = azattest__machine_has(machine, AZATTEST_SIMULATED_SEAM_SIGNER);
    body[AT_TD_SEAM_ATTRIBUTES] = azattest__machine_has(machine, AZATTEST_SIMULATED_SEAM_ATTRIBUTES);
    azattest__put_le(body + AT_TD_ATTRIBUTES, attributes | (td->debug == AZATTEST_ON ? AZATTEST__TDX_FLAG_DEBUG : 0),
                     8);
    azattest__put_le(body + AT_TD_XFAM, td->xfam == 0 ? TD_XFAM : td->xfam, 8);
    put_optional(td->mr_config_id, body + AT_TD_CONFIG_ID);
    put_optional(td->mr_owner, body + AT_TD_OWNER);
    put_optional(td->mr_owner_config, body + AT_TD_OWNER_CONFIG);
    if (size == AZATTEST__TDX_REPORT_15_SIZE) {
        memcpy(body + AT_TD_TCB_SVN2, machine->tee_tcb_svn2, 16);
        put_optional(td->mr_service_td, body + AT_TD_SERVICE);
    }
    if ((status = put_measurement(td->mr_seam, "azattest simulated TDX module", 48, body + AT_TD_SEAM, error)) !=
            AZATTEST_OK ||
        (status = put_measurement(td->mr_td, "azattest simulated trust domain", 48, body + AT_TD_MEASUREMENT, error)) !=
            AZATTEST_OK)
        return status;
    for (size_t i = 0; i < 4; i++)
        if ((status = put_measurement(td->rtmr[i], rtmr[i], 48, body + AT_TD_RTMR + 48 * i, error)) != AZATTEST_OK)
            return status;
    return put_report_data(td->report_data, td->runtime_data,
                           azattest__machine_has(machine, AZATTEST_SIMULATED_REPORT_DATA), body + AT_TD_REPORT_DATA,
                           error);
}

azattest_status azattest__quote_plan_td(azattest__machine *machine, const azattest_simulated_td *td,
                                        azattest__quote_parts *out, azattest_error **error)
{
    unsigned version = td->quote_version == 0 ? 4 : td->quote_version;
    bool small = version == 4 || td->report_15 == AZATTEST_OFF;
    azattest_status status;

    if (version != 4 && version != 5)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulated TD: quote_version is %u, not 4 or 5",
                                   version);
    if ((status = plan(machine, version, true, 0, out, error)) != AZATTEST_OK)
        return status;
    out->report_size = small ? AZATTEST__TDX_REPORT_10_SIZE : AZATTEST__TDX_REPORT_15_SIZE;
    out->body_type = small ? 2 : 3;
    out->trailing = td->trailing;
    return azattest__td_body(machine, td, out->report, out->report_size, error);
}
