/* K9: whether the key that signed a token is that of the service's enclave, or of one whom an authority vouches for. */
#ifndef AZATTEST_OPERATION_SERVICE_EVIDENCE_H
#define AZATTEST_OPERATION_SERVICE_EVIDENCE_H

#include <pthread.h>

#include <azattest/appraisal.h>
#include <azattest/collateral.h>

#include "../base/fork.h"
#include "../token/token.h"

/* Keys of an instance that are in use at a time: two or three. */
#define AZATTEST__SERVICE_VERDICTS 8u

/* Certificates whose evidence was found good, by whose rules, and for which times. Guarded by `mutex`. */
typedef struct azattest__service_cache {
    pthread_mutex_t mutex;
    azattest__fork_entry fork;
    struct azattest__service_verdict {
        azattest__cert *certificate; /* NULL: free */
        azattest_appraisal *appraisal;
        azattest_collateral *collateral;            /* NULL: there was none */
        unsigned char roots[AZATTEST__SHA256_SIZE]; /* hash of service_roots; zeros: there were none */
        int64_t from_ms, until_ms;                  /* all that the verdict stands on is alive */
    } verdicts[AZATTEST__SERVICE_VERDICTS];
    size_t next;    /* which is replaced */
    uint64_t fresh; /* verdicts that were not in the cache, for tests */
} azattest__service_cache;

azattest_status azattest__service_cache_init(azattest__service_cache *cache, azattest_error **error);
void azattest__service_cache_clear(azattest__service_cache *cache);

/* An azattest__signer_judge; `cache` NULL: every verdict is reached anew. */
azattest_status azattest__judge_service(void *cache, const azattest_signer *signer,
                                        const azattest_validation_options *options, int64_t now_ms,
                                        azattest_error **error);

#endif
