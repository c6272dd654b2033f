/* The option check_evidence: what is refused before it is sent, and what is sent all the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "bench.h"
#include "evidence.h"
#include "made.h"

#define OFF AZATTEST_CHECK_EVIDENCE_OFF
#define BINDING AZATTEST_CHECK_EVIDENCE_BINDING
#define FULL AZATTEST_CHECK_EVIDENCE_FULL
#define FAULT(name) AZATTEST_SIMULATED_BIT(name)

typedef azattest_status (*begin_call)(azattest_client *, azattest_bytes, const azattest_attest_options *,
                                      azattest_op **, azattest_error **);

static begin_call call_of(made_kind kind)
{
    switch (kind) {
    case MADE_OPEN_ENCLAVE:
        return azattest_client_attest_open_enclave_begin;
    case MADE_TDX:
    case MADE_TDX_V5:
    case MADE_TDX_V5_10:
        return azattest_client_attest_tdx_vm_begin;
    case MADE_SNP:
    case MADE_SNP_V2:
        return azattest_client_attest_sev_snp_vm_begin;
    case MADE_GUEST_SNP:
    case MADE_GUEST_TDX:
        return azattest_client_attest_azure_guest_begin;
    default:
        return azattest_client_attest_sgx_enclave_begin;
    }
}

static azattest_collateral *collateral_of(azattest_bytes json)
{
    azattest_collateral *collateral;
    azattest_error *error = NULL;

    assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
    if (azattest_collateral_add(collateral, json, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return collateral;
}

/* A client whose clock stands where simulated certificates live. */
static void open_client(bench *b)
{
    b->time.now_ms = QUOTES_NOW_MS;
    bench_open(b);
}

/* Begins the call, and frees what came of it. */
static azattest_status begin(bench *b, made_kind kind, azattest_bytes sent, const azattest_attest_options *options,
                             azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = call_of(kind)(b->client, sent, options, &op, error);

    assert_int_equal(op != NULL, status == AZATTEST_OK);
    if (op != NULL)
        assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    azattest_op_free(op);
    return status;
}

static char *vcek_chain_of(const azattest_simulated_platform *platform)
{
    azattest_bytes chain, leaf = made_item(MADE_SNP, platform, "vcek", &chain);
    azattest__buf pem;

    azattest__buf_init(&pem, 1 << 20);
    azattest__pem_encode("CERTIFICATE", leaf, &pem);
    azattest__buf_append_bytes(&pem, chain);
    made_bytes_free(&leaf);
    made_bytes_free(&chain);
    return (char *)azattest__buf_take(&pem, NULL);
}

/* c: with collateral, r: with the simulator's roots, d: with the data that it binds, o: with others. */
static const struct check_case {
    const char *name;
    made_kind kind;
    azattest_check_evidence check;
    uint64_t faults;
    const char *with;
    azattest_status status;
    const char *message;
} cases[] = {
    { "a quote without signatures is not looked at by default", MADE_SGX, 0, FAULT(QUOTE_SIGNATURE), "d", AZATTEST_OK,
      NULL },
    { "data that an SGX quote does not bind", MADE_SGX, 0, 0, "o", AZATTEST_E_BINDING, "before sending" },
    { "data that an SGX quote of version 5 does not bind", MADE_SGX_V5, 0, 0, "o", AZATTEST_E_BINDING,
      "before sending" },
    { "data that an Open Enclave report does not bind", MADE_OPEN_ENCLAVE, 0, 0, "o", AZATTEST_E_BINDING,
      "before sending" },
    { "data that a TDX quote of version 5 does not bind", MADE_TDX_V5, 0, 0, "o", AZATTEST_E_BINDING,
      "before sending" },
    { "data that a TDX quote of version 5 with a report 1.0 does not bind", MADE_TDX_V5_10, BINDING, 0, "o",
      AZATTEST_E_BINDING, "before sending" },
    { "nothing is checked where the caller says so", MADE_TDX_V5, OFF, FAULT(QUOTE_SIGNATURE), "o", AZATTEST_OK, NULL },
    { "runtime claims that a guest's SNP report does not bind", MADE_GUEST_SNP, 0, FAULT(RUNTIME_CLAIMS), "",
      AZATTEST_E_BINDING, "runtime_claims_binding" },
    { "runtime claims that a guest's TD does not bind", MADE_GUEST_TDX, 0, FAULT(RUNTIME_CLAIMS), "",
      AZATTEST_E_BINDING, "runtime_claims_binding" },
    { "a TD quote of another TD than the guest's", MADE_GUEST_TDX, 0, FAULT(TD_REPORT), "", AZATTEST_E_BINDING,
      "before sending" },
    { "runtime claims are not looked at where the caller says so", MADE_GUEST_SNP, OFF, FAULT(RUNTIME_CLAIMS), "",
      AZATTEST_OK, NULL },
    { "a guest's signatures are not looked at by default", MADE_GUEST_SNP, 0, FAULT(QUOTE_SIGNATURE), "", AZATTEST_OK,
      NULL },

    { "a good SGX quote", MADE_SGX, FULL, 0, "rcd", AZATTEST_OK, NULL },
    { "a good SGX quote of version 4", MADE_SGX_V4, FULL, 0, "rcd", AZATTEST_OK, NULL },
    { "a good Open Enclave report", MADE_OPEN_ENCLAVE, FULL, 0, "rcd", AZATTEST_OK, NULL },
    { "a good TDX quote", MADE_TDX, FULL, 0, "rcd", AZATTEST_OK, NULL },
    { "a good TDX quote of version 5", MADE_TDX_V5, FULL, 0, "rcd", AZATTEST_OK, NULL },
    { "a good SEV-SNP report", MADE_SNP, FULL, 0, "rc", AZATTEST_OK, NULL },
    { "a good guest on SEV-SNP", MADE_GUEST_SNP, FULL, 0, "rc", AZATTEST_OK, NULL },
    { "a good guest on TDX", MADE_GUEST_TDX, FULL, 0, "rc", AZATTEST_OK, NULL },
    { "not checked is not broken: no collateral", MADE_TDX, FULL, 0, "rd", AZATTEST_OK, NULL },
    { "a simulator's root is nobody's unless it is given", MADE_SGX, FULL, 0, "c", AZATTEST_E_EVIDENCE_INVALID,
      "pck_root" },
    { "data that are not bound, before anything else", MADE_SGX, FULL, FAULT(QUOTE_SIGNATURE), "ro", AZATTEST_E_BINDING,
      "before sending" },
    { "a forged SGX quote", MADE_SGX, FULL, FAULT(QUOTE_SIGNATURE), "r", AZATTEST_E_EVIDENCE_INVALID,
      "the quote does not verify: quote_signature: " },
    { "a forged Open Enclave report", MADE_OPEN_ENCLAVE, FULL, FAULT(QUOTE_SIGNATURE), "r", AZATTEST_E_EVIDENCE_INVALID,
      "the report does not verify: quote_signature: " },
    { "a forged TDX quote", MADE_TDX_V5, FULL, FAULT(QUOTE_SIGNATURE), "r", AZATTEST_E_EVIDENCE_INVALID,
      "quote_signature" },
    { "a debuggable quoting enclave", MADE_TDX, FULL, FAULT(QE_DEBUG), "r", AZATTEST_E_EVIDENCE_INVALID,
      "qe_report_debug" },
    { "a revoked machine, by its collateral", MADE_SGX, FULL, FAULT(REVOKED_PCK), "rc", AZATTEST_E_EVIDENCE_INVALID,
      "pck_revocation" },
    { "a revoked machine, and nobody knows", MADE_SGX, FULL, FAULT(REVOKED_PCK), "r", AZATTEST_OK, NULL },
    { "another quoting enclave, by its collateral", MADE_TDX, FULL, FAULT(QE_MR_SIGNER), "rc",
      AZATTEST_E_EVIDENCE_INVALID, "qe_identity_match" },
    { "a forged SEV-SNP report", MADE_SNP, FULL, FAULT(QUOTE_SIGNATURE), "r", AZATTEST_E_EVIDENCE_INVALID,
      "report_signature" },
    { "the VCEK of another chip", MADE_SNP, FULL, FAULT(VCEK_OTHER_CHIP), "r", AZATTEST_E_EVIDENCE_INVALID, "chip_id" },
    { "a TPM's quote by another key", MADE_GUEST_TDX, FULL, FAULT(OTHER_AK), "r", AZATTEST_E_EVIDENCE_INVALID,
      "tpm_quote_signature" },
    { "a guest's forged SNP report", MADE_GUEST_SNP, FULL, FAULT(QUOTE_SIGNATURE), "r", AZATTEST_E_EVIDENCE_INVALID,
      "report_signature" },
};

static void evidence_is_checked(void **state)
{
    bench *b = *state;

    open_client(b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct check_case *test = &cases[i];
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
        azattest_collateral *collateral = NULL;
        azattest_error *error = NULL;
        azattest_status status;
        char *chain = NULL;
        made it;

        platform.faults = test->faults;
        it = made_of(test->kind, &platform);
        options.check_evidence = test->check;
        if (strchr(test->with, 'c') != NULL)
            options.evidence_collateral = collateral = collateral_of(it.collateral);
        if (strchr(test->with, 'r') != NULL)
            options.evidence_roots = it.roots;
        if (strchr(test->with, 'd') != NULL)
            options.runtime_data = bytes_of(MADE_RUNTIME_DATA);
        if (strchr(test->with, 'o') != NULL)
            options.runtime_data = bytes_of("other data");
        if (test->kind == MADE_SNP)
            options.vcek_chain = bytes_of(chain = vcek_chain_of(&platform));
        status = begin(b, test->kind, it.evidence, &options, &error);
        if (status != test->status ||
            (test->message != NULL && strstr(azattest_error_message(error), test->message) == NULL))
            fail_msg("%s: %s (%s)", test->name, azattest_status_name(status),
                     error == NULL ? "" : azattest_error_message(error));
        azattest_error_free(error);
        azattest_collateral_free(collateral);
        free(chain);
        made_free(&it);
    }
}

/* ---- what a verdict lacks, or the policy decides ---- */

static azattest_status check_platform(bench *b, const azattest_simulated_platform *platform, azattest_error **error)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    made it = made_of(MADE_SGX, platform);
    azattest_collateral *collateral = collateral_of(it.collateral);
    azattest_status status;

    options.check_evidence = FULL;
    options.evidence_collateral = collateral;
    options.evidence_roots = it.roots;
    status = begin(b, MADE_SGX, it.evidence, &options, error);
    azattest_collateral_free(collateral);
    made_free(&it);
    return status;
}

static void levels_are_the_policys_to_judge(void **state)
{
    static const struct {
        const char *status;
        bool sent;
    } levels[] = { { "UpToDate", true },
                   { "SWHardeningNeeded", true },
                   { "ConfigurationNeeded", true },
                   { "OutOfDate", true },
                   { "OutOfDateConfigurationNeeded", true },
                   { "Revoked", false } };
    bench *b = *state;

    open_client(b);
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_error *error = NULL;

        platform.tcb_status = levels[i].status;
        if (levels[i].sent)
            expect_success(check_platform(b, &platform, &error), &error);
        else
            expect_failure(check_platform(b, &platform, &error), AZATTEST_E_EVIDENCE_INVALID, &error, "tcb_status");
    }
}

static void expired_collateral_says_nothing_of_the_evidence(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_error *error = NULL;
    bench *b = *state;

    open_client(b);
    platform.until_ms = QUOTES_NOW_MS - 1000;
    expect_success(check_platform(b, &platform, &error), &error);
    platform.faults = FAULT(REVOKED_PCK); /* what it says all the same, counts */
    expect_failure(check_platform(b, &platform, &error), AZATTEST_E_EVIDENCE_INVALID, &error, "pck_revocation");
    platform.faults = 0;
    platform.window_items = AZATTEST_SIMULATED_PCK; /* this is the evidence's own */
    expect_failure(check_platform(b, &platform, &error), AZATTEST_E_EVIDENCE_INVALID, &error, "pck_validity");
}

/* ---- who says what ---- */

/* -: nothing, 0: off, 1: on or binding, 2: full. */
static const struct rule_case {
    const char *client, *call, *binding, *outcome; /* "sent", "binding", "invalid" */
} rules[] = {
    { "-", "-", "-", "binding" }, { "0", "-", "-", "sent" },    { "2", "-", "-", "binding" },
    { "0", "1", "-", "binding" }, { "2", "0", "-", "sent" },    { "2", "1", "0", "sent" },
    { "2", "-", "0", "invalid" }, { "-", "2", "0", "invalid" }, { "-", "-", "0", "sent" },
    { "0", "-", "1", "binding" }, { "-", "0", "1", "binding" }, { "0", "2", "0", "invalid" },
};

static azattest_check_evidence check_of(const char *text)
{
    return *text == '-' ? AZATTEST_CHECK_EVIDENCE_DEFAULT : (azattest_check_evidence)(*text - '0' + 1);
}

static void the_call_says_more_than_the_client(void **state)
{
    made it = made_with(MADE_SGX, FAULT(QUOTE_SIGNATURE));
    bench *b = *state;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
        azattest_error *error = NULL;
        azattest_status status;
        const char *seen;

        b->options.check_evidence = check_of(rules[i].client);
        b->options.evidence_roots = it.roots;
        open_client(b);
        options.check_evidence = check_of(rules[i].call);
        options.check_binding = *rules[i].binding == '-'   ? AZATTEST_DEFAULT
                                : *rules[i].binding == '0' ? AZATTEST_OFF
                                                           : AZATTEST_ON;
        options.runtime_data = bytes_of("other data");
        status = begin(b, MADE_SGX, it.evidence, &options, &error);
        seen = status == AZATTEST_OK                   ? "sent"
               : status == AZATTEST_E_BINDING          ? "binding"
               : status == AZATTEST_E_EVIDENCE_INVALID ? "invalid"
                                                       : azattest_error_message(error);
        if (strcmp(seen, rules[i].outcome) != 0)
            fail_msg("client %s, call %s, check_binding %s: %s, expected %s", rules[i].client, rules[i].call,
                     rules[i].binding, seen, rules[i].outcome);
        azattest_error_free(error);
    }
    made_free(&it);
}

/* The client keeps what it was given. */
static void a_client_s_own_collateral_is_used(void **state)
{
    made it = made_with(MADE_TDX, FAULT(REVOKED_PCK));
    azattest_collateral *collateral = collateral_of(it.collateral);
    azattest_error *error = NULL;
    char *roots = strndup(it.roots.ptr, it.roots.len);
    bench *b = *state;

    b->options.check_evidence = FULL;
    b->options.evidence_collateral = collateral;
    b->options.evidence_roots = azattest__text(roots);
    open_client(b);
    azattest_collateral_free(collateral);
    memset(roots, 'x', strlen(roots));
    free(roots);
    expect_failure(begin(b, MADE_TDX, it.evidence, NULL, &error), AZATTEST_E_EVIDENCE_INVALID, &error,
                   "pck_revocation");
    made_free(&it);
}

static void wrong_use_is_named(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_collateral *collateral;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    bench *b = *state;
    made it = made_of(MADE_SGX, NULL);

    open_client(b);
    options.check_evidence = (azattest_check_evidence)4;
    expect_failure(begin(b, MADE_SGX, it.evidence, &options, &error), AZATTEST_E_ARGUMENT, &error,
                   "check_evidence is 4");
    options.check_evidence = FULL;
    expect_failure(azattest_client_attest_tpm_begin(b->client, bytes_of("{}"), &options, &op, &error),
                   AZATTEST_E_ARGUMENT, &error, "can be verified here");
    options.check_evidence = BINDING;
    options.evidence_roots = it.roots;
    expect_failure(begin(b, MADE_SGX, it.evidence, &options, &error), AZATTEST_E_ARGUMENT, &error, "say nothing");
    options.evidence_roots = azattest__bytes(NULL, 0);
    options.evidence_collateral = collateral = collateral_of(it.collateral);
    expect_failure(begin(b, MADE_SGX, it.evidence, &options, &error), AZATTEST_E_ARGUMENT, &error, "say nothing");
    options.check_evidence = FULL;
    options.evidence_roots = bytes_of("no certificate");
    expect_failure(begin(b, MADE_SGX, it.evidence, &options, &error), AZATTEST_E_ARGUMENT, &error, "before sending");
    options.evidence_roots = azattest__bytes(NULL, 3);
    expect_failure(begin(b, MADE_SGX, it.evidence, &options, &error), AZATTEST_E_ARGUMENT, &error, "no bytes");
    b->options.check_evidence = (azattest_check_evidence)-1;
    expect_failure(azattest_client_new(INSTANCE, &b->options, &client, &error), AZATTEST_E_ARGUMENT, &error,
                   "check_evidence is -1");
    b->options.check_evidence = AZATTEST_CHECK_EVIDENCE_DEFAULT;
    b->options.evidence_roots = azattest__bytes(NULL, 3);
    expect_failure(azattest_client_new(INSTANCE, &b->options, &client, &error), AZATTEST_E_ARGUMENT, &error,
                   "no bytes");
    b->options.evidence_roots = bytes_of("no certificate");
    expect_failure(azattest_client_new(INSTANCE, &b->options, &client, &error), AZATTEST_E_ARGUMENT, &error,
                   "evidence_roots");
    azattest_collateral_free(collateral);
    made_free(&it);
}

/* By default the service judges what cannot be read here; the full check knows that it is broken. */
static void evidence_that_is_not_well_formed(void **state)
{
    azattest_attest_options full = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    bench *b = *state;
    made it = made_of(MADE_TDX, NULL);
    azattest_bytes half = azattest__bytes(it.evidence.ptr, it.evidence.len / 2);

    open_client(b);
    full.check_evidence = FULL;
    expect_success(begin(b, MADE_TDX, half, NULL, &error), &error);
    expect_failure(begin(b, MADE_TDX, half, &full, &error), AZATTEST_E_EVIDENCE_INVALID, &error, "not well-formed");
    expect_success(begin(b, MADE_GUEST_SNP, bytes_of("{\"a\":1}"), NULL, &error), &error);
    made_free(&it);
}

/* A call for each kind: what another one takes is not sent by this. */
static void a_guest_s_call_takes_no_bare_quote(void **state)
{
    azattest_error *error = NULL;
    bench *b = *state;
    made it = made_of(MADE_TDX, NULL);

    open_client(b);
    expect_failure(begin(b, MADE_GUEST_TDX, it.evidence, NULL, &error), AZATTEST_E_ARGUMENT, &error,
                   "use attest_tdx_vm");
    made_free(&it);
}

/* Open Enclave's evidence with custom claims binds them, and the data are these. */
static void custom_claims_are_bound(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    unsigned char *bytes;
    bench *b = *state;
    size_t len;

    open_client(b);
    assert_int_equal(azattest_simulator_open_enclave_evidence(quotes_simulator(), &enclave, "sgx_ecdsa",
                                                              azattest__text("claims of it"), &bytes, &len, NULL),
                     AZATTEST_OK);
    options.runtime_data = bytes_of("claims of it");
    expect_success(begin(b, MADE_OPEN_ENCLAVE, azattest__bytes(bytes, len), &options, &error), &error);
    options.runtime_data = bytes_of("other claims");
    expect_failure(begin(b, MADE_OPEN_ENCLAVE, azattest__bytes(bytes, len), &options, &error), AZATTEST_E_BINDING,
                   &error, "before sending");
    bytes[len - 1] ^= 1;
    expect_failure(begin(b, MADE_OPEN_ENCLAVE, azattest__bytes(bytes, len), NULL, &error), AZATTEST_E_BINDING, &error,
                   "custom claims");
    azattest_simulator_free_bytes(bytes);
}

static void a_debuggable_enclave_is_the_policys_to_judge(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    unsigned char *quote;
    bench *b = *state;
    size_t len;

    open_client(b);
    enclave.debug = AZATTEST_ON;
    assert_int_equal(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, NULL), AZATTEST_OK);
    options.check_evidence = FULL;
    options.evidence_roots = azattest_simulator_root_pem(quotes_simulator());
    expect_success(begin(b, MADE_SGX, azattest__bytes(quote, len), &options, &error), &error);
    azattest_simulator_free_bytes(quote);
}

/* Lines of the log, one behind the other. */
static void keep_line(void *user, azattest_log_level level, const char *message)
{
    (void)level;
    azattest__buf_append_text(user, message);
    azattest__buf_append_text(user, "\n");
}

/* "Full" is not "complete": what no collateral was there for, and what the policy has to judge, is told. */
static void what_was_not_checked_is_told(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    unsigned char *quote;
    azattest__buf lines;
    bench *b = *state;
    size_t len;

    azattest__buf_init(&lines, 65536);
    open_client(b);
    enclave.debug = AZATTEST_ON;
    assert_int_equal(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, NULL), AZATTEST_OK);
    options.check_evidence = FULL;
    options.evidence_roots = azattest_simulator_root_pem(quotes_simulator());
    azattest_log_set(keep_line, &lines, AZATTEST_LOG_WARNING);
    expect_success(begin(b, MADE_SGX, azattest__bytes(quote, len), &options, &error), &error);
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    assert_non_null(strstr((const char *)lines.ptr, "sent with tcb unchecked"));
    assert_non_null(strstr((const char *)lines.ptr, "sent with revocation unchecked"));
    assert_non_null(strstr((const char *)lines.ptr, "sent with qe_identity unchecked"));
    assert_non_null(strstr((const char *)lines.ptr, "DEBUG"));
    azattest__buf_free(&lines);
    azattest_simulator_free_bytes(quote);
}

static void real_evidence_is_checked(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    bench *b = *state;
    azattest_bytes quote;
    size_t len;

    EVIDENCE_OR_SKIP();
    open_client(b);
    options.check_evidence = FULL;
    quote.ptr = evidence_read("tdx/azure-cvm-v4.bin", &len);
    quote.len = len;
    expect_success(begin(b, MADE_TDX, quote, &options, &error), &error);
    free((void *)(uintptr_t)quote.ptr);
    quote.ptr = evidence_read("tdx/neg-tdx-v4-sig-bitflip.bin", &len);
    quote.len = len;
    expect_failure(begin(b, MADE_TDX, quote, &options, &error), AZATTEST_E_EVIDENCE_INVALID, &error, "quote_signature");
    free((void *)(uintptr_t)quote.ptr);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(evidence_is_checked),
        TEST(levels_are_the_policys_to_judge),
        TEST(expired_collateral_says_nothing_of_the_evidence),
        TEST(the_call_says_more_than_the_client),
        TEST(a_client_s_own_collateral_is_used),
        TEST(wrong_use_is_named),
        TEST(evidence_that_is_not_well_formed),
        TEST(a_guest_s_call_takes_no_bare_quote),
        TEST(custom_claims_are_bound),
        TEST(a_debuggable_enclave_is_the_policys_to_judge),
        TEST(what_was_not_checked_is_told),
        TEST(real_evidence_is_checked),
    };

    return cmocka_run_group_tests_name("check_evidence", tests, NULL, close_simulator);
}
