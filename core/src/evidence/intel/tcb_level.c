#include "tcb_level.h"

#include <stdlib.h>

static const char *const names[] = {
    "NotSupported",
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
};

const char *azattest__tcb_status_name(azattest__tcb_status status)
{
    return (size_t)status < sizeof(names) / sizeof(names[0]) ? names[status] : names[0];
}

azattest__tcb_status azattest__tcb_status_read(azattest_bytes text)
{
    for (int i = AZATTEST__TCB_UP_TO_DATE; i <= AZATTEST__TCB_REVOKED; i++)
        if (azattest__bytes_equal_text(text, names[i]))
            return (azattest__tcb_status)i;
    return AZATTEST__TCB_NOT_SUPPORTED;
}

static int descending(int a, int b)
{
    return (a < b) - (a > b);
}

static int compare_levels(const void *left, const void *right)
{
    const azattest__tcb_level *a = left, *b = right;
    int order = memcmp(b->sgx, a->sgx, sizeof(a->sgx));

    if (order == 0)
        order = descending(a->pcesvn, b->pcesvn);
    if (order == 0)
        order = memcmp(b->tdx, a->tdx, sizeof(a->tdx));
    return order != 0 ? order : descending((int)a->status, (int)b->status);
}

static int compare_isvsvn(const void *left, const void *right)
{
    const azattest__isvsvn_level *a = left, *b = right;
    int order = descending(a->isvsvn, b->isvsvn);

    return order != 0 ? order : descending((int)a->status, (int)b->status);
}

void azattest__tcb_levels_sort(azattest__tcb_level *levels, size_t count)
{
    if (count > 1)
        qsort(levels, count, sizeof(*levels), compare_levels);
}

void azattest__isvsvn_levels_sort(azattest__isvsvn_level *levels, size_t count)
{
    if (count > 1)
        qsort(levels, count, sizeof(*levels), compare_isvsvn);
}

static bool reaches(const azattest__tcb_level *level, const int components[AZATTEST__TCB_COMPONENTS], int pcesvn,
                    const unsigned char *tee_tcb_svn)
{
    for (size_t i = 0; i < AZATTEST__TCB_COMPONENTS; i++)
        if (components[i] < level->sgx[i])
            return false;
    if (pcesvn < level->pcesvn)
        return false;
    if (tee_tcb_svn == NULL)
        return true;
    for (size_t i = tee_tcb_svn[1] > 0 ? 2 : 0; i < AZATTEST__TCB_COMPONENTS; i++)
        if (tee_tcb_svn[i] < level->tdx[i])
            return false;
    return true;
}

const azattest__tcb_level *azattest__tcb_level_match(const azattest__tcb_level *levels, size_t count,
                                                     const int components[AZATTEST__TCB_COMPONENTS], int pcesvn,
                                                     const unsigned char *tee_tcb_svn)
{
    for (size_t i = 0; i < count; i++)
        if (reaches(&levels[i], components, pcesvn, tee_tcb_svn))
            return &levels[i];
    return NULL;
}

const azattest__isvsvn_level *azattest__isvsvn_level_match(const azattest__isvsvn_level *levels, size_t count,
                                                           int isvsvn)
{
    for (size_t i = 0; i < count; i++)
        if (levels[i].isvsvn <= isvsvn)
            return &levels[i];
    return NULL;
}

azattest__tcb_status azattest__tcb_converge(azattest__tcb_status platform, azattest__tcb_status other)
{
    if (other == AZATTEST__TCB_REVOKED)
        return platform == AZATTEST__TCB_NOT_SUPPORTED ? platform : AZATTEST__TCB_REVOKED;
    if (other == AZATTEST__TCB_UP_TO_DATE)
        return platform;
    if (other != AZATTEST__TCB_OUT_OF_DATE) /* no level, or a status that modules and enclaves do not have */
        return AZATTEST__TCB_NOT_SUPPORTED;
    switch (platform) {
    case AZATTEST__TCB_UP_TO_DATE:
    case AZATTEST__TCB_SW_HARDENING_NEEDED:
        return AZATTEST__TCB_OUT_OF_DATE;
    case AZATTEST__TCB_CONFIGURATION_NEEDED:
    case AZATTEST__TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
        return AZATTEST__TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
    default:
        return platform;
    }
}

static bool needs_configuration(azattest__tcb_status status)
{
    return status == AZATTEST__TCB_CONFIGURATION_NEEDED ||
           status == AZATTEST__TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
           status == AZATTEST__TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

bool azattest__tcb_relaunch_applies(const azattest__tcb_relaunch *relaunch)
{
    return relaunch->qe != AZATTEST__TCB_OUT_OF_DATE && relaunch->qe != AZATTEST__TCB_REVOKED &&
           relaunch->qe != AZATTEST__TCB_NOT_SUPPORTED &&
           (relaunch->sgx == AZATTEST__TCB_UP_TO_DATE || relaunch->sgx == AZATTEST__TCB_SW_HARDENING_NEEDED ||
            relaunch->sgx == AZATTEST__TCB_CONFIGURATION_NEEDED ||
            relaunch->sgx == AZATTEST__TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED) &&
           (relaunch->merged == AZATTEST__TCB_OUT_OF_DATE ||
            relaunch->merged == AZATTEST__TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) &&
           relaunch->module == AZATTEST__TCB_OUT_OF_DATE;
}

azattest__tcb_status azattest__tcb_relaunch_status(const azattest__tcb_relaunch *relaunch)
{
    const unsigned char *now = relaunch->tee_tcb_svn2;
    int wanted;

    if (!azattest__tcb_relaunch_applies(relaunch))
        return relaunch->merged;
    wanted = now[1] == 0 ? relaunch->newest->tdx[0] : relaunch->newest_module_isvsvn;
    if (now[0] < wanted || now[2] < relaunch->newest->tdx[2])
        return relaunch->merged;
    return needs_configuration(relaunch->sgx) || needs_configuration(relaunch->merged)
               ? AZATTEST__TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
               : AZATTEST__TCB_RELAUNCH_ADVISED;
}
