/**
 * Fetching collateral (collateral.h): what the verdict of a given piece of evidence needs, from the makers of its
 * platform or from a cache of theirs. An operation (op.h) like those of the clients: it wants requests and waits alone,
 * and does no I/O. What comes is signed, so nobody has to be trusted for it, and nothing about the caller is sent: no
 * access token, no cookie, no id of the call. Only the subscription key goes out, where the caller gave one.
 *
 * What was fetched can be kept: the operation hands out records, and takes them in place of requests.
 * azattest/collateral_cache.h keeps them in a folder, and has the whole as one blocking call.
 */
#ifndef AZATTEST_COLLATERAL_CLIENT_H
#define AZATTEST_COLLATERAL_CLIENT_H

#include "client.h"
#include "collateral.h"
#include "evidence.h"

AZATTEST_BEGIN

/** Where collateral comes from. Zero means default; text is borrowed for the call and copied. */
typedef struct azattest_collateral_options {
    size_t size; /**< sizeof(azattest_collateral_options) */
    /**
     * "auto" (NULL): the maker of the evidence's platform, "intel" or "amd".
     * "intel": the PCS, version 4. "amd": the KDS.
     * "azure": Azure's public caches, which have Azure's baseline of Intel's items, and VCEKs (no revocation list).
     * "azure_vm": what the metadata service of a VM in Azure answers; it alone asks without TLS.
     * "pccs": a caching service of one's own, at `endpoint`.
     */
    const char *source;
    /** An origin ("https://localhost:8081") that is asked in place of the source's own hosts. `http://` is taken for
     * addresses of this machine and of its link (169.254.0.0/16) alone */
    const char *endpoint;
    const char *region;  /**< of "azure": the region of its TDX items, needed there ("useast2"), and its cache of VCEKs
                              ("global") */
    const char *product; /**< "Milan", "Genoa", "Turin" of an SEV-SNP report of version 2, which does not tell */
    int tcb_evaluation_data_number; /**< of Intel's TCB info and identities; 0: the newest that `update` gives */
    const char *update;             /**< "standard", "early"; NULL: as the source has it, which is "standard" */
    /** Of Intel's PCS, for evidence that names its PCK certificate and does not hold it (certification data of types 2
     * and 3); no other request needs one, and it goes to "intel" alone. A secret */
    const char *subscription_key;
    azattest_switch crls_only; /**< off. On: revocation lists alone, for instance to renew them */
    /** Of these clock, random, application_id, user_agent, retry_..., timeout_ms and log_level are used; NULL: all
     * defaults */
    const azattest_client_options *client;
} azattest_collateral_options;
/* clang-format off */
#define AZATTEST_COLLATERAL_OPTIONS_INIT { .size = sizeof(azattest_collateral_options) }
/* clang-format on */

/**
 * Starts to fetch what the evidence needs: for SGX and TDX quotes the TCB info, the identity of the quoting enclave,
 * and the lists of the PCK's authority and of the root, before them the PCK certificate where the quote only names it;
 * for SEV-SNP reports the VCEK with its chain, unless the evidence was signed otherwise or hides its chip, and the list
 * of the product. Evidence that needs nothing of the kind (a TPM quote) gives an empty set.
 * azattest_op_take_collateral() takes the result.
 *
 * @param options   NULL for defaults
 * @param evidence  borrowed for the call
 * @param op        receives the operation, owned by the caller
 * @retval AZATTEST_E_ARGUMENT     no evidence; an option that cannot be, or one that this evidence needs is missing
 * @retval AZATTEST_E_EVIDENCE     the evidence does not say which platform it is of: the message says what is missing
 * @retval AZATTEST_E_UNSUPPORTED  the source has nothing about evidence of this kind
 * Source: Intel SGX and TDX Provisioning Certification Service, API version 4; AMD publication 57230; Azure DCAP
 * client.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_collateral_fetch_begin(const azattest_collateral_options *options, const azattest_evidence *evidence,
                                azattest_op **op, azattest_error **error);
/** The set that the operation has fetched, owned by the caller; NULL unless it is done, or taken before. */
AZATTEST_API azattest_collateral *azattest_op_take_collateral(azattest_op *op);

/* ---- for whoever keeps what was fetched ---- */

/** How many items the operation fetches; 0 for another operation. A PCK certificate that is fetched or given first adds
 * those that depend on it. */
AZATTEST_API size_t azattest_op_collateral_count(const azattest_op *op);
/** What the item is: "pck_certificate", "tcb_info", "qe_identity", "pck_crl", "root_ca_crl", "vcek", "amd_chain",
 * "amd_crl", "amd_certificates" (a VCEK with its chain); NULL past the end. */
AZATTEST_API const char *azattest_op_collateral_item(const azattest_op *op, size_t index);
/** A name for what is kept of the item: small letters, digits, '_' and '-', at most AZATTEST_COLLATERAL_KEY_SIZE with
 * its NUL. Equal names are equal requests. NULL past the end. */
AZATTEST_API const char *azattest_op_collateral_key(const azattest_op *op, size_t index);
#define AZATTEST_COLLATERAL_KEY_SIZE 64
/** The item is there: fetched, or given. */
AZATTEST_API bool azattest_op_has_collateral(const azattest_op *op, size_t index);
/** What to keep of an item that was fetched, as one text; absent: it was not fetched (yet), or must not be kept. Lives
 * as long as the operation. It holds nothing secret. */
AZATTEST_API azattest_bytes azattest_op_collateral_record(const azattest_op *op, size_t index);
/**
 * Hands over a record that was kept, in place of a request. It passes the same readers as an answer, and is refused
 * when it is damaged, of another item, of the future, or not fresh any more: older than the answer's max-age (24 hours
 * where the answer had none, 30 days for a VCEK and its chain), or behind the end that the item itself states.
 *
 * @param record  borrowed for the call; at most AZATTEST_LIMIT_COLLATERAL_RECORD
 * @param stale   the age does not count, only the item's own end: for offline use, and when nobody answers
 * @retval AZATTEST_E_ARGUMENT   no operation, or no such item
 * @retval AZATTEST_E_MALFORMED  damaged, of another item or of the future; drop it
 * @retval AZATTEST_E_STATE      the item is there already, or its request is under way
 * @retval AZATTEST_ABSENT       not fresh any more
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_op_give_collateral(azattest_op *op, size_t index,
                                                                             azattest_bytes record, bool stale,
                                                                             azattest_error **error);

AZATTEST_END

#endif
