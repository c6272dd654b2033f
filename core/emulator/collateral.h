/*
 * The services that have collateral, as far as a fetch asks them: Intel's PCS (and a caching service, and Azure's
 * caches, which speak as it does), AMD's KDS, and the metadata service of Azure's VMs. Paths, queries and headers are
 * theirs; the documents come from whoever makes them, so that nothing here knows the simulator.
 */
#ifndef AZATTEST_EMULATOR_COLLATERAL_H
#define AZATTEST_EMULATOR_COLLATERAL_H

#include "service.h"

/* Which piece is asked for, as azattest_simulator_collateral_item() names it. */
typedef struct azattest__collateral_query {
    const char *tee;  /* "sgx", "tdx", "snp" */
    const char *item; /* "tcb_info", ..., "thim" (the metadata service's document) */
    const char *ca;   /* "processor", "platform"; NULL: not said */
    unsigned char fmspc[6], cpu_svn[16];
    bool has_fmspc, has_cpu_svn;
    unsigned pcesvn;
    unsigned evaluation_number; /* 0: the newest */
    bool early;
    const char *product; /* NULL: not said */
    unsigned char chip_id[64], reported_tcb[8];
    size_t chip_id_len; /* 0: not said */
    bool by_vlek;
} azattest__collateral_query;

/* Makes it. `chain` receives its issuers in PEM, or stays empty. AZATTEST_ABSENT: there is none such. */
typedef struct azattest__collateral_maker {
    azattest_status (*make)(void *user, const azattest__collateral_query *query, azattest__buf *body,
                            azattest__buf *chain, azattest_error **error);
    void *user;
} azattest__collateral_maker;

/* Answers when the path is one of these services'; false when it is not. Without `make` it never is. */
bool azattest__collateral_handle(const azattest__collateral_maker *maker, const azattest__service_request *request,
                                 azattest__service_answer *answer);

#endif
