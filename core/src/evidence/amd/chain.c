#include "chain.h"

static bool is_leaf(const azattest__amd_certificate *certificate)
{
    return certificate->role == AZATTEST__AMD_VCEK || certificate->role == AZATTEST__AMD_VLEK;
}

/* The kind counts most, then the chip, then the TCB. */
static int score(const azattest__amd_certificate *leaf, const azattest__snp_report *report)
{
    azattest__amd_role role = report->signing_key == AZATTEST__SNP_KEY_VLEK ? AZATTEST__AMD_VLEK : AZATTEST__AMD_VCEK;
    azattest__snp_tcb tcb = azattest__snp_report_tcb(report, leaf->product, report->reported_tcb);
    bool of_chip = leaf->role == AZATTEST__AMD_VLEK || azattest__vcek_is_of_chip(&leaf->vcek, report->chip_id);

    return (leaf->role == role ? 8 : 0) + (of_chip ? 4 : 0) + (azattest__snp_tcb_equal(&tcb, &leaf->vcek.tcb) ? 2 : 0) +
           (report->product == AZATTEST__SNP_UNKNOWN || report->product == leaf->product ? 1 : 0);
}

void azattest__amd_chain_find(const azattest__amd_items *const sets[AZATTEST__AMD_SETS],
                              const azattest__snp_report *report, azattest__amd_chain *out)
{
    int best = -1, found;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < AZATTEST__AMD_SETS; i++)
        for (size_t j = 0; sets[i] != NULL && j < sets[i]->certificate_count; j++) {
            azattest__amd_certificate *certificate = sets[i]->certificates[j];

            if (!is_leaf(certificate))
                continue;
            out->leaf_count++;
            if ((found = score(certificate, report)) > best) {
                best = found;
                out->leaf = certificate;
            }
        }
    if (out->leaf != NULL)
        out->authority = azattest__amd_find_issuer(sets, AZATTEST__AMD_SETS, out->leaf, &out->error);
    if (out->authority != NULL)
        out->root = azattest__amd_find_issuer(sets, AZATTEST__AMD_SETS, out->authority, &out->error);
    /* A root's own signature says nothing of trust, but a broken one says that the file is not what it was. */
    if (out->root != NULL && azattest__x509_self_issued(&out->root->x509))
        out->is_root_sound = azattest__amd_find_issuer(sets, AZATTEST__AMD_SETS, out->root, &out->error) != NULL;
}

void azattest__amd_chain_clear(azattest__amd_chain *chain)
{
    azattest_error_free(chain->error);
}

static azattest_status not_so(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s", what);
}

azattest_status azattest__amd_chain_check(const azattest__amd_chain *chain, azattest_error **error)
{
    const azattest__amd_certificate *const links[] = { chain->leaf, chain->authority, chain->root };
    azattest__amd_role authority;

    if (chain->root == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s", azattest_error_message(chain->error));
    authority = chain->leaf->role == AZATTEST__AMD_VLEK ? AZATTEST__AMD_ASVK : AZATTEST__AMD_ASK;
    if (chain->authority->role != authority)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "the %s was issued by an %s, expected an %s",
                                   azattest__amd_role_name(chain->leaf->role),
                                   azattest__amd_role_name(chain->authority->role), azattest__amd_role_name(authority));
    if (chain->root->role != AZATTEST__AMD_ARK)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "the %s was issued by an %s, expected an ARK",
                                   azattest__amd_role_name(authority), azattest__amd_role_name(chain->root->role));
    if (!azattest__x509_self_issued(&chain->root->x509))
        return not_so(error, "the ARK is not its own issuer");
    if (!chain->is_root_sound)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s", azattest_error_message(chain->error));
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (links[i]->x509.alg != AZATTEST__X509_PSS_SHA384)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "the %s is not signed with RSASSA-PSS and SHA-384",
                                       azattest__amd_role_name(links[i]->role));
        if (links[i]->x509.has_unknown_critical)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "the %s has a critical extension that is not known",
                                       azattest__amd_role_name(links[i]->role));
    }
    return AZATTEST_OK;
}
