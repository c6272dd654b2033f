/* Intel's documents as the Provisioning Certification Service prints them: see documents.h. */
#include "documents.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "quote.h"

#define DATE "2024-03-13T00:00:00Z"
#define OLD_DATE "2021-11-10T00:00:00Z"
#define EVALUATION 17u

static void put_hex(azattest__buf *out, const char *name, const void *bytes, size_t len)
{
    azattest__buf_printf(out, "\"%s\":\"", name);
    azattest__hex_encode_upper(azattest__bytes(bytes, len), out);
    azattest__buf_append_text(out, "\"");
}

static void put_time(azattest__buf *out, const char *name, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, text);
    azattest__buf_printf(out, "\"%s\":\"%s\"", name, text);
}

/* ,"advisoryIDs":["A","B"] of "A,B" */
static void put_advisories(azattest__buf *out, const char *list)
{
    const char *text = list == NULL ? "" : list;

    if (*text == '\0')
        return;
    azattest__buf_append_text(out, ",\"advisoryIDs\":[");
    while (*text != '\0') {
        size_t len = strcspn(text, ",");

        azattest__buf_printf(out, "%s\"%.*s\"", text == list ? "" : ",", (int)len, text);
        text += len + (text[len] == ',');
    }
    azattest__buf_append_text(out, "]");
}

static void put_status(azattest__buf *out, const char *date, const char *status, const char *advisories)
{
    azattest__buf_printf(out, ",\"tcbDate\":\"%s\",\"tcbStatus\":\"%s\"", date, status);
    put_advisories(out, advisories);
    azattest__buf_append_text(out, "}");
}

static void put_components(azattest__buf *out, const char *name, const unsigned *values, size_t count)
{
    azattest__buf_printf(out, "\"%s\":[", name);
    for (size_t i = 0; i < (count == 0 ? 16 : count); i++)
        azattest__buf_printf(out, "%s{\"svn\":%u}", i == 0 ? "" : ",", i < 16 ? values[i] : 0);
    azattest__buf_append_text(out, "]");
}

static void put_tcb_level(const azattest__tcb_info_plan *plan, const azattest__tcb_level_plan *level,
                          azattest__buf *out)
{
    azattest__buf_append_text(out, "{\"tcb\":{");
    if (plan->version == 2) {
        for (size_t i = 0; i < 16; i++)
            azattest__buf_printf(out, "\"sgxtcbcomp%02zusvn\":%u,", i + 1, level->sgx[i]);
    } else {
        put_components(out, "sgxtcbcomponents", level->sgx, level->sgx_count);
        azattest__buf_append_text(out, ",");
    }
    azattest__buf_printf(out, "\"pcesvn\":%u", level->pcesvn);
    if (plan->tdx && !plan->without_tdx_components) {
        azattest__buf_append_text(out, ",");
        put_components(out, "tdxtcbcomponents", level->tdx, level->tdx_count);
    }
    azattest__buf_append_text(out, "}");
    put_status(out, level->date, level->status, level->advisories);
}

static void put_svn_levels(const azattest__svn_level_plan *levels, size_t count, azattest__buf *out)
{
    azattest__buf_append_text(out, "\"tcbLevels\":[");
    for (size_t i = 0; i < count; i++) {
        azattest__buf_printf(out, "%s{\"tcb\":{\"isvsvn\":%u}", i == 0 ? "" : ",", levels[i].isvsvn);
        put_status(out, levels[i].date, levels[i].status, levels[i].advisories);
    }
    azattest__buf_append_text(out, "]");
}

static void put_module(const azattest__module_plan *module, azattest__buf *out)
{
    put_hex(out, "mrsigner", module->mr_signer, sizeof(module->mr_signer));
    azattest__buf_append_text(out, ",");
    put_hex(out, "attributes", module->attributes, sizeof(module->attributes));
    azattest__buf_append_text(out, ",");
    put_hex(out, "attributesMask", module->mask, sizeof(module->mask));
}

static void put_modules(const azattest__tcb_info_plan *plan, azattest__buf *out)
{
    azattest__buf_append_text(out, "\"tdxModule\":{");
    put_module(&plan->modules[0], out);
    azattest__buf_append_text(out, "},\"tdxModuleIdentities\":[");
    for (size_t i = plan->listed_from; i < plan->module_count; i++) {
        azattest__buf_printf(out, "%s{\"id\":\"%s\",", i == plan->listed_from ? "" : ",", plan->modules[i].id);
        put_module(&plan->modules[i], out);
        azattest__buf_append_text(out, ",");
        put_svn_levels(plan->modules[i].levels, plan->modules[i].level_count, out);
        azattest__buf_append_text(out, "}");
    }
    azattest__buf_append_text(out, "],");
}

azattest_status azattest__tcb_info_print(const azattest__tcb_info_plan *plan, azattest__buf *out,
                                         azattest_error **error)
{
    azattest__buf_append_text(out, "{");
    if (plan->id != NULL)
        azattest__buf_printf(out, "\"id\":\"%s\",", plan->id);
    azattest__buf_printf(out, "\"version\":%u,", plan->version);
    put_time(out, "issueDate", plan->issued);
    azattest__buf_append_text(out, ",");
    put_time(out, "nextUpdate", plan->next);
    azattest__buf_append_text(out, ",");
    put_hex(out, "fmspc", plan->fmspc, sizeof(plan->fmspc));
    azattest__buf_append_text(out, ",");
    put_hex(out, "pceId", plan->pceid, sizeof(plan->pceid));
    azattest__buf_printf(out, ",\"tcbType\":0,\"tcbEvaluationDataNumber\":%u,", plan->evaluation);
    if (plan->tdx)
        put_modules(plan, out);
    azattest__buf_append_text(out, "\"tcbLevels\":[");
    for (size_t i = 0; i < plan->level_count; i++) {
        if (i > 0)
            azattest__buf_append_text(out, ",");
        put_tcb_level(plan, &plan->levels[i], out);
    }
    azattest__buf_append_text(out, "]}");
    return azattest__error_from_buf(error, out, "TCB info");
}

azattest_status azattest__identity_print(const azattest__identity_plan *plan, azattest__buf *out,
                                         azattest_error **error)
{
    azattest__buf_printf(out, "{\"id\":\"%s\",\"version\":%u,", plan->id, plan->version);
    put_time(out, "issueDate", plan->issued);
    azattest__buf_append_text(out, ",");
    put_time(out, "nextUpdate", plan->next);
    azattest__buf_printf(out, ",\"tcbEvaluationDataNumber\":%u,", plan->evaluation);
    put_hex(out, "miscselect", plan->misc_select, 4);
    azattest__buf_append_text(out, ",");
    put_hex(out, "miscselectMask", plan->misc_mask, 4);
    azattest__buf_append_text(out, ",");
    put_hex(out, "attributes", plan->attributes, 16);
    azattest__buf_append_text(out, ",");
    put_hex(out, "attributesMask", plan->attributes_mask, 16);
    azattest__buf_append_text(out, ",");
    put_hex(out, "mrsigner", plan->mr_signer, 32);
    azattest__buf_printf(out, ",\"isvprodid\":%u,", plan->product_id);
    put_svn_levels(plan->levels, plan->level_count, out);
    azattest__buf_append_text(out, "}");
    return azattest__error_from_buf(error, out, "identity");
}

/* Levels by ISVSVN so that `svn` has that status: one above it when it is not the newest; "" leaves it below all. */
static size_t plan_svn_levels(unsigned svn, const char *status, const char *advisories,
                              azattest__svn_level_plan *levels)
{
    bool newest = status == NULL || strcmp(status, "UpToDate") == 0;
    size_t count = 0;

    if (!newest)
        levels[count++] = (azattest__svn_level_plan){ svn + 1, DATE, "UpToDate", NULL };
    if (status == NULL || *status != '\0')
        levels[count++] = (azattest__svn_level_plan){ svn, newest ? DATE : OLD_DATE,
                                                      status == NULL ? "UpToDate" : status, advisories };
    if (svn > 1 && (status == NULL || *status != '\0'))
        levels[count++] = (azattest__svn_level_plan){ svn - 1, OLD_DATE, "OutOfDate", NULL };
    return count;
}

static void fill_level(const azattest__machine *machine, const char *date, const char *status, const char *advisories,
                       azattest__tcb_level_plan *level)
{
    memset(level, 0, sizeof(*level));
    for (size_t i = 0; i < 16; i++) {
        level->sgx[i] = machine->sgx.components[i];
        level->tdx[i] = machine->tee_tcb_svn[i];
    }
    if (machine->tee_tcb_svn[1] > 0)
        level->tdx[1] = 0; /* as in Intel's documents: the module is judged by its identity */
    level->pcesvn = machine->sgx.pcesvn;
    level->date = date;
    level->status = status;
    level->advisories = advisories;
}

/* The machine reaches the level of the wanted status; above it stands a newer one, below it an older. */
static void plan_tcb_levels(const azattest__machine *machine, azattest__tcb_info_plan *out)
{
    const char *status = machine->in.tcb_status == NULL ? "UpToDate" : machine->in.tcb_status;
    const char *date = machine->in.tcb_date == NULL ? DATE : machine->in.tcb_date;
    azattest__tcb_level_plan *level;

    if (strcmp(status, "UpToDate") != 0) {
        level = &out->levels[out->level_count++];
        fill_level(machine, DATE, "UpToDate", NULL, level);
        level->pcesvn++;
    }
    if (*status == '\0')
        return;
    fill_level(machine, date, status, machine->in.tcb_advisories, &out->levels[out->level_count++]);
    level = &out->levels[out->level_count++];
    fill_level(machine, OLD_DATE, "OutOfDate", "INTEL-SA-00615", level);
    if (level->pcesvn > 0)
        level->pcesvn--;
}

static void plan_modules(const azattest__machine *machine, azattest__tcb_info_plan *out)
{
    unsigned version = machine->tee_tcb_svn[1], loaded = machine->tee_tcb_svn2[1];
    azattest__module_plan *module = &out->modules[0];

    memset(module->mask, 0xff, sizeof(module->mask)); /* the first: for module version 0 */
    snprintf(module->id, sizeof(module->id), "TDX_00");
    out->module_count = out->listed_from = 1;
    if (version > 0 && !azattest__machine_has(machine, AZATTEST_SIMULATED_NO_MODULE_IDENTITY)) {
        module = &out->modules[out->module_count++];
        memset(module->mask, 0xff, sizeof(module->mask));
        snprintf(module->id, sizeof(module->id), "TDX_%02X", version);
        module->level_count = plan_svn_levels(machine->tee_tcb_svn[0], machine->in.tdx_module_status,
                                              machine->in.tdx_module_advisories, module->levels);
    }
    if (loaded > 0 && loaded != version) { /* the module that is loaded now, for TDs that may be relaunched */
        module = &out->modules[out->module_count++];
        memset(module->mask, 0xff, sizeof(module->mask));
        snprintf(module->id, sizeof(module->id), "TDX_%02X", loaded);
        module->level_count = plan_svn_levels(machine->tee_tcb_svn2[0], NULL, NULL, module->levels);
    }
}

azattest_status azattest__tcb_info_fill(const azattest__machine *machine, bool tdx, azattest__tcb_info_plan *out,
                                        azattest_error **error)
{
    bool other = azattest__machine_has(machine, AZATTEST_SIMULATED_TCB_INFO_OTHER_KIND);

    memset(out, 0, sizeof(*out));
    out->tdx = tdx;
    out->version = machine->in.tcb_info_version == 0 ? 3 : machine->in.tcb_info_version;
    if (tdx && out->version != 3)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: TCB info of TDX has version 3 alone");
    out->id = out->version == 2 ? NULL : tdx != other ? "TDX" : "SGX";
    out->evaluation = machine->in.tcb_evaluation == 0 ? EVALUATION : machine->in.tcb_evaluation;
    azattest__machine_window(&machine->in, AZATTEST_SIMULATED_TCB_INFO, &out->issued, &out->next);
    memcpy(out->fmspc, machine->sgx.fmspc, sizeof(out->fmspc));
    memcpy(out->pceid, machine->sgx.pceid, sizeof(out->pceid));
    if (azattest__machine_has(machine, AZATTEST_SIMULATED_TCB_INFO_FMSPC))
        out->fmspc[5] ^= 1;
    if (azattest__machine_has(machine, AZATTEST_SIMULATED_TCB_INFO_PCEID))
        out->pceid[0] ^= 1;
    out->without_tdx_components = azattest__machine_has(machine, AZATTEST_SIMULATED_NO_TDX_COMPONENTS);
    plan_modules(machine, out);
    plan_tcb_levels(machine, out);
    return AZATTEST_OK;
}

azattest_status azattest__identity_fill(const azattest__machine *machine, bool tdx, azattest__identity_plan *out,
                                        azattest_error **error)
{
    bool other = azattest__machine_has(machine, AZATTEST_SIMULATED_QE_IDENTITY_OTHER_KIND);

    memset(out, 0, sizeof(*out));
    out->id = tdx != other ? "TD_QE" : "QE";
    out->version = 2;
    out->evaluation = machine->in.qe_evaluation != 0    ? machine->in.qe_evaluation
                      : machine->in.tcb_evaluation != 0 ? machine->in.tcb_evaluation
                                                        : EVALUATION;
    azattest__machine_window(&machine->in, AZATTEST_SIMULATED_QE_IDENTITY, &out->issued, &out->next);
    memset(out->misc_mask, 0xff, sizeof(out->misc_mask));
    out->attributes[0] = 0x11; /* INIT and PROVISIONKEY; MODE64BIT and XFRM do not matter, DEBUG must be off */
    memset(out->attributes_mask, 0xff, 8);
    out->attributes_mask[0] = 0xfb;
    out->product_id = tdx ? TD_QE_PRODUCT : QE_PRODUCT;
    out->level_count =
        plan_svn_levels(tdx ? TD_QE_SVN : QE_SVN, machine->in.qe_status, machine->in.qe_advisories, out->levels);
    return azattest__made_up(tdx ? TD_QE_SIGNER_TEXT : QE_SIGNER_TEXT, out->mr_signer, 32, error);
}

azattest_status azattest__document_sign(const azattest__machine *machine, azattest_bytes text, bool forged,
                                        azattest__buf *out, azattest_error **error)
{
    const azattest__key *key = forged ? machine->simulator->platform.attestation_key : machine->tcb_signing_key;
    azattest_status status;
    azattest__buf signature;

    azattest__buf_init(&signature, 64);
    if ((status = azattest__key_sign(key, AZATTEST__ES256, text, &signature, error)) == AZATTEST_OK) {
        azattest__hex_encode(azattest__buf_bytes(&signature), out);
        status = azattest__error_from_buf(error, out, "signature");
    }
    azattest__buf_free(&signature);
    return status;
}
