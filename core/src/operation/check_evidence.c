/* The option check_evidence: evidence that is known to be broken is not sent. */
#include "op.h"

#include <string.h>

#include <azattest/evidence.h>

#include "../evidence/azure/guest.h"

/* Of failed checks in an error's text; the rest follows from these. */
#define CHECKS_TOLD 3u

azattest_status azattest__evidence_rules_take(const azattest__attest_call *call, const azattest__instance *instance,
                                              const azattest_attest_options *options, azattest__evidence_rules *out,
                                              azattest_error **error)
{
    int wanted = options->check_evidence;
    const char *wrong = NULL;

    if (wanted < AZATTEST_CHECK_EVIDENCE_DEFAULT || wanted > AZATTEST_CHECK_EVIDENCE_FULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: check_evidence is %d, expected an azattest_check_evidence", call->what, wanted);
    out->check = wanted != AZATTEST_CHECK_EVIDENCE_DEFAULT ? options->check_evidence : instance->evidence.check;
    out->binding = options->check_binding != AZATTEST_OFF &&
                   (out->check != AZATTEST_CHECK_EVIDENCE_OFF || options->check_binding == AZATTEST_ON);
    out->collateral =
        options->evidence_collateral != NULL ? options->evidence_collateral : instance->evidence.collateral;
    out->roots = options->evidence_roots;
    if (out->roots.ptr == NULL && instance->evidence.roots.len > 0)
        out->roots = azattest__buf_bytes(&instance->evidence.roots);
    if (wanted == AZATTEST_CHECK_EVIDENCE_FULL && call->evidence_kind == NULL)
        wrong = "nothing of what this call sends can be verified here: leave check_evidence out";
    else if (options->evidence_roots.ptr == NULL && options->evidence_roots.len > 0)
        wrong = "evidence_roots have a length and no bytes";
    else if (out->check != AZATTEST_CHECK_EVIDENCE_FULL &&
             (options->evidence_collateral != NULL || options->evidence_roots.ptr != NULL))
        wrong = "evidence_collateral and evidence_roots say nothing without check_evidence full";
    return wrong == NULL ? AZATTEST_OK : azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s", call->what, wrong);
}

/* What a check that failed says of the evidence. Collateral that has expired is none of its faults; and which levels of
 * a platform are good enough, the policy of the service decides, but for a revoked one. */
static bool speaks_of_evidence(const azattest_verification_result *result, const char *id)
{
    const char *level = azattest_verification_result_tcb_status(result);

    if (strcmp(id, "collateral_validity") == 0)
        return false;
    return strcmp(id, "tcb_status") != 0 || (level != NULL && strcmp(level, "Revoked") == 0);
}

/* What is no reason to refuse is no secret either: what was not checked, and what was warned of, DEBUG above all. */
static void tell_rest(const azattest__attest_call *call, const azattest_verification_result *result, int log_level)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (azattest_verification_result_check_ok(result, i) < 0)
            azattest__log_for(log_level, AZATTEST_LOG_WARNING, "%s: the %s is sent with %s unchecked: %s", call->what,
                              call->argument, azattest_verification_result_check_id(result, i),
                              azattest_verification_result_check_detail(result, i));
    for (size_t i = 0; i < azattest_verification_result_warning_count(result); i++)
        azattest__log_for(log_level, AZATTEST_LOG_WARNING, "%s: the %s is sent all the same: %s", call->what,
                          call->argument, azattest_verification_result_warning(result, i));
}

/* A check without a result is no failure: what it lacked, the service may have. */
static azattest_status judge(const azattest__attest_call *call, const azattest_verification_result *result,
                             int log_level, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__buf text;
    size_t told = 0;

    azattest__buf_init(&text, 8192);
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        const char *id = azattest_verification_result_check_id(result, i),
                   *detail = azattest_verification_result_check_detail(result, i);

        if (azattest_verification_result_check_ok(result, i) != 0)
            continue;
        if (!speaks_of_evidence(result, id))
            azattest__log_for(log_level, AZATTEST_LOG_WARNING, "%s: the %s is sent all the same: %s: %s", call->what,
                              call->argument, id, detail);
        else if (told < CHECKS_TOLD)
            azattest__buf_printf(&text, "%s%s: %s", told++ == 0 ? "" : "; ", id, detail);
    }
    if (told > 0 && (status = azattest__error_from_buf(error, &text, "verdict")) == AZATTEST_OK)
        status =
            azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s, before sending: the %s does not verify: %s",
                                call->what, call->argument, (const char *)text.ptr);
    if (status == AZATTEST_OK)
        tell_rest(call, result, log_level);
    azattest__buf_free(&text);
    return status;
}

/* As it is sent: a document has the certificates that its report needs. */
static azattest_status read_evidence(const azattest__attest_call *call, azattest_bytes sent, azattest_evidence **out,
                                     azattest_error **error)
{
    bool document = strcmp(call->evidence_kind, "snp_report") == 0 || strcmp(call->evidence_kind, "azure_guest") == 0;

    return document ? azattest_evidence_load(sent, out, error) : azattest_evidence_parse(sent, out, error);
}

/* DEBUG and a chip that does not say which it is are the policy's to judge. */
static azattest_status verify(const azattest__attest_call *call, const azattest__instance *instance,
                              const azattest_evidence *evidence, const azattest__evidence_rules *rules, int log_level,
                              azattest_error **error)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_status status;

    options.now_ms = azattest__instance_now_ms(instance);
    options.collateral = rules->collateral;
    options.extra_roots = rules->roots;
    options.allow_debug = AZATTEST_ON;
    options.allow_masked_chip_id = AZATTEST_ON;
    if ((status = azattest_evidence_verify(evidence, &options, &result, error)) == AZATTEST_OK)
        status = judge(call, result, log_level, error);
    else
        azattest__error_prefix(error, "%s, before sending", call->what);
    azattest_verification_result_free(result);
    return status;
}

azattest_status azattest__check_evidence(const azattest__attest_call *call, const azattest__instance *instance,
                                         azattest_bytes sent, const azattest__evidence_rules *rules, int log_level,
                                         azattest_error **error)
{
    azattest_evidence *evidence = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if (call->evidence_kind == NULL || rules->check != AZATTEST_CHECK_EVIDENCE_FULL)
        return AZATTEST_OK;
    status = read_evidence(call, sent, &evidence, &reason);
    if (status == AZATTEST_OK)
        status = verify(call, instance, evidence, rules, log_level, error);
    else if (status == AZATTEST_E_UNSUPPORTED || status == AZATTEST_E_LIMIT) {
        azattest__log_for(log_level, AZATTEST_LOG_WARNING, "%s: the %s is sent unverified: %s", call->what,
                          call->argument, azattest_error_message(reason));
        status = AZATTEST_OK;
    } else
        status = azattest__error_set(
            error, status == AZATTEST_E_MEMORY || status == AZATTEST_E_CRYPTO ? status : AZATTEST_E_EVIDENCE_INVALID,
            "%s, before sending: the %s is not well-formed: %s", call->what, call->argument,
            azattest_error_message(reason));
    azattest_evidence_free(evidence);
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__look_at_guest(const azattest__attest_call *call, azattest_bytes document,
                                        const azattest__evidence_rules *rules, azattest_error **error)
{
    azattest_evidence *evidence = NULL;
    azattest_status status;

    if (!rules->binding)
        return AZATTEST_OK;
    if ((status = azattest_evidence_load(document, &evidence, error)) == AZATTEST_OK) {
        if (strcmp(azattest_evidence_kind(evidence), call->evidence_kind) != 0)
            status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "a document with evidence of kind %s",
                                         azattest_evidence_kind(evidence));
        else if ((status = azattest__guest_check_bound(evidence, error)) == AZATTEST_E_BINDING)
            azattest__error_prefix(error, "%s, before sending: the %s does not hold together", call->what,
                                   call->argument);
    }
    azattest_evidence_free(evidence);
    return status;
}
