/* The paths of Intel's PCS, of Azure's THIM and of AMD's KDS, and their answers. Source: Intel PCS API version 4; Azure
 * DCAP client; AMD publication 57230. */
#include "collateral.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "protocol/http.h"

#include "form.h"
#include "parts.h"

#define THIM "/metadata/THIM"

typedef struct call {
    const azattest__collateral_maker *maker;
    const azattest__service_request *request;
    azattest__service_answer *answer;
    const char *path; /* without THIM's front */
    azattest__form form;
    bool is_vm;    /* the metadata service is asked */
    bool is_azure; /* one of Azure's: other spellings, and a life in Cache-Control */
    azattest__collateral_query query;
    azattest__buf body, chain;
} call;

static const char *get(const call *c, const char *name)
{
    return azattest__form_get(&c->form, name);
}

static azattest_status wrong(azattest_error **error, const char *what)
{
    return azattest__refuse(error, 400, "InvalidParameter", "%s", what);
}

/* Exactly so many bytes in hexadecimal, either case. */
static bool read_hex(const char *text, size_t text_len, unsigned char *out, size_t len)
{
    azattest__buf bytes;
    bool good;

    azattest__buf_init(&bytes, len);
    good = text_len == 2 * len && azattest__hex_decode(azattest__bytes(text, text_len), &bytes);
    if (good)
        memcpy(out, bytes.ptr, len);
    azattest__buf_free(&bytes);
    return good;
}

static bool read_number(const char *text, unsigned most, unsigned *out)
{
    *out = 0;
    if (text == NULL || *text == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
        return false;
    *out = (unsigned)strtoul(text, NULL, 10);
    return *out <= most;
}

static azattest_status make(call *c, const char *item, azattest_error **error)
{
    azattest_status status;

    c->query.item = item;
    if ((status = c->maker->make(c->maker->user, &c->query, &c->body, &c->chain, error)) == AZATTEST_ABSENT)
        return azattest__refuse(error, 404, "NotFound", "the made-up platform has no such collateral");
    return status;
}

static void put_type(call *c, const char *type)
{
    c->answer->content_type = type;
}

static void put_chain(call *c, const char *name)
{
    azattest__buf text;

    azattest__buf_init(&text, 3 * AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if (c->chain.len > 0)
        azattest__append_escaped(&text, (const char *)c->chain.ptr);
    if (text.len > 0)
        azattest__answer_header(c->answer, name, "%s", (const char *)text.ptr);
    azattest__buf_free(&text);
}

/* ---- Intel ---- */

static azattest_status read_recovery(call *c, azattest_error **error)
{
    const char *update = get(c, "update"), *number = get(c, "tcbEvaluationDataNumber");

    if ((update != NULL && number != NULL) ||
        (update != NULL && strcmp(update, "early") != 0 && strcmp(update, "standard") != 0) ||
        (number != NULL &&
         (!read_number(number, 1000000, &c->query.evaluation_number) || c->query.evaluation_number == 0)))
        return wrong(error,
                     "update is \"early\" or \"standard\", tcbEvaluationDataNumber a number, and there is one of "
                     "them");
    c->query.early = update != NULL && strcmp(update, "early") == 0;
    return AZATTEST_OK;
}

static azattest_status get_tcb_info(call *c, azattest_error **error)
{
    const char *fmspc = get(c, "fmspc");
    azattest_status status;

    if (fmspc == NULL || !read_hex(fmspc, strlen(fmspc), c->query.fmspc, sizeof(c->query.fmspc)))
        return wrong(error, "fmspc has to be 12 hexadecimal digits");
    c->query.has_fmspc = true;
    if ((status = read_recovery(c, error)) == AZATTEST_OK && (status = make(c, "tcb_info", error)) == AZATTEST_OK)
        put_chain(c, c->is_azure ? "SGX-TCB-Info-Issuer-Chain" : "TCB-Info-Issuer-Chain");
    return status;
}

static azattest_status get_qe_identity(call *c, azattest_error **error)
{
    azattest_status status;

    if ((status = read_recovery(c, error)) == AZATTEST_OK && (status = make(c, "qe_identity", error)) == AZATTEST_OK)
        put_chain(c, c->is_azure ? "SGX-QE-Identity-Issuer-Chain" : "SGX-Enclave-Identity-Issuer-Chain");
    return status;
}

static azattest_status encode(call *c, const char *encoding, azattest_error **error)
{
    azattest__buf text;

    if (strcmp(encoding, "der") == 0) {
        put_type(c, "application/pkix-crl");
        return AZATTEST_OK;
    }
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CRL);
    if (strcmp(encoding, "pem") == 0)
        azattest__pem_encode("X509 CRL", azattest__buf_bytes(&c->body), &text);
    else
        azattest__hex_encode(azattest__buf_bytes(&c->body), &text);
    put_type(c, strcmp(encoding, "pem") == 0 ? "application/x-pem-file" : "text/plain; charset=utf-8");
    azattest__buf_free(&c->body);
    c->body = text;
    return azattest__error_from_buf(error, &c->body, "revocation list");
}

static azattest_status get_root_ca_crl(call *c, const char *encoding, azattest_error **error)
{
    azattest_status status = make(c, "root_ca_crl", error);

    return status == AZATTEST_OK ? encode(c, encoding, error) : status;
}

static azattest_status get_root_file(call *c, azattest_error **error)
{
    return get_root_ca_crl(c, "der", error);
}

static azattest_status get_root_text(call *c, azattest_error **error)
{
    return get_root_ca_crl(c, "hex", error);
}

/* Azure's cache knows a list by where Intel has it. */
static azattest_status get_pck_crl(call *c, azattest_error **error)
{
    const char *uri = get(c, "uri"), *encoding = get(c, "encoding");
    azattest_status status;

    c->query.ca = get(c, "ca");
    if (uri != NULL && strstr(uri, "intelsgxrootca") != NULL)
        return get_root_ca_crl(c, "der", error);
    if (uri != NULL) {
        c->query.ca = strstr(uri, "ca=platform") != NULL ? "platform" : "processor";
        encoding = strstr(uri, "encoding=pem") != NULL ? "pem" : "der";
    }
    if (c->query.ca == NULL || (strcmp(c->query.ca, "processor") != 0 && strcmp(c->query.ca, "platform") != 0))
        return wrong(error, "ca has to be \"processor\" or \"platform\"");
    if (encoding == NULL)
        encoding = "pem";
    if (strcmp(encoding, "pem") != 0 && strcmp(encoding, "der") != 0)
        return wrong(error, "encoding has to be \"pem\" or \"der\"");
    if ((status = make(c, "pck_crl", error)) == AZATTEST_OK && (status = encode(c, encoding, error)) == AZATTEST_OK)
        put_chain(c, "SGX-PCK-CRL-Issuer-Chain");
    return status;
}

static azattest_status get_pck_certificate(call *c, azattest_error **error)
{
    const char *cpusvn = get(c, "cpusvn"), *pcesvn = get(c, "pcesvn"), *pceid = get(c, "pceid");
    unsigned char svn[2];
    azattest_status status;

    if (get(c, "qeid") == NULL && get(c, "encrypted_ppid") == NULL)
        return wrong(error, "a platform is named by encrypted_ppid or qeid");
    if (cpusvn == NULL || !read_hex(cpusvn, strlen(cpusvn), c->query.cpu_svn, sizeof(c->query.cpu_svn)) ||
        pcesvn == NULL || !read_hex(pcesvn, strlen(pcesvn), svn, sizeof(svn)) || pceid == NULL || strlen(pceid) != 4)
        return wrong(error, "cpusvn has to be 32 hexadecimal digits, pcesvn and pceid 4");
    c->query.has_cpu_svn = true;
    c->query.pcesvn = azattest__le16(svn);
    if ((status = make(c, "pck", error)) != AZATTEST_OK)
        return status;
    put_chain(c, "SGX-PCK-Certificate-Issuer-Chain");
    azattest__answer_header(c->answer, "SGX-TCBm", "%s%s", cpusvn, pcesvn);
    put_type(c, "application/x-pem-file");
    return AZATTEST_OK;
}

static azattest_status get_numbers(call *c, azattest_error **error)
{
    azattest_status status = make(c, "tcb_evaluation_numbers", error);

    if (status == AZATTEST_OK)
        put_chain(c, "TCB-Evaluation-Data-Numbers-Issuer-Chain");
    return status;
}

/* ---- AMD ---- */

/* The parts of the TCB version, where a report of that product has them. */
static azattest_status read_parts(call *c, azattest_error **error)
{
    static const struct {
        const char *name;
        int at, at_with_fmc; /* -1: not there */
    } parts[] = {
        { "fmcSPL", -1, 0 }, { "blSPL", 0, 1 }, { "teeSPL", 1, 2 }, { "snpSPL", 6, 3 }, { "ucodeSPL", 7, 7 }
    };
    bool has_fmc = strcmp(c->query.product, "Turin") == 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        int at = has_fmc ? parts[i].at_with_fmc : parts[i].at;
        unsigned number = 0;

        if (at < 0 && get(c, parts[i].name) == NULL)
            continue;
        if (at < 0 || !read_number(get(c, parts[i].name), 255, &number))
            return wrong(error, "blSPL, teeSPL, snpSPL and ucodeSPL (of Turin also fmcSPL) have to be there, each 0 to "
                                "255");
        c->query.reported_tcb[at] = (unsigned char)number;
    }
    return AZATTEST_OK;
}

static const char *find_product(const char *text, size_t len)
{
    static const char *const products[] = { "Milan", "Genoa", "Turin" };

    for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
        if (strlen(products[i]) == len && memcmp(text, products[i], len) == 0)
            return products[i];
    return NULL;
}

/* "/vcek/v1/Milan/" and "cert_chain", "crl" or a chip id; "/vlek/v1/..." has no certificates to give. */
static azattest_status get_kds(call *c, azattest_error **error)
{
    const char *product = c->path + strlen("/vcek/v1/"), *rest = strchr(product, '/');
    azattest_status status;
    size_t size;

    c->query.tee = "snp";
    c->query.by_vlek = strncmp(c->path, "/vlek/", 6) == 0;
    if (rest == NULL || (c->query.product = find_product(product, (size_t)(rest - product))) == NULL)
        return azattest__refuse(error, 404, "NotFound", "the products are Milan, Genoa and Turin");
    rest++;
    if (strcmp(rest, "cert_chain") == 0) {
        put_type(c, "application/x-pem-file");
        return make(c, "amd_chain", error);
    }
    if (strcmp(rest, "crl") == 0) {
        put_type(c, "application/pkix-crl");
        return make(c, "amd_crl", error);
    }
    size = strcmp(c->query.product, "Turin") == 0 ? 8 : 64;
    if (c->query.by_vlek || !read_hex(rest, strlen(rest), c->query.chip_id, size))
        return azattest__refuse(error, 404, "NotFound", "no such chip");
    c->query.chip_id_len = size;
    put_type(c, "application/pkix-cert");
    return (status = read_parts(c, error)) == AZATTEST_OK ? make(c, "vcek", error) : status;
}

/* "/SevSnpVM/certificates/" and a chip id, and the TCB version as a number. PEM, the VCEK and its chain. */
static azattest_status get_azure_snp(call *c, azattest_error **error)
{
    const char *chip = c->path + strlen("/SevSnpVM/certificates/"), *tcb = strchr(chip, '/');
    azattest__buf text;
    azattest_status status;
    uint64_t number;

    c->query.tee = "snp";
    if (tcb == NULL || !read_hex(chip, (size_t)(tcb - chip), c->query.chip_id, 64) || tcb[1] == '\0' ||
        strlen(tcb + 1) > 16 || strspn(tcb + 1, "0123456789abcdefABCDEF") != strlen(tcb + 1))
        return azattest__refuse(error, 404, "NotFound", "no such chip");
    c->query.chip_id_len = 64;
    number = strtoull(tcb + 1, NULL, 16);
    for (size_t i = 0; i < sizeof(c->query.reported_tcb); i++)
        c->query.reported_tcb[i] = (unsigned char)(number >> 8 * i);
    if ((status = make(c, "vcek", error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&text, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    azattest__pem_encode("CERTIFICATE", azattest__buf_bytes(&c->body), &text);
    azattest__buf_free(&c->body);
    azattest__buf_free(&c->chain);
    if ((status = make(c, "amd_chain", error)) == AZATTEST_OK)
        azattest__buf_append_bytes(&text, azattest__buf_bytes(&c->body));
    azattest__buf_free(&c->body);
    c->body = text;
    put_type(c, "application/x-pem-file");
    return status == AZATTEST_OK ? azattest__error_from_buf(error, &c->body, "certificates") : status;
}

static azattest_status get_thim(call *c, azattest_error **error)
{
    c->query.tee = "snp";
    return make(c, "thim", error);
}

/* ---- all ---- */

static const struct route {
    const char *path;
    bool whole; /* and nothing behind it */
    const char *tee;
    azattest_status (*run)(call *c, azattest_error **error);
} routes[] = {
    { "/sgx/certification/v4/tcb", true, "sgx", get_tcb_info },
    { "/tdx/certification/v4/tcb", true, "tdx", get_tcb_info },
    { "/sgx/certification/v4/qe/identity", true, "sgx", get_qe_identity },
    { "/tdx/certification/v4/qe/identity", true, "tdx", get_qe_identity },
    { "/sgx/certification/v4/pckcrl", true, "sgx", get_pck_crl },
    { "/sgx/certification/v4/pckcert", true, "sgx", get_pck_certificate },
    { "/sgx/certification/v4/rootcacrl", true, "sgx", get_root_text },
    { "/sgx/certification/v4/tcbevaluationdatanumbers", true, "sgx", get_numbers },
    { "/tdx/certification/v4/tcbevaluationdatanumbers", true, "tdx", get_numbers },
    { "/IntelSGXRootCA.der", true, "sgx", get_root_file },
    { "/IntelSGXRootCA.crl", true, "sgx", get_root_file },
    { "/vcek/v1/", false, "snp", get_kds },
    { "/vlek/v1/", false, "snp", get_kds },
    { "/SevSnpVM/certificates/", false, "snp", get_azure_snp },
    { "/amd/certification", true, "snp", get_thim }, /* below THIM alone */
};

static const struct route *find_route(const call *c)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const struct route *route = &routes[i];

        if ((route->whole ? strcmp(c->path, route->path) : strncmp(c->path, route->path, strlen(route->path))) == 0 &&
            (c->is_vm || route->run != get_thim))
            return route;
    }
    return NULL;
}

static azattest_status run(call *c, const struct route *route, azattest_error **error)
{
    const char *question = strchr(c->request->target, '?'), *metadata = c->request->metadata;
    azattest_status status;

    if (strcmp(c->request->method, "GET") != 0)
        return azattest__refuse(error, 405, "MethodNotAllowed", "only GET is taken");
    if (c->is_vm && (metadata == NULL || !azattest__text_equal_nocase(metadata, "true")))
        return wrong(error, "the header Metadata: true is missing");
    if ((status = azattest__form_parse(azattest__text(question == NULL ? "" : question + 1), &c->form, error)) !=
        AZATTEST_OK)
        return status;
    c->query.tee = route->tee;
    c->is_azure = c->is_vm || get(c, "clientid") != NULL || route->run == get_azure_snp;
    status = route->run(c, error);
    if (status == AZATTEST_OK && c->is_azure)
        azattest__answer_header(c->answer, "Cache-Control", "public, max-age=86400");
    azattest__form_clear(&c->form);
    return status;
}

bool azattest__collateral_handle(const azattest__collateral_maker *maker, const azattest__service_request *request,
                                 azattest__service_answer *answer)
{
    call c = { .maker = maker, .request = request, .answer = answer };
    const struct route *route;
    azattest_error *error = NULL;
    azattest__target target;
    azattest_status status;

    if (maker->make == NULL || !azattest__target_read(request->target, &target))
        return false;
    c.is_vm = strncmp(target.path, THIM "/", strlen(THIM "/")) == 0;
    c.path = target.path + (c.is_vm ? strlen(THIM) : 0);
    if ((route = find_route(&c)) == NULL)
        return false;
    azattest__answer_init(answer, request->traceparent);
    azattest__buf_init(&c.body, AZATTEST_LIMIT_COLLATERAL_FILE);
    azattest__buf_init(&c.chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((status = run(&c, route, &error)) == AZATTEST_OK) {
        answer->status = 200;
        azattest__buf_append_bytes(&answer->body, azattest__buf_bytes(&c.body));
        status = azattest__error_from_buf(&error, &answer->body, "answer");
    }
    if (status != AZATTEST_OK) {
        answer->content_type = NULL;
        azattest__answer_error(answer, status, error);
    }
    azattest__buf_free(&c.body);
    azattest__buf_free(&c.chain);
    azattest_error_free(error);
    return true;
}
