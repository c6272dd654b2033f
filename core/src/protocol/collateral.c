/* What is to be fetched: the caller's options, what the evidence says of its platform, and the items that follow. */
#include "collateral.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../evidence/amd/table.h"
#include "policy.h"

static const char *const names[] = {
    [AZATTEST__PCK_CERTIFICATE] = "pck_certificate",
    [AZATTEST__TCB_INFO] = "tcb_info",
    [AZATTEST__QE_IDENTITY] = "qe_identity",
    [AZATTEST__PCK_CRL] = "pck_crl",
    [AZATTEST__ROOT_CA_CRL] = "root_ca_crl",
    [AZATTEST__VCEK] = "vcek",
    [AZATTEST__AMD_CHAIN] = "amd_chain",
    [AZATTEST__AMD_CRL] = "amd_crl",
    [AZATTEST__AMD_CERTIFICATES] = "amd_certificates",
};

const char *azattest__collateral_item_name(azattest__collateral_item item)
{
    return names[item];
}

const char *azattest__collateral_what(azattest__collateral_item item)
{
    static const char *const what[] = {
        [AZATTEST__PCK_CERTIFICATE] = "get PCK certificate",
        [AZATTEST__TCB_INFO] = "get TCB info",
        [AZATTEST__QE_IDENTITY] = "get QE identity",
        [AZATTEST__PCK_CRL] = "get revocation list of the PCK authority",
        [AZATTEST__ROOT_CA_CRL] = "get revocation list of the root",
        [AZATTEST__VCEK] = "get VCEK",
        [AZATTEST__AMD_CHAIN] = "get certificates of the AMD product",
        [AZATTEST__AMD_CRL] = "get revocation list of the AMD product",
        [AZATTEST__AMD_CERTIFICATES] = "get VCEK and its chain",
    };

    return what[item];
}

/* ---- options ---- */

static azattest_status refuse(azattest_error **error, const char *option, const char *value, const char *expected)
{
    char shown[AZATTEST__QUOTED];

    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: %s is %s, expected %s", option,
                               azattest__quoted(value, shown), expected);
}

static azattest_status take_source(const char *text, azattest__collateral_source *out, azattest_error **error)
{
    static const char *const sources[] = {
        [AZATTEST__SOURCE_AUTO] = "auto",   [AZATTEST__SOURCE_INTEL] = "intel",       [AZATTEST__SOURCE_PCCS] = "pccs",
        [AZATTEST__SOURCE_AZURE] = "azure", [AZATTEST__SOURCE_AZURE_VM] = "azure_vm", [AZATTEST__SOURCE_AMD] = "amd",
    };

    *out = AZATTEST__SOURCE_AUTO;
    if (text == NULL)
        return AZATTEST_OK;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strcmp(text, sources[i]) == 0) {
            *out = (azattest__collateral_source)i;
            return AZATTEST_OK;
        }
    return refuse(error, "source", text, "\"auto\", \"intel\", \"amd\", \"azure\", \"azure_vm\" or \"pccs\"");
}

static azattest_status take_endpoint(const char *text, azattest__collateral_settings *out, azattest_error **error)
{
    azattest_status status;

    if (text == NULL && out->source == AZATTEST__SOURCE_PCCS)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: the source \"pccs\" has no hosts of its own: give its endpoint, for "
                                   "instance https://localhost:8081");
    if (text == NULL)
        return AZATTEST_OK;
    if ((status = azattest__origin_parse(text, &out->endpoint, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "collateral");
        return status;
    }
    if (!out->endpoint.secure && !out->endpoint.loopback && !out->endpoint.link_local)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: %s is not https, which is for addresses of this machine and its link "
                                   "alone: whoever stands in between could keep back what was revoked",
                                   out->endpoint.text);
    return AZATTEST_OK;
}

/* A label of a host name. */
static azattest_status take_region(const char *text, char **out, azattest_error **error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

    if (text == NULL)
        return AZATTEST_OK;
    if (*text == '\0' || strlen(text) > 63 || strspn(text, allowed) != strlen(text) || text[0] == '-')
        return refuse(error, "region", text, "small letters, digits and '-', such as \"useast2\"");
    *out = azattest__dup_text(text);
    return *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

static azattest_status take_product(const char *text, azattest__snp_product *out, azattest_error **error)
{
    *out = AZATTEST__SNP_UNKNOWN;
    if (text == NULL)
        return AZATTEST_OK;
    *out = azattest__snp_product_from_name(azattest__text(text));
    return *out != AZATTEST__SNP_UNKNOWN ? AZATTEST_OK
                                         : refuse(error, "product", text, "\"Milan\", \"Genoa\" or \"Turin\"");
}

static azattest_status take_update(const azattest_collateral_options *options, azattest__collateral_settings *out,
                                   azattest_error **error)
{
    static const char *const words[] = { "standard", "early" };

    if (options->tcb_evaluation_data_number < 0)
        return azattest__error_set(
            error, AZATTEST_E_ARGUMENT,
            "collateral: tcb_evaluation_data_number is %d, expected a number from 1 on, or 0 for "
            "the newest",
            options->tcb_evaluation_data_number);
    if (options->tcb_evaluation_data_number > 0 && options->update != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: tcb_evaluation_data_number and update both choose the TCB recovery: "
                                   "give one of them");
    out->evaluation_number = options->tcb_evaluation_data_number;
    if (options->update == NULL)
        return AZATTEST_OK;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(options->update, words[i]) == 0)
            out->update = words[i];
    return out->update != NULL ? AZATTEST_OK : refuse(error, "update", options->update, "\"standard\" or \"early\"");
}

static azattest_status take_key(const char *text, azattest__collateral_settings *out, azattest_error **error)
{
    if (text == NULL)
        return AZATTEST_OK;
    if (!azattest__header_value_valid(text) || strlen(text) > AZATTEST_LIMIT_CLIENT_SECRET) /* never shown */
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: subscription_key has to be 1 to %u visible ASCII characters",
                                   AZATTEST_LIMIT_CLIENT_SECRET);
    out->subscription_key = azattest__dup_text(text);
    return out->subscription_key == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__collateral_settings_take(const azattest_collateral_options *options,
                                                   azattest__collateral_settings *out, azattest_error **error)
{
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = take_source(options->source, &out->source, error)) != AZATTEST_OK ||
        (status = take_endpoint(options->endpoint, out, error)) != AZATTEST_OK ||
        (status = take_region(options->region, &out->region, error)) != AZATTEST_OK ||
        (status = take_product(options->product, &out->product, error)) != AZATTEST_OK ||
        (status = take_update(options, out, error)) != AZATTEST_OK ||
        (status = take_key(options->subscription_key, out, error)) != AZATTEST_OK)
        azattest__collateral_settings_clear(out);
    out->crls_only = options->crls_only == AZATTEST_ON;
    return status;
}

void azattest__collateral_settings_clear(azattest__collateral_settings *settings)
{
    azattest__origin_clear(&settings->endpoint);
    free(settings->region);
    if (settings->subscription_key != NULL)
        azattest__wipe(settings->subscription_key, strlen(settings->subscription_key));
    free(settings->subscription_key);
    memset(settings, 0, sizeof(*settings));
}

/* ---- evidence ---- */

static azattest_status take_platform(const azattest__pck *pck, azattest__collateral_subject *out,
                                     azattest_error **error)
{
    const azattest_error *reason = pck->chain_error != NULL ? pck->chain_error : pck->extensions_error;

    if (reason != NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "collateral: the PCK certificate does not tell the platform: %s",
                                   azattest_error_message(reason));
    if ((out->ca = azattest__pck_ca(pck)) == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "collateral: the PCK certificate is issued by none of Intel's PCK authorities, so "
                                   "its revocation list is not known");
    memcpy(out->fmspc, pck->extensions.fmspc, sizeof(out->fmspc));
    out->has_platform = true;
    return AZATTEST_OK;
}

azattest_status azattest__collateral_subject_complete(azattest__collateral_subject *subject, azattest_bytes chain,
                                                      azattest_error **error)
{
    azattest_status status;
    azattest__pck pck;

    if ((status = azattest__pck_read(chain, NULL, &pck, error)) != AZATTEST_OK)
        return status;
    status = take_platform(&pck, subject, error);
    azattest__pck_clear(&pck);
    return status;
}

/* Certification data of types 1 to 3: which certificate it is, for whoever has it. */
static azattest_status take_certificate_id(const azattest__intel_quote *quote, azattest__collateral_subject *out,
                                           azattest_error **error)
{
    const azattest__intel_platform *platform = &quote->platform;
    unsigned type = quote->certification_data_type;

    if (platform->ppid.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "collateral: the quote has certification data of type %u (%s), %zu bytes, which "
                                   "neither hold nor name the PCK certificate",
                                   type, azattest__sgx_certification_name(type), quote->certification_data.len);
    if (type != 1 && platform->ppid.len <= sizeof(out->encrypted_ppid)) { /* one in clear is nothing anybody takes */
        memcpy(out->encrypted_ppid, platform->ppid.ptr, platform->ppid.len);
        out->encrypted_ppid_len = platform->ppid.len;
    }
    memcpy(out->cpu_svn, platform->cpu_svn, sizeof(out->cpu_svn));
    out->pce_svn[0] = (unsigned char)platform->pcesvn;
    out->pce_svn[1] = (unsigned char)(platform->pcesvn >> 8);
    memcpy(out->pce_id, platform->pceid, sizeof(out->pce_id));
    memcpy(out->qe_id, quote->user_data, sizeof(out->qe_id)); /* of 20 bytes the first 16; the rest is zero */
    return AZATTEST_OK;
}

static azattest_status read_intel(const azattest_evidence *evidence, azattest__collateral_subject *out,
                                  azattest_error **error)
{
    const azattest__intel_quote *quote = &evidence->intel;
    const azattest__pck *pck;
    azattest_status status;

    out->is_intel = true;
    out->is_tdx = quote->tee_type == AZATTEST__TEE_TYPE_TDX;
    if (quote->certification_data_type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN) {
        pck = azattest__evidence_pck(evidence);
        return pck == NULL ? azattest__error_memory(error) : take_platform(pck, out, error);
    }
    if ((status = take_certificate_id(quote, out, error)) != AZATTEST_OK)
        return status;
    if (out->source == AZATTEST__SOURCE_INTEL && out->encrypted_ppid_len == 0)
        return azattest__error_set(
            error, AZATTEST_E_UNSUPPORTED,
            "collateral: the quote has its PPID in clear (certification data of type 1), and "
            "Intel's PCS finds certificates by the encrypted one alone: use the source \"azure\" "
            "or \"pccs\", or add the PCK certificate to the collateral");
    return AZATTEST_OK;
}

static bool all_zero(const unsigned char *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    return len == 0;
}

/* What came with the report has its VCEK: a table that names one, or anything else (a certificate, THIM's document). */
static bool brings_vcek(azattest_bytes certificates)
{
    azattest__amd_table table;

    if (certificates.ptr == NULL || !azattest__amd_table_looks_like(certificates))
        return certificates.ptr != NULL;
    if (azattest__amd_table_read(certificates, &table, NULL) != AZATTEST_OK)
        return false;
    for (size_t i = 0; i < table.count; i++)
        if (table.entries[i].kind == AZATTEST__AMD_ENTRY_VCEK)
            return true;
    return false;
}

static azattest_status read_amd(const azattest_evidence *evidence, const azattest__collateral_settings *settings,
                                azattest__collateral_subject *out, azattest_error **error)
{
    const azattest__snp_report *report = &evidence->snp;

    out->is_amd = true;
    out->product = report->product != AZATTEST__SNP_UNKNOWN ? report->product : settings->product;
    out->by_vlek = report->signing_key == AZATTEST__SNP_KEY_VLEK;
    memcpy(out->chip_id, report->chip_id, sizeof(out->chip_id));
    memcpy(out->reported_tcb, report->reported_tcb, sizeof(out->reported_tcb));
    out->wants_vcek = report->signing_key == AZATTEST__SNP_KEY_VCEK && !all_zero(out->chip_id, sizeof(out->chip_id)) &&
                      !brings_vcek(evidence->amd_certificates);
    if (out->product == AZATTEST__SNP_UNKNOWN && out->source == AZATTEST__SOURCE_AMD)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: the report (version %u) does not tell its product, which AMD's KDS is "
                                   "asked by: give the option product (\"Milan\" or \"Genoa\")",
                                   report->version);
    return AZATTEST_OK;
}

static azattest_status check_source(const azattest__collateral_settings *settings, bool is_intel,
                                    azattest_error **error)
{
    azattest__collateral_source source = settings->source;

    if (is_intel && source == AZATTEST__SOURCE_AMD)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "collateral: AMD has none for a quote of Intel's: use the source \"intel\", "
                                   "\"azure\" or \"auto\"");
    if (!is_intel && (source == AZATTEST__SOURCE_INTEL || source == AZATTEST__SOURCE_PCCS))
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "collateral: Intel has none for an SEV-SNP report: use the source \"amd\", "
                                   "\"azure\" or \"auto\"");
    return AZATTEST_OK;
}

azattest_status azattest__collateral_subject_read(const azattest_evidence *evidence,
                                                  const azattest__collateral_settings *settings,
                                                  azattest__collateral_subject *out, azattest_error **error)
{
    bool is_intel = evidence->intel.version != 0, is_amd = evidence->snp.version != 0;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if (!is_intel && !is_amd)
        return AZATTEST_OK;
    if ((status = check_source(settings, is_intel, error)) != AZATTEST_OK)
        return status;
    out->source = settings->source != AZATTEST__SOURCE_AUTO ? settings->source
                  : is_intel                                ? AZATTEST__SOURCE_INTEL
                                                            : AZATTEST__SOURCE_AMD;
    if (is_intel && out->source == AZATTEST__SOURCE_AZURE && settings->endpoint.text == NULL &&
        settings->region == NULL && evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: Azure's cache of TDX items is a region's: give the option region (such "
                                   "as \"useast2\")");
    return is_intel ? read_intel(evidence, out, error) : read_amd(evidence, settings, out, error);
}

/* ---- items ---- */

static size_t plan_amd(const azattest__collateral_subject *subject, const azattest__collateral_settings *settings,
                       azattest__collateral_item *items)
{
    bool from_azure = subject->source == AZATTEST__SOURCE_AZURE || subject->source == AZATTEST__SOURCE_AZURE_VM;
    size_t count = 0;

    if (from_azure) { /* VCEKs are all that it has */
        if (subject->wants_vcek && !settings->crls_only)
            items[count++] = AZATTEST__AMD_CERTIFICATES;
        return count;
    }
    if (subject->wants_vcek && !settings->crls_only)
        items[count++] = AZATTEST__VCEK;
    if (!settings->crls_only)
        items[count++] = AZATTEST__AMD_CHAIN;
    items[count++] = AZATTEST__AMD_CRL;
    return count;
}

size_t azattest__collateral_plan(const azattest__collateral_subject *subject,
                                 const azattest__collateral_settings *settings,
                                 azattest__collateral_item items[AZATTEST__COLLATERAL_ITEMS_MAX])
{
    size_t count = 0;

    if (subject->is_amd)
        return plan_amd(subject, settings, items);
    if (!subject->is_intel)
        return 0;
    if (!subject->has_platform) {
        items[count++] = AZATTEST__PCK_CERTIFICATE;
        return count;
    }
    if (!settings->crls_only) {
        items[count++] = AZATTEST__TCB_INFO;
        items[count++] = AZATTEST__QE_IDENTITY;
    }
    items[count++] = AZATTEST__PCK_CRL;
    items[count++] = AZATTEST__ROOT_CA_CRL;
    return count;
}
