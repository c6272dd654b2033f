/* The PCK certificate chain of a quote, and the SGX extensions of its leaf. */
#ifndef AZATTEST_EVIDENCE_PCK_H
#define AZATTEST_EVIDENCE_PCK_H

#include "../../crypto/x509.h"

#define AZATTEST__PCK_CHAIN 3u /* leaf, intermediate, root: no other number is genuine */
#define AZATTEST__PCK_COMPONENTS 16u

/* What Intel certifies about the platform. Source: Intel SGX PCK Certificate and CRL profile specification. */
typedef struct azattest__pck_extensions {
    unsigned char ppid[16], cpu_svn[16], pceid[2], fmspc[6], platform_instance_id[16];
    int components[AZATTEST__PCK_COMPONENTS], pcesvn, sgx_type;
    bool has_platform_instance_id, has_configuration;
    bool dynamic_platform, cached_keys, smt_enabled;
} azattest__pck_extensions;

/* A chain that cannot be used is not an error here: the reason is kept for the verdict. */
typedef struct azattest__pck {
    azattest__x509_chain chain;       /* those that were read, in the order of the text; not more than three */
    azattest_error *chain_error;      /* why the text is not a chain of three, or NULL */
    azattest_error *extensions_error; /* why `extensions` is not set, or NULL */
    azattest__pck_extensions extensions;
} azattest__pck;

/* Reads certification data of type 5; keys that are among `keys` (NULL: none) are not made anew. Fails only when memory
 * is short. */
azattest_status azattest__pck_read(azattest_bytes text, const azattest__x509_keys *keys, azattest__pck *out,
                                   azattest_error **error);
void azattest__pck_clear(azattest__pck *pck);

/* Takes the extension's value apart; `out` is complete or not to be used. */
azattest_status azattest__pck_extensions_parse(azattest_bytes value, azattest__pck_extensions *out,
                                               azattest_error **error);
/* The certificate's serial number, big-endian, without the byte that only says "positive". */
azattest_bytes azattest__pck_serial(const azattest__x509 *certificate);

/* Which of Intel's authorities issued the leaf, by its name: "processor" or "platform", which tells its revocation
 * list; NULL for another. */
const char *azattest__pck_ca(const azattest__pck *pck);

/* Names chain, signatures verify, issuers are CAs, keys are P-256. AZATTEST_E_EVIDENCE_INVALID says what is not so. */
azattest_status azattest__pck_check_chain(const azattest__pck *pck, azattest_error **error);
/* The common names of Intel's own hierarchy, which another root need not keep to. */
azattest_status azattest__pck_check_names(const azattest__pck *pck, azattest_error **error);
/* Every certificate lives at that second. */
azattest_status azattest__pck_check_validity(const azattest__pck *pck, int64_t now, azattest_error **error);
/* The certificates of PEM text, at least one; at most AZATTEST_LIMIT_CHAIN. Cleared by the caller, also after a
 * failure. */
azattest_status azattest__pck_read_roots(azattest_bytes pem, azattest__x509_chain *out, azattest_error **error);

#endif
