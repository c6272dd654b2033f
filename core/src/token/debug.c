/* Whether evidence is debuggable, by every claim that says so: each kind of TEE has its own. */
#include "checks.h"

/* SGX by its present and its deprecated name, SEV-SNP, and TDX in two spellings: that of the service's own sample, and
 * that of the reference's list of results. All are read: where two of them contradict each other, the worse one counts.
 */
static const char *const switches[] = { "x-ms-sgx-is-debuggable", "is-debuggable", "x-ms-sevsnpvm-is-debuggable",
                                        "tdx_td_attributes_debug", "tdx_is_debuggable" };
#define SWITCHES (sizeof(switches) / sizeof(switches[0]))
/* Values of `dbgstat` that exclude a debugger from the time of the attestation on (RFC 9711 section 4.2.9). */
static const char *const disabled[] = { "\"disabled\"", "\"disabled-since-boot\"", "\"disabled-permanently\"",
                                        "\"disabled-fully-and-permanently\"" };

static azattest__debug read_switch(azattest_bytes json)
{
    if (json.ptr == NULL)
        return AZATTEST__DEBUG_UNSAID;
    if (azattest__bytes_equal_text(json, "true"))
        return AZATTEST__DEBUG_ON;
    return azattest__bytes_equal_text(json, "false") ? AZATTEST__DEBUG_OFF : AZATTEST__DEBUG_UNCLEAR;
}

static azattest__debug read_status(azattest_bytes json)
{
    if (json.ptr == NULL)
        return AZATTEST__DEBUG_UNSAID;
    for (size_t i = 0; i < sizeof(disabled) / sizeof(disabled[0]); i++)
        if (azattest__bytes_equal_text(json, disabled[i]))
            return AZATTEST__DEBUG_OFF;
    return azattest__bytes_equal_text(json, "\"enabled\"") ? AZATTEST__DEBUG_ON : AZATTEST__DEBUG_UNCLEAR;
}

/* UNSAID gives way to everything, and everything else to what is worse. */
static void add(azattest__debug said, const char *name, azattest__debug *state, const char **worst)
{
    if (said == AZATTEST__DEBUG_UNSAID || (*state != AZATTEST__DEBUG_UNSAID && said <= *state))
        return;
    *state = said;
    *worst = name;
}

static azattest__debug one_level(azattest_bytes object, const char **worst)
{
    azattest__debug state = AZATTEST__DEBUG_UNSAID;
    azattest_bytes found[SWITCHES];

    azattest__json_find_all(object, switches, found, SWITCHES);
    for (size_t i = 0; i < SWITCHES; i++)
        add(read_switch(found[i]), switches[i], &state, worst);
    add(read_status(azattest__json_find(object, "dbgstat")), "dbgstat", &state, worst);
    return state;
}

azattest__debug azattest__claims_debug(azattest_bytes body, const char **name)
{
    azattest_bytes isolation = azattest__claim_isolation(body);
    azattest__debug outer, inner;
    const char *inside = NULL;

    *name = NULL;
    outer = one_level(body, name);
    if (isolation.ptr == NULL)
        return outer;
    /* The isolation TEE has to speak for itself: what stands outside may be a policy's own claim. */
    inner = azattest__claim_is_object(isolation) ? one_level(isolation, &inside) : AZATTEST__DEBUG_UNCLEAR;
    if (inner <= outer && outer > AZATTEST__DEBUG_UNSAID)
        return outer;
    *name = azattest__claim_is_object(isolation) ? inside : "x-ms-isolation-tee";
    return inner;
}

bool azattest__claims_guest_debug(azattest_bytes body, size_t *at, const char **name, const char **wanted)
{
    static const struct {
        const char *name, *wanted;
    } claims[] = {
        { "x-ms-azurevm-bootdebug-enabled", "false" },
        { "x-ms-azurevm-kerneldebug-enabled", "false" },
        { "x-ms-azurevm-hypervisordebug-enabled", "false" },
        { "x-ms-azurevm-debuggersdisabled", "true" },
    };

    while (*at < sizeof(claims) / sizeof(claims[0])) {
        azattest_bytes claim = azattest__json_find(body, claims[*at].name);

        *name = claims[*at].name;
        *wanted = claims[(*at)++].wanted;
        if (claim.ptr != NULL && !azattest__bytes_equal_text(claim, *wanted))
            return true;
    }
    return false;
}
