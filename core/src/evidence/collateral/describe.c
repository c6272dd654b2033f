/* What is in a set, for people and programs. */
#include "collateral.h"

#include <stdlib.h>

#include "../../base/clock.h"
#include "../../base/encoding.h"
#include "../../json/json.h"
#include "../intel/root.h"

#define DESCRIPTION_LIMIT (8u * 1024u * 1024u)

static void put_time(azattest__json *item, const char *name, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, text);
    azattest__json_put_string(item, name, text);
}

static void put_name(azattest__json *item, const char *member, azattest_bytes name)
{
    char text[128];

    azattest__json_put_string(
        item, member,
        azattest__x509_common_name(name, text, sizeof(text)) && azattest__utf8_valid(azattest__text(text)) ? text
                                                                                                           : NULL);
}

static const char *root_name(const azattest__x509 *root)
{
    azattest__snp_product product = AZATTEST__SNP_UNKNOWN;

    if (root == NULL)
        return NULL;
    if (azattest__amd_pinned_product(root, &product, NULL) == AZATTEST_OK && product != AZATTEST__SNP_UNKNOWN)
        return "amd";
    return azattest__intel_root_is_key(root->spki) ? "intel" : "other";
}

static bool has_certificate(const azattest_collateral *c, azattest_bytes name)
{
    for (size_t i = 0; i < c->certificate_count; i++)
        if (azattest__bytes_equal(c->certificates[i]->x509.subject, name))
            return true;
    return false;
}

/* Nothing in the set has the name of who issued it, or of who issued the one that did: it cannot be told from a forged
 * one, but it need not be one either. */
static bool lacks_issuer(const azattest_collateral *c, const azattest__x509 *certificate)
{
    size_t tried = 0;

    if (!has_certificate(c, certificate->issuer))
        return true;
    for (size_t i = 0; tried < AZATTEST__ISSUERS_TRIED && i < c->certificate_count; i++) {
        const azattest__x509 *between = &c->certificates[i]->x509;

        if (!azattest__bytes_equal(certificate->issuer, between->subject))
            continue;
        tried++;
        if (!has_certificate(c, between->issuer) &&
            azattest__x509_check_issued(certificate, between, 0, NULL) == AZATTEST_OK)
            return true;
    }
    return false;
}

static void put_finding(azattest__json *item, bool verifies, bool issuer_missing)
{
    azattest__json_put_bool(item, "verifies", verifies);
    azattest__json_put_bool(item, "issuer_missing", !verifies && issuer_missing);
}

static azattest__json *document_json(const azattest_collateral *c, azattest__collateral_document *document)
{
    const azattest__document_finding *finding = azattest__collateral_judge_document(c, document);
    azattest__json *item = azattest__json_new_object();

    azattest__json_put_string(item, "kind", document->is_tcb_info ? "tcb_info" : "qe_identity");
    azattest__json_put_string(item, "tee", document->tdx ? "tdx" : "sgx");
    if (document->is_tcb_info)
        azattest__json_put_hex(item, "fmspc", azattest__bytes(document->fmspc, sizeof(document->fmspc)));
    put_time(item, "from", document->issue_date);
    put_time(item, "until", document->next_update);
    azattest__json_put_integer(item, "tcb_evaluation_data_number", document->evaluation);
    if (finding == NULL)
        return item;
    if (finding->signer != NULL)
        put_name(item, "issuer", finding->signer->subject);
    put_finding(item, finding->status == AZATTEST_OK,
                finding->no_signer ||
                    (finding->signer != NULL && finding->root == NULL && lacks_issuer(c, finding->signer)));
    azattest__json_put_string(item, "root", root_name(finding->root));
    if (finding->status != AZATTEST_OK)
        azattest__json_put_string(item, "reason", azattest_error_message(finding->error));
    return item;
}

/* The root above a certificate, over one that is between them. */
static const azattest__x509 *root_of(const azattest_collateral *c, azattest__collateral_certificate *certificate)
{
    azattest__collateral_certificate *root = certificate == NULL ? NULL : azattest__collateral_root_of(c, certificate);
    size_t count = certificate == NULL ? 0 : c->certificate_count, tried = 0;

    for (size_t i = 0; root == NULL && tried < AZATTEST__ISSUERS_TRIED && i < count; i++) {
        if (!azattest__bytes_equal(certificate->x509.issuer, c->certificates[i]->x509.subject))
            continue;
        tried++;
        if (azattest__x509_check_issued(&certificate->x509, &c->certificates[i]->x509, 0, NULL) == AZATTEST_OK)
            root = azattest__collateral_root_of(c, c->certificates[i]);
    }
    return root == NULL ? NULL : &root->x509;
}

static azattest__json *crl_json(const azattest_collateral *c, azattest__collateral_crl *crl)
{
    bool named = false;
    azattest__collateral_certificate *issuer = azattest__collateral_issuer_of(c, crl, &named);
    azattest__json *item = azattest__json_new_object();

    azattest__json_put_string(item, "kind", "crl");
    put_name(item, "issuer", crl->crl.issuer);
    put_time(item, "from", crl->crl.this_update);
    put_time(item, "until", crl->crl.next_update);
    azattest__json_put_integer(item, "revoked", (int64_t)crl->crl.revoked_count);
    put_finding(item, issuer != NULL, !named);
    azattest__json_put_string(item, "root", root_name(root_of(c, issuer)));
    if (issuer == NULL)
        azattest__json_put_string(item, "reason",
                                  named ? "no certificate with its issuer's name signed it"
                                        : "none of the set's certificates is that of its issuer");
    return item;
}

/* What a certificate of AMD's says beside its names. */
static void put_amd(azattest__json *item, const azattest__collateral_certificate *certificate,
                    azattest__snp_product product)
{
    azattest__amd_role role = azattest__amd_role_of(&certificate->x509, NULL);
    azattest__vcek vcek;

    if (role == AZATTEST__AMD_OTHER)
        return;
    if (role == AZATTEST__AMD_VCEK || role == AZATTEST__AMD_VLEK) {
        azattest__vcek_read(&certificate->x509, role == AZATTEST__AMD_VLEK, &vcek);
        product = vcek.product;
        if (vcek.hardware_id.ptr != NULL)
            azattest__json_put_hex(item, "chip_id", vcek.hardware_id);
    }
    azattest__json_put_string(item, "product", azattest__snp_product_name(product));
}

static azattest__json *certificate_json(const azattest_collateral *c, azattest__collateral_certificate *certificate)
{
    static const char *const kinds[] = { "certificate", "ark", "ask", "asvk", "vcek", "vlek" };
    const azattest__x509 *root = root_of(c, certificate);
    azattest__json *item = azattest__json_new_object();
    azattest__snp_product product;

    azattest__json_put_string(item, "kind", kinds[azattest__amd_role_of(&certificate->x509, &product)]);
    put_amd(item, certificate, product);
    put_name(item, "subject", certificate->x509.subject);
    put_name(item, "issuer", certificate->x509.issuer);
    put_time(item, "from", certificate->x509.not_before);
    put_time(item, "until", certificate->x509.not_after);
    put_finding(item, root != NULL, lacks_issuer(c, &certificate->x509));
    azattest__json_put_string(item, "root", root_name(root));
    if (root == NULL)
        azattest__json_put_string(item, "reason", "no certificates of the set lead from it to a root");
    return item;
}

static azattest_status describe(const azattest_collateral *c, azattest__buf *out)
{
    azattest__json *document = azattest__json_new_object(), *items = azattest__json_new_array();
    int64_t expires = azattest_collateral_expires_ms(c);
    azattest_status status;

    for (size_t i = 0; i < c->document_count; i++)
        azattest__json_add(items, document_json(c, c->documents[i]));
    for (size_t i = 0; i < c->crl_count; i++)
        azattest__json_add(items, crl_json(c, c->crls[i]));
    for (size_t i = 0; i < c->certificate_count; i++)
        azattest__json_add(items, certificate_json(c, c->certificates[i]));
    azattest__json_put(document, "items", items);
    if (expires == 0)
        azattest__json_put_null(document, "until");
    else
        put_time(document, "until", expires / 1000);
    azattest__buf_init(out, DESCRIPTION_LIMIT);
    status = azattest__json_print(document, false, out, NULL);
    azattest__json_free(document);
    return status;
}

azattest_bytes azattest_collateral_describe(const azattest_collateral *collateral)
{
    azattest_collateral *place;
    azattest__buf *made, *expected = NULL;

    if (collateral == NULL)
        return azattest__bytes(NULL, 0);
    memcpy(&place, &collateral, sizeof(place)); /* what was found out stands apart from the const of the readers */
    azattest__collateral_use(collateral);
    if ((made = atomic_load_explicit(&place->description, memory_order_acquire)) != NULL)
        return azattest__buf_bytes(made);
    if ((made = malloc(sizeof(*made))) == NULL)
        return azattest__bytes(NULL, 0);
    if (describe(collateral, made) == AZATTEST_OK &&
        atomic_compare_exchange_strong_explicit(&place->description, &expected, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return azattest__buf_bytes(made);
    azattest__buf_free(made);
    free(made);
    return expected == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(expected);
}

static void earlier(int64_t *until, int64_t end)
{
    if (*until == 0 || end < *until)
        *until = end;
}

int64_t azattest_collateral_expires_ms(const azattest_collateral *collateral)
{
    int64_t until = 0;

    if (collateral == NULL)
        return 0;
    for (size_t i = 0; i < collateral->document_count; i++)
        earlier(&until, collateral->documents[i]->next_update);
    for (size_t i = 0; i < collateral->crl_count; i++)
        earlier(&until, collateral->crls[i]->crl.next_update);
    for (size_t i = 0; i < collateral->certificate_count; i++)
        earlier(&until, collateral->certificates[i]->x509.not_after);
    return until * 1000;
}
