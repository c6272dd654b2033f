/* The TCB: levels of the platform, its TDX module and its quoting enclave, and what they come to. */
#include <stdio.h>

#include "../../base/clock.h"
#include "../../json/cursor.h"
#include "view.h"

/* The levels that count, and what they come to. */
typedef struct levels {
    const azattest__tcb_level *platform, *sgx_only;
    const azattest__isvsvn_level *module, *qe;
    azattest__tcb_status status;
} levels;

static azattest__tcb_status status_of(const azattest__isvsvn_level *level)
{
    return level == NULL ? AZATTEST__TCB_NOT_SUPPORTED : level->status;
}

/* A TD of a module that was replaced under it, and is out of date for that alone. */
static azattest_status merge_relaunch(azattest__intel_view *w, levels *found, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[AZATTEST__TCB_INFO]->content.tcb;
    const unsigned char *now = w->v->evidence->intel.td_report.tee_tcb_svn2;
    const azattest__tdx_module *module;
    azattest__tcb_relaunch relaunch = {
        .sgx = found->sgx_only->status,
        .merged = found->status,
        .module = w->module == NULL ? AZATTEST__TCB_UP_TO_DATE : status_of(found->module),
        .qe = w->matches[AZATTEST__QE_IDENTITY] ? status_of(found->qe) : AZATTEST__TCB_UP_TO_DATE,
        .tee_tcb_svn2 = now,
        .newest = &info->levels[0],
    };

    if (now == NULL || !azattest__tcb_relaunch_applies(&relaunch))
        return AZATTEST_OK;
    if (now[1] > 0) {
        if ((module = azattest__tcb_info_module(info, now[1])) == NULL || module->level_count == 0)
            return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                       "the TCB info has no identity TDX_%02X with levels for the TDX module that is "
                                       "loaded now (TEE_TCB_SVN2)",
                                       now[1]);
        relaunch.newest_module_isvsvn = module->levels[0].isvsvn;
    }
    found->status = azattest__tcb_relaunch_status(&relaunch);
    return AZATTEST_OK;
}

static azattest_status find_levels(azattest__intel_view *w, levels *found, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[AZATTEST__TCB_INFO]->content.tcb;
    const azattest__pck_extensions *pck = &w->v->pck->extensions;
    const unsigned char *svn = w->tdx ? w->v->evidence->intel.td_report.tee_tcb_svn : NULL;
    azattest_status status;

    found->sgx_only = azattest__tcb_level_match(info->levels, info->level_count, pck->components, pck->pcesvn, NULL);
    found->platform = azattest__tcb_level_match(info->levels, info->level_count, pck->components, pck->pcesvn, svn);
    if (found->platform == NULL)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the platform is below every level of the TCB info%s",
                                   found->sgx_only == NULL ? "" : " (its TDX components are)");
    found->status = found->platform->status;
    if (w->module != NULL) {
        found->module = azattest__isvsvn_level_match(w->module->levels, w->module->level_count, svn[0]);
        if (found->module == NULL)
            return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                       "the TDX module's ISVSVN %u is below every level of its identity", svn[0]);
        found->status = azattest__tcb_converge(found->status, found->module->status);
    }
    if (w->matches[AZATTEST__QE_IDENTITY] && (found->qe = azattest__intel_qe_level(w)) == NULL)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the quoting enclave's ISVSVN %u is below every level of its identity",
                                   w->v->evidence->intel.qe_report.isv_svn);
    if (w->tdx && found->status != AZATTEST__TCB_REVOKED && (status = merge_relaunch(w, found, reason)) != AZATTEST_OK)
        return status;
    if (found->qe != NULL)
        found->status = azattest__tcb_converge(found->status, found->qe->status);
    return AZATTEST_OK;
}

static azattest_status advise(azattest__intel_view *w, azattest_bytes advisories)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(advisories);
    azattest_status status = AZATTEST_OK;
    azattest_bytes text;

    if (advisories.ptr == NULL || !azattest__json_enter(&cursor, '['))
        return AZATTEST_OK;
    while (status == AZATTEST_OK && azattest__json_next_element(&cursor))
        if (azattest__document_text(azattest__json_take(&cursor), &text))
            status = azattest__verification_advise(w->v->result, "tcb_level", text);
    return status;
}

static azattest_status tell_levels(azattest__intel_view *w, const levels *found)
{
    azattest_verification_result *result = w->v->result;
    char date[AZATTEST__TIME_TEXT];
    azattest_status status;

    azattest__time_format(found->platform->date, date);
    snprintf(result->tcb_status, sizeof(result->tcb_status), "%s", azattest__tcb_status_name(found->status));
    result->tcb_date = found->platform->date;
    status = azattest__verification_set(result, "tcb_level", found->status != AZATTEST__TCB_NOT_SUPPORTED,
                                        "the platform's level of %s is %s; TDX module: %s; quoting enclave: %s", date,
                                        azattest__tcb_status_name(found->platform->status),
                                        found->module == NULL ? "no level of its own"
                                                              : azattest__tcb_status_name(found->module->status),
                                        found->qe == NULL ? "not known" : azattest__tcb_status_name(found->qe->status));
    if (status == AZATTEST_OK)
        status = advise(w, found->platform->advisories);
    if (status == AZATTEST_OK && found->module != NULL)
        status = advise(w, found->module->advisories);
    if (status == AZATTEST_OK && found->qe != NULL)
        status = advise(w, found->qe->advisories);
    return status;
}

azattest_status azattest__verify_tcb(azattest__intel_view *w)
{
    azattest_error *reason = NULL;
    levels found = { 0 };
    azattest_status status;
    const char *name;
    bool final, taken;

    if (w->documents[AZATTEST__TCB_INFO] == NULL)
        return AZATTEST_OK;
    if (!w->matches[AZATTEST__TCB_INFO] || (w->tdx && !w->module_good)) {
        if ((status = azattest__verification_skip(w->v->result, "tcb_level",
                                                  "not run: no TCB info that is about this platform%s",
                                                  w->tdx ? " and its TDX module" : "")) != AZATTEST_OK)
            return status;
        return azattest__verification_skip(w->v->result, "tcb_status", "not run: no level");
    }
    if ((status = find_levels(w, &found, &reason)) != AZATTEST_OK) {
        if ((status = azattest__verification_judge(w->v, "tcb_level", status, reason, "")) != AZATTEST_OK)
            return status;
        return azattest__verification_set(w->v->result, "tcb_status", false, "%s: no level is reached",
                                          azattest__tcb_status_name(AZATTEST__TCB_NOT_SUPPORTED));
    }
    if ((status = tell_levels(w, &found)) != AZATTEST_OK)
        return status;
    name = azattest__tcb_status_name(found.status);
    final = found.status == AZATTEST__TCB_NOT_SUPPORTED || found.status == AZATTEST__TCB_REVOKED;
    taken = !final && azattest__verification_takes_tcb_status(w->v, name);
    return azattest__verification_set(w->v->result, "tcb_status", taken, "%s, %s", name,
                                      taken                     ? "which is accepted"
                                      : final                   ? "which nothing accepts"
                                      : w->v->appraisal != NULL ? "which the appraisal does not accept"
                                                                : "expected UpToDate or SWHardeningNeeded");
}
