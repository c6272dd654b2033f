/* Every field of parsed evidence as one JSON object: what the command shows and the bindings hand out. */
#include <stdio.h>

#include "../base/clock.h"
#include "../base/encoding.h"
#include "amd/part.h"
#include "formats.h"

#define FLAG_NAMES (sizeof(flag_names) / sizeof(flag_names[0]))

/* ATTRIBUTES.FLAGS. Source: Intel SDM volume 3D, "ATTRIBUTES". */
static const struct {
    unsigned bit;
    const char *name;
} flag_names[] = { { 0, "INIT" },          { 1, "DEBUG" }, { 2, "MODE64BIT" }, { 4, "PROVISIONKEY" },
                   { 5, "EINITTOKENKEY" }, { 6, "CET" },   { 7, "KSS" },       { 10, "AEXNOTIFY" } };

static azattest__json *flags_json(uint64_t flags)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < FLAG_NAMES; i++)
        if ((flags >> flag_names[i].bit & 1) != 0)
            azattest__json_add_string(list, flag_names[i].name);
    return list;
}

static azattest__json *report_json(const azattest__sgx_report *report)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_hex(json, "cpu_svn", azattest__bytes(report->cpu_svn, 16));
    azattest__json_put_integer(json, "misc_select", report->misc_select);
    azattest__json_put_integer(json, "cet_attributes", *report->cet_attributes);
    azattest__json_put_hex(json, "isv_extended_product_id", azattest__bytes(report->isv_ext_product_id, 16));
    azattest__json_put_hex(json, "attributes", azattest__bytes(report->body + 48, 16));
    azattest__json_put(json, "flags", flags_json(report->attributes_flags));
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
    azattest__json_put_integer(json, "certification_data_type", quote->certification_data_type);
    azattest__json_put_string(json, "certification_data_name",
                              azattest__sgx_certification_name(quote->certification_data_type));
    azattest__json_put_integer(json, "certification_data_size", (int64_t)quote->certification_data.len);
    if (quote->certification_data_type != AZATTEST__SGX_CERTIFICATION_PCK_CHAIN)
        azattest__json_put_hex(json, "certification_data", quote->certification_data);
    return json;
}

static void put_time(azattest__json *json, const char *name, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, text);
    azattest__json_put_string(json, name, text);
}

static azattest_status add_certificate(azattest__json *list, const azattest__cert *certificate, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__json *json;
    azattest_bytes serial = azattest__pck_serial(certificate);
    azattest_status status = azattest__sha256(azattest__cert_der(certificate), hash, error);

    if (status != AZATTEST_OK)
        return status;
    json = azattest__json_new_object();
    azattest__json_put_string(json, "subject", azattest__cert_subject_cn(certificate));
    azattest__json_put_string(json, "issuer", azattest__cert_issuer_cn(certificate));
    if (serial.ptr != NULL)
        azattest__json_put_hex(json, "serial", serial);
    put_time(json, "not_before", azattest__cert_not_before(certificate));
    put_time(json, "not_after", azattest__cert_not_after(certificate));
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

    if (pck->count == 0) {
        azattest__json_put_null(fields, "pck");
        return AZATTEST_OK;
    }
    json = azattest__json_new_object();
    if (pck->extensions_error == NULL)
        put_extensions(json, &pck->extensions);
    list = azattest__json_new_array();
    for (size_t i = 0; status == AZATTEST_OK && i < pck->count; i++)
        status = add_certificate(list, pck->certificates[i], error);
    azattest__json_put(json, "certificates", list);
    azattest__json_put(fields, "pck", json);
    return status;
}

/* One entry of serialized claims: u64 size of the name with its NUL, u64 size of the value, name, value. */
static bool next_claim(azattest_bytes *rest, azattest_bytes *name, azattest_bytes *value)
{
    const unsigned char *p = rest->ptr;
    uint64_t name_size, value_size;
    size_t left = rest->len;

    if (left < 16)
        return false;
    name_size = azattest__le64(p);
    value_size = azattest__le64(p + 8);
    p += 16;
    left -= 16;
    if (name_size < 1 || name_size > left || value_size > left - name_size || p[name_size - 1] != '\0' ||
        memchr(p, '\0', (size_t)name_size - 1) != NULL)
        return false;
    *name = azattest__bytes(p, (size_t)name_size - 1);
    *value = azattest__bytes(p + name_size, (size_t)value_size);
    *rest = azattest__bytes(p + name_size + value_size, left - (size_t)name_size - (size_t)value_size);
    return azattest__utf8_valid(*name);
}

/* The claims may hold anything. Where they have the form that Open Enclave's helper writes (u64 version 1, u64 count,
 * entries), the entries are shown; otherwise there is nothing but bytes. Source: Open Enclave, custom_claims.h. */
static azattest__json *claims_json(azattest_bytes claims)
{
    const unsigned char *p = claims.ptr;
    azattest_bytes rest, name, value;
    azattest__json *list, *entry;
    uint64_t count;

    if (claims.len < 16 || azattest__le64(p) != 1 || azattest__le64(p + 8) > (claims.len - 16) / 17)
        return NULL;
    count = azattest__le64(p + 8);
    rest = azattest__bytes(p + 16, claims.len - 16);
    list = azattest__json_new_array();
    for (uint64_t i = 0; i < count; i++) {
        if (!next_claim(&rest, &name, &value)) {
            azattest__json_free(list);
            return NULL;
        }
        entry = azattest__json_new_object();
        azattest__json_put_bytes_text(entry, "name", name);
        azattest__json_put_hex(entry, "value", value);
        azattest__json_add(list, entry);
    }
    if (rest.len == 0)
        return list;
    azattest__json_free(list);
    return NULL;
}

static void put_open_enclave(azattest__json *fields, const azattest_evidence *evidence)
{
    azattest__json *json, *claims;

    if (evidence->header_version == 0)
        return;
    json = azattest__json_new_object();
    azattest__json_put_integer(json, "header_version", evidence->header_version);
    if (evidence->format == NULL) {
        azattest__json_put_integer(json, "type", AZATTEST__OE_TYPE_REMOTE);
        azattest__json_put_integer(json, "size", (int64_t)(evidence->raw_len - AZATTEST__OE_REPORT_HEADER_SIZE));
    } else {
        azattest__json_put_string(json, "format", evidence->format);
        azattest__json_put_hex(json, "format_id", azattest__bytes(evidence->raw + 4, 16));
        azattest__json_put_integer(json, "size", (int64_t)(evidence->raw_len - AZATTEST__OE_EVIDENCE_HEADER_SIZE));
    }
    if (evidence->claims.ptr != NULL) {
        azattest__json_put_hex(json, "custom_claims", evidence->claims);
        if ((claims = claims_json(evidence->claims)) != NULL)
            azattest__json_put(json, "custom_claims_entries", claims);
    }
    azattest__json_put(fields, "open_enclave", json);
}

static azattest_status put_intel(azattest__json *fields, const azattest_evidence *evidence, azattest_error **error)
{
    put_open_enclave(fields, evidence);
    azattest__json_put(fields, "header", header_json(&evidence->intel));
    azattest__json_put(fields, "report", report_json(&evidence->intel.report));
    azattest__json_put(fields, "signature", signature_json(&evidence->intel));
    azattest__json_put(fields, "qe_report", report_json(&evidence->intel.qe_report));
    azattest__json_put_integer(fields, "quote_size", (int64_t)evidence->intel.size);
    return put_pck(fields, &evidence->pck, error);
}

azattest_status azattest__evidence_make_fields(azattest_evidence *evidence, azattest_error **error)
{
    azattest__json *fields = azattest__json_new_object();
    azattest_status status = AZATTEST_OK;

    if (evidence->snp.version != 0)
        azattest__json_put(fields, "snp", azattest__snp_report_json(&evidence->snp));
    else
        status = put_intel(fields, evidence, error);
    azattest__json_put_integer(fields, "trailing_bytes", (int64_t)evidence->trailing.len);
    if (status == AZATTEST_OK) {
        azattest__buf_init(&evidence->fields, AZATTEST__FIELDS_LIMIT);
        status = azattest__json_print(fields, false, &evidence->fields, error);
    }
    azattest__json_free(fields);
    return status;
}
