/* Which requests a piece of evidence leads to, at each source: whole addresses and headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "evidence.h"
#include "expect.h"
#include "protocol/collateral.h"

#define PCS "https://api.trustedservices.intel.com"
#define ROOT_CRL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
#define CACHE "https://global.acccache.azure.net"
#define CLIENT "clientid=production_client"
#define KDS "https://kdsintf.amd.com"
#define MILAN_CHIP                                                                                                     \
    "4ffb5cb4fd594f3fee6528fc3fb10370bb38abe89dcd5ba2cf0ab6a11df2ca282add516bef45a890a8c9f9732bdca68f9f3f16c42e846030" \
    "a800295dbeb19ba5"

/* Evidence that is made here: the parts alone that the requests come from. */
typedef struct made {
    azattest_evidence evidence;
    unsigned char report[64 + 8], user_data[20], ppid[384], cpu_svn[16], pceid[2];
} made;

static void make_snp(made *m, azattest__snp_product product, unsigned key)
{
    static const unsigned char tcb[] = { 1, 2, 3, 4, 0, 0, 5, 200 };

    memset(m, 0, sizeof(*m));
    memset(m->report, 0xab, product == AZATTEST__SNP_TURIN ? 8 : 64);
    memcpy(m->report + 64, tcb, sizeof(tcb));
    m->evidence.snp.version = product == AZATTEST__SNP_UNKNOWN ? 2 : 3;
    m->evidence.snp.chip_id = m->report;
    m->evidence.snp.reported_tcb = m->report + 64;
    m->evidence.snp.product = product;
    m->evidence.snp.signing_key = key;
}

/* Certification data of types 1 to 3. */
static void make_named(made *m, unsigned type)
{
    static const size_t sizes[] = { 0, 16, 256, 384 };

    memset(m, 0, sizeof(*m));
    memset(m->ppid, 0xaa, sizeof(m->ppid));
    memset(m->cpu_svn, 0x0c, sizeof(m->cpu_svn));
    memset(m->user_data, 0x0e, sizeof(m->user_data));
    m->evidence.intel.version = 3;
    m->evidence.intel.certification_data_type = (uint16_t)type;
    m->evidence.intel.user_data = m->user_data;
    m->evidence.intel.platform.ppid = azattest__bytes(m->ppid, sizes[type]);
    m->evidence.intel.platform.cpu_svn = m->cpu_svn;
    m->evidence.intel.platform.pcesvn = 0x0d10;
    m->evidence.intel.platform.pceid = m->pceid;
}

/* All requests, one for each line, with the headers in brackets. */
static azattest_status requests(const azattest_evidence *evidence, const azattest_collateral_options *options,
                                azattest__buf *out, azattest_error **error)
{
    azattest__collateral_item items[AZATTEST__COLLATERAL_ITEMS_MAX];
    azattest__collateral_settings settings;
    azattest__collateral_subject subject;
    azattest_request request;
    azattest_status status;
    size_t count;

    azattest__request_init(&request);
    if ((status = azattest__collateral_settings_take(options, &settings, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__collateral_subject_read(evidence, &settings, &subject, error)) != AZATTEST_OK)
        goto done;
    count = azattest__collateral_plan(&subject, &settings, items);
    for (size_t i = 0; status == AZATTEST_OK && i < count; i++) {
        status = azattest__collateral_request(items[i], &subject, &settings, &request, error);
        if (status != AZATTEST_OK)
            break;
        assert_string_equal(azattest_request_method(&request), "GET");
        assert_int_equal(azattest_request_response_limit(&request), AZATTEST_LIMIT_COLLATERAL_FILE);
        azattest__buf_printf(out, "%s%s", i == 0 ? "" : "\n", azattest_request_url(&request));
        for (size_t h = 0; h < azattest_request_header_count(&request); h++)
            azattest__buf_printf(out, " [%s: %s]", azattest_request_header_name(&request, h),
                                 azattest_request_header_value(&request, h));
        if (azattest_request_bypasses_proxy(&request))
            azattest__buf_append_text(out, " [no proxy]");
    }
done:
    azattest__request_clear(&request);
    azattest__collateral_settings_clear(&settings);
    return status;
}

static void check(const azattest_evidence *evidence, const azattest_collateral_options *options, azattest_status status,
                  const char *expected)
{
    azattest_error *error = NULL;
    azattest_status got;
    azattest__buf text;

    azattest__buf_init(&text, 65536);
    azattest__buf_append_text(&text, "");
    got = requests(evidence, options, &text, &error);
    expect(got, &error, status, expected);
    if (status == AZATTEST_OK)
        assert_string_equal(text.ptr, expected);
    azattest__buf_free(&text);
}

#define OPTIONS(...)                                                                                                   \
    {                                                                                                                  \
        .size = sizeof(azattest_collateral_options), __VA_ARGS__                                                       \
    }

static const struct real_case {
    const char *name, *file;
    azattest_collateral_options options;
    azattest_status status;
    const char *expected; /* the requests, or a part of the message */
} real[] = {
    { "an SGX quote of a processor, at Intel's PCS", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(0), AZATTEST_OK,
      PCS "/sgx/certification/v4/tcb?fmspc=00906ED50000\n" PCS "/sgx/certification/v4/qe/identity\n" PCS
          "/sgx/certification/v4/pckcrl?ca=processor&encoding=der\n" ROOT_CRL },
    { "the lists alone", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(.crls_only = AZATTEST_ON), AZATTEST_OK,
      PCS "/sgx/certification/v4/pckcrl?ca=processor&encoding=der\n" ROOT_CRL },
    { "an SGX quote of a platform", "sgx/occlum-icelake-debug.bin", OPTIONS(.source = "intel"), AZATTEST_OK,
      PCS "/sgx/certification/v4/tcb?fmspc=00606A000000\n" PCS "/sgx/certification/v4/qe/identity\n" PCS
          "/sgx/certification/v4/pckcrl?ca=platform&encoding=der\n" ROOT_CRL },
    { "a TDX quote", "tdx/azure-cvm-v4.bin", OPTIONS(.source = "auto"), AZATTEST_OK,
      PCS "/tdx/certification/v4/tcb?fmspc=90C06F000000\n" PCS "/tdx/certification/v4/qe/identity\n" PCS
          "/sgx/certification/v4/pckcrl?ca=platform&encoding=der\n" ROOT_CRL },
    { "the early update", "tdx/azure-cvm-v4.bin", OPTIONS(.update = "early"), AZATTEST_OK,
      PCS "/tdx/certification/v4/tcb?fmspc=90C06F000000&update=early\n" PCS
          "/tdx/certification/v4/qe/identity?update=early\n" PCS
          "/sgx/certification/v4/pckcrl?ca=platform&encoding=der\n" ROOT_CRL },
    { "one TCB recovery", "tdx/azure-cvm-v4.bin", OPTIONS(.tcb_evaluation_data_number = 17), AZATTEST_OK,
      PCS "/tdx/certification/v4/tcb?fmspc=90C06F000000&tcbEvaluationDataNumber=17\n" PCS
          "/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=17\n" PCS
          "/sgx/certification/v4/pckcrl?ca=platform&encoding=der\n" ROOT_CRL },
    { "a caching service of one's own", "tdx/azure-cvm-v4.bin",
      OPTIONS(.source = "pccs", .endpoint = "https://localhost:8081"), AZATTEST_OK,
      "https://localhost:8081/tdx/certification/v4/tcb?fmspc=90C06F000000 [no proxy]\n"
      "https://localhost:8081/tdx/certification/v4/qe/identity [no proxy]\n"
      "https://localhost:8081/sgx/certification/v4/pckcrl?ca=platform&encoding=der [no proxy]\n"
      "https://localhost:8081/sgx/certification/v4/rootcacrl [no proxy]" },
    { "another host for all of Intel's", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(.endpoint = "https://mirror.example/"),
      AZATTEST_OK,
      "https://mirror.example/sgx/certification/v4/tcb?fmspc=00906ED50000\n"
      "https://mirror.example/sgx/certification/v4/qe/identity\n"
      "https://mirror.example/sgx/certification/v4/pckcrl?ca=processor&encoding=der\n"
      "https://mirror.example/IntelSGXRootCA.der" },
    { "an SGX quote of a processor, at Azure's cache", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(.source = "azure"),
      AZATTEST_OK,
      CACHE "/sgx/certification/v4/tcb?fmspc=00906ed50000&" CLIENT "&api-version=2018-10-01-preview\n" CACHE
            "/sgx/certification/v4/qe/identity?" CLIENT "&api-version=2018-10-01-preview\n" CACHE
            "/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2F"
            "intelsgxpckprocessor.crl&" CLIENT "&api-version=2020-02-12-preview\n" CACHE
            "/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2F"
            "intelsgxrootca.crl&" CLIENT "&api-version=2020-02-12-preview" },
    { "the list of the platform authority at Azure's cache", "sgx/occlum-icelake-debug.bin",
      OPTIONS(.source = "azure", .crls_only = AZATTEST_ON), AZATTEST_OK,
      CACHE "/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fapi.trustedservices.intel.com%2Fsgx%2Fcertification%2Fv3%2F"
            "pckcrl%3Fca%3Dplatform%26encoding%3Dpem&" CLIENT "&api-version=2020-02-12-preview\n" CACHE
            "/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2F"
            "intelsgxrootca.crl&" CLIENT "&api-version=2020-02-12-preview" },
    { "a TDX quote at Azure's cache of a region", "tdx/azure-cvm-v4.bin",
      OPTIONS(.source = "azure", .region = "useast2"), AZATTEST_OK,
      "https://useast2.thim.azure.net/tdx/certification/v4/tcb?fmspc=90c06f000000&" CLIENT
      "&api-version=2018-10-01-preview\n"
      "https://useast2.thim.azure.net/tdx/certification/v4/qe/identity?" CLIENT "&api-version=2018-10-01-preview\n"
      "https://useast2.thim.azure.net/sgx/certification/v4/pckcrl?ca=platform&" CLIENT "\n"
      "https://useast2.thim.azure.net/sgx/certification/v4/rootcacrl?" CLIENT },
    { "a TDX quote without a region", "tdx/azure-cvm-v4.bin", OPTIONS(.source = "azure"), AZATTEST_E_ARGUMENT,
      "give the option region" },
    { "in a VM of Azure", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(.source = "azure_vm", .crls_only = AZATTEST_ON),
      AZATTEST_OK,
      "http://169.254.169.254/metadata/THIM/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fcertificates.trustedservices."
      "intel.com%2Fintelsgxpckprocessor.crl&" CLIENT "&api-version=2020-02-12-preview [Metadata: true] [no proxy]\n"
      "http://169.254.169.254/metadata/THIM/sgx/certification/v4/pckcrl?uri=https%3A%2F%2Fcertificates.trustedservices."
      "intel.com%2Fintelsgxrootca.crl&" CLIENT "&api-version=2020-02-12-preview [Metadata: true] [no proxy]" },
    { "an SEV-SNP report of Milan at AMD's KDS", "snp/milan-v3.report.bin", OPTIONS(0), AZATTEST_OK,
      KDS "/vcek/v1/Milan/" MILAN_CHIP "?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219\n" KDS
          "/vcek/v1/Milan/cert_chain\n" KDS "/vcek/v1/Milan/crl" },
    { "AMD is asked for a quote of Intel's", "sgx/sdk-cpp-sgx-quote.bin", OPTIONS(.source = "amd"),
      AZATTEST_E_UNSUPPORTED, "AMD has none for a quote of Intel's" },
    { "Intel is asked for a report of AMD's", "snp/milan-v3.report.bin", OPTIONS(.source = "intel"),
      AZATTEST_E_UNSUPPORTED, "Intel has none for an SEV-SNP report" },
    { "a report of version 2 without a product", "snp/milan-v2-google.report.bin", OPTIONS(0), AZATTEST_E_ARGUMENT,
      "give the option product" },
};

static void real_evidence(void **state)
{
    const struct real_case *c = *state;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char *content;
    size_t len;

    EVIDENCE_OR_SKIP();
    content = evidence_read(c->file, &len);
    expect(azattest_evidence_parse(azattest__bytes(content, len), &evidence, &error), &error, AZATTEST_OK, "");
    check(evidence, &c->options, c->status, c->expected);
    azattest_evidence_free(evidence);
    free(content);
}

#define CHIP                                                                                                           \
    "abababababababababababababababababababababababababababababababababababababababababababababababababababababababab" \
    "abababababababab"
#define HEX16(x) x x x x x x x x x x x x x x x x
#define PPID_384 HEX16("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define PPID_256 HEX16("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
#define ID "cpusvn=" HEX16("0c") "&pcesvn=100d&pceid=0000"

static const struct snp_case {
    const char *name;
    azattest__snp_product product;
    unsigned key;
    bool hidden;
    azattest_collateral_options options;
    const char *expected;
} snp[] = {
    { "Milan: boot loader, TEE, SNP and microcode in two digits or more", AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VCEK,
      false, OPTIONS(0),
      KDS "/vcek/v1/Milan/" CHIP "?blSPL=01&teeSPL=02&snpSPL=05&ucodeSPL=200\n" KDS "/vcek/v1/Milan/cert_chain\n" KDS
          "/vcek/v1/Milan/crl" },
    { "Turin: 16 digits of the chip id, and the FMC first", AZATTEST__SNP_TURIN, AZATTEST__SNP_KEY_VCEK, false,
      OPTIONS(0),
      KDS "/vcek/v1/Turin/abababababababab?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=200\n" KDS
          "/vcek/v1/Turin/cert_chain\n" KDS "/vcek/v1/Turin/crl" },
    { "signed by a VLEK, which nobody is given: its chain and list", AZATTEST__SNP_GENOA, AZATTEST__SNP_KEY_VLEK, false,
      OPTIONS(0), KDS "/vlek/v1/Genoa/cert_chain\n" KDS "/vlek/v1/Genoa/crl" },
    { "a chip that hides itself has no VCEK to ask for", AZATTEST__SNP_GENOA, AZATTEST__SNP_KEY_VCEK, true, OPTIONS(0),
      KDS "/vcek/v1/Genoa/cert_chain\n" KDS "/vcek/v1/Genoa/crl" },
    { "version 2 with the caller's product", AZATTEST__SNP_UNKNOWN, AZATTEST__SNP_KEY_VCEK, false,
      OPTIONS(.product = "Genoa", .crls_only = AZATTEST_ON), KDS "/vcek/v1/Genoa/crl" },
    { "Azure's public cache", AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VCEK, false, OPTIONS(.source = "azure"),
      CACHE "/SevSnpVM/certificates/" CHIP "/c805000004030201?api-version=2020-10-15-preview" },
    { "Azure's public cache of a region", AZATTEST__SNP_UNKNOWN, AZATTEST__SNP_KEY_VCEK, false,
      OPTIONS(.source = "azure", .region = "americas"),
      "https://americas.acccache.azure.net/SevSnpVM/certificates/" CHIP
      "/c805000004030201?api-version=2020-10-15-preview" },
    { "the metadata service of a VM", AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VCEK, false, OPTIONS(.source = "azure_vm"),
      "http://169.254.169.254/metadata/THIM/amd/certification [Metadata: true] [no proxy]" },
    { "the metadata service elsewhere", AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VCEK, false,
      OPTIONS(.source = "azure_vm", .endpoint = "http://127.0.0.1:8080"),
      "http://127.0.0.1:8080/metadata/THIM/amd/certification [Metadata: true] [no proxy]" },
    { "Azure has nothing about a VLEK", AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VLEK, false, OPTIONS(.source = "azure"),
      "" },
};

static void snp_reports(void **state)
{
    const struct snp_case *c = *state;
    made m;

    make_snp(&m, c->product, c->key);
    if (c->hidden)
        memset(m.report, 0, 64);
    check(&m.evidence, &c->options, AZATTEST_OK, c->expected);
}

static const struct named_case {
    const char *name;
    unsigned type;
    azattest_collateral_options options;
    azattest_status status;
    const char *expected;
} named[] = {
    { "type 3 at Intel's PCS, with the key", 3, OPTIONS(.subscription_key = "0123-key"), AZATTEST_OK,
      PCS "/sgx/certification/v4/pckcert?encrypted_ppid=" PPID_384 "&" ID " [Ocp-Apim-Subscription-Key: 0123-key]" },
    { "type 2 without a key", 2, OPTIONS(.crls_only = AZATTEST_ON), AZATTEST_OK,
      PCS "/sgx/certification/v4/pckcert?encrypted_ppid=" PPID_256 "&" ID },
    { "type 1 at Intel's PCS, which has no use for it", 1, OPTIONS(0), AZATTEST_E_UNSUPPORTED,
      "finds certificates by the encrypted one alone" },
    { "type 1 at Azure's cache, by the quoting enclave", 1, OPTIONS(.source = "azure", .subscription_key = "not sent"),
      AZATTEST_OK,
      CACHE "/sgx/certification/v4/pckcert?qeid=" HEX16("0e") "&" ID "&" CLIENT "&api-version=2021-07-22-preview" },
    { "type 3 at a caching service", 3, OPTIONS(.source = "pccs", .endpoint = "https://pccs.example:8081"), AZATTEST_OK,
      "https://pccs.example:8081/sgx/certification/v4/pckcert?qeid=" HEX16("0e") "&encrypted_ppid=" PPID_384 "&" ID },
};

static void named_certificates(void **state)
{
    const struct named_case *c = *state;
    made m;

    make_named(&m, c->type);
    check(&m.evidence, &c->options, c->status, c->expected);
}

static const struct option_case {
    const char *name;
    azattest_collateral_options options;
    const char *message; /* NULL: taken */
} options[] = {
    { "an unknown source", OPTIONS(.source = "Intel"), "source is \"Intel\", expected \"auto\"" },
    { "a caching service without its address", OPTIONS(.source = "pccs"), "give its endpoint" },
    { "http for a host elsewhere", OPTIONS(.endpoint = "http://pccs.example"), "is not https" },
    { "http for a host that begins like this machine", OPTIONS(.endpoint = "http://169.254.169.254.example"),
      "is not https" },
    { "http for this machine", OPTIONS(.endpoint = "http://localhost:8081"), NULL },
    { "http for this link", OPTIONS(.endpoint = "http://169.254.169.254"), NULL },
    { "an endpoint with a path", OPTIONS(.endpoint = "https://a.example/sgx"), "a path" },
    { "a region that would be another host", OPTIONS(.region = "evil.example/"), "region is \"evil.example/\"" },
    { "an empty region", OPTIONS(.region = ""), "region is" },
    { "an unknown product", OPTIONS(.product = "milan"), "product is \"milan\"" },
    { "a negative evaluation number", OPTIONS(.tcb_evaluation_data_number = -1), "is -1" },
    { "an unknown update", OPTIONS(.update = "late"), "update is \"late\"" },
    { "a number and an update", OPTIONS(.update = "early", .tcb_evaluation_data_number = 3), "give one of them" },
    { "a key with a line end", OPTIONS(.subscription_key = "a\r\nb: c"), "subscription_key has to be" },
};

static void option_checks(void **state)
{
    const struct option_case *c = *state;
    azattest__collateral_settings settings;
    azattest_error *error = NULL;
    azattest_status status = azattest__collateral_settings_take(&c->options, &settings, &error);

    expect(status, &error, c->message == NULL ? AZATTEST_OK : AZATTEST_E_ARGUMENT,
           c->message == NULL ? "" : c->message);
    azattest__collateral_settings_clear(&settings);
}

static void evidence_that_needs_nothing(void **state)
{
    azattest_collateral_options none = AZATTEST_COLLATERAL_OPTIONS_INIT;
    made m;

    (void)state;
    memset(&m, 0, sizeof(m));
    check(&m.evidence, &none, AZATTEST_OK, "");
}

static void a_vcek_that_came_with_the_report(void **state)
{
    azattest_collateral_options none = AZATTEST_COLLATERAL_OPTIONS_INIT;
    made m;

    (void)state;
    make_snp(&m, AZATTEST__SNP_MILAN, AZATTEST__SNP_KEY_VCEK);
    m.evidence.amd_certificates = azattest__text("-----BEGIN CERTIFICATE-----");
    check(&m.evidence, &none, AZATTEST_OK, KDS "/vcek/v1/Milan/cert_chain\n" KDS "/vcek/v1/Milan/crl");
}

#define TABLE(function, cases)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                      \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, function, NULL, NULL, (void *)(uintptr_t)&cases[i]                                          \
        }

int main(void)
{
    struct CMUnitTest tests[128];
    size_t count = 0;

    TABLE(real_evidence, real);
    TABLE(snp_reports, snp);
    TABLE(named_certificates, named);
    TABLE(option_checks, options);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(evidence_that_needs_nothing);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_vcek_that_came_with_the_report);
    return _cmocka_run_group_tests("collateral_requests", tests, count, NULL, NULL);
}
