/*
 * The set of collateral inside: items as they came, and what was found out about them. Items are only added before the
 * first use. What is found out later is published once by an atomic pointer, and never changes: no lock is held while a
 * signature is verified, and a forked child finds either nothing or all of it.
 */
#ifndef AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H
#define AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H

#include <azattest/collateral.h>

#include <stdatomic.h>

#include "../../base/fork.h"
#include "../../crypto/x509.h"
#include "../intel/qe_identity.h"
#include "../intel/tcb_info.h"
#include "amd.h"

/* Any certificate, of Intel's or AMD's hierarchy: what it is for, its content says. */
typedef struct azattest__collateral_certificate {
    unsigned char *der;
    azattest__x509 x509;
    _Atomic(struct azattest__collateral_certificate *) root; /* see azattest__collateral_root_of() */
    bool has_tcbm; /* an AMD host's document, in which it came, names a TCB version (bytes as in a report): */
    unsigned char tcbm[AZATTEST__SNP_TCB_SIZE];
} azattest__collateral_certificate;

/* What a revocation list is worth under one issuer: the first that was asked for, as there is only one as a rule. */
typedef struct azattest__crl_finding {
    azattest_status status;
    azattest_error *error;
    unsigned char *issuer; /* its certificate */
    size_t issuer_len;
} azattest__crl_finding;

typedef struct azattest__collateral_crl {
    unsigned char *der;
    azattest__x509_crl crl;
    _Atomic(azattest__crl_finding *) finding;
} azattest__collateral_crl;

/* What a signed document is worth: AZATTEST_OK when a certificate "Intel SGX TCB Signing" that a root issued signed it,
 * and it could be read then. */
typedef struct azattest__document_finding {
    azattest_status status;
    azattest_error *error;
    bool no_signer;                      /* the set has no certificate that could have signed it */
    const azattest__x509 *signer, *root; /* as far as they were found */
    union {
        azattest__tcb_info tcb;
        azattest__qe_identity qe;
    } content;
} azattest__document_finding;

typedef struct azattest__collateral_document {
    bool is_tcb_info; /* else it is a QE identity */
    bool tdx;
    int64_t issue_date, next_update;
    int evaluation;
    unsigned char fmspc[6]; /* of a TCB info */
    unsigned char *text;    /* the signed object, byte for byte */
    size_t len;
    unsigned char signature[64];
    _Atomic(azattest__document_finding *) finding;
} azattest__collateral_document;

/* PCK chains that were verified, by the SHA-256 of their text. */
#define AZATTEST__PCK_KEPT 128u

struct azattest_collateral {
    atomic_int references;
    atomic_bool used;
    azattest__collateral_certificate **certificates;
    size_t certificate_count;
    azattest__collateral_crl **crls;
    size_t crl_count;
    azattest__collateral_document **documents;
    size_t document_count;
    _Atomic(azattest__buf *) description;
    _Atomic(azattest__amd_items *) amd; /* see azattest__collateral_amd() */
    pthread_mutex_t mutex;              /* of what follows */
    azattest__fork_entry fork_entry;
    unsigned char pck_kept[AZATTEST__PCK_KEPT][AZATTEST__SHA256_SIZE];
    size_t pck_count, pck_next;
};

/* Adding one item; copies. `what` names it in messages. */
azattest_status azattest__collateral_add_certificate(azattest_collateral *c, azattest_bytes der, const char *what,
                                                     azattest_error **error);
azattest_status azattest__collateral_add_crl(azattest_collateral *c, azattest_bytes der, const char *what,
                                             azattest_error **error);
azattest_status azattest__collateral_add_document(azattest_collateral *c, bool is_tcb_info, azattest_bytes text,
                                                  azattest_bytes signature_hex, azattest_error **error);
/* Goes back to these numbers of items. */
void azattest__collateral_cut(azattest_collateral *c, size_t certificates, size_t crls, size_t documents);

/* Content of files. */
#define AZATTEST__ANY_NUMBER 0u
/* PEM certificates; `expected` of them, unless it is AZATTEST__ANY_NUMBER. */
azattest_status azattest__collateral_read_chain(azattest_collateral *c, azattest_bytes pem, const char *what,
                                                size_t expected, azattest_error **error);
/* Revocation lists or certificates in PEM, DER, or hexadecimal text of DER. */
azattest_status azattest__collateral_read_x509(azattest_collateral *c, azattest_bytes content, const char *what,
                                               azattest_error **error);
azattest_status azattest__collateral_read_json(azattest_collateral *c, azattest_bytes text, azattest_error **error);
/* {"tcbInfo": ...} or {"enclaveIdentity": ...}, and which one it has to be. */
azattest_status azattest__collateral_read_signed(azattest_collateral *c, bool is_tcb_info, azattest_bytes text,
                                                 azattest_error **error);
/* Binary containers: Open Enclave's endorsements, and the structure of Intel's quote provider library. */
bool azattest__collateral_is_binary(azattest_bytes content);
azattest_status azattest__collateral_read_binary(azattest_collateral *c, azattest_bytes content,
                                                 azattest_error **error);

/* The certificate table of an extended report of AMD's (../amd/table.h). */
azattest_status azattest__collateral_read_amd_table(azattest_collateral *c, azattest_bytes table,
                                                    azattest_error **error);

/* The set is used from here on. */
void azattest__collateral_use(const azattest_collateral *c);

/* Findings are kept with the items, which readers of a const set are given to change in this alone. */

/* Certificates of one name whose keys are tried for one signature: real authorities have one or two at a time, and a
 * set of nothing but such would cost minutes. */
#define AZATTEST__ISSUERS_TRIED 16u

/* The self-issued certificate of the set that issued this one, and whose own signature is good; one with Intel's root
 * key before others. NULL: none. */
azattest__collateral_certificate *azattest__collateral_root_of(const azattest_collateral *c,
                                                               azattest__collateral_certificate *certificate);
/* What the document is worth; NULL when memory is short. */
const azattest__document_finding *azattest__collateral_judge_document(const azattest_collateral *c,
                                                                      azattest__collateral_document *document);
/* AZATTEST_OK when the issuer (whoever answers for it) signed the list. */
azattest_status azattest__collateral_judge_crl(azattest__collateral_crl *crl, const azattest__x509 *issuer,
                                               azattest_error **error);

/* The document to use: of that kind, and as far as there are any for that TEE and FMSPC (NULL: whichever); then one
 * that verifies under a root with the key of that one (NULL: any), one alive at that time, the highest evaluation
 * number, the latest. NULL: the set has none of the kind. */
azattest__collateral_document *azattest__collateral_find_document(const azattest_collateral *c, bool is_tcb_info,
                                                                  bool tdx, const unsigned char *fmspc,
                                                                  const azattest__x509 *root, int64_t now);
/* The list of that issuer: one that verifies before others, then one that had begun by that time, then the latest, also
 * when it has ended: who has an old list that is in force cannot put it in the place of a newer one. NULL: none by that
 * name. */
azattest__collateral_crl *azattest__collateral_find_crl(const azattest_collateral *c, const azattest__x509 *issuer,
                                                        int64_t now);
/* Whose list it is, whether or not it is of the machine at hand: a list of another authority is not the lack of one. */
typedef enum azattest__crl_kind { AZATTEST__CRL_OTHER, AZATTEST__CRL_ROOT, AZATTEST__CRL_PCK } azattest__crl_kind;
azattest__crl_kind azattest__collateral_crl_kind(const azattest_collateral *c, const azattest__collateral_crl *crl);
bool azattest__collateral_has_crl(const azattest_collateral *c, azattest__crl_kind kind);

/* The certificate of that name whose key signed the list; NULL: none. *named becomes true when there is one of the
 * name.
 */
azattest__collateral_certificate *azattest__collateral_issuer_of(const azattest_collateral *c,
                                                                 azattest__collateral_crl *crl, bool *named);
/* No signature in the set is known to be wrong: every document verifies under a root of the set, and every list under
 * its issuer, if a certificate of its name is in the set or in the one beside it. */
bool azattest__collateral_holds(const azattest_collateral *c, const azattest_collateral *beside);

/* Those certificates and lists that are AMD's, made when first asked for: a use of the set. NULL when memory is short.
 */
const azattest__amd_items *azattest__collateral_amd(const azattest_collateral *c);

/* Keys of its certificates: a PCK chain's intermediate and root are among them, as a rule. */
azattest__x509_keys azattest__collateral_keys(const azattest_collateral *c);

/* PCK chains that verified before. */
bool azattest__collateral_knows_pck(const azattest_collateral *c, const unsigned char hash[AZATTEST__SHA256_SIZE]);
void azattest__collateral_keep_pck(const azattest_collateral *c, const unsigned char hash[AZATTEST__SHA256_SIZE]);

#endif
