/**
 * Collateral: what the makers of a platform say about it beside the evidence. For Intel TCB info, QE identity,
 * revocation lists and the certificates behind them; for AMD the VCEK or VLEK, its chain and revocation lists. Each
 * item is signed on its own, so nothing is trusted for standing in here: azattest_evidence_verify() judges the items
 * that the evidence at hand needs, and names those that are missing. VERIFICATION.md beside this header says which
 * verdict needs which item.
 *
 * An object is filled first and used then. From its first use on it is immutable, may be shared by threads, and keeps
 * what it found out: signatures of its items are verified once, and so are the PCK chains of the last quotes, so that
 * another quote of a known platform costs two signatures. Times are judged anew each time.
 */
#ifndef AZATTEST_COLLATERAL_H
#define AZATTEST_COLLATERAL_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_collateral azattest_collateral;

/** An empty set, owned by the caller. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_collateral_new(azattest_collateral **out,
                                                                         azattest_error **error);

/**
 * Adds the content of a file, whatever it is: an answer of Intel's PCS or of a cache (`tcbInfo` or `enclaveIdentity`
 * with its `signature`), a bundle as dcap-qvl writes it (`tcb_info`, `tcb_info_signature`, `tcb_info_issuer_chain`,
 * `qe_identity`, ..., `pck_crl`, `root_ca_crl`), certificates and revocation lists in PEM, DER, or hexadecimal text of
 * DER, Open Enclave's endorsements, the JSON of Azure's THIM for AMD (`vcekCert`, `certificateChain`), the
 * certificate table of an extended report, or what azattest_collateral_save() gave. An item that is there already is
 * not added twice. After a failure none of the content's items is in the set.
 *
 * @param content  borrowed; 1 byte to AZATTEST_LIMIT_COLLATERAL_FILE
 * @retval AZATTEST_E_MALFORMED    the message says what it was taken for, and what is wrong with it
 * @retval AZATTEST_E_UNSUPPORTED  an item of a kind or version that is known and not used here
 * @retval AZATTEST_E_LIMIT        too large, or more than AZATTEST_LIMIT_COLLATERAL_ITEMS of a kind
 * @retval AZATTEST_E_STATE        the set was used already
 * Source: Intel PCS v4; dcap-qvl `QuoteCollateralV3`; Open Enclave `endorsements.h`; AMD publication 57230.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_collateral_add(azattest_collateral *collateral,
                                                                         azattest_bytes content,
                                                                         azattest_error **error);
/**
 * Adds the body of one answer together with the chain of its header.
 *
 * @param item          "tcb_info", "qe_identity", "pck_crl", "root_ca_crl", "vcek", "amd_chain" or "amd_crl"
 * @param body          borrowed; as azattest_collateral_add(), and it must be that item
 * @param issuer_chain  borrowed; the header's certificates in PEM, percent-decoded; absent: none
 * @retval AZATTEST_E_ARGUMENT  no such item
 * The others as azattest_collateral_add().
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_collateral_add_response(azattest_collateral *collateral,
                                                                                  const char *item, azattest_bytes body,
                                                                                  azattest_bytes issuer_chain,
                                                                                  azattest_error **error);

/** Takes one more reference. Gives its argument back. */
AZATTEST_API azattest_collateral *azattest_collateral_ref(const azattest_collateral *collateral);
/** Gives one reference back; NULL is accepted. */
AZATTEST_API void azattest_collateral_free(azattest_collateral *collateral);

/**
 * What is in the set, as one JSON object: `items`, each with its kind, its window, evaluation number and issuer,
 * whether its signature verifies (`verifies`) and to which root ("intel", "amd", "other"). Where `verifies` is false
 * `issuer_missing` tells an item whose issuer's certificate is not in the set, so that nobody can know, from one that
 * its issuer did not sign. A use of the set. Lives as long as the set; absent for NULL, and when memory is short.
 */
AZATTEST_API azattest_bytes azattest_collateral_describe(const azattest_collateral *collateral);
/**
 * The whole set as one JSON document, which azattest_collateral_add() takes: a bundle as dcap-qvl reads it while the
 * set has one item of each kind, and a superset of that otherwise.
 *
 * @param bytes  receives the text, owned by the caller, for azattest_free(); followed by a NUL that `len` does not
 * count
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_collateral_save(const azattest_collateral *collateral,
                                                                          unsigned char **bytes, size_t *len,
                                                                          azattest_error **error);
/** When the first of its items ends (nextUpdate, notAfter), in milliseconds since 1970 UTC; 0: it has none. */
AZATTEST_API int64_t azattest_collateral_expires_ms(const azattest_collateral *collateral);

AZATTEST_END

#endif
