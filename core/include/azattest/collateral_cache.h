/**
 * Collateral that is kept in a folder, and the whole of fetching as one blocking call. Needs `libazattest`.
 *
 * Each item lies in a file of its own (mode 0600), which is replaced as a whole, so processes may share a folder, and
 * what a crash leaves is the old or the new state. What is read passes the same readers as an answer. Nothing whose end
 * has come (nextUpdate, notAfter) is ever used, and nothing older than its source said (max-age) passes for fresh. A
 * file that is damaged is left aside, with a line in the log, and replaced.
 */
#ifndef AZATTEST_COLLATERAL_CACHE_H
#define AZATTEST_COLLATERAL_CACHE_H

#include "collateral_client.h"
#include "transport.h"

AZATTEST_BEGIN

typedef struct azattest_collateral_cache azattest_collateral_cache;

/**
 * Opens a folder, and makes it (mode 0700) where it is missing; the folder above it has to be there. Files that nobody
 * has renewed for 60 days are removed. The cache may be used from many threads.
 * @param folder  copied
 * @retval AZATTEST_E_ARGUMENT  no folder, or no place for the cache
 * @retval AZATTEST_E_STATE     it cannot be made or read, it is no folder, or somebody else may write to it
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_collateral_cache_open(const char *folder,
                                                                                azattest_collateral_cache **out,
                                                                                azattest_error **error);
AZATTEST_API void azattest_collateral_cache_free(azattest_collateral_cache *cache);

/**
 * Gives an operation that fetches collateral what is kept of its items, before it is run: for drivers of one's own.
 * What is missing or cannot be used is left to be fetched.
 * @param stale  also what is not fresh any more but has not come to its own end, as azattest_op_give_collateral()
 * @retval AZATTEST_E_ARGUMENT  no cache, or no such operation
 */
AZATTEST_API azattest_status azattest_collateral_cache_load(const azattest_collateral_cache *cache, azattest_op *op,
                                                            bool stale, azattest_error **error);
/**
 * Keeps what the operation has fetched, also when it failed in the end.
 * @retval AZATTEST_E_ARGUMENT  no cache, or no such operation
 * @retval AZATTEST_E_STATE     a file could not be written; the others were
 */
AZATTEST_API azattest_status azattest_collateral_cache_store(const azattest_collateral_cache *cache,
                                                             const azattest_op *op, azattest_error **error);

/**
 * What azattest_collateral_fetch_begin() fetches, in one call: from the cache what is fresh, the rest from the source,
 * and that into the cache. When the source cannot be reached or fails, what is kept of all items serves until their own
 * end, with a warning in the log.
 * @param transport   NULL: offline, what is kept serves until its own end
 * @param cache       NULL: everything is fetched, nothing is kept
 * @param options     NULL for defaults
 * @param collateral  receives the set, owned by the caller
 * @retval AZATTEST_E_ARGUMENT   neither transport nor cache, no evidence, or as azattest_collateral_fetch_begin()
 * @retval AZATTEST_E_TRANSPORT  also offline: the message names what is not kept, or has come to its end
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_fetch_collateral(
    azattest_transport *transport, const azattest_collateral_cache *cache, const azattest_evidence *evidence,
    const azattest_collateral_options *options, azattest_collateral **collateral, azattest_error **error);

AZATTEST_END

#endif
