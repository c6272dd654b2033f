/* Verifying an SEV-SNP report: the key that signed it, the chain of that key to AMD's root, and what both say. */
#include "../verdict/verification.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../collateral/amd.h"
#include "../collateral/collateral.h"
#include "chain.h"
#include "revocation.h"

#define P384_SIZE 48u
#define UNKNOWN_TEXT 1024u

/* One report under way. */
typedef struct snp {
    azattest__verification *v;
    const azattest__snp_report *report;
    azattest__amd_items own, roots; /* what came with the report; the caller's extra roots */
    const azattest__amd_items *sets[AZATTEST__AMD_SETS];
    azattest_error *own_error; /* why what came with the report cannot be used */
    azattest__amd_chain chain;
} snp;

/* What a certificate is needed for. */
static const char *const certified[] = {
    "signing_key", "report_signature", "vcek_chain", "ark_root", "vcek_validity", "product", "vcek_tcb", "chip_id",
};
#define CERTIFIED (sizeof(certified) / sizeof(certified[0]))

static bool stands_alone(const snp *s)
{
    return strcmp(s->v->evidence->kind, "snp_report") == 0;
}

static void plan(const snp *s)
{
    azattest_verification_result *result = s->v->result;

    azattest__verification_add(result, "structure", true, "not run");
    if (stands_alone(s))
        azattest__verification_add(result, "trailing_bytes", true, "not run");
    for (size_t i = 0; i < CERTIFIED; i++)
        azattest__verification_add(result, certified[i], true, "not run");
    azattest__verification_add(result, "vmpl", true, "not run");
}

/* ---- the report alone ---- */

/* Reserved bits are those that AMD has given no meaning yet. A verifier that refused them would refuse every report of
 * the next firmware, and one that hid them would hide that it did not understand what it passed: so they are told. */
static azattest_status check_structure(const snp *s)
{
    azattest_verification_result *result = s->v->result;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, UNKNOWN_TEXT);
    azattest__snp_report_unknown(s->report, s->v->snp_signer, &text);
    if (text.status == AZATTEST_E_MEMORY)
        status = AZATTEST_E_MEMORY;
    else if (text.len == 0)
        status = azattest__verification_set(result, "structure", true, "version %u, every reserved bit as specified",
                                            (unsigned)s->report->version);
    else if ((status = azattest__verification_set(result, "structure", s->v->options.refuse_unknown_bits != AZATTEST_ON,
                                                  "version %u; bits that this library does not know: %s",
                                                  (unsigned)s->report->version, (const char *)text.ptr)) == AZATTEST_OK)
        status = azattest__verification_warn(result, "the report has bits that this library does not know: %s",
                                             (const char *)text.ptr);
    azattest__buf_free(&text);
    return status;
}

static azattest_status check_trailing(const snp *s)
{
    azattest_bytes behind = s->v->evidence->trailing;
    const unsigned char *p = behind.ptr;
    bool zero = true;

    if (!stands_alone(s))
        return AZATTEST_OK;
    for (size_t i = 0; i < behind.len; i++)
        zero = zero && p[i] == 0;
    if (behind.len == 0)
        return azattest__verification_set(s->v->result, "trailing_bytes", true, "%s",
                                          s->v->evidence->amd_certificates.ptr == NULL
                                              ? "none behind the report"
                                              : "none behind the report and its certificates");
    return azattest__verification_set(s->v->result, "trailing_bytes", zero,
                                      zero ? "%zu bytes behind the report, all zero: padding of its buffer"
                                           : "%zu bytes behind the report, not all zero",
                                      behind.len);
}

/* A report that the host asked for holds the host's data, not the guest's. */
static azattest_status check_vmpl(const snp *s)
{
    uint32_t vmpl = s->report->vmpl;

    if (vmpl <= 3)
        return azattest__verification_set(s->v->result, "vmpl", true, "VMPL %u", (unsigned)vmpl);
    if (vmpl == AZATTEST__SNP_VMPL_HOST)
        return azattest__verification_set(s->v->result, "vmpl", false,
                                          "the host asked for the report, not the guest: it binds nothing of the "
                                          "guest's");
    return azattest__verification_set(s->v->result, "vmpl", false, "VMPL %u; 0 to 3 are known", (unsigned)vmpl);
}

/* Firmware commits a version when it cannot go back; it runs at least that, and reports at most that. */
static azattest_status warn_of_tcbs(const snp *s)
{
    const struct {
        const char *low_name, *high_name;
        const unsigned char *low, *high;
    } relations[] = {
        { "reported", "committed", s->report->reported_tcb, s->report->committed_tcb },
        { "committed", "current", s->report->committed_tcb, s->report->current_tcb },
        { "launch", "current", s->report->launch_tcb, s->report->current_tcb },
    };
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < sizeof(relations) / sizeof(relations[0]); i++) {
        azattest__snp_tcb low = azattest__snp_report_tcb(s->report, s->v->snp_signer, relations[i].low),
                          high = azattest__snp_report_tcb(s->report, s->v->snp_signer, relations[i].high);
        const char *part = NULL;

        if (!azattest__snp_tcb_at_least(&high, &low, &part))
            status = azattest__verification_warn(s->v->result, "the %s TCB is above the %s one in its part %s",
                                                 relations[i].low_name, relations[i].high_name, part);
    }
    return status;
}

/* ---- certificates at hand ---- */

/* A root of the caller's need not be named as AMD names them; then the product's check fails, not this. */
static azattest_status read_roots(snp *s, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < s->v->extra_roots.count; i++) {
        status = azattest__amd_add_certificate(&s->roots, s->v->extra_roots.certificates[i].der, error);
        if (status == AZATTEST_E_UNSUPPORTED || status == AZATTEST_E_MALFORMED)
            status = AZATTEST_OK; /* somebody else's */
    }
    return status;
}

/* Fails for want of memory alone. */
static azattest_status read_certificates(snp *s)
{
    azattest_error *error = NULL;
    azattest_status status = read_roots(s, &error);

    azattest_error_free(error);
    if (status != AZATTEST_OK)
        return status;
    if (s->v->evidence->amd_certificates.ptr != NULL &&
        azattest__amd_add_any(&s->own, s->v->evidence->amd_certificates, &s->own_error) == AZATTEST_E_MEMORY)
        return AZATTEST_E_MEMORY;
    s->sets[0] = &s->own;
    if (s->v->collateral != NULL && (s->sets[1] = azattest__collateral_amd(s->v->collateral)) == NULL)
        return AZATTEST_E_MEMORY;
    s->sets[2] = &s->roots;
    azattest__amd_chain_find(s->sets, s->report, &s->chain);
    if (s->chain.leaf != NULL)
        s->v->snp_signer = s->chain.leaf->product;
    return AZATTEST_OK;
}

/* Without the certificate nothing of the report is known: every check stays "not run", and they are required. */
static azattest_status without_certificate(const snp *s)
{
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < CERTIFIED; i++)
        status = azattest__verification_skip(s->v->result, certified[i], "not run: no %s is at hand%s%s",
                                             s->report->signing_key == AZATTEST__SNP_KEY_VLEK ? "VLEK" : "VCEK",
                                             s->own_error == NULL ? "" : "; ",
                                             s->own_error == NULL ? "" : azattest_error_message(s->own_error));
    if (status == AZATTEST_OK)
        status = azattest__verification_leave(
            s->v->result, "vcek",
            "not checked: without the certificate of its key the report's signature cannot be; give it as collateral");
    return status == AZATTEST_OK ? azattest__verification_leave(s->v->result, "revocation", "not checked") : status;
}

/* ---- the report and its key ---- */

static azattest_status check_signing_key(const snp *s)
{
    unsigned named = s->report->signing_key;
    const azattest__amd_certificate *leaf = s->chain.leaf;
    bool agree = (named == AZATTEST__SNP_KEY_VCEK && leaf->role == AZATTEST__AMD_VCEK) ||
                 (named == AZATTEST__SNP_KEY_VLEK && leaf->role == AZATTEST__AMD_VLEK);

    return azattest__verification_set(s->v->result, "signing_key", agree,
                                      agree ? "the report names the key as %s, and the certificate is one"
                                            : "the report names the key as %s, and the certificate is a %s",
                                      azattest__snp_signing_key_name(named), azattest__amd_role_name(leaf->role));
}

/* The scalars are little-endian, 72 bytes each, of which P-384 fills 48. */
static azattest_status read_signature(const azattest__snp_report *report, unsigned char out[2 * P384_SIZE],
                                      azattest_error **error)
{
    const azattest_bytes scalars[] = { report->signature_r, report->signature_s };

    if (report->signature_algorithm != AZATTEST__SNP_ECDSA_P384_SHA384)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "signature algorithm %u, expected 1 (ECDSA P-384 with SHA-384)",
                                   (unsigned)report->signature_algorithm);
    for (size_t i = 0; i < 2; i++) {
        const unsigned char *p = scalars[i].ptr;

        for (size_t j = P384_SIZE; j < AZATTEST__SNP_SCALAR_SIZE; j++)
            if (p[j] != 0)
                return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                           "the upper %u bytes of %s are not zero, so it is no scalar of P-384",
                                           AZATTEST__SNP_SCALAR_SIZE - P384_SIZE, i == 0 ? "r" : "s");
        for (size_t j = 0; j < P384_SIZE; j++)
            out[i * P384_SIZE + j] = p[P384_SIZE - 1 - j];
    }
    return AZATTEST_OK;
}

static azattest_status find_signature(const snp *s, azattest_error **error)
{
    const azattest__key *key = s->chain.leaf->x509.key;
    unsigned char signature[2 * P384_SIZE];
    azattest_status status;
    bool valid = false;

    if ((status = read_signature(s->report, signature, error)) != AZATTEST_OK)
        return status;
    if (key == NULL || azattest__key_curve(key) == NULL || strcmp(azattest__key_curve(key), "P-384") != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "the certificate's key is not one of P-384");
    if ((status =
             azattest__key_verify(key, AZATTEST__ES384, azattest__bytes(s->report->body, AZATTEST__SNP_SIGNED_SIZE),
                                  azattest__bytes(signature, sizeof(signature)), &valid, error)) != AZATTEST_OK)
        return status;
    return valid ? AZATTEST_OK
                 : azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "the signature is not that of the %s over the first %u bytes of the report",
                                       azattest__amd_role_name(s->chain.leaf->role), AZATTEST__SNP_SIGNED_SIZE);
}

static azattest_status check_signature(const snp *s)
{
    azattest_error *reason = NULL;
    azattest_status found = find_signature(s, &reason);

    return azattest__verification_judge(s->v, "report_signature", found, reason,
                                        "ECDSA P-384 with SHA-384, by the certificate's key");
}

static azattest_status check_chain(const snp *s)
{
    azattest_error *reason = NULL;
    azattest_status found = azattest__amd_chain_check(&s->chain, &reason);
    char passed[96];

    snprintf(passed, sizeof(passed), "%s, %s and ARK: names chain, signatures verify",
             azattest__amd_role_name(s->chain.leaf->role),
             s->chain.authority == NULL ? "" : azattest__amd_role_name(s->chain.authority->role));
    return azattest__verification_judge(s->v, "vcek_chain", found, reason, passed);
}

static azattest_status check_root(const snp *s)
{
    const azattest__amd_certificate *root = s->chain.root;
    azattest__snp_product pinned = AZATTEST__SNP_UNKNOWN;
    azattest_error *reason = NULL;
    azattest_status found;

    if (root == NULL)
        return azattest__verification_skip(s->v->result, "ark_root", "not run: the chain reaches no root");
    if ((found = azattest__amd_pinned_product(&root->x509, &pinned, &reason)) != AZATTEST_OK)
        return azattest__verification_judge(s->v, "ark_root", found, reason, "");
    if (pinned != AZATTEST__SNP_UNKNOWN) {
        s->v->result->root = "amd";
        return azattest__verification_set(s->v->result, "ark_root", pinned == root->product,
                                          pinned == root->product ? "the key is that of AMD's root of %s"
                                                                  : "the key is that of AMD's root of %s, under "
                                                                    "another name",
                                          azattest__snp_product_name(pinned));
    }
    for (size_t i = 0; root->x509.key != NULL && i < s->v->extra_roots.count; i++)
        if (s->v->extra_roots.certificates[i].key != NULL &&
            azattest__key_equal(root->x509.key, s->v->extra_roots.certificates[i].key)) {
            s->v->result->root = "extra";
            if ((found = azattest__verification_warn(
                     s->v->result, "EXTRA ROOT: the chain ends at a root that the caller trusts; this "
                                   "is not AMD's")) != AZATTEST_OK)
                return found;
            return azattest__verification_set(s->v->result, "ark_root", true,
                                              "the key is that of a root that the caller trusts");
        }
    return azattest__verification_set(s->v->result, "ark_root", false,
                                      "the root's key is neither AMD's nor one that the caller trusts");
}

static azattest_status check_validity(const snp *s)
{
    const azattest__amd_certificate *const links[] = { s->chain.leaf, s->chain.authority, s->chain.root };
    azattest_error *reason = NULL;
    azattest_status found = AZATTEST_OK;

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        char text[AZATTEST__TIME_TEXT];
        bool early;

        if (links[i] == NULL)
            return azattest__verification_skip(s->v->result, "vcek_validity", "not run: the chain is not whole");
        azattest__verification_window(s->v->result, links[i]->x509.not_before, links[i]->x509.not_after);
        early = s->v->now < links[i]->x509.not_before;
        if (found != AZATTEST_OK || (!early && s->v->now <= links[i]->x509.not_after))
            continue;
        azattest__time_format(early ? links[i]->x509.not_before : links[i]->x509.not_after, text);
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID, "the %s %s at %s",
                                    azattest__amd_role_name(links[i]->role), early ? "begins" : "ended", text);
    }
    return azattest__verification_judge(s->v, "vcek_validity", found, reason,
                                        "every certificate is within its validity");
}

/* ---- what the certificate says of the platform ---- */

static const char *named(azattest__snp_product product)
{
    return product == AZATTEST__SNP_UNKNOWN ? "unknown" : azattest__snp_product_name(product);
}

/* A report of version 2 does not say; its certificate's name and issuers do. */
static azattest_status check_product(const snp *s)
{
    const azattest__amd_certificate *leaf = s->chain.leaf;
    const azattest__snp_report *report = s->report;
    bool silent = report->cpuid_family < 0, agree;

    if (leaf->vcek.product_problem[0] != '\0')
        return azattest__verification_set(s->v->result, "product", false, "%s: %s", azattest__amd_role_name(leaf->role),
                                          leaf->vcek.product_problem);
    if (s->chain.root == NULL)
        return azattest__verification_skip(s->v->result, "product", "not run: the chain is not whole");
    agree = (silent || report->product == leaf->product) && leaf->product == s->chain.authority->product &&
            leaf->product == s->chain.root->product;
    if (silent)
        return azattest__verification_set(s->v->result, "product", agree,
                                          "%s by the certificate, %s by its issuer, %s by the root; the report does "
                                          "not say",
                                          named(leaf->product), named(s->chain.authority->product),
                                          named(s->chain.root->product));
    return azattest__verification_set(
        s->v->result, "product", agree,
        "%s by the report's CPUID (family 0x%x, model 0x%x), %s by the certificate, %s by its issuer, %s by the root",
        named(report->product), (unsigned)report->cpuid_family, (unsigned)report->cpuid_model, named(leaf->product),
        named(s->chain.authority->product), named(s->chain.root->product));
}

/* The key is derived from the chip and the TCB that the platform reports, so the certificate's TCB is that one. */
static azattest_status check_tcb(const snp *s)
{
    const azattest__amd_certificate *leaf = s->chain.leaf;
    azattest__snp_tcb reported = azattest__snp_report_tcb(s->report, s->v->snp_signer, s->report->reported_tcb);
    char seen[AZATTEST__SNP_TCB_TEXT], expected[AZATTEST__SNP_TCB_TEXT];
    bool equal;

    if (leaf->vcek.tcb_problem[0] != '\0')
        return azattest__verification_set(s->v->result, "vcek_tcb", false, "%s: %s",
                                          azattest__amd_role_name(leaf->role), leaf->vcek.tcb_problem);
    equal = azattest__snp_tcb_equal(&reported, &leaf->vcek.tcb);
    azattest__snp_tcb_text(&reported, seen);
    azattest__snp_tcb_text(&leaf->vcek.tcb, expected);
    if (equal)
        return azattest__verification_set(s->v->result, "vcek_tcb", true, "the reported TCB is the certificate's: %s",
                                          seen);
    return azattest__verification_set(s->v->result, "vcek_tcb", false,
                                      "the reported TCB is %s; the certificate's is %s", seen, expected);
}

/* Only a document that came with the certificate has it. It is not signed: what it says must be so, no more. */
static azattest_status check_tcbm(const snp *s)
{
    const azattest__amd_certificate *leaf = s->chain.leaf;
    bool equal;

    if (!leaf->has_tcbm)
        return AZATTEST_OK;
    azattest__verification_add(s->v->result, "tcbm", true, "not run");
    equal = memcmp(leaf->tcbm, s->report->reported_tcb, sizeof(leaf->tcbm)) == 0;
    return azattest__verification_set(s->v->result, "tcbm", equal,
                                      equal ? "the host's document names the reported TCB"
                                            : "the host's document names another TCB (tcbm) than the report");
}

static azattest_status check_chip(const snp *s)
{
    const azattest__amd_certificate *leaf = s->chain.leaf;
    azattest_verification_result *result = s->v->result;
    bool masked = azattest__snp_report_is_masked(s->report);
    bool allowed = s->v->options.allow_masked_chip_id == AZATTEST_ON;
    char *csp;
    azattest_status status;

    if (leaf->vcek.identity_problem[0] != '\0')
        return azattest__verification_set(result, "chip_id", false, "%s: %s", azattest__amd_role_name(leaf->role),
                                          leaf->vcek.identity_problem);
    if (leaf->role == AZATTEST__AMD_VLEK) { /* it belongs to a provider, not to a chip */
        if ((csp = azattest__printable(leaf->vcek.csp_id, 64)) == NULL)
            return AZATTEST_E_MEMORY;
        status = azattest__verification_set(result, "chip_id", true, "a VLEK of \"%s\" names no chip", csp);
        free(csp);
        return status;
    }
    if (masked)
        return azattest__verification_set(
            result, "chip_id", allowed,
            allowed
                ? "masked (all zero), as the caller allows"
                : "masked (all zero), so nothing says that the VCEK is this chip's; allow_masked_chip_id allows it");
    if (azattest__vcek_is_of_chip(&leaf->vcek, s->report->chip_id))
        return azattest__verification_set(result, "chip_id", true, "the VCEK's hardware id is the report's chip id");
    return azattest__verification_set(result, "chip_id", false,
                                      "the VCEK's hardware id is not the report's chip id (%zu VCEK or VLEK at hand)",
                                      s->chain.leaf_count);
}

static azattest_status with_certificate(const snp *s)
{
    azattest_status status;

    if ((status = check_signing_key(s)) != AZATTEST_OK || (status = check_signature(s)) != AZATTEST_OK ||
        (status = check_chain(s)) != AZATTEST_OK || (status = check_root(s)) != AZATTEST_OK ||
        (status = check_validity(s)) != AZATTEST_OK || (status = check_product(s)) != AZATTEST_OK ||
        (status = check_tcb(s)) != AZATTEST_OK || (status = check_tcbm(s)) != AZATTEST_OK ||
        (status = check_chip(s)) != AZATTEST_OK)
        return status;
    return azattest__amd_check_revocation(s->v, s->sets, &s->chain);
}

azattest_status azattest__verify_amd(azattest__verification *v)
{
    snp s = { .v = v, .report = &v->evidence->snp };
    azattest_status status;

    plan(&s);
    if ((status = read_certificates(&s)) != AZATTEST_OK || (status = check_structure(&s)) != AZATTEST_OK ||
        (status = check_trailing(&s)) != AZATTEST_OK || (status = check_vmpl(&s)) != AZATTEST_OK ||
        (status = warn_of_tcbs(&s)) != AZATTEST_OK)
        goto done;
    status = s.chain.leaf == NULL ? without_certificate(&s) : with_certificate(&s);
    if (status == AZATTEST_OK && s.chain.leaf != NULL && s.own_error != NULL)
        status = azattest__verification_warn(v->result, "the certificates beside the report were not used: %s",
                                             azattest_error_message(s.own_error));
done:
    azattest__amd_chain_clear(&s.chain);
    azattest__amd_items_clear(&s.own);
    azattest__amd_items_clear(&s.roots);
    azattest_error_free(s.own_error);
    return status;
}
