/* The fields of Intel's quotes and of the certificates in them, as JSON. */
#include <stdio.h>

#include "../formats.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

typedef struct flag_name {
    unsigned bit;
    const char *name;
} flag_name;

/* ATTRIBUTES.FLAGS. Source: Intel SDM volume 3D, "ATTRIBUTES". */
static const flag_name sgx_flags[] = { { 0, "INIT" },         { 1, "DEBUG" },         { 2, "MODE64BIT" },
                                       { 4, "PROVISIONKEY" }, { 5, "EINITTOKENKEY" }, { 6, "CET" },
                                       { 7, "KSS" },          { 10, "AEXNOTIFY" } };
/* TDATTRIBUTES. Source: Intel TDX module ABI, "ATTRIBUTES"; Open Enclave, tdx/quote.h. */
static const flag_name td_flags[] = {
    { 0, "DEBUG" },       { 4, "HGS_PLUS_PROF" }, { 5, "PERF_PROF" }, { 6, "PMT_PROF" },
    { 16, "ICSSD" },      { 17, "SERVTD_EXT" },   { 27, "LASS" },     { 28, "SEPT_VE_DISABLE" },
    { 29, "MIGRATABLE" }, { 30, "PKS" },          { 31, "KL" },       { 63, "PERFMON" }
};

static azattest__json *flags_json(uint64_t flags, const flag_name *names, size_t count)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < count; i++)
        if ((flags >> names[i].bit & 1) != 0)
            azattest__json_add_string(list, names[i].name);
    return list;
}

azattest__json *azattest__sgx_report_json(const azattest__sgx_report *report)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_hex(json, "cpu_svn", azattest__bytes(report->cpu_svn, 16));
    azattest__json_put_integer(json, "misc_select", report->misc_select);
    azattest__json_put_integer(json, "cet_attributes", *report->cet_attributes);
    azattest__json_put_hex(json, "isv_extended_product_id", azattest__bytes(report->isv_ext_product_id, 16));
    azattest__json_put_hex(json, "attributes", azattest__bytes(report->body + 48, 16));
    azattest__json_put(json, "flags", flags_json(report->attributes_flags, sgx_flags, COUNT(sgx_flags)));
    azattest__json_put_bool(json, "debug", (report->attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0);
    azattest__json_put_hex(json, "mr_enclave", azattest__bytes(report->mr_enclave, 32));
    azattest__json_put_hex(json, "mr_signer", azattest__bytes(report->mr_signer, 32));
    azattest__json_put_hex(json, "config_id", azattest__bytes(report->config_id, 64));
    azattest__json_put_integer(json, "product_id", report->isv_product_id);
    azattest__json_put_integer(json, "svn", report->isv_svn);
    azattest__json_put_integer(json, "config_svn", report->config_svn);
    azattest__json_put_hex(json, "isv_family_id", azattest__bytes(report->isv_family_id, 16));
    azattest__json_put_hex(json, "report_data", azattest__bytes(report->report_data, 64));
    return json;
}

static void put_measurement(azattest__json *json, const char *name, const unsigned char *measurement)
{
    azattest__json_put_hex(json, name, azattest__bytes(measurement, AZATTEST__TDX_MEASUREMENT_SIZE));
}

/* Attributes as they are stored, like those of an enclave. */
static azattest__json *td_report_json(const azattest__tdx_report *report)
{
    static const char *const rtmrs[] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_string(json, "format", report->size == AZATTEST__TDX_REPORT_15_SIZE ? "1.5" : "1.0");
    azattest__json_put_hex(json, "tee_tcb_svn", azattest__bytes(report->tee_tcb_svn, 16));
    put_measurement(json, "mr_seam", report->mr_seam);
    put_measurement(json, "mr_signer_seam", report->mr_signer_seam);
    azattest__json_put_hex(json, "seam_attributes", azattest__bytes(report->body + 112, 8));
    azattest__json_put_hex(json, "td_attributes", azattest__bytes(report->body + 120, 8));
    azattest__json_put(json, "flags", flags_json(report->td_attributes, td_flags, COUNT(td_flags)));
    azattest__json_put_bool(json, "debug", (report->td_attributes & AZATTEST__TDX_FLAG_DEBUG) != 0);
    azattest__json_put_hex(json, "xfam", azattest__bytes(report->body + 128, 8));
    put_measurement(json, "mr_td", report->mr_td);
    put_measurement(json, "mr_config_id", report->mr_config_id);
    put_measurement(json, "mr_owner", report->mr_owner);
    put_measurement(json, "mr_owner_config", report->mr_owner_config);
    for (size_t i = 0; i < 4; i++)
        put_measurement(json, rtmrs[i], report->rtmr[i]);
    azattest__json_put_hex(json, "report_data", azattest__bytes(report->report_data, 64));
    if (report->mr_service_td != NULL) {
        azattest__json_put_hex(json, "tee_tcb_svn2", azattest__bytes(report->tee_tcb_svn2, 16));
        put_measurement(json, "mr_service_td", report->mr_service_td);
    }
    return json;
}

static azattest__json *header_json(const azattest__intel_quote *quote)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_integer(json, "version", quote->version);
    azattest__json_put_integer(json, "attestation_key_type", quote->attestation_key_type);
    azattest__json_put_integer(json, "tee_type", quote->tee_type);
    azattest__json_put_integer(json, "qe_svn", quote->qe_svn);
    azattest__json_put_integer(json, "pce_svn", quote->pce_svn);
    azattest__json_put_hex(json, "qe_vendor_id", azattest__bytes(quote->qe_vendor_id, AZATTEST__SGX_VENDOR_SIZE));
    azattest__json_put_hex(json, "user_data", azattest__bytes(quote->user_data, 20));
    if (quote->body_type != 0)
        azattest__json_put_integer(json, "body_type", quote->body_type);
    return json;
}

static azattest__json *signature_json(const azattest__intel_quote *quote)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_integer(json, "size", quote->signature_data_size);
    azattest__json_put_hex(json, "quote_signature", quote->signature);
    azattest__json_put_hex(json, "attestation_key", quote->attestation_key);
    azattest__json_put_hex(json, "qe_report_signature", quote->qe_report_signature);
    azattest__json_put_hex(json, "qe_auth_data", quote->qe_auth_data);
    if (quote->outer_certification_type != 0)
        azattest__json_put_integer(json, "outer_certification_data_type", quote->outer_certification_type);
    azattest__json_put_integer(json, "certification_data_type", quote->certification_data_type);
    azattest__json_put_string(json, "certification_data_name",
                              azattest__sgx_certification_name(quote->certification_data_type));
    azattest__json_put_integer(json, "certification_data_size", (int64_t)quote->certification_data.len);
    if (quote->certification_data_type != AZATTEST__SGX_CERTIFICATION_PCK_CHAIN)
        azattest__json_put_hex(json, "certification_data", quote->certification_data);
    if (quote->platform.ppid.ptr != NULL) {
        azattest__json *platform = azattest__json_new_object();

        azattest__json_put_hex(platform, quote->platform.ppid.len == 16 ? "ppid" : "encrypted_ppid",
                               quote->platform.ppid);
        azattest__json_put_hex(platform, "cpu_svn", azattest__bytes(quote->platform.cpu_svn, 16));
        azattest__json_put_integer(platform, "pcesvn", quote->platform.pcesvn);
        azattest__json_put_hex(platform, "pceid", azattest__bytes(quote->platform.pceid, 2));
        azattest__json_put(json, "platform", platform);
    }
    return json;
}

static void put_common_name(azattest__json *json, const char *member, azattest_bytes name)
{
    char text[512];

    azattest__json_put_string(json, member, azattest__x509_common_name(name, text, sizeof(text)) ? text : NULL);
}

static azattest_status add_certificate(azattest__json *list, const azattest__x509 *certificate, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__json *json;
    azattest_status status = azattest__sha256(certificate->der, hash, error);

    if (status != AZATTEST_OK)
        return status;
    json = azattest__json_new_object();
    put_common_name(json, "subject", certificate->subject);
    put_common_name(json, "issuer", certificate->issuer);
    azattest__json_put_hex(json, "serial", azattest__pck_serial(certificate));
    azattest__fields_put_time(json, "not_before", certificate->not_before);
    azattest__fields_put_time(json, "not_after", certificate->not_after);
    azattest__json_put_hex(json, "sha256", azattest__bytes(hash, sizeof(hash)));
    azattest__json_add(list, json);
    return AZATTEST_OK;
}

static void put_components(azattest__json *json, const int *components)
{
    char text[AZATTEST__PCK_COMPONENTS * 4 + 2];
    size_t at = 0;

    for (size_t i = 0; i < AZATTEST__PCK_COMPONENTS; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d", i == 0 ? "[" : ",", components[i]);
    snprintf(text + at, sizeof(text) - at, "]");
    azattest__json_put_raw(json, "tcb_components", azattest__text(text));
}

static void put_extensions(azattest__json *json, const azattest__pck_extensions *extensions)
{
    static const char *const types[] = { "standard", "scalable", "scalable with integrity" };

    azattest__json_put_hex(json, "fmspc", azattest__bytes(extensions->fmspc, sizeof(extensions->fmspc)));
    azattest__json_put_hex(json, "pceid", azattest__bytes(extensions->pceid, sizeof(extensions->pceid)));
    azattest__json_put_integer(json, "pcesvn", extensions->pcesvn);
    azattest__json_put_hex(json, "cpu_svn", azattest__bytes(extensions->cpu_svn, sizeof(extensions->cpu_svn)));
    put_components(json, extensions->components);
    azattest__json_put_hex(json, "ppid", azattest__bytes(extensions->ppid, sizeof(extensions->ppid)));
    azattest__json_put_integer(json, "sgx_type", extensions->sgx_type);
    azattest__json_put_string(json, "sgx_type_name", extensions->sgx_type < 3 ? types[extensions->sgx_type] : NULL);
    if (extensions->has_platform_instance_id)
        azattest__json_put_hex(
            json, "platform_instance_id",
            azattest__bytes(extensions->platform_instance_id, sizeof(extensions->platform_instance_id)));
    if (extensions->has_configuration) {
        azattest__json_put_bool(json, "dynamic_platform", extensions->dynamic_platform);
        azattest__json_put_bool(json, "cached_keys", extensions->cached_keys);
        azattest__json_put_bool(json, "smt_enabled", extensions->smt_enabled);
    }
}

/* What was read of the chain, whole or not: the verdict says what is wrong with it. */
static azattest_status put_pck(azattest__json *fields, const azattest__pck *pck, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__json *json, *list;

    if (pck->chain.count == 0) {
        azattest__json_put_null(fields, "pck");
        return AZATTEST_OK;
    }
    json = azattest__json_new_object();
    if (pck->extensions_error == NULL)
        put_extensions(json, &pck->extensions);
    list = azattest__json_new_array();
    for (size_t i = 0; status == AZATTEST_OK && i < pck->chain.count; i++)
        status = add_certificate(list, &pck->chain.certificates[i], error);
    azattest__json_put(json, "certificates", list);
    azattest__json_put(fields, "pck", json);
    return status;
}

azattest_status azattest__intel_fields(const azattest_evidence *evidence, azattest__json *fields,
                                       azattest_error **error)
{
    const azattest__intel_quote *quote = &evidence->intel;
    const azattest__pck *pck = azattest__evidence_pck(evidence);

    if (pck == NULL)
        return azattest__error_memory(error);
    azattest__json_put(fields, "header", header_json(quote));
    if (quote->tee_type == AZATTEST__TEE_TYPE_TDX)
        azattest__json_put(fields, "td_report", td_report_json(&quote->td_report));
    else
        azattest__json_put(fields, "report", azattest__sgx_report_json(&quote->report));
    azattest__json_put(fields, "signature", signature_json(quote));
    azattest__json_put(fields, "qe_report", azattest__sgx_report_json(&quote->qe_report));
    azattest__json_put_integer(fields, "quote_size", (int64_t)quote->size);
    return put_pck(fields, pck, error);
}
