/* What the evidence of an attest call says of itself: the claims that its token must repeat (N3), and the data that it
 * binds. */
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/encoding.h"
#include "../crypto/crypto.h"
#include "../evidence/evidence.h"

/* Claims as they are read. TDX has the most. */
typedef struct measured {
    const char *names[16];
    char values[16][132]; /* JSON text; the report data has 128 digits */
    size_t count;
} measured;

/* A quoted hexadecimal string, as the service writes measurements. */
static azattest_status put_hex(measured *out, const char *name, azattest_bytes data, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, sizeof(out->values[0]) - 1);
    azattest__buf_append_text(&text, "\"");
    azattest__hex_encode(data, &text);
    azattest__buf_append_text(&text, "\"");
    if ((status = azattest__error_from_buf(error, &text, name)) == AZATTEST_OK) {
        memcpy(out->values[out->count], text.ptr, text.len + 1);
        out->names[out->count++] = name;
    }
    azattest__buf_free(&text);
    return status;
}

static void put_text(measured *out, const char *name, const char *text)
{
    snprintf(out->values[out->count], sizeof(out->values[0]), "%s", text);
    out->names[out->count++] = name;
}

static void put_number(measured *out, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    put_text(out, name, text);
}

static void put_bool(measured *out, const char *name, bool value)
{
    put_text(out, name, value ? "true" : "false");
}

/* A claim of bytes and its name, for the lists below. */
typedef struct hex_claim {
    const char *name;
    azattest_bytes bytes;
} hex_claim;

static azattest_status put_all(measured *out, const hex_claim *claims, size_t count, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; i < count && status == AZATTEST_OK; i++)
        status = put_hex(out, claims[i].name, claims[i].bytes, error);
    return status;
}
#define PUT_ALL(out, claims, error) put_all(out, claims, sizeof(claims) / sizeof((claims)[0]), error)

static azattest_status measure_sgx(const azattest_evidence *evidence, measured *out, azattest_error **error)
{
    const hex_claim claims[] = {
        { "x-ms-sgx-mrenclave", azattest_evidence_mr_enclave(evidence) },
        { "x-ms-sgx-mrsigner", azattest_evidence_mr_signer(evidence) },
        { "x-ms-sgx-report-data", azattest_evidence_report_data(evidence) },
    };
    azattest_status status;

    if ((status = PUT_ALL(out, claims, error)) != AZATTEST_OK)
        return status;
    put_number(out, "x-ms-sgx-product-id", azattest_evidence_product_id(evidence));
    put_number(out, "x-ms-sgx-svn", azattest_evidence_svn(evidence));
    put_bool(out, "x-ms-sgx-is-debuggable", azattest_evidence_is_debuggable(evidence));
    return AZATTEST_OK;
}

/* The first preview's tokens have the short names alone. */
static azattest_status measure_sgx_2018(const azattest_evidence *evidence, measured *out, azattest_error **error)
{
    const hex_claim claims[] = {
        { "sgx-mrenclave", azattest_evidence_mr_enclave(evidence) },
        { "sgx-mrsigner", azattest_evidence_mr_signer(evidence) },
    };
    azattest_status status;

    if ((status = PUT_ALL(out, claims, error)) != AZATTEST_OK)
        return status;
    put_number(out, "product-id", azattest_evidence_product_id(evidence));
    put_number(out, "svn", azattest_evidence_svn(evidence));
    put_bool(out, "is-debuggable", azattest_evidence_is_debuggable(evidence));
    return AZATTEST_OK;
}

/* Attributes and XFAM are left out: the order of their bytes in the claims is not established. */
static azattest_status measure_tdx(const azattest_evidence *evidence, measured *out, azattest_error **error)
{
    const hex_claim claims[] = {
        { "tdx_mrtd", azattest_evidence_mr_td(evidence) },
        { "tdx_rtmr0", azattest_evidence_rtmr(evidence, 0) },
        { "tdx_rtmr1", azattest_evidence_rtmr(evidence, 1) },
        { "tdx_rtmr2", azattest_evidence_rtmr(evidence, 2) },
        { "tdx_rtmr3", azattest_evidence_rtmr(evidence, 3) },
        { "tdx_report_data", azattest_evidence_report_data(evidence) },
        { "tdx_mrseam", azattest_evidence_mr_seam(evidence) },
        { "tdx_mrsignerseam", azattest_evidence_mr_signer_seam(evidence) },
        { "tdx_mrconfigid", azattest_evidence_mr_config_id(evidence) },
        { "tdx_mrowner", azattest_evidence_mr_owner(evidence) },
        { "tdx_mrownerconfig", azattest_evidence_mr_owner_config(evidence) },
        { "tdx_tee_tcb_svn", azattest_evidence_tee_tcb_svn(evidence) },
    };

    put_bool(out, "tdx_td_attributes_debug",
             (azattest_evidence_td_attributes(evidence) & AZATTEST__TDX_FLAG_DEBUG) != 0);
    return PUT_ALL(out, claims, error);
}

/* The parts of the TCB are left out: which of the report's four TCBs the claims repeat is not established. */
static azattest_status measure_snp(const azattest__snp_report *report, measured *out, azattest_error **error)
{
    const hex_claim claims[] = {
        { "x-ms-sevsnpvm-launchmeasurement", azattest__bytes(report->measurement, 48) },
        { "x-ms-sevsnpvm-reportdata", azattest__bytes(report->report_data, 64) },
        { "x-ms-sevsnpvm-hostdata", azattest__bytes(report->host_data, 32) },
        { "x-ms-sevsnpvm-idkeydigest", azattest__bytes(report->id_key_digest, 48) },
        { "x-ms-sevsnpvm-authorkeydigest", azattest__bytes(report->author_key_digest, 48) },
        { "x-ms-sevsnpvm-reportid", azattest__bytes(report->report_id, 32) },
        { "x-ms-sevsnpvm-familyId", azattest__bytes(report->family_id, 16) },
        { "x-ms-sevsnpvm-imageId", azattest__bytes(report->image_id, 16) },
    };

    put_number(out, "x-ms-sevsnpvm-guestsvn", report->guest_svn);
    put_number(out, "x-ms-sevsnpvm-vmpl", report->vmpl);
    put_bool(out, "x-ms-sevsnpvm-is-debuggable", (report->policy & AZATTEST__SNP_POLICY_DEBUG) != 0);
    put_bool(out, "x-ms-sevsnpvm-migration-allowed", (report->policy & AZATTEST__SNP_POLICY_MIGRATE_MA) != 0);
    put_bool(out, "x-ms-sevsnpvm-smt-allowed", (report->policy & AZATTEST__SNP_POLICY_SMT) != 0);
    return PUT_ALL(out, claims, error);
}

/* ---- what is bound ---- */

static azattest_bytes either(azattest_bytes data, azattest_bytes json)
{
    return data.ptr != NULL ? data : json;
}

/* `where` begins with the SHA-256 of the data. */
static azattest_status check_hash(const azattest__attest_call *call, const char *data_name, azattest_bytes data,
                                  const char *where_name, azattest_bytes where, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;

    if (data.ptr == NULL)
        return AZATTEST_OK;
    if ((status = azattest__sha256(data, hash, error)) != AZATTEST_OK)
        return status;
    if (azattest__bytes_equal_constant_time(azattest__bytes(where.ptr, sizeof(hash)),
                                            azattest__bytes(hash, sizeof(hash))))
        return AZATTEST_OK;
    return azattest__error_set(
        error, AZATTEST_E_BINDING,
        "%s, before sending: the %s does not bind the %s (%zu bytes): its %s does not begin with "
        "their SHA-256",
        call->what, call->argument, data_name, data.len, where_name);
}

static azattest_status look_at_sgx(const azattest__attest_call *call, const azattest__instance *instance,
                                   azattest_bytes raw, const azattest_attest_options *options,
                                   const azattest__evidence_rules *rules, measured *out, bool *bound,
                                   azattest_error **error)
{
    azattest_bytes data = either(options->runtime_data, options->runtime_json);
    azattest_evidence evidence;
    azattest_status status = azattest__evidence_outline(raw, &evidence, error);

    if (status == AZATTEST_OK && (strcmp(azattest_evidence_tee(&evidence), "sgx") != 0 || evidence.intel.version == 0))
        status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "not a quote of an enclave");
    if (status != AZATTEST_OK)
        return status;
    /* Open Enclave's custom claims stand behind the quote and are what its report data binds. */
    if (rules->binding && evidence.claims.ptr != NULL)
        status = check_hash(call, "custom claims inside it", evidence.claims, "report data",
                            azattest_evidence_report_data(&evidence), error);
    if (status == AZATTEST_OK && data.ptr != NULL && rules->binding) {
        *bound = true;
        if ((status = azattest_evidence_check_binding(&evidence, data, error)) != AZATTEST_OK)
            azattest__error_prefix(error, "%s, before sending", call->what);
    }
    if (status == AZATTEST_OK)
        status = azattest__api_version_bit(instance->api_version) == AZATTEST__2018_09_PREVIEW
                     ? measure_sgx_2018(&evidence, out, error)
                     : measure_sgx(&evidence, out, error);
    return status;
}

static azattest_status look_at_tdx(const azattest__attest_call *call, azattest_bytes quote,
                                   const azattest_attest_options *options, const azattest__evidence_rules *rules,
                                   measured *out, bool *bound, azattest_error **error)
{
    azattest_evidence evidence;
    azattest_status status = azattest__evidence_outline(quote, &evidence, error);

    if (status == AZATTEST_OK && strcmp(evidence.kind, "tdx_quote") != 0)
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "not a TDX quote");
    if (status == AZATTEST_OK && rules->binding) {
        *bound = true;
        status = check_hash(call, "runtime data", either(options->runtime_data, options->runtime_json), "report data",
                            azattest_evidence_report_data(&evidence), error);
    }
    return status != AZATTEST_OK ? status : measure_tdx(&evidence, out, error);
}

static azattest_status look_at_snp(const azattest__attest_call *call, azattest_bytes raw,
                                   const azattest_attest_options *options, const azattest__evidence_rules *rules,
                                   measured *out, bool *bound, azattest_error **error)
{
    azattest__snp_report report;
    azattest_status status = azattest__snp_report_parse(raw, &report, error);

    if (status == AZATTEST_OK && rules->binding) {
        *bound = true;
        if ((status = check_hash(call, "runtime data", either(options->runtime_data, options->runtime_json),
                                 "report data", azattest__bytes(report.report_data, 64), error)) == AZATTEST_OK)
            status = check_hash(call, "init-time data", either(options->inittime_data, options->inittime_json),
                                "host data", azattest__bytes(report.host_data, 32), error);
    }
    return status != AZATTEST_OK ? status : measure_snp(&report, out, error);
}

/* Evidence of another kind, which has a call of its own. */
static azattest_status check_kind(const azattest__attest_call *call, azattest_bytes raw, azattest_error **error)
{
    static const struct {
        const char *kind, *name, *method;
    } kinds[] = {
        { "sgx_quote", "an SGX quote", "attest_sgx_enclave" },
        { "open_enclave_report", "an Open Enclave report", "attest_open_enclave" },
        { "tdx_quote", "a TDX quote", "attest_tdx_vm" },
        { "snp_report", "an SEV-SNP report", "attest_sev_snp_vm" },
        { "azure_guest", "the JSON document of an Azure guest", "attest_azure_guest" },
    };
    const char *kind = azattest__evidence_sniff(raw), *taken = call->evidence_kind;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].kind, call->evidence_kind) == 0)
            taken = kinds[i].name;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kind != NULL && strcmp(kinds[i].kind, kind) == 0 && strcmp(kind, call->evidence_kind) != 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s takes %s, and this is %s: use %s", call->what,
                                       taken, kinds[i].name, kinds[i].method);
    return AZATTEST_OK;
}

/* What an operation holds on to while its request is under way is as large as it has to be. */
static azattest_status keep(const measured *in, azattest__measurements *out, azattest_error **error)
{
    size_t size = in->count * sizeof(*out->claims);
    char *text;

    for (size_t i = 0; i < in->count; i++)
        size += strlen(in->values[i]) + 1;
    if (in->count == 0)
        return AZATTEST_OK;
    if ((out->claims = malloc(size)) == NULL)
        return azattest__error_memory(error);
    text = (char *)&out->claims[in->count];
    for (size_t i = 0; i < in->count; i++, text += strlen(text) + 1) {
        out->claims[i].name = in->names[i];
        out->claims[i].value_json = strcpy(text, in->values[i]);
    }
    out->count = in->count;
    return AZATTEST_OK;
}

/* Evidence that cannot be parsed is sent all the same: the service judges it. Then nothing is known to compare the
 * token with, and the log says so. */
azattest_status azattest__look_at_evidence(const azattest__attest_call *call, const azattest__instance *instance,
                                           azattest_bytes evidence, const azattest_attest_options *options,
                                           const azattest__evidence_rules *rules, int log_level,
                                           azattest__measurements *out, bool *bound, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status;
    measured seen;

    *bound = false;
    seen.count = 0;
    if (call->evidence_kind == NULL)
        return AZATTEST_OK;
    if ((status = check_kind(call, evidence, error)) != AZATTEST_OK)
        return status;
    if (strcmp(call->evidence_kind, "tdx_quote") == 0)
        status = look_at_tdx(call, evidence, options, rules, &seen, bound, &reason);
    else if (strcmp(call->evidence_kind, "snp_report") == 0)
        status = look_at_snp(call, evidence, options, rules, &seen, bound, &reason);
    else if (strcmp(call->evidence_kind, "azure_guest") == 0)
        status = azattest__look_at_guest(call, evidence, rules, &reason);
    else
        status = look_at_sgx(call, instance, evidence, options, rules, &seen, bound, &reason);
    if (status == AZATTEST_E_EVIDENCE || status == AZATTEST_E_UNSUPPORTED || status == AZATTEST_E_LIMIT) {
        azattest__log_for(
            log_level, AZATTEST_LOG_WARNING, "%s: the %s is sent unread%s: %s", call->what, call->argument,
            call->answer == AZATTEST__ANSWER_TOKEN ? ", and the token's measurements cannot be compared with it" : "",
            azattest_error_message(reason));
        *bound = false;
        status = AZATTEST_OK;
    } else if (status != AZATTEST_OK) {
        status = azattest__error_set(error, status, "%s", azattest_error_message(reason));
    } else {
        status = keep(&seen, out, error);
    }
    azattest_error_free(reason);
    return status;
}
