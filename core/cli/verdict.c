#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "collateral.h"
#include "error/error.h"
#include "evidence/intel/pck.h"
#include "input.h"
#include "table.h"

/* --nonce: text, or 0x and hexadecimal digits: what a TPM is given is seldom text. */
static azattest_status read_nonce(const azattest__arguments *arguments, azattest__expectations *out,
                                  azattest_error **error)
{
    const char *text = arguments->value[OPTION_NONCE];

    azattest__buf_init(&out->nonce, AZATTEST_LIMIT_NONCE);
    if (text == NULL)
        return AZATTEST_OK;
    if (strncmp(text, "0x", 2) != 0) {
        out->options.nonce = azattest__text(text);
        return AZATTEST_OK;
    }
    if (!azattest__hex_decode(azattest__text(text + 2), &out->nonce) || out->nonce.len == 0) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--nonce begins with 0x and goes on with no hexadecimal bytes");
        azattest__error_set_hint(*error, "write for instance --nonce 0x00ff, or text that begins otherwise");
        return AZATTEST_E_ARGUMENT;
    }
    out->options.nonce = azattest__buf_bytes(&out->nonce);
    return AZATTEST_OK;
}

static azattest_status read_appraisal(const azattest__arguments *arguments, azattest__expectations *out,
                                      azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest__buf file;
    azattest_bytes json;
    azattest_status status;

    status = azattest__input_option(arguments, OPTION_APPRAISAL, AZATTEST_LIMIT_APPRAISAL, &file, &json, error);
    if (status == AZATTEST_OK && json.ptr != NULL) {
        status = azattest_appraisal_parse(json, &out->appraisal, &reason);
        if (status == AZATTEST_E_MEMORY)
            azattest__error_memory(error);
        else if (status != AZATTEST_OK) /* its writer is at the keyboard: wrong use, whatever is wrong in the file */
            status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "--appraisal: %s", azattest_error_message(reason));
        azattest_error_free(reason);
    }
    out->options.appraisal = out->appraisal;
    azattest__buf_free(&file);
    return status;
}

/* Named here: where the evidence is verified, nobody knows of an option or a file. */
static azattest_status check_roots(const azattest__arguments *arguments, azattest_bytes pem, azattest_error **error)
{
    static const char general[] = "extra roots: ";
    azattest__x509_chain roots = { .count = 0 };
    azattest_error *reason = NULL;
    azattest_status status;
    const char *text;
    char *shown;

    if (arguments->value[OPTION_ROOT] == NULL)
        return AZATTEST_OK;
    if ((status = azattest__pck_read_roots(pem, &roots, &reason)) == AZATTEST_E_MEMORY) {
        azattest__error_memory(error);
    } else if (status != AZATTEST_OK) {
        text = azattest_error_message(reason);
        shown = azattest__printable(azattest__text(arguments->value[OPTION_ROOT]), 200);
        status = azattest__error_set(error, AZATTEST_E_STATE, "--root '%s': %s", shown == NULL ? "?" : shown,
                                     strncmp(text, general, strlen(general)) == 0 ? text + strlen(general) : text);
        azattest__error_set_hint(*error, "give certificates in PEM; openssl x509 -inform DER makes it of one in DER");
        free(shown);
    }
    azattest__x509_chain_clear(&roots);
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__expectations_read(const azattest__arguments *arguments, azattest__expectations *out,
                                            azattest_error **error)
{
    static const azattest_verify_options defaults = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    out->options = defaults;
    if (arguments->value[OPTION_NO_DEBUG] != NULL)
        out->options.allow_debug = AZATTEST_OFF;
    if ((status = azattest__arguments_at(arguments, &out->options.now_ms, error)) != AZATTEST_OK ||
        (status = azattest__check_collateral_options(arguments, error)) != AZATTEST_OK ||
        (status = read_nonce(arguments, out, error)) != AZATTEST_OK ||
        (status = azattest__input_option(arguments, OPTION_ROOT, AZATTEST_LIMIT_CERTIFICATE * AZATTEST_LIMIT_CHAIN,
                                         &out->roots, &out->options.extra_roots, error)) != AZATTEST_OK ||
        (status = check_roots(arguments, out->options.extra_roots, error)) != AZATTEST_OK ||
        (status = azattest__input_option(arguments, OPTION_RUNTIME_DATA, AZATTEST_LIMIT_RUNTIME_DATA,
                                         &out->runtime_data, &out->options.runtime_data, error)) != AZATTEST_OK)
        return status;
    return read_appraisal(arguments, out, error);
}

azattest_status azattest__expectations_gather(const azattest__arguments *arguments, const azattest_evidence *evidence,
                                              azattest__expectations *expectations, azattest_error **error)
{
    azattest_status status = azattest__gather_collateral(arguments, evidence, &expectations->collateral, error);

    expectations->options.collateral = expectations->collateral;
    return status;
}

void azattest__expectations_clear(azattest__expectations *expectations)
{
    azattest__buf_free(&expectations->roots);
    azattest__buf_free(&expectations->runtime_data);
    azattest__buf_free(&expectations->nonce);
    azattest_appraisal_free(expectations->appraisal);
    azattest_collateral_free(expectations->collateral);
}

int64_t azattest__expectations_now(const azattest__expectations *expectations)
{
    int64_t now_ms = expectations->options.now_ms;

    return (now_ms != 0 ? now_ms : azattest__clock_now_ms(NULL)) / 1000;
}

static const char *kind_text(const azattest_evidence *evidence)
{
    static const char *const texts[][2] = {
        { "sgx_quote", "SGX quote" },
        { "tdx_quote", "TDX quote" },
        { "open_enclave_report", "Open Enclave report" },
        { "attested_certificate", "certificate with evidence inside" },
        { "snp_report", "SEV-SNP report" },
        { "hcl_report", "HCL report" },
        { "tpm_quote", "TPM quote" },
        { "azure_guest", "evidence of an Azure guest" },
    };
    const char *kind = azattest_evidence_kind(evidence);

    for (size_t i = 0; kind != NULL && i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(texts[i][0], kind) == 0)
            return texts[i][1];
    return kind == NULL ? "evidence" : kind;
}

const char *azattest__evidence_text(const azattest_evidence *evidence, char *text, size_t size)
{
    int version = azattest_evidence_version(evidence);

    if (version >= 0)
        snprintf(text, size, "%s, version %d", kind_text(evidence), version);
    else
        snprintf(text, size, "%s", kind_text(evidence));
    return text;
}

/* An appraisal lists what it does not set; that goes into one line. */
static bool is_unset(const azattest_verification_result *result, size_t index)
{
    const char *id = azattest_verification_result_check_id(result, index);

    return strncmp(id, "appraisal.", 10) == 0 && azattest_verification_result_check_ok(result, index) < 0 &&
           strstr(azattest_verification_result_check_detail(result, index), "does not set it") != NULL;
}

/* A required check that was not made refuses: it does not look like one that nobody asked for. */
static const char *check_word(const azattest_verification_result *result, size_t index)
{
    int ok = azattest_verification_result_check_ok(result, index);

    if (ok >= 0)
        return ok == 1 ? "ok" : "FAILED";
    return azattest_verification_result_check_required(result, index) ? "MISSING" : "-";
}

static void print_checks(const azattest_verification_result *result)
{
    azattest__table table = { NULL, 0, false };
    size_t count = azattest_verification_result_check_count(result);
    bool first = true;

    for (size_t i = 0; i < count; i++)
        if (!is_unset(result, i))
            azattest__table_row(&table, azattest_verification_result_check_id(result, i), "%-8s%s",
                                check_word(result, i), azattest_verification_result_check_detail(result, i));
    azattest__table_print(&table, "Checks");
    for (size_t i = 0; i < count; i++)
        if (is_unset(result, i)) {
            printf("%s %s", first ? "\nThe appraisal says nothing of" : ",",
                   azattest_verification_result_check_id(result, i) + 10);
            first = false;
        }
    if (!first)
        printf("\n");
}

static void print_platform(const azattest_verification_result *result, int64_t now)
{
    int64_t date = azattest_verification_result_tcb_date_ms(result) / 1000;
    int64_t until = azattest_verification_result_earliest_expiration_ms(result) / 1000;
    int64_t from = azattest_verification_result_latest_issue_ms(result) / 1000;
    int number = azattest_verification_result_tcb_evaluation_data_number(result);
    size_t advisories = azattest_verification_result_advisory_count(result);
    azattest__table table = { NULL, 0, false };
    azattest__buf list;

    azattest__table_text(&table, "TCB status", azattest_verification_result_tcb_status(result));
    if (date != 0)
        azattest__table_time(&table, "TCB date", date, now);
    if (number >= 0)
        azattest__table_row(&table, "TCB evaluation number", "%d", number);
    azattest__buf_init(&list, AZATTEST__LINE_LIMIT);
    for (size_t i = 0; i < advisories; i++)
        azattest__buf_printf(&list, "%s%s", i == 0 ? "" : ", ", azattest_verification_result_advisory(result, i));
    if (advisories > 0 && list.status == AZATTEST_OK)
        azattest__table_row(&table, "advisories", "%s", (const char *)list.ptr);
    azattest__buf_free(&list);
    if (from != 0)
        azattest__table_time(&table, "newest part issued", from, now);
    if (until != 0)
        azattest__table_time(&table, "first part expires", until, now);
    azattest__table_print(&table, "Platform");
}

static bool has_check(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return true;
    return false;
}

void azattest__verdict_reasons(const azattest_verification_result *result, azattest__buf *line)
{
    static const char *const words[] = { " not run", " failed" };
    size_t before = line->len;

    for (int ok = 0; ok >= -1; ok--) {
        bool first = true;

        for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
            if (!azattest_verification_result_check_required(result, i) ||
                azattest_verification_result_check_ok(result, i) != ok)
                continue;
            azattest__buf_printf(line, "%s%s",
                                 !first                ? ", "
                                 : line->len == before ? ": "
                                                       : "; ",
                                 azattest_verification_result_check_id(result, i));
            first = false;
        }
        if (!first)
            azattest__buf_printf(line, "%s", words[ok + 1]);
    }
}

/* "; not fully checked: tcb, revocation", or nothing. */
static void append_left(const azattest_verification_result *result, azattest__buf *line)
{
    for (size_t i = 0; i < azattest_verification_result_not_checked_count(result); i++)
        azattest__buf_printf(line, "%s%s", i == 0 ? "; not fully checked: " : ", ",
                             azattest_verification_result_not_checked(result, i));
}

static void print_line(const azattest_verification_result *result, const char *what)
{
    const char *root = azattest_verification_result_root(result);
    bool extra = root != NULL && strcmp(root, "extra") == 0;
    bool valid = azattest_verification_result_is_valid(result);
    azattest__buf list;

    azattest__buf_init(&list, AZATTEST__LINE_LIMIT);
    if (valid)
        append_left(result, &list);
    else
        azattest__verdict_reasons(result, &list);
    azattest__output_verdict(valid ? VERDICT_VALID : VERDICT_INVALID, "%s%s%s", what,
                             !extra                          ? ""
                             : has_check(result, "ark_root") ? ", by a root that you passed, not by AMD's"
                                                             : ", by a root that you passed, not by Intel's",
                             list.ptr == NULL ? "" : (const char *)list.ptr);
    azattest__buf_free(&list);
}

void azattest__print_verdict(const azattest_verification_result *result, const char *what, int64_t now)
{
    size_t left = azattest_verification_result_not_checked_count(result);
    azattest__json *warnings = azattest__json_new_array();

    print_line(result, what);
    print_checks(result);
    for (size_t i = 0; i < azattest_verification_result_warning_count(result); i++)
        azattest__json_add_string(warnings, azattest_verification_result_warning(result, i));
    azattest__output_list("Warnings", warnings);
    azattest__json_free(warnings);
    for (size_t i = 0; i < left; i++)
        printf("%s %s", i == 0 ? "\nNot checked:" : ",", azattest_verification_result_not_checked(result, i));
    if (left > 0)
        printf("\n");
    print_platform(result, now);
}
