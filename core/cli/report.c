#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "table.h"

/* Claims that need no row of their own: the summary shows them, or they repeat another claim. An older name that does
 * not say the same as the newer one is shown. */
static const struct {
    const char *name, *repeats;
} told[] = {
    { "iss", NULL },
    { "iat", NULL },
    { "nbf", NULL },
    { "exp", NULL },
    { "nonce", NULL },
    { "x-ms-attestation-type", NULL },
    { "x-ms-ver", NULL },
    { "x-ms-sgx-mrenclave", NULL },
    { "x-ms-sgx-mrsigner", NULL },
    { "x-ms-sgx-product-id", NULL },
    { "x-ms-sgx-svn", NULL },
    { "x-ms-sgx-is-debuggable", NULL },
    { "x-ms-sgx-report-data", NULL },
    { "x-ms-sgx-ehd", NULL },
    { "x-ms-policy-hash", NULL },
    { "sgx-mrenclave", "x-ms-sgx-mrenclave" },
    { "sgx-mrsigner", "x-ms-sgx-mrsigner" },
    { "product-id", "x-ms-sgx-product-id" },
    { "svn", "x-ms-sgx-svn" },
    { "is-debuggable", "x-ms-sgx-is-debuggable" },
    { "maa-ehd", "x-ms-sgx-ehd" },
    { "aas-ehd", "x-ms-sgx-ehd" },
    { "maa-attestationcollateral", "x-ms-sgx-collateral" },
    { "tee", "x-ms-attestation-type" },
    { "x-ms-compliance-status", NULL },
    { "x-ms-sevsnpvm-launchmeasurement", NULL },
    { "x-ms-sevsnpvm-hostdata", NULL },
    { "x-ms-sevsnpvm-reportdata", NULL },
    { "x-ms-azurevm-vmid", NULL },
    { "tdx_mrtd", NULL },
    { "tdx_report_data", NULL },
    { "attester_tcb_status", NULL },
};
#define TOLD_COUNT (sizeof(told) / sizeof(told[0]))

bool azattest__is_token_verdict(azattest_status status)
{
    return status >= AZATTEST_E_TOKEN_MALFORMED && status <= AZATTEST_E_TOKEN_CALLBACK;
}

/* The claims typed, whether the token is validated or not: the verdict stands above them. */
static azattest_result *claims_of(const azattest_token *token)
{
    azattest_result *result = NULL;
    azattest_error *error = NULL;

    if (azattest_token_result(token, true, &result, &error) != AZATTEST_OK)
        azattest__output_note("%s", azattest_error_message(error));
    azattest_error_free(error);
    return result;
}

static azattest__json *warnings(const azattest__report *report, const azattest_result *result)
{
    azattest__json *list = azattest__json_new_array();
    const char *kept = report->response == NULL ? NULL : azattest_response_warning(report->response);
    bool debug = false;
    azattest_status status = result == NULL ? AZATTEST_ABSENT : azattest_result_is_debuggable(result, &debug);

    if (status == AZATTEST_OK && debug)
        azattest__json_add_string(list,
                                  "DEBUG: the evidence is debuggable; its host can read and change what was attested");
    if (status != AZATTEST_OK && status != AZATTEST_ABSENT)
        azattest__json_add_string(list, "DEBUG: the claim that says whether the evidence is debuggable cannot be read");
    if (report->response != NULL && azattest_response_is_draft(report->response))
        azattest__json_add_string(list, "DRAFT: unsecured draft reply: nobody has signed it; good for trying a policy "
                                        "only");
    else if (report->token != NULL && !azattest_token_is_secured(report->token))
        azattest__json_add_string(list, "UNSECURED: nobody has signed this token (alg none)");
    if (kept != NULL)
        azattest__json_add_string(list, kept);
    if (report->warning != NULL)
        azattest__json_add_string(list, report->warning);
    return list;
}

static void put_document(azattest__json *document, const char *name, azattest_bytes json)
{
    if (json.len == 0) /* absent, or the empty body of a policy reset */
        azattest__json_put_null(document, name);
    else
        azattest__json_put_raw(document, name, json);
}

static azattest__json *document_of(const azattest__report *report, azattest__json *warning_list)
{
    azattest__json *document = azattest__json_new_object();

    if (report->verdict == VERDICT_UNVERIFIED)
        azattest__json_put_null(document, "valid");
    else
        azattest__json_put_bool(document, "valid", report->verdict == VERDICT_VALID);
    azattest__json_put(document, "problems", azattest__problems_json(report->error));
    azattest__json_put(document, "warnings", warning_list);
    put_document(document, "header", azattest_token_header_bytes(report->token));
    put_document(document, "claims", azattest_token_body_bytes(report->token));
    if (report->attested) {
        if (report->token != NULL)
            azattest__json_put_bytes_text(document, "token", azattest_token_serialize(report->token));
        azattest__json_put_bool(document, "is_draft", azattest_response_is_draft(report->response));
        azattest__json_put_string(document, "request_id",
                                  report->response != NULL ? azattest_response_request_id(report->response)
                                                           : azattest_error_request_id(report->error));
    }
    if (report->token == NULL && report->error != NULL)
        azattest__json_put(document, "error", azattest__error_json(report->error));
    return document;
}

typedef azattest_status (*text_reader)(const azattest_result *, const char **);
typedef azattest_status (*number_reader)(const azattest_result *, int64_t *);
typedef azattest_status (*bytes_reader)(const azattest_result *, azattest_bytes *);

static void add_text(azattest__table *table, const char *label, const azattest_result *result, text_reader read)
{
    const char *text = NULL;
    azattest_status status = read(result, &text);

    if (status != AZATTEST_ABSENT)
        azattest__table_text(table, label, status == AZATTEST_OK ? text : "(the claim has a wrong type)");
}

static void add_time(azattest__table *table, const char *label, const azattest_result *result, number_reader read,
                     int64_t now)
{
    int64_t seconds = 0;
    azattest_status status = read(result, &seconds);

    if (status == AZATTEST_OK)
        azattest__table_time(table, label, seconds, now);
    else if (status != AZATTEST_ABSENT)
        azattest__table_text(table, label, "(the claim has a wrong type)");
}

static void add_number(azattest__table *table, const char *label, const azattest_result *result, number_reader read)
{
    int64_t number = 0;
    azattest_status status = read(result, &number);

    if (status == AZATTEST_OK)
        azattest__table_row(table, label, "%lld", (long long)number);
    else if (status != AZATTEST_ABSENT)
        azattest__table_text(table, label, "(the claim has a wrong type)");
}

/* Text, perhaps with the NUL behind it that programs in C hash too. */
static bool is_text(azattest_bytes *bytes)
{
    const char *text = bytes->ptr;
    size_t len = bytes->len;

    while (len > 0 && text[len - 1] == '\0')
        len--;
    if (len == 0 || memchr(text, 0, len) != NULL || !azattest__utf8_valid(azattest__bytes(text, len)))
        return false;
    bytes->len = len;
    return true;
}

/* Bytes as hexadecimal; runtime data that is text, as text. */
static void add_bytes(azattest__table *table, const char *label, const azattest_result *result, bytes_reader read,
                      bool may_be_text)
{
    azattest_bytes bytes = { NULL, 0 };
    azattest_status status = read(result, &bytes);
    azattest__buf text;

    if (status == AZATTEST_ABSENT)
        return;
    if (status != AZATTEST_OK) {
        azattest__table_text(table, label, "(the claim has a wrong type)");
        return;
    }
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_TOKEN);
    if (may_be_text && is_text(&bytes))
        azattest__buf_append_bytes(&text, bytes);
    else
        azattest__hex_encode(bytes, &text);
    azattest__table_text(table, label, text.ptr == NULL ? "(empty)" : (const char *)text.ptr);
    azattest__buf_free(&text);
}

/* As the token has it, and `policy hash` shows it. */
static void add_policy(azattest__table *table, const azattest_result *result)
{
    azattest_bytes hash = { NULL, 0 };
    azattest_status status = azattest_result_policy_hash(result, &hash);

    if (status == AZATTEST_OK) {
        azattest__table_hash(table, "Policy hash", hash);
        azattest__table_text(table, "That is the", azattest_policy_known_name(hash));
    } else if (status != AZATTEST_ABSENT) {
        azattest__table_text(table, "Policy hash", "(the claim has a wrong type)");
    }
}

static void print_summary(const azattest__report *report, const azattest_result *result, int64_t now)
{
    azattest__table table = { NULL, 0, false };
    bool debug;

    if (result != NULL) {
        add_text(&table, "Issuer", result, azattest_result_issuer);
        add_time(&table, "Issued", result, azattest_result_issued_on, now);
        add_time(&table, "Valid from", result, azattest_result_not_before, now);
        add_time(&table, "Expires", result, azattest_result_expires_on, now);
        add_text(&table, "Type", result, azattest_result_verifier_type);
        add_text(&table, "Nonce", result, azattest_result_nonce);
        add_text(&table, "MRENCLAVE", result, azattest_result_mr_enclave);
        add_text(&table, "MRSIGNER", result, azattest_result_mr_signer);
        add_number(&table, "Product id", result, azattest_result_product_id);
        add_number(&table, "SVN", result, azattest_result_svn);
        add_bytes(&table, "Launch measurement", result, azattest_result_launch_measurement, false);
        add_bytes(&table, "Host data", result, azattest_result_host_data, false);
        add_bytes(&table, "MRTD", result, azattest_result_mr_td, false);
        add_text(&table, "TCB status", result, azattest_result_attester_tcb_status);
        add_text(&table, "Compliance", result, azattest_result_compliance_status);
        add_text(&table, "VM id", result, azattest_result_vm_id);
        if (azattest_result_is_debuggable(result, &debug) == AZATTEST_OK)
            azattest__table_text(&table, "Debuggable", debug ? "YES" : "no");
        add_bytes(&table, "Runtime data", result, azattest_result_enclave_held_data, true);
        add_bytes(&table, "Report data", result, azattest_result_report_data, false);
        add_policy(&table, result);
        add_text(&table, "Token version", result, azattest_result_version);
    }
    azattest__table_text(&table, "Algorithm", azattest_token_algorithm(report->token));
    azattest__table_text(&table, "Key id", azattest_token_key_id(report->token));
    if (report->now_ms != 0)
        azattest__table_time(&table, "Judged as of", now, azattest__clock_now_ms(NULL) / 1000);
    if (report->response != NULL)
        azattest__table_text(&table, "Request id", azattest_response_request_id(report->response));
    azattest__table_print(&table, NULL);
}

static void print_problems(const azattest_error *error)
{
    azattest__json *problems = azattest__problems_json(error);
    azattest__table table = { NULL, 0, false };

    for (const azattest__json *problem = azattest__json_first(problems); problem != NULL;
         problem = azattest__json_next(problem)) {
        const char *check = azattest__json_get_string(problem, "check");
        const char *code = azattest__json_get_string(problem, "code");

        azattest__table_text(&table, check == NULL || check[0] == '\0' ? code : check,
                             azattest__json_get_string(problem, "detail"));
    }
    azattest__table_print(&table, "Problems");
    azattest__json_free(problems);
}

static void print_claims(const azattest_token *token, int64_t now)
{
    azattest__table table = { NULL, 0, false };
    const char *skip[TOLD_COUNT + 1];
    azattest__json *claims = NULL;
    size_t count = 0;

    if (azattest_token_body_bytes(token).len > 0 &&
        azattest__json_parse(azattest_token_body_bytes(token), &claims, NULL) == AZATTEST_OK) {
        for (size_t i = 0; i < TOLD_COUNT; i++)
            if (told[i].repeats == NULL || azattest__json_equal(azattest__json_get(claims, told[i].name),
                                                                azattest__json_get(claims, told[i].repeats)))
                skip[count++] = told[i].name;
        skip[count] = NULL;
        azattest__table_members(&table, claims, skip, now);
    }
    azattest__table_print(&table, "Other claims");
    azattest__json_free(claims);
}

int azattest__report_token(const azattest__report *report, bool json)
{
    static const char *const says[] = {
        [VERDICT_INVALID] = "this token is refused; trust nothing in it",
        [VERDICT_VALID] = "every check of the token passed",
        [VERDICT_UNVERIFIED] = "nothing of this was checked; anybody can write such a token",
    };
    int code = report->verdict == VERDICT_INVALID ? EXIT_NOT_VALID : EXIT_VALID;
    int64_t now = (report->now_ms != 0 ? report->now_ms : azattest__clock_now_ms(NULL)) / 1000;
    azattest_result *result = report->token == NULL ? NULL : claims_of(report->token);
    azattest__json *warning_list = warnings(report, result);

    if (json) {
        code = azattest__output_json(document_of(report, warning_list), code); /* takes the warnings */
    } else {
        azattest__output_verdict(report->verdict, "%s", says[report->verdict]);
        if (report->error != NULL)
            print_problems(report->error);
        azattest__output_list("Warnings", warning_list);
        azattest__json_free(warning_list);
        if (report->token != NULL) {
            printf("\nToken\n");
            print_summary(report, result, now);
            print_claims(report->token, now);
            if (report->attested)
                printf("\n%.*s\n", (int)azattest_token_serialize(report->token).len,
                       (const char *)azattest_token_serialize(report->token).ptr);
        }
    }
    azattest_result_free(result);
    return code;
}
