#include "collateral_simulated.h"

#include "json/json.h"

#include "parts.h"

#define NEWEST 17u /* of the simulator's documents, where nothing else is said */

static azattest_status make_thim(const azattest__simulated_collateral *collateral,
                                 const azattest_simulated_platform *platform, azattest__buf *body,
                                 azattest_error **error)
{
    static const char *const members[] = { "vcekCert", "tcbm", "cacheControl", "certificateChain" };
    azattest__json *document = NULL, *answer = NULL;
    unsigned char *text = NULL;
    azattest_status status;
    size_t len;

    if ((status = azattest_simulator_collateral(collateral->simulator, platform, "snp", &text, &len, error)) !=
            AZATTEST_OK ||
        (status = azattest__json_parse(azattest__bytes(text, len), &document, error)) != AZATTEST_OK)
        goto done;
    answer = azattest__json_new_object();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        azattest__json_put_string(answer, members[i], azattest__json_get_string(document, members[i]));
    status = azattest__json_print(answer, false, body, error);
done:
    azattest__json_free(answer);
    azattest__json_free(document);
    azattest_simulator_free_bytes(text);
    return status;
}

/* A recovery that is not there yet: 404, as Intel answers. The early one is one ahead of the standard one. */
static bool choose_recovery(const azattest__collateral_query *query, azattest_simulated_platform *platform)
{
    uint32_t newest = platform->tcb_evaluation == 0 ? NEWEST : platform->tcb_evaluation;

    if (query->evaluation_number > newest + 1)
        return false;
    platform->tcb_evaluation = query->evaluation_number > 0 ? query->evaluation_number : newest + query->early;
    return true;
}

static azattest_status make(void *user, const azattest__collateral_query *query, azattest__buf *body,
                            azattest__buf *chain, azattest_error **error)
{
    const azattest__simulated_collateral *collateral = user;
    azattest_simulated_platform platform = collateral->platform;
    unsigned char *bytes = NULL;
    char *issuers = NULL;
    azattest_status status;
    size_t len = 0;

    if (!choose_recovery(query, &platform))
        return AZATTEST_ABSENT;
    if (query->ca != NULL)
        platform.pck_ca = query->ca;
    if (query->has_fmspc)
        platform.fmspc = azattest__bytes(query->fmspc, sizeof(query->fmspc));
    if (query->has_cpu_svn) {
        platform.cpu_svn = azattest__bytes(query->cpu_svn, sizeof(query->cpu_svn));
        platform.pcesvn = query->pcesvn;
    }
    if (query->product != NULL)
        platform.product = query->product;
    if (query->by_vlek)
        platform.vlek = AZATTEST_ON;
    if (query->chip_id_len > 0) {
        platform.chip_id = azattest__bytes(query->chip_id, query->chip_id_len);
        platform.reported_tcb = azattest__bytes(query->reported_tcb, sizeof(query->reported_tcb));
    }
    if (strcmp(query->item, "thim") == 0)
        return make_thim(collateral, &platform, body, error);
    if ((status = azattest_simulator_collateral_item(collateral->simulator, &platform, query->tee, query->item, &bytes,
                                                     &len, &issuers, error)) == AZATTEST_OK) {
        azattest__buf_append(body, bytes, len);
        azattest__buf_append_text(chain, issuers == NULL ? "" : issuers);
        if ((status = azattest__error_from_buf(error, body, query->item)) == AZATTEST_OK)
            status = azattest__error_from_buf(error, chain, "issuer chain");
    }
    azattest_simulator_free_bytes(bytes);
    azattest_simulator_free_bytes(issuers);
    return status;
}

azattest__collateral_maker azattest__simulated_maker(azattest__simulated_collateral *collateral)
{
    return (azattest__collateral_maker){ .make = make, .user = collateral };
}
