/* One request for each item and source: addresses, queries and headers as the sources document them. */
#include "collateral.h"

#include "../base/encoding.h"

#define PCS "https://api.trustedservices.intel.com"
#define PCS_CERTIFICATES "https://certificates.trustedservices.intel.com"
#define AZURE_CACHE "https://global.acccache.azure.net"
#define AZURE_VM "http://169.254.169.254"
#define AZURE_VM_PATH "/metadata/THIM"
#define KDS "https://kdsintf.amd.com"

/* Azure's client id and versions, one for each of its calls. Source: Azure DCAP client. */
#define AZURE_CLIENT "clientid=production_client"
#define AZURE_TCB_VERSION "api-version=2018-10-01-preview"
#define AZURE_CRL_VERSION "api-version=2020-02-12-preview"
#define AZURE_PCK_VERSION "api-version=2021-07-22-preview"
#define AZURE_SNP_VERSION "api-version=2020-10-15-preview"

typedef struct ask {
    azattest__collateral_item item;
    const azattest__collateral_subject *subject;
    const azattest__collateral_settings *settings;
    const char *host; /* the origin; NULL: as in `region_host` */
    azattest__buf region_host;
    azattest__buf path; /* and query */
} ask;

static void put_hex(ask *a, const unsigned char *bytes, size_t len, bool upper)
{
    if (upper)
        azattest__hex_encode_upper(azattest__bytes(bytes, len), &a->path);
    else
        azattest__hex_encode(azattest__bytes(bytes, len), &a->path);
}

static void put_text(ask *a, const char *text)
{
    azattest__buf_append_text(&a->path, text);
}

/* ---- Intel, and caching services that speak as Intel does ---- */

/* The part of a recovery that Intel's collateral follows, behind the query's `separator`. */
static void put_recovery(ask *a, const char *separator)
{
    if (a->settings->evaluation_number > 0)
        azattest__buf_printf(&a->path, "%stcbEvaluationDataNumber=%d", separator, a->settings->evaluation_number);
    else if (a->settings->update != NULL)
        azattest__buf_printf(&a->path, "%supdate=%s", separator, a->settings->update);
}

/* Intel finds a platform by its encrypted PPID, a cache by its quoting enclave: there the PPID is for a platform that
 * it does not know yet. */
static void put_certificate_id(ask *a)
{
    const azattest__collateral_subject *s = a->subject;
    bool by_enclave = s->source != AZATTEST__SOURCE_INTEL;

    if (by_enclave) {
        put_text(a, "?qeid=");
        put_hex(a, s->qe_id, sizeof(s->qe_id), false);
    }
    if (s->encrypted_ppid_len > 0) {
        put_text(a, by_enclave ? "&encrypted_ppid=" : "?encrypted_ppid=");
        put_hex(a, s->encrypted_ppid, s->encrypted_ppid_len, false);
    }
    put_text(a, "&cpusvn=");
    put_hex(a, s->cpu_svn, sizeof(s->cpu_svn), false);
    put_text(a, "&pcesvn=");
    put_hex(a, s->pce_svn, sizeof(s->pce_svn), false);
    put_text(a, "&pceid=");
    put_hex(a, s->pce_id, sizeof(s->pce_id), false);
}

static void ask_pcs(ask *a)
{
    const char *tee = a->subject->is_tdx ? "tdx" : "sgx";

    a->host = PCS;
    switch (a->item) {
    case AZATTEST__PCK_CERTIFICATE:
        put_text(a, "/sgx/certification/v4/pckcert");
        put_certificate_id(a);
        break;
    case AZATTEST__TCB_INFO:
        azattest__buf_printf(&a->path, "/%s/certification/v4/tcb?fmspc=", tee);
        put_hex(a, a->subject->fmspc, sizeof(a->subject->fmspc), true);
        put_recovery(a, "&");
        break;
    case AZATTEST__QE_IDENTITY:
        azattest__buf_printf(&a->path, "/%s/certification/v4/qe/identity", tee);
        put_recovery(a, "?");
        break;
    case AZATTEST__PCK_CRL:
        azattest__buf_printf(&a->path, "/sgx/certification/v4/pckcrl?ca=%s&encoding=der", a->subject->ca);
        break;
    default: /* the root's list: Intel has it on a host of its own, a caching service beside the rest */
        if (a->subject->source == AZATTEST__SOURCE_PCCS) {
            put_text(a, "/sgx/certification/v4/rootcacrl");
        } else {
            a->host = PCS_CERTIFICATES;
            put_text(a, "/IntelSGXRootCA.der");
        }
    }
}

/* ---- Azure's cache of Intel's collateral ---- */

/* The list that the cache knows by where Intel has it. */
static const char *azure_crl(const ask *a)
{
    if (a->item == AZATTEST__ROOT_CA_CRL)
        return PCS_CERTIFICATES "/intelsgxrootca.crl";
    return strcmp(a->subject->ca, "platform") == 0 ? PCS "/sgx/certification/v3/pckcrl?ca=platform&encoding=pem"
                                                   : PCS_CERTIFICATES "/intelsgxpckprocessor.crl";
}

static void ask_azure_crl(ask *a)
{
    if (a->subject->is_tdx && a->item == AZATTEST__ROOT_CA_CRL) {
        put_text(a, "/sgx/certification/v4/rootcacrl?" AZURE_CLIENT);
    } else if (a->subject->is_tdx) {
        azattest__buf_printf(&a->path, "/sgx/certification/v4/pckcrl?ca=%s&" AZURE_CLIENT, a->subject->ca);
    } else {
        put_text(a, "/sgx/certification/v4/pckcrl?uri=");
        azattest__append_escaped(&a->path, azure_crl(a));
        put_text(a, "&" AZURE_CLIENT "&" AZURE_CRL_VERSION);
    }
}

static void ask_azure(ask *a)
{
    const char *tee = a->subject->is_tdx ? "tdx" : "sgx";

    a->host = AZURE_CACHE;
    if (a->subject->is_tdx && a->settings->region != NULL) {
        azattest__buf_printf(&a->region_host, "https://%s.thim.azure.net", a->settings->region);
        a->host = NULL;
    }
    if (a->subject->source == AZATTEST__SOURCE_AZURE_VM) {
        a->host = AZURE_VM;
        put_text(a, AZURE_VM_PATH);
    }
    switch (a->item) {
    case AZATTEST__PCK_CERTIFICATE:
        put_text(a, "/sgx/certification/v4/pckcert");
        put_certificate_id(a);
        put_text(a, "&" AZURE_CLIENT "&" AZURE_PCK_VERSION);
        break;
    case AZATTEST__TCB_INFO:
        azattest__buf_printf(&a->path, "/%s/certification/v4/tcb?fmspc=", tee);
        put_hex(a, a->subject->fmspc, sizeof(a->subject->fmspc), false);
        put_recovery(a, "&");
        put_text(a, "&" AZURE_CLIENT "&" AZURE_TCB_VERSION);
        break;
    case AZATTEST__QE_IDENTITY:
        azattest__buf_printf(&a->path, "/%s/certification/v4/qe/identity", tee);
        put_recovery(a, "?");
        put_text(a, a->settings->evaluation_number > 0 || a->settings->update != NULL ? "&" : "?");
        put_text(a, AZURE_CLIENT "&" AZURE_TCB_VERSION);
        break;
    default:
        ask_azure_crl(a);
    }
}

/* ---- AMD ---- */

static void put_chip(ask *a)
{
    size_t len = azattest__snp_product_has_fmc(a->subject->product) ? 8 : sizeof(a->subject->chip_id);

    put_hex(a, a->subject->chip_id, len, false);
}

static void ask_kds(ask *a)
{
    const char *kind = a->subject->by_vlek ? "vlek" : "vcek",
               *product = azattest__snp_product_name(a->subject->product);
    azattest__snp_tcb tcb = azattest__snp_tcb_read(a->subject->reported_tcb, a->subject->product);

    a->host = KDS;
    azattest__buf_printf(&a->path, "/%s/v1/%s/", kind, product);
    switch (a->item) {
    case AZATTEST__VCEK:
        put_chip(a);
        put_text(a, "?");
        if (tcb.fmc >= 0)
            azattest__buf_printf(&a->path, "fmcSPL=%02d&", tcb.fmc);
        azattest__buf_printf(&a->path, "blSPL=%02d&teeSPL=%02d&snpSPL=%02d&ucodeSPL=%02d", tcb.boot_loader, tcb.tee,
                             tcb.snp, tcb.microcode);
        break;
    case AZATTEST__AMD_CHAIN:
        put_text(a, "cert_chain");
        break;
    default:
        put_text(a, "crl");
    }
}

/* The reported TCB as the number that its eight bytes are, in hexadecimal: THIM calls it tcbm. */
static void put_tcbm(azattest__buf *out, const azattest__collateral_subject *subject)
{
    for (size_t i = sizeof(subject->reported_tcb); i > 0; i--)
        azattest__buf_printf(out, "%02x", subject->reported_tcb[i - 1]);
}

static void ask_azure_snp(ask *a)
{
    if (a->subject->source == AZATTEST__SOURCE_AZURE_VM) {
        a->host = AZURE_VM;
        put_text(a, AZURE_VM_PATH "/amd/certification");
        return;
    }
    a->host = AZURE_CACHE;
    if (a->settings->region != NULL) {
        azattest__buf_printf(&a->region_host, "https://%s.acccache.azure.net", a->settings->region);
        a->host = NULL;
    }
    put_text(a, "/SevSnpVM/certificates/");
    put_hex(a, a->subject->chip_id, sizeof(a->subject->chip_id), false);
    put_text(a, "/");
    put_tcbm(&a->path, a->subject);
    put_text(a, "?" AZURE_SNP_VERSION);
}

void azattest__collateral_distinguish(azattest__collateral_item item, const azattest__collateral_subject *subject,
                                      azattest__buf *out)
{
    /* The metadata service answers about the machine that asks, which may be another one tomorrow. */
    if (item != AZATTEST__AMD_CERTIFICATES || subject->source != AZATTEST__SOURCE_AZURE_VM)
        return;
    azattest__buf_append_text(out, "#");
    azattest__hex_encode(azattest__bytes(subject->chip_id, sizeof(subject->chip_id)), out);
    azattest__buf_append_text(out, "/");
    put_tcbm(out, subject);
}

/* ---- all ---- */

static azattest_status put_headers(const ask *a, azattest_request *request, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    if (a->subject->source == AZATTEST__SOURCE_AZURE_VM)
        status = azattest__request_header(request, "Metadata", "true", error);
    if (status == AZATTEST_OK && a->item == AZATTEST__PCK_CERTIFICATE && a->subject->source == AZATTEST__SOURCE_INTEL &&
        a->settings->subscription_key != NULL)
        status = azattest__request_header(request, "Ocp-Apim-Subscription-Key", a->settings->subscription_key, error);
    return status;
}

azattest_status azattest__collateral_request(azattest__collateral_item item,
                                             const azattest__collateral_subject *subject,
                                             const azattest__collateral_settings *settings, azattest_request *request,
                                             azattest_error **error)
{
    bool azure = subject->source == AZATTEST__SOURCE_AZURE || subject->source == AZATTEST__SOURCE_AZURE_VM;
    ask a = { .item = item, .subject = subject, .settings = settings };
    azattest_status status;

    azattest__buf_init(&a.region_host, 256);
    azattest__buf_init(&a.path, AZATTEST_LIMIT_ENDPOINT);
    if (azure && subject->is_amd)
        ask_azure_snp(&a);
    else if (azure)
        ask_azure(&a);
    else if (subject->is_amd)
        ask_kds(&a);
    else
        ask_pcs(&a);
    if ((status = azattest__error_from_buf(error, &a.path, "address of the request")) != AZATTEST_OK ||
        (status = azattest__error_from_buf(error, &a.region_host, "address of the request")) != AZATTEST_OK)
        goto done;
    if (a.host == NULL)
        a.host = (const char *)a.region_host.ptr;
    if (settings->endpoint.text != NULL)
        a.host = settings->endpoint.text;
    if ((status = azattest__request_start(request, "GET", a.host, (const char *)a.path.ptr, NULL, error)) !=
            AZATTEST_OK ||
        (status = put_headers(&a, request, error)) != AZATTEST_OK)
        goto done;
    request->bypasses_proxy = settings->endpoint.text == NULL
                                  ? a.host[4] != 's'
                                  : settings->endpoint.loopback || settings->endpoint.link_local;
    request->response_limit = AZATTEST_LIMIT_COLLATERAL_FILE;
done:
    azattest__buf_free(&a.region_host);
    azattest__buf_free(&a.path);
    return status;
}
