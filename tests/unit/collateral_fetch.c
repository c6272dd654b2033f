/* Fetching collateral as an operation: what it asks, what it takes of the answers, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/issue.h"
#include "evidence/evidence.h"
#include "expect.h"
#include "source.h"

static azattest_evidence *evidence_of(made_kind kind)
{
    made it = made_of(kind, NULL);
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    expect(azattest_evidence_load(it.evidence, &evidence, &error), &error, AZATTEST_OK, "");
    made_free(&it);
    return evidence;
}

/* A quote that names its PCK certificate only. */
static azattest_evidence *evidence_of_type(uint32_t type)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char *quote = NULL;
    size_t len;

    enclave.certification_type = type;
    expect(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, &error), &error, AZATTEST_OK, "");
    expect(azattest_evidence_parse(azattest__bytes(quote, len), &evidence, &error), &error, AZATTEST_OK, "");
    azattest_simulator_free_bytes(quote);
    return evidence;
}

static azattest_status fetch(source *s, const azattest_evidence *evidence, azattest_collateral_options *options,
                             azattest_collateral **out, azattest_error **error)
{
    options->size = sizeof(*options);
    options->client = &s->client;
    *out = NULL;
    return azattest_fetch_collateral(s->transport, NULL, evidence, options, out, error);
}

/* How often a word is in the description of the set. */
static size_t count_of(const azattest_collateral *set, const char *word)
{
    azattest_bytes text = azattest_collateral_describe(set);
    char *copy = azattest__dup(text.ptr, text.len);
    size_t count = 0;

    assert_non_null(copy);
    for (const char *at = copy; (at = strstr(at, word)) != NULL; at++)
        count++;
    free(copy);
    return count;
}

/* ---- what is asked and taken ---- */

static const struct whole_case {
    const char *name;
    made_kind kind;
    azattest_collateral_options options;
    size_t requests;
    const char *first; /* a part of the first address */
    size_t tcb_infos, identities, crls, vceks;
} wholes[] = {
    { "SGX, at Intel", MADE_SGX, { .source = "intel" }, 4, "intel.com/sgx/certification/v4/tcb?", 1, 1, 2, 0 },
    { "SGX, at Azure's cache, whose headers are spelled otherwise",
      MADE_SGX,
      { .source = "azure" },
      4,
      "acccache",
      1,
      1,
      2,
      0 },
    { "SGX in a VM of Azure",
      MADE_SGX,
      { .source = "azure_vm" },
      4,
      "http://169.254.169.254/metadata/THIM/sgx",
      1,
      1,
      2,
      0 },
    { "SGX, at a caching service, whose root list is hexadecimal",
      MADE_SGX,
      { .source = "pccs", .endpoint = "https://localhost:8081" },
      4,
      "https://localhost:8081/sgx",
      1,
      1,
      2,
      0 },
    { "TDX", MADE_TDX, { .source = NULL }, 4, "intel.com/tdx/certification/v4/tcb?", 1, 1, 2, 0 },
    { "TDX, at Azure's cache",
      MADE_TDX_V5,
      { .source = "azure", .region = "useast2" },
      4,
      "useast2.thim.azure.net/tdx",
      1,
      1,
      2,
      0 },
    { "an Open Enclave report", MADE_OPEN_ENCLAVE, { .source = NULL }, 4, "intel.com/sgx", 1, 1, 2, 0 },
    { "the lists alone", MADE_TDX, { .crls_only = AZATTEST_ON }, 2, "pckcrl", 0, 0, 2, 0 },
    { "the early update", MADE_SGX, { .update = "early" }, 4, "&update=early", 1, 1, 2, 0 },
    { "one recovery", MADE_SGX, { .tcb_evaluation_data_number = 12 }, 4, "&tcbEvaluationDataNumber=12", 1, 1, 2, 0 },
    { "SEV-SNP, at AMD", MADE_SNP, { .source = "amd" }, 3, "https://kdsintf.amd.com/vcek/v1/Milan/", 0, 0, 1, 1 },
    { "SEV-SNP, by its kind", MADE_SNP, { .source = "auto" }, 3, "https://kdsintf.amd.com/vcek/v1/Milan/", 0, 0, 1, 1 },
    { "SEV-SNP, version 2 with a product", MADE_SNP_V2, { .product = "Milan" }, 3, "/vcek/v1/Milan/", 0, 0, 1, 1 },
    { "SEV-SNP, at Azure's cache", MADE_SNP, { .source = "azure" }, 1, "/SevSnpVM/certificates/", 0, 0, 0, 1 },
    { "SEV-SNP in a VM of Azure",
      MADE_SNP,
      { .source = "azure_vm" },
      1,
      "/metadata/THIM/amd/certification",
      0,
      0,
      0,
      1 },
    { "SEV-SNP, the list alone", MADE_SNP, { .crls_only = AZATTEST_ON }, 1, "/vcek/v1/Milan/crl", 0, 0, 1, 0 },
    { "a report of a VM's paravisor", MADE_HCL_SNP, { .source = NULL }, 3, "/vcek/v1/Milan/", 0, 0, 1, 1 },
    { "a guest of Azure brings its VCEK",
      MADE_GUEST_SNP,
      { .source = NULL },
      2,
      "/vcek/v1/Milan/cert_chain",
      0,
      0,
      1,
      0 },
    { "a guest of Azure with a TD quote",
      MADE_GUEST_TDX,
      { .source = NULL },
      4,
      "/tdx/certification/v4/tcb?",
      1,
      1,
      2,
      0 },
    { "a TDREPORT, which only its own machine can check", MADE_HCL_TDX, { .source = NULL }, 0, NULL, 0, 0, 0, 0 },
    { "a trusted root is nobody's business here",
      MADE_SGX_V4,
      { .endpoint = "https://mirror.example" },
      4,
      "https://mirror.example/sgx",
      1,
      1,
      2,
      0 },
};

static void whole_sets(void **state)
{
    const struct whole_case *c = *state;
    azattest_collateral_options options = c->options;
    azattest_evidence *evidence = evidence_of(c->kind);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    source_open(&s);
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
    assert_int_equal(s.requests, c->requests);
    if (c->first != NULL && strstr(s.urls[0], c->first) == NULL)
        fail_msg("\"%s\" is not in %s", c->first, s.urls[0]);
    assert_false(s.sent_secret);
    assert_int_equal(s.slept_ms, 0);
    assert_int_equal(count_of(set, "\"kind\":\"tcb_info\""), c->tcb_infos);
    assert_int_equal(count_of(set, "\"kind\":\"qe_identity\""), c->identities);
    assert_int_equal(count_of(set, "\"kind\":\"crl\""), c->crls);
    assert_int_equal(count_of(set, "\"kind\":\"vcek\""), c->vceks);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void a_certificate_that_holds_a_quote(void **state)
{
    azattest_collateral_options options = { .source = NULL };
    azattest_evidence *evidence = NULL;
    azattest_collateral *set;
    azattest_error *error = NULL;
    unsigned char *certificate = NULL;
    azattest__key *key = NULL;
    azattest__buf pem;
    size_t len;
    source s;

    (void)state;
    azattest__buf_init(&pem, 8192);
    assert_int_equal(azattest__key_generate_rsa(2048, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(key, &pem, NULL), AZATTEST_OK);
    expect(azattest_simulator_attested_certificate(quotes_simulator(), NULL, azattest__buf_bytes(&pem), NULL, "a",
                                                   &certificate, &len, &error),
           &error, AZATTEST_OK, "");
    expect(azattest_evidence_parse(azattest__bytes(certificate, len), &evidence, &error), &error, AZATTEST_OK, "");
    source_open(&s);
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
    assert_int_equal(s.requests, 4);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    azattest_simulator_free_bytes(certificate);
    azattest__key_free(key);
    azattest__buf_free(&pem);
    source_close(&s);
}

/* Nothing is missing in what was fetched. */
static void a_verdict_is_whole_with_it(void **state)
{
    static const made_kind kinds[] = { MADE_SGX, MADE_SGX_V5, MADE_OPEN_ENCLAVE, MADE_TDX, MADE_TDX_V5, MADE_SNP };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        azattest_verify_options verify = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_collateral_options options = { .source = NULL };
        made it = made_of(kinds[i], NULL);
        azattest_evidence *evidence = evidence_of(kinds[i]);
        azattest_verification_result *verdict = NULL;
        azattest_collateral *set;
        azattest_error *error = NULL;
        azattest_bytes text;
        source s;

        source_open(&s);
        expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
        verify.now_ms = s.now_ms;
        verify.extra_roots = it.roots;
        verify.collateral = set;
        expect(azattest_evidence_verify(evidence, &verify, &verdict, &error), &error, AZATTEST_OK, "");
        text = azattest_verification_result_json(verdict);
        if (!azattest_verification_result_is_complete(verdict))
            fail_msg("%.*s", (int)text.len, (const char *)text.ptr);
        azattest_verification_result_free(verdict);
        azattest_collateral_free(set);
        azattest_evidence_free(evidence);
        made_free(&it);
        source_close(&s);
    }
}

static void a_named_certificate_is_fetched_first(void **state)
{
    azattest_collateral_options options = { .subscription_key = "the-key" };
    azattest_evidence *evidence = evidence_of_type(3);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    (void)state;
    source_open(&s);
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
    assert_int_equal(s.requests, 5);
    assert_non_null(strstr(s.urls[0], "/pckcert?encrypted_ppid="));
    assert_non_null(strstr(s.urls[1], "/tcb?fmspc=005A177E5700"));
    assert_non_null(strstr(s.urls[3], "?ca=platform"));
    assert_string_equal(s.key_was, ""); /* of the last request: with the first alone */
    assert_int_equal(count_of(set, "PCK Certificate\""), 1);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void keep_key(source *s, size_t index, source_answer *answer)
{
    if (index == 0)
        assert_string_equal(s->key_was, "the-key");
    answer->status = 401;
    answer->body = azattest__text("{\"statusCode\":401,\"message\":\"the-key is not known\"}");
}

static void a_refused_key_is_never_shown(void **state)
{
    azattest_collateral_options options = { .subscription_key = "the-key" };
    azattest_evidence *evidence = evidence_of_type(2);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    (void)state;
    source_open(&s);
    s.bend = keep_key;
    assert_int_equal(fetch(&s, evidence, &options, &set, &error), AZATTEST_E_AUTH);
    assert_non_null(strstr(azattest_error_hint(error), "subscription_key"));
    assert_null(strstr(azattest_error_message(error), "the-key"));
    if (azattest_error_body(error) != NULL)
        assert_null(strstr(azattest_error_body(error), "the-key"));
    azattest_error_free(error);
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void type_1_is_found_by_its_quoting_enclave(void **state)
{
    azattest_collateral_options options = { .source = "azure" };
    azattest_evidence *evidence = evidence_of_type(1);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    (void)state;
    source_open(&s);
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
    assert_int_equal(s.requests, 5);
    assert_non_null(strstr(s.urls[0], "/pckcert?qeid="));
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    source_close(&s);
}

/* ---- answers that cannot be used ---- */

#define PAGE "<html><body>Sign in to the network</body></html>"

static const struct bent_case {
    const char *name;
    size_t index;       /* of the answer: TCB info, QE identity, PCK list, root list */
    const char *header; /* to be replaced; NULL: none */
    const char *value;  /* NULL: taken away */
    const char *body;   /* NULL: stays; "" is empty */
    azattest_status status;
    const char *message;
} bents[] = {
    { "no issuer chain of the TCB info", 0, "TCB-Info-Issuer-Chain", NULL, NULL, AZATTEST_E_RESPONSE,
      "get TCB info: the service's answer cannot be used: its issuer chain is missing, which is in the header "
      "TCB-Info-Issuer-Chain (or SGX-TCB-Info-Issuer-Chain)" },
    { "no issuer chain of the QE identity", 1, "SGX-Enclave-Identity-Issuer-Chain", NULL, NULL, AZATTEST_E_RESPONSE,
      "SGX-Enclave-Identity-Issuer-Chain (or SGX-QE-Identity-Issuer-Chain)" },
    { "no issuer chain of the list", 2, "SGX-PCK-CRL-Issuer-Chain", NULL, NULL, AZATTEST_E_RESPONSE,
      "SGX-PCK-CRL-Issuer-Chain" },
    { "an issuer chain with a broken escape", 0, "TCB-Info-Issuer-Chain", "-----BEGIN%2", NULL, AZATTEST_E_RESPONSE,
      "percent-encoding is broken in the header TCB-Info-Issuer-Chain" },
    { "an issuer chain with an escape that is none", 0, "TCB-Info-Issuer-Chain", "-----BEGIN%GGCERT", NULL,
      AZATTEST_E_RESPONSE, "percent-encoding is broken" },
    { "an issuer chain that is none", 0, "TCB-Info-Issuer-Chain", "none", NULL, AZATTEST_E_RESPONSE, "cannot be used" },
    { "an issuer chain with NUL in it", 0, "TCB-Info-Issuer-Chain", "%00%00", NULL, AZATTEST_E_RESPONSE,
      "cannot be used" },
    { "another content type alone matters to nobody", 0, "Content-Type", "text/html", NULL, AZATTEST_OK, "" },
    { "no content type either", 2, "Content-Type", NULL, NULL, AZATTEST_OK, "" },
    { "a page instead of TCB info", 0, "Content-Type", "text/html", PAGE, AZATTEST_E_RESPONSE, "of text/html" },
    { "a page instead of a list", 2, NULL, NULL, PAGE, AZATTEST_E_RESPONSE,
      "get revocation list of the PCK authority" },
    { "a page instead of the root's list", 3, NULL, NULL, PAGE, AZATTEST_E_RESPONSE, "revocation list of the root" },
    { "nothing", 1, NULL, NULL, "", AZATTEST_E_RESPONSE, "it is empty" },
    { "JSON of something else", 0, NULL, NULL, "{\"enclaves\":[]}", AZATTEST_E_RESPONSE, "cannot be used" },
};

static void bend_as_told(source *s, size_t index, source_answer *answer)
{
    const struct bent_case *c = s->user;

    if (index != c->index)
        return;
    if (c->header != NULL)
        source_set_header(answer, c->header, c->value);
    if (c->body != NULL)
        answer->body = azattest__text(c->body);
}

static void bent_answers(void **state)
{
    struct bent_case c = *(const struct bent_case *)*state;
    azattest_collateral_options options = { .source = "intel" };
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    source_open(&s);
    s.bend = bend_as_told;
    s.user = &c;
    expect(fetch(&s, evidence, &options, &set, &error), &error, c.status, c.message);
    assert_int_equal(s.requests, c.status == AZATTEST_OK ? 4 : c.index + 1); /* and is not asked for again */
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    source_close(&s);
}

/* ---- answers about something else ---- */

static const struct other_case {
    const char *name;
    uint64_t faults;
    size_t index;
    const char *message;
} others[] = {
    { "TCB info of another platform", AZATTEST_SIMULATED_BIT(TCB_INFO_FMSPC), 0, "with another FMSPC" },
    { "TCB info of another TEE", AZATTEST_SIMULATED_BIT(TCB_INFO_OTHER_KIND), 0, "it is about SGX, asked for was TDX" },
    { "the identity of another quoting enclave", AZATTEST_SIMULATED_BIT(QE_IDENTITY_OTHER_KIND), 1,
      "it is about SGX, asked for was TDX" },
    { "the list of another authority", AZATTEST_SIMULATED_BIT(OTHER_CA_CRL), 2, "another authority than" },
};

static void answers_about_something_else(void **state)
{
    const struct other_case *c = *state;
    azattest_collateral_options options = { .source = NULL };
    azattest_evidence *evidence = evidence_of(MADE_TDX);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    source_open(&s);
    s.documents.platform.faults = c->faults;
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_E_RESPONSE, c->message);
    assert_int_equal(s.requests, c->index + 1);
    azattest_evidence_free(evidence);
    source_close(&s);
}

/* A body that is cut anywhere. */
struct cut {
    size_t index, len;
    bool whole; /* the answer was shorter than that */
};

static void cut_body(source *s, size_t index, source_answer *answer)
{
    struct cut *cut = s->user;

    if (index != cut->index)
        return;
    cut->whole = cut->len >= answer->body.len;
    if (!cut->whole)
        answer->body.len = cut->len;
}

static void every_truncation_is_refused(void **state)
{
    azattest_collateral_options options = { .source = "intel" };
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    struct cut cut = { 0 };
    azattest_collateral *set;
    source s;

    (void)state;
    source_open(&s);
    s.bend = cut_body;
    s.user = &cut;
    for (cut.index = 0; cut.index < 4; cut.index++) {
        cut.whole = false;
        for (cut.len = 0; !cut.whole; cut.len++) {
            azattest_error *error = NULL;
            azattest_status status = fetch(&s, evidence, &options, &set, &error);

            if (!cut.whole) {
                expect(status, &error, AZATTEST_E_RESPONSE, "cannot be used");
                assert_null(set);
            } else {
                expect(status, &error, AZATTEST_OK, "");
            }
            azattest_collateral_free(set);
            source_forget(&s);
        }
    }
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void grow_body(source *s, size_t index, source_answer *answer)
{
    if (index == 0)
        answer->body = azattest__bytes(s->user, AZATTEST_LIMIT_COLLATERAL_FILE + 1);
}

static void a_huge_answer_is_refused(void **state)
{
    azattest_collateral_options options = { .source = "intel" };
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    (void)state;
    source_open(&s);
    s.bend = grow_body;
    s.user = calloc(1, AZATTEST_LIMIT_COLLATERAL_FILE + 1);
    assert_non_null(s.user);
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_E_RESPONSE, "has more than");
    free(s.user);
    azattest_evidence_free(evidence);
    source_close(&s);
}

/* ---- refusals, and trying again ---- */

static const struct refusal_case {
    const char *name;
    made_kind kind;
    const char *source;
    int http;
    const char *retry_after;
    size_t times; /* how often it is the answer */
    azattest_status status;
    size_t requests;
    int64_t slept_ms;
    const char *hint;
} refusals[] = {
    { "unknown platform", MADE_SGX, "intel", 404, NULL, 99, AZATTEST_E_HTTP, 1, 0,
      "does not know the platform's FMSPC" },
    { "a recovery that is gone", MADE_SGX, "intel", 410, NULL, 99, AZATTEST_E_HTTP, 1, 0,
      "a later tcb_evaluation_data_number" },
    { "outside of Azure", MADE_SGX, "azure_vm", 400, NULL, 99, AZATTEST_E_HTTP, 1, 0, "metadata service of a VM" },
    { "a redirect is not followed", MADE_SGX, "intel", 302, NULL, 99, AZATTEST_E_HTTP, 1, 0, "not followed" },
    { "throttled for a while", MADE_SGX, "intel", 429, "7", 2, AZATTEST_OK, 6, 14000, NULL },
    { "throttled for too long", MADE_SGX, "intel", 429, "7", 99, AZATTEST_E_HTTP, 4, 21000, "throttling" },
    { "throttled longer than the call may take", MADE_SGX, "intel", 429, "3600", 99, AZATTEST_E_TIMEOUT, 1, 0,
      "throttling" },
    { "unwell for a moment", MADE_SGX, "intel", 503, NULL, 1, AZATTEST_OK, 5, 800, NULL },
    { "unwell", MADE_SGX, "intel", 500, NULL, 99, AZATTEST_E_HTTP, 4, 5600, "use another one" },
};

static void refuse_as_told(source *s, size_t index, source_answer *answer)
{
    const struct refusal_case *c = s->user;

    if (index >= c->times)
        return;
    *answer = (source_answer){ .status = c->http, .body = azattest__text("{\"message\":\"no\"}") };
    if (c->retry_after != NULL)
        source_set_header(answer, "Retry-After", c->retry_after);
    if (c->http == 302)
        source_set_header(answer, "Location", "https://elsewhere.example/");
}

static void refused_requests(void **state)
{
    struct refusal_case c = *(const struct refusal_case *)*state;
    azattest_collateral_options options = { .source = c.source };
    azattest_evidence *evidence = evidence_of(c.kind);
    azattest_collateral *set;
    azattest_error *error = NULL;
    azattest_status status;
    source s;

    source_open(&s);
    s.bend = refuse_as_told;
    s.user = &c;
    status = fetch(&s, evidence, &options, &set, &error);
    assert_string_equal(azattest_status_name(status), azattest_status_name(c.status));
    assert_int_equal(s.requests, c.requests);
    assert_int_equal(s.slept_ms, c.slept_ms);
    if (c.hint != NULL && (azattest_error_hint(error) == NULL || strstr(azattest_error_hint(error), c.hint) == NULL))
        fail_msg("\"%s\" is not in \"%s\"", c.hint, azattest_error_hint(error));
    if (status != AZATTEST_OK)
        assert_int_equal(azattest_error_status_code(error), c.http);
    azattest_error_free(error);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void fail_once(source *s, size_t index, source_answer *answer)
{
    if (index == 1) {
        answer->fail = AZATTEST_E_TRANSPORT;
        answer->answered = s->user != NULL;
    }
}

static void a_broken_connection_is_tried_again(void **state)
{
    azattest_evidence *evidence = evidence_of(MADE_TDX);

    (void)state;
    for (int answered = 0; answered < 2; answered++) {
        azattest_collateral_options options = { .source = NULL };
        azattest_collateral *set;
        azattest_error *error = NULL;
        source s;

        source_open(&s);
        s.bend = fail_once;
        s.user = answered ? &s : NULL; /* a GET may be repeated, whatever had come of its answer */
        expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
        assert_int_equal(s.requests, 5);
        azattest_collateral_free(set);
        source_close(&s);
    }
    azattest_evidence_free(evidence);
}

/* ---- the operation itself ---- */

static void only_requests_and_waits_are_needed(void **state)
{
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    azattest_error *error = NULL;
    azattest_op *op = NULL;

    (void)state;
    expect(azattest_collateral_fetch_begin(NULL, evidence, &op, &error), &error, AZATTEST_OK, "");
    azattest_evidence_free(evidence); /* it was borrowed for the call */
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_null(azattest_op_take_collateral(op));
    assert_int_equal(azattest_op_collateral_count(op), 4);
    assert_string_equal(azattest_op_collateral_item(op, 0), "tcb_info");
    assert_string_equal(azattest_op_collateral_item(op, 3), "root_ca_crl");
    assert_null(azattest_op_collateral_item(op, 4));
    assert_true(strlen(azattest_op_collateral_key(op, 0)) < AZATTEST_COLLATERAL_KEY_SIZE);
    assert_string_not_equal(azattest_op_collateral_key(op, 2), azattest_op_collateral_key(op, 3));
    assert_false(azattest_op_has_collateral(op, 0));
    assert_null(azattest_op_collateral_record(op, 0).ptr);
    azattest_op_cancel(op);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_error_code(azattest_op_error(op)), AZATTEST_E_CANCELLED);
    azattest_op_free(op);
}

static void nothing_is_fetched_for_evidence_that_needs_nothing(void **state)
{
    azattest_collateral *set = NULL;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    azattest_evidence none;

    (void)state;
    memset(&none, 0, sizeof(none));
    expect(azattest_collateral_fetch_begin(NULL, &none, &op, &error), &error, AZATTEST_OK, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    set = azattest_op_take_collateral(op);
    assert_non_null(set);
    assert_null(azattest_op_take_collateral(op)); /* once */
    azattest_collateral_free(set);
    azattest_op_free(op);
}

/* Whatever the options of a client have: the source need not know who asks. */
static void no_access_token_is_sent(void **state)
{
    azattest_collateral_options options = { .source = NULL };
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    azattest_credential *credential = NULL;
    azattest_collateral *set;
    azattest_error *error = NULL;
    source s;

    (void)state;
    expect(azattest_static_token_credential_new("secret", 0, &credential, &error), &error, AZATTEST_OK, "");
    source_open(&s);
    s.client.credential = credential;
    s.client.scopes = "https://attest.azure.net/.default";
    expect(fetch(&s, evidence, &options, &set, &error), &error, AZATTEST_OK, "");
    assert_int_equal(s.requests, 4);
    assert_false(s.sent_secret);
    azattest_collateral_free(set);
    azattest_credential_free(credential);
    azattest_evidence_free(evidence);
    source_close(&s);
}

static void wrong_use(void **state)
{
    azattest_collateral_options strange = { .size = 3 };
    azattest_evidence *evidence = evidence_of(MADE_SGX);
    azattest_error *error = NULL;
    azattest_collateral *set;
    azattest_op *op;

    (void)state;
    expect(azattest_collateral_fetch_begin(NULL, NULL, &op, &error), &error, AZATTEST_E_ARGUMENT, "no evidence");
    expect(azattest_collateral_fetch_begin(NULL, evidence, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_collateral_fetch_begin(&strange, evidence, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "AZATTEST_COLLATERAL_OPTIONS_INIT");
    expect(azattest_fetch_collateral(NULL, NULL, evidence, NULL, &set, &error), &error, AZATTEST_E_ARGUMENT, "neither");
    assert_int_equal(azattest_op_collateral_count(NULL), 0);
    assert_null(azattest_op_take_collateral(NULL));
    assert_int_equal(azattest_op_give_collateral(NULL, 0, azattest__text("x"), false, NULL), AZATTEST_E_ARGUMENT);
    azattest_op_log(NULL, 3, "x");
    azattest_evidence_free(evidence);
}

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

#define TABLE(function, cases)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                      \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, function, NULL, NULL, (void *)(uintptr_t)&cases[i]                                          \
        }
#define ONE(function) tests[count++] = (struct CMUnitTest)cmocka_unit_test(function)

int main(void)
{
    struct CMUnitTest tests[96];
    size_t count = 0;

    TABLE(whole_sets, wholes);
    ONE(a_certificate_that_holds_a_quote);
    ONE(a_verdict_is_whole_with_it);
    ONE(a_named_certificate_is_fetched_first);
    ONE(a_refused_key_is_never_shown);
    ONE(type_1_is_found_by_its_quoting_enclave);
    TABLE(bent_answers, bents);
    TABLE(answers_about_something_else, others);
    ONE(every_truncation_is_refused);
    ONE(a_huge_answer_is_refused);
    TABLE(refused_requests, refusals);
    ONE(a_broken_connection_is_tried_again);
    ONE(only_requests_and_waits_are_needed);
    ONE(nothing_is_fetched_for_evidence_that_needs_nothing);
    ONE(no_access_token_is_sent);
    ONE(wrong_use);
    return _cmocka_run_group_tests("collateral_fetch", tests, count, NULL, close_all);
}
