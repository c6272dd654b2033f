/* The paths of PCS, THIM and KDS at the local service: what is asked rightly, what is not, and how it is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "emulator/collateral_simulated.h"
#include "quotes.h"

#define FMSPC "fmspc=005A177E5700"
#define CHIP64                                                                                                         \
    "abababababababababababababababababababababababababababababababababababababababababababababababababababababababab" \
    "abababababababab"
#define AZURE "clientid=production_client&api-version=2018-10-01-preview"
#define SVN "cpusvn=000102030405060708090a0b0c0d0e0f&pcesvn=0d00&pceid=0000"

static const struct request_case {
    const char *name, *method, *target, *metadata;
    int status; /* 0: another service's path */
    const char *type, *header, *begins;
} cases[] = {
    { "TCB info of SGX", "GET", "/sgx/certification/v4/tcb?" FMSPC, NULL, 200, NULL, "TCB-Info-Issuer-Chain",
      "{\"tcbInfo\":{\"id\":\"SGX\"" },
    { "TCB info of TDX", "GET", "/tdx/certification/v4/tcb?" FMSPC, NULL, 200, NULL, "TCB-Info-Issuer-Chain",
      "{\"tcbInfo\":{\"id\":\"TDX\"" },
    { "TCB info in Azure's spelling", "GET", "/sgx/certification/v4/tcb?" FMSPC "&" AZURE, NULL, 200, NULL,
      "SGX-TCB-Info-Issuer-Chain", "{\"tcbInfo\"" },
    { "Azure states a life", "GET", "/sgx/certification/v4/tcb?" FMSPC "&" AZURE, NULL, 200, NULL, "Cache-Control",
      "{\"tcbInfo\"" },
    { "no FMSPC", "GET", "/sgx/certification/v4/tcb", NULL, 400, NULL, NULL, "{\"error\"" },
    { "half an FMSPC", "GET", "/sgx/certification/v4/tcb?fmspc=005A17", NULL, 400, NULL, NULL, "{\"error\"" },
    { "an FMSPC that is none", "GET", "/sgx/certification/v4/tcb?fmspc=005A177E570G", NULL, 400, NULL, NULL,
      "{\"error\"" },
    { "an unknown update", "GET", "/sgx/certification/v4/tcb?" FMSPC "&update=late", NULL, 400, NULL, NULL,
      "{\"error\"" },
    { "a recovery twice", "GET", "/sgx/certification/v4/tcb?" FMSPC "&update=early&tcbEvaluationDataNumber=3", NULL,
      400, NULL, NULL, "{\"error\"" },
    { "a recovery of the future", "GET", "/sgx/certification/v4/tcb?" FMSPC "&tcbEvaluationDataNumber=99", NULL, 404,
      NULL, NULL, "{\"error\"" },
    { "a parameter twice", "GET", "/sgx/certification/v4/tcb?" FMSPC "&" FMSPC, NULL, 400, NULL, NULL, "{\"error\"" },
    { "QE identity", "GET", "/sgx/certification/v4/qe/identity", NULL, 200, NULL, "SGX-Enclave-Identity-Issuer-Chain",
      "{\"enclaveIdentity\":{\"id\":\"QE\"" },
    { "TD QE identity", "GET", "/tdx/certification/v4/qe/identity", NULL, 200, NULL,
      "SGX-Enclave-Identity-Issuer-Chain", "{\"enclaveIdentity\":{\"id\":\"TD_QE\"" },
    { "a list in PEM, as nobody said otherwise", "GET", "/sgx/certification/v4/pckcrl?ca=platform", NULL, 200,
      "application/x-pem-file", "SGX-PCK-CRL-Issuer-Chain", "-----BEGIN X509 CRL-----" },
    { "a list in DER", "GET", "/sgx/certification/v4/pckcrl?ca=processor&encoding=der", NULL, 200,
      "application/pkix-crl", "SGX-PCK-CRL-Issuer-Chain", "0" },
    { "a list of nobody", "GET", "/sgx/certification/v4/pckcrl?ca=root", NULL, 400, NULL, NULL, "{\"error\"" },
    { "a list in another encoding", "GET", "/sgx/certification/v4/pckcrl?ca=platform&encoding=hex", NULL, 400, NULL,
      NULL, "{\"error\"" },
    { "the root's list, by the place where Intel has it", "GET",
      "/sgx/certification/v4/"
      "pckcrl?uri=https%3a%2f%2fcertificates.trustedservices.intel.com%2fintelsgxrootca.crl&" AZURE,
      NULL, 200, "application/pkix-crl", NULL, "0" },
    { "the root's list in hexadecimal", "GET", "/sgx/certification/v4/rootcacrl", NULL, 200,
      "text/plain; charset=utf-8", NULL, "30" },
    { "the root's list as a file", "GET", "/IntelSGXRootCA.der", NULL, 200, "application/pkix-crl", NULL, "0" },
    { "a PCK certificate", "GET", "/sgx/certification/v4/pckcert?encrypted_ppid=aa&" SVN, NULL, 200,
      "application/x-pem-file", "SGX-PCK-Certificate-Issuer-Chain", "-----BEGIN CERTIFICATE-----" },
    { "its TCB in a header", "GET", "/sgx/certification/v4/pckcert?qeid=aa&" SVN, NULL, 200, "application/x-pem-file",
      "SGX-TCBm", "-----BEGIN CERTIFICATE-----" },
    { "a PCK certificate of nobody", "GET", "/sgx/certification/v4/pckcert?" SVN, NULL, 400, NULL, NULL, "{\"error\"" },
    { "which recoveries there are", "GET", "/tdx/certification/v4/tcbevaluationdatanumbers", NULL, 200, NULL,
      "TCB-Evaluation-Data-Numbers-Issuer-Chain", "{\"tcbEvaluationDataNumbers\"" },
    { "a VCEK", "GET", "/vcek/v1/Milan/" CHIP64 "?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219", NULL, 200,
      "application/pkix-cert", NULL, "0" },
    { "a VCEK of Turin", "GET", "/vcek/v1/Turin/abababababababab?fmcSPL=00&blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219",
      NULL, 200, "application/pkix-cert", NULL, "0" },
    { "a VCEK without its TCB", "GET", "/vcek/v1/Milan/" CHIP64, NULL, 400, NULL, NULL, "{\"error\"" },
    { "a part that is no byte", "GET", "/vcek/v1/Milan/" CHIP64 "?blSPL=256&teeSPL=00&snpSPL=24&ucodeSPL=219", NULL,
      400, NULL, NULL, "{\"error\"" },
    { "the FMC of a product without one", "GET",
      "/vcek/v1/Milan/" CHIP64 "?fmcSPL=00&blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219", NULL, 400, NULL, NULL,
      "{\"error\"" },
    { "a chip of another size", "GET", "/vcek/v1/Milan/abab?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219", NULL, 404, NULL,
      NULL, "{\"error\"" },
    { "an unknown product", "GET", "/vcek/v1/Naples/cert_chain", NULL, 404, NULL, NULL, "{\"error\"" },
    { "no product", "GET", "/vcek/v1/", NULL, 404, NULL, NULL, "{\"error\"" },
    { "the chain of a product", "GET", "/vcek/v1/Genoa/cert_chain", NULL, 200, "application/x-pem-file", NULL,
      "-----BEGIN CERTIFICATE-----" },
    { "the list of a product's VLEKs", "GET", "/vlek/v1/Genoa/crl", NULL, 200, "application/pkix-crl", NULL, "0" },
    { "a VLEK, which nobody is given", "GET", "/vlek/v1/Milan/" CHIP64, NULL, 404, NULL, NULL, "{\"error\"" },
    { "Azure's cache of VCEKs", "GET",
      "/SevSnpVM/certificates/" CHIP64 "/db18000000000004?api-version=2020-10-15-preview", NULL, 200,
      "application/x-pem-file", "Cache-Control", "-----BEGIN CERTIFICATE-----" },
    { "a TCB that is no number", "GET", "/SevSnpVM/certificates/" CHIP64 "/x", NULL, 404, NULL, NULL, "{\"error\"" },
    { "the metadata service", "GET", "/metadata/THIM/amd/certification", "true", 200, NULL, "Cache-Control",
      "{\"vcekCert\"" },
    { "the metadata service without its header", "GET", "/metadata/THIM/amd/certification", NULL, 400, NULL, NULL,
      "{\"error\"" },
    { "SGX at the metadata service", "GET", "/metadata/THIM/sgx/certification/v4/qe/identity", "True", 200, NULL,
      "SGX-QE-Identity-Issuer-Chain", "{\"enclaveIdentity\"" },
    { "its path elsewhere", "GET", "/amd/certification", "true", 0, NULL, NULL, NULL },
    { "another method", "POST", "/IntelSGXRootCA.der", NULL, 405, NULL, NULL, "{\"error\"" },
    { "an older version", "GET", "/sgx/certification/v3/qe/identity", NULL, 0, NULL, NULL, NULL },
    { "something behind the path", "GET", "/sgx/certification/v4/tcb/x", NULL, 0, NULL, NULL, NULL },
};

static void is_answered(void **state)
{
    const struct request_case *c = *state;
    azattest__simulated_collateral documents = { .simulator = quotes_simulator(),
                                                 .platform = AZATTEST_SIMULATED_PLATFORM_INIT };
    azattest__collateral_maker maker = azattest__simulated_maker(&documents);
    azattest__service_request request = { .method = c->method, .target = c->target, .metadata = c->metadata };
    azattest__service_answer answer;
    bool found = c->header == NULL;

    if (c->status == 0) {
        assert_false(azattest__collateral_handle(&maker, &request, &answer));
        return;
    }
    assert_true(azattest__collateral_handle(&maker, &request, &answer));
    assert_int_equal(answer.status, c->status);
    if (c->type == NULL)
        assert_null(answer.content_type);
    else
        assert_string_equal(answer.content_type, c->type);
    assert_true(answer.body.len >= strlen(c->begins));
    assert_memory_equal(answer.body.ptr, c->begins, strlen(c->begins));
    for (size_t i = 0; i < answer.header_count; i++) {
        found = found || strcmp(answer.headers[i].name, c->header) == 0;
        if (strstr(answer.headers[i].name, "Chain") != NULL) /* percent-encoded, leaf first */
            assert_memory_equal(answer.headers[i].value, "-----BEGIN%20CERTIFICATE-----%0A", 32);
    }
    assert_true(found);
    azattest__service_answer_clear(&answer);
}

static void nothing_is_served_without_documents(void **state)
{
    azattest__collateral_maker none = { NULL, NULL };
    azattest__service_request request = { .method = "GET", .target = "/IntelSGXRootCA.der" };
    azattest__service_answer answer;

    (void)state;
    assert_false(azattest__collateral_handle(&none, &request, &answer));
}

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tests[count++] = (struct CMUnitTest){ cases[i].name, is_answered, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(nothing_is_served_without_documents);
    return _cmocka_run_group_tests("service_collateral", tests, count, NULL, close_all);
}
