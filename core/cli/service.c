/* azattest service verify: the enclaves behind an instance's signing keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/service.h>

#include "base/encoding.h"
#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "progress.h"
#include "table.h"
#include "verdict.h"

/* One certificate and what came of it. */
typedef struct finding {
    const azattest_signer *signer;
    azattest_verification_result *result; /* NULL: there is none */
    azattest_error *reason;               /* why not */
} finding;

typedef struct findings {
    finding all[AZATTEST_LIMIT_KEYS];
    size_t count, with_evidence, valid;
} findings;

static void clear(findings *found)
{
    for (size_t i = 0; i < found->count; i++) {
        azattest_verification_result_free(found->all[i].result);
        azattest_error_free(found->all[i].reason);
    }
}

/* JWKS, PEM, or one certificate in DER, whose quote may hold what looks like PEM. */
static azattest_status parse_signers(const azattest__buf *file, azattest_signers **out, azattest_error **error)
{
    azattest__buf pem;
    azattest_status status;

    if (file->len == 0 || file->ptr[0] != 0x30)
        return azattest_signers_parse(azattest__buf_bytes(file), out, error);
    azattest__buf_init(&pem, AZATTEST_LIMIT_RESPONSE);
    azattest__pem_encode("CERTIFICATE", azattest__buf_bytes(file), &pem);
    if ((status = azattest__error_from_buf(error, &pem, "certificate")) == AZATTEST_OK)
        status = azattest_signers_parse(azattest__buf_bytes(&pem), out, error);
    azattest__buf_free(&pem);
    return status;
}

/* From the instance; or from a file, as keys export writes it. */
static azattest_status read_signers(const azattest__arguments *arguments, azattest_signers **out,
                                    azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    const char *operand = arguments->operand;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_error *reason = NULL;
    azattest__buf file;
    azattest_status status;

    if (strncmp(operand, "https://", 8) != 0 && strncmp(operand, "http://", 7) != 0) {
        status = azattest__input_read(operand, "key set", AZATTEST_LIMIT_RESPONSE, &file, error);
        if (status == AZATTEST_OK && parse_signers(&file, out, &reason) != AZATTEST_OK)
            status = azattest__error_set(error, AZATTEST_E_STATE, "the file holds no key set: %s",
                                         azattest_error_message(reason));
        azattest_error_free(reason);
        azattest__buf_free(&file);
        return status;
    }
    if ((status = azattest__client_options(arguments, &options, error)) == AZATTEST_OK &&
        (status = azattest_client_new(operand, &options, &client, error)) == AZATTEST_OK &&
        (status = azattest__connect(arguments, &transport, error)) == AZATTEST_OK) {
        azattest__progress_begin();
        status = azattest_client_get_signing_certificates(client, transport, out, error);
    }
    azattest_transport_free(transport);
    azattest_client_free(client);
    return status;
}

/* The collateral of files is the same for all; what is fetched depends on the evidence. */
static azattest_status judge(const azattest__arguments *arguments, azattest__expectations *expectations,
                             const azattest_signer *signer, findings *found, azattest_error **error)
{
    bool fetches = arguments->value[OPTION_FETCH] != NULL || arguments->value[OPTION_CACHE] != NULL;
    azattest_bytes certificate = azattest_signer_certificate_der(signer, 0);
    finding *one = &found->all[found->count++];
    azattest_evidence *evidence = NULL;
    azattest_status status;

    *one = (finding){ .signer = signer };
    if (certificate.ptr == NULL) {
        azattest__error_set(&one->reason, AZATTEST_E_UNSUPPORTED, "the key has no certificate");
        return AZATTEST_OK;
    }
    if ((fetches || expectations->collateral == NULL) &&
        azattest_evidence_parse(certificate, &evidence, NULL) == AZATTEST_OK) {
        azattest_collateral_free(expectations->collateral);
        status = azattest__expectations_gather(arguments, evidence, expectations, error);
        azattest_evidence_free(evidence);
        if (status != AZATTEST_OK)
            return status;
    }
    status = azattest_verify_service_certificate(certificate, &expectations->options, &one->result, &one->reason);
    if (status == AZATTEST_E_MEMORY || status == AZATTEST_E_ARGUMENT) {
        azattest_error_free(*error);
        *error = one->reason;
        one->reason = NULL;
        return status;
    }
    if (status != AZATTEST_E_UNSUPPORTED)
        found->with_evidence++;
    if (azattest_verification_result_is_valid(one->result))
        found->valid++;
    return AZATTEST_OK;
}

/* Every evidence that is there has to be good, and there has to be some. A key without any does not refuse: real
 * instances have signers whose certificates an authority issued beside those of their enclaves. The first line counts
 * them.
 */
static bool is_valid(const findings *found)
{
    return found->with_evidence > 0 && found->valid == found->with_evidence;
}

static azattest__json *finding_json(const finding *one)
{
    azattest__json *item = azattest__json_new_object();

    azattest__json_put_string(item, "kid", azattest_signer_key_id(one->signer));
    if (one->result != NULL) {
        azattest__json_put_string(item, "verdict",
                                  azattest_verification_result_is_valid(one->result) ? "valid" : "invalid");
        azattest__json_put_raw(item, "verification", azattest_verification_result_json(one->result));
        return item;
    }
    if (azattest_error_code(one->reason) == AZATTEST_E_UNSUPPORTED)
        azattest__json_put_null(item, "verdict");
    else
        azattest__json_put_string(item, "verdict", "invalid");
    azattest__json_put_string(item, "reason", azattest_error_message(one->reason));
    return item;
}

static int print_json(const azattest__arguments *arguments, const findings *found, int code)
{
    azattest__json *document = azattest__json_new_object(), *list = azattest__json_new_array();

    azattest__json_put_string(document, "endpoint", arguments->operand);
    azattest__json_put_string(document, "verdict", is_valid(found) ? "valid" : "invalid");
    azattest__json_put_integer(document, "keys", (int64_t)found->count);
    azattest__json_put_integer(document, "keys_with_evidence", (int64_t)found->with_evidence);
    azattest__json_put_integer(document, "keys_valid", (int64_t)found->valid);
    for (size_t i = 0; i < found->count; i++)
        azattest__json_add(list, finding_json(&found->all[i]));
    azattest__json_put(document, "certificates", list);
    return azattest__output_json(document, code);
}

/* "1 of 3 signing keys verified, not fully; 2 have no evidence: tokens that they sign are not covered" */
static void print_line(const findings *found)
{
    size_t without = found->count - found->with_evidence, failed = found->with_evidence - found->valid;
    char others[96] = "", bad[48] = "";
    bool partly = false;

    for (size_t i = 0; i < found->count; i++)
        partly = partly || (azattest_verification_result_is_valid(found->all[i].result) &&
                            !azattest_verification_result_is_complete(found->all[i].result));
    if (failed > 0)
        snprintf(bad, sizeof(bad), "; %zu %s", failed, failed == 1 ? "does not verify" : "do not verify");
    if (without > 0)
        snprintf(others, sizeof(others), "; %zu %s no evidence: tokens that %s are not covered", without,
                 without == 1 ? "has" : "have", without == 1 ? "it signs" : "they sign");
    azattest__output_verdict(is_valid(found) ? VERDICT_VALID : VERDICT_INVALID, "%zu of %zu signing %s verified%s%s%s",
                             found->valid, found->count, found->count == 1 ? "key" : "keys",
                             partly ? ", not fully" : "", bad, others);
}

static void print_text(const findings *found, bool appraised, int64_t now)
{
    azattest__table table = { NULL, 0, false };

    print_line(found);
    for (size_t i = 0; i < found->count; i++) {
        const finding *one = &found->all[i];
        const char *kid = azattest_signer_key_id(one->signer);

        azattest__table_row(&table, kid == NULL ? "(no key id)" : kid, "%s%s",
                            azattest_verification_result_is_valid(one->result)           ? "valid"
                            : one->result != NULL                                        ? "NOT VALID"
                            : azattest_error_code(one->reason) == AZATTEST_E_UNSUPPORTED ? "no evidence: "
                                                                                         : "NOT VALID: ",
                            one->reason == NULL ? "" : azattest_error_message(one->reason));
    }
    azattest__table_print(&table, "Keys");
    for (size_t i = 0; i < found->count; i++) {
        const char *kid = azattest_signer_key_id(found->all[i].signer);

        if (found->all[i].result == NULL)
            continue;
        printf("\n");
        azattest__print_verdict(found->all[i].result, kid == NULL ? "(no key id)" : kid, now);
    }
    if (!appraised)
        printf("\nWithout --appraisal no enclave is expected: whoever has such a machine can make such a key.\n");
}

/* What the appraisal allows shall not be refused by the default of the service's own enclave. */
static void allow_what_the_appraisal_allows(azattest__expectations *expectations)
{
    azattest_bytes json = azattest_appraisal_json(expectations->appraisal);

    if (json.ptr != NULL && strstr(json.ptr, "\"allow_debug\":true") != NULL)
        expectations->options.allow_debug = AZATTEST_ON;
}

int azattest__command_service_verify(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_signers *signers = NULL;
    azattest__expectations expectations;
    findings found = { .count = 0 };
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    if ((status = azattest__expectations_read(arguments, &expectations, &error)) == AZATTEST_OK)
        status = read_signers(arguments, &signers, &error);
    allow_what_the_appraisal_allows(&expectations);
    for (size_t i = 0; status == AZATTEST_OK && i < azattest_signers_count(signers) && i < AZATTEST_LIMIT_KEYS; i++)
        status = judge(arguments, &expectations, azattest_signers_at(signers, i), &found, &error);
    if (status != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        code = code == EXIT_NOT_VALID && signers != NULL ? EXIT_UNREACHED : code; /* no verdict */
    } else {
        code = is_valid(&found) ? EXIT_VALID : EXIT_NOT_VALID;
        if (json)
            code = print_json(arguments, &found, code);
        else
            print_text(&found, expectations.appraisal != NULL, azattest__expectations_now(&expectations));
    }
    clear(&found);
    azattest_signers_free(signers);
    azattest__expectations_clear(&expectations);
    return code;
}
