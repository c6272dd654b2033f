#include "revocation.h"

#include "../../base/clock.h"

/* What the lists say together. */
typedef struct findings {
    size_t named;                     /* lists with the name of the ARK */
    const azattest__x509_crl *newest; /* of those whose signature verifies, and that had begun if any had */
    const char *revoked;              /* who is on one, or NULL */
    azattest_error *error;            /* why one that is named does not verify */
} findings;

/* What is still to begin stands behind what has begun. */
static bool is_newer(const azattest__x509_crl *crl, const azattest__x509_crl *than, int64_t now)
{
    bool begun = crl->this_update <= now;

    return begun != (than->this_update <= now) ? begun : crl->this_update > than->this_update;
}

/* AMD signs one list per product, with the ARK: it can hold the ASK and, since its certificates have numbers of their
 * own, a VLEK. Every VCEK has the serial number 0, which no real list holds; one that did would mean all of them. */
static void look(const azattest__amd_chain *chain, const azattest__x509_crl *crl, int64_t now, findings *out)
{
    if (!azattest__bytes_equal(crl->issuer, chain->root->x509.subject))
        return;
    out->named++;
    if (azattest__x509_crl_check_issued(crl, &chain->root->x509, &out->error) != AZATTEST_OK)
        return;
    if (out->newest == NULL || is_newer(crl, out->newest, now))
        out->newest = crl;
    if (azattest__x509_crl_revokes(crl, chain->leaf->x509.serial))
        out->revoked = azattest__amd_role_name(chain->leaf->role);
    if (azattest__x509_crl_revokes(crl, chain->authority->x509.serial))
        out->revoked = azattest__amd_role_name(chain->authority->role);
}

static azattest_status check_window(azattest__verification *v, const azattest__x509_crl *crl)
{
    char text[AZATTEST__TIME_TEXT];
    bool early = crl->this_update > v->now, over = v->now > crl->next_update,
         late = v->now - v->grace > crl->next_update;
    azattest_status status;

    azattest__verification_window(v->result, crl->this_update, crl->next_update);
    azattest__time_format(early ? crl->this_update : crl->next_update, text);
    if (over && !late &&
        (status = azattest__verification_warn(v->result,
                                              "EXPIRED COLLATERAL: AMD's revocation list ended at %s, within the grace "
                                              "that the caller gives",
                                              text)) != AZATTEST_OK)
        return status;
    return azattest__verification_set(v->result, "collateral_validity", !early && !late,
                                      early  ? "AMD's revocation list begins at %s"
                                      : over ? "AMD's revocation list ended at %s"
                                             : "AMD's revocation list is good until %s",
                                      text);
}

azattest_status azattest__amd_check_revocation(azattest__verification *v,
                                               const azattest__amd_items *const sets[AZATTEST__AMD_SETS],
                                               const azattest__amd_chain *chain)
{
    findings found = { 0 };
    azattest_status status;

    if (chain->root != NULL)
        for (size_t i = 0; i < AZATTEST__AMD_SETS; i++)
            for (size_t j = 0; sets[i] != NULL && j < sets[i]->crl_count; j++)
                look(chain, &sets[i]->crls[j]->crl, v->now, &found);
    if (found.named == 0)
        return azattest__verification_leave(v->result, "revocation",
                                            "not checked: no revocation list of the ARK is at hand");
    azattest__verification_add(v->result, "vcek_revocation", true, "not run");
    azattest__verification_add(v->result, "collateral_validity", true, "not run");
    if (found.revoked != NULL)
        status = azattest__verification_set(v->result, "vcek_revocation", false, "the %s is on AMD's revocation list",
                                            found.revoked);
    else if (found.newest == NULL)
        status =
            azattest__verification_set(v->result, "vcek_revocation", false, "the revocation list cannot be used: %s",
                                       azattest_error_message(found.error));
    else
        status = azattest__verification_set(
            v->result, "vcek_revocation", true, "neither %s nor %s is on AMD's revocation list (%zu entries)",
            azattest__amd_role_name(chain->leaf->role), azattest__amd_role_name(chain->authority->role),
            found.newest->revoked_count);
    if (status == AZATTEST_OK)
        status = found.newest == NULL ? azattest__verification_skip(v->result, "collateral_validity",
                                                                    "not run: no revocation list verifies")
                                      : check_window(v, found.newest);
    azattest_error_free(found.error);
    return status;
}
