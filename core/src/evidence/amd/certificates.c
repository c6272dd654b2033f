#include "certificates.h"

#include <stdlib.h>

#define COMMON_NAME 64u

const char *azattest__amd_role_name(azattest__amd_role role)
{
    static const char *const names[] = { "certificate", "ARK", "ASK", "ASVK", "VCEK", "VLEK" };

    return (size_t)role < sizeof(names) / sizeof(names[0]) ? names[role] : names[0];
}

static azattest__amd_role role_of_name(const char *name, azattest__snp_product *product)
{
    static const struct {
        const char *prefix;
        azattest__amd_role role;
    } authorities[] = { { "ARK-", AZATTEST__AMD_ARK },
                        { "SEV-VLEK-", AZATTEST__AMD_ASVK },
                        { "SEV-", AZATTEST__AMD_ASK } };

    *product = AZATTEST__SNP_UNKNOWN;
    if (strcmp(name, "SEV-VCEK") == 0)
        return AZATTEST__AMD_VCEK;
    if (strcmp(name, "SEV-VLEK") == 0)
        return AZATTEST__AMD_VLEK;
    for (size_t i = 0; i < sizeof(authorities) / sizeof(authorities[0]); i++) {
        size_t len = strlen(authorities[i].prefix);

        if (strncmp(name, authorities[i].prefix, len) == 0 &&
            (*product = azattest__snp_product_from_name(azattest__text(name + len))) != AZATTEST__SNP_UNKNOWN)
            return authorities[i].role;
    }
    return AZATTEST__AMD_OTHER;
}

azattest__amd_role azattest__amd_role_of(const azattest__x509 *certificate, azattest__snp_product *product)
{
    azattest__snp_product found;
    azattest__amd_role role;
    char name[COMMON_NAME];

    if (!azattest__x509_common_name(certificate->subject, name, sizeof(name)))
        return AZATTEST__AMD_OTHER;
    role = role_of_name(name, &found);
    if (product != NULL)
        *product = found;
    return role;
}

bool azattest__amd_is_crl(const azattest__x509_crl *crl)
{
    azattest__snp_product product;
    char name[COMMON_NAME];

    return azattest__x509_common_name(crl->issuer, name, sizeof(name)) &&
           role_of_name(name, &product) != AZATTEST__AMD_OTHER;
}

/* ---- a set ---- */

static void free_certificate(azattest__amd_certificate *certificate)
{
    if (certificate == NULL)
        return;
    azattest__x509_clear(&certificate->x509);
    azattest__buf_free(&certificate->der);
    free(certificate);
}

static void free_crl(azattest__amd_crl *crl)
{
    if (crl == NULL)
        return;
    azattest__buf_free(&crl->der);
    free(crl);
}

void azattest__amd_items_cut(azattest__amd_items *items, size_t certificate_count, size_t crl_count)
{
    while (items->certificate_count > certificate_count)
        free_certificate(items->certificates[--items->certificate_count]);
    while (items->crl_count > crl_count)
        free_crl(items->crls[--items->crl_count]);
}

void azattest__amd_items_clear(azattest__amd_items *items)
{
    azattest__amd_items_cut(items, 0, 0);
    free(items->certificates);
    free(items->crls);
    memset(items, 0, sizeof(*items));
}

static azattest_status check_room(size_t count, azattest_error **error)
{
    if (count >= AZATTEST_LIMIT_COLLATERAL_ITEMS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "more than %u certificates or lists of AMD's",
                                   AZATTEST_LIMIT_COLLATERAL_ITEMS);
    return AZATTEST_OK;
}

static azattest_status copy(azattest_bytes der, azattest__buf *out, azattest_error **error)
{
    azattest__buf_init(out, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append_bytes(out, der);
    return azattest__error_from_buf(error, out, "AMD certificate or list");
}

/* Room for one more pointer; the lists double. */
static void *grown(void *list, size_t count)
{
    return (count & (count - 1)) != 0 ? list : realloc(list, (count == 0 ? 1 : 2 * count) * sizeof(void *));
}

azattest_status azattest__amd_add_certificate(azattest__amd_items *items, azattest_bytes der, azattest_error **error)
{
    azattest__amd_certificate *added = NULL;
    azattest_status status;
    void *list;

    for (size_t i = 0; i < items->certificate_count; i++)
        if (azattest__bytes_equal(azattest__buf_bytes(&items->certificates[i]->der), der))
            return AZATTEST_OK;
    if ((status = check_room(items->certificate_count, error)) != AZATTEST_OK)
        return status;
    if ((list = grown(items->certificates, items->certificate_count)) == NULL)
        return azattest__error_memory(error);
    items->certificates = list;
    if ((added = calloc(1, sizeof(*added))) == NULL)
        return azattest__error_memory(error);
    if ((status = copy(der, &added->der, error)) != AZATTEST_OK ||
        (status = azattest__x509_read(azattest__buf_bytes(&added->der), &added->x509, error)) != AZATTEST_OK)
        goto done;
    added->role = azattest__amd_role_of(&added->x509, &added->product);
    if (added->role == AZATTEST__AMD_OTHER) {
        status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                     "a certificate that is none of AMD's (ARK, ASK, ASVK, VCEK, VLEK)");
        goto done;
    }
    if (added->role == AZATTEST__AMD_VCEK || added->role == AZATTEST__AMD_VLEK) {
        azattest__vcek_read(&added->x509, added->role == AZATTEST__AMD_VLEK, &added->vcek);
        added->product = added->vcek.product;
    }
    items->certificates[items->certificate_count++] = added;
    added = NULL;
done:
    free_certificate(added);
    return status;
}

azattest_status azattest__amd_add_crl(azattest__amd_items *items, azattest_bytes der, azattest_error **error)
{
    azattest__amd_crl *added = NULL;
    azattest_status status;
    void *list;

    for (size_t i = 0; i < items->crl_count; i++)
        if (azattest__bytes_equal(azattest__buf_bytes(&items->crls[i]->der), der))
            return AZATTEST_OK;
    if ((status = check_room(items->crl_count, error)) != AZATTEST_OK)
        return status;
    if ((list = grown(items->crls, items->crl_count)) == NULL)
        return azattest__error_memory(error);
    items->crls = list;
    if ((added = calloc(1, sizeof(*added))) == NULL)
        return azattest__error_memory(error);
    if ((status = copy(der, &added->der, error)) != AZATTEST_OK ||
        (status = azattest__x509_crl_read(azattest__buf_bytes(&added->der), &added->crl, error)) != AZATTEST_OK)
        goto done;
    if (!azattest__amd_is_crl(&added->crl)) {
        status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "a revocation list whose issuer is none of AMD's");
        goto done;
    }
    items->crls[items->crl_count++] = added;
    added = NULL;
done:
    free_crl(added);
    return status;
}

/* How many authorities may stand below the issuer: none below an ASK, one below an ARK. */
static int below(azattest__amd_role role)
{
    return role == AZATTEST__AMD_VCEK || role == AZATTEST__AMD_VLEK ? 0 : 1;
}

static bool is_authority(const azattest__amd_certificate *certificate)
{
    return certificate->role == AZATTEST__AMD_ARK || certificate->role == AZATTEST__AMD_ASK ||
           certificate->role == AZATTEST__AMD_ASVK;
}

static bool contains(const azattest__amd_items *items, const azattest__amd_certificate *certificate)
{
    for (size_t i = 0; i < items->certificate_count; i++)
        if (items->certificates[i] == certificate)
            return true;
    return false;
}

static azattest__amd_certificate *search(const azattest__amd_items *items, const azattest__amd_certificate *certificate,
                                         azattest_error **error)
{
    for (size_t i = 0; i < items->certificate_count; i++) {
        azattest__amd_certificate *issuer = items->certificates[i];

        if (is_authority(issuer) && azattest__bytes_equal(issuer->x509.subject, certificate->x509.issuer) &&
            azattest__x509_check_issued(&certificate->x509, &issuer->x509, below(certificate->role), error) ==
                AZATTEST_OK)
            return issuer;
    }
    return NULL;
}

azattest__amd_certificate *azattest__amd_find_issuer(const azattest__amd_items *const *sets, size_t count,
                                                     azattest__amd_certificate *certificate, azattest_error **error)
{
    azattest__amd_certificate *issuer = atomic_load_explicit(&certificate->issuer, memory_order_acquire);
    azattest_error *reason = NULL;
    char name[COMMON_NAME];

    if (issuer != NULL)
        return issuer;
    for (size_t i = 0; issuer == NULL && i < count; i++)
        if (sets[i] != NULL && (issuer = search(sets[i], certificate, &reason)) != NULL &&
            contains(sets[i], certificate))
            atomic_store_explicit(&certificate->issuer, issuer, memory_order_release);
    if (issuer == NULL && reason != NULL) { /* one had the name */
        azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "%s: %s", azattest__amd_role_name(certificate->role),
                            azattest_error_message(reason));
    } else if (issuer == NULL) {
        if (!azattest__x509_common_name(certificate->x509.issuer, name, sizeof(name)))
            memcpy(name, "?", 2);
        azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "no certificate of %s, which issued the %s, is at hand",
                            name, azattest__amd_role_name(certificate->role));
    }
    azattest_error_free(reason);
    return issuer;
}

/* SHA-256 of the SubjectPublicKeyInfo of each ARK. Source: KDS, /vcek/v1/PRODUCT/cert_chain. */
azattest_status azattest__amd_pinned_product(const azattest__x509 *certificate, azattest__snp_product *product,
                                             azattest_error **error)
{
    static const struct {
        azattest__snp_product product;
        unsigned char hash[AZATTEST__SHA256_SIZE];
    } pins[] = {
        { AZATTEST__SNP_MILAN,
          { 0x9f, 0x05, 0x6b, 0xee, 0x44, 0x37, 0x7e, 0x29, 0x30, 0x8c, 0xb5, 0xff, 0xa8, 0x95, 0xbd, 0xfb,
            0x62, 0xd1, 0x88, 0x81, 0xfa, 0x6b, 0xed, 0x8d, 0x6f, 0x07, 0x5b, 0x02, 0x04, 0x08, 0x9c, 0xb9 } },
        { AZATTEST__SNP_GENOA,
          { 0x42, 0x9a, 0x69, 0xc9, 0x42, 0x2a, 0xa2, 0x58, 0xee, 0x4d, 0x8d, 0xb5, 0xfc, 0xda, 0x9c, 0x64,
            0x70, 0xef, 0x15, 0xf8, 0xcd, 0x5a, 0x9c, 0xeb, 0xd6, 0xcb, 0xc7, 0xd9, 0x0b, 0x86, 0x38, 0x31 } },
        { AZATTEST__SNP_TURIN,
          { 0x4f, 0x12, 0x54, 0x10, 0x56, 0x3a, 0x2a, 0xb9, 0xa5, 0x03, 0x56, 0xf9, 0x24, 0x3f, 0x6f, 0xe0,
            0xb6, 0xf7, 0x3d, 0xe9, 0x86, 0x03, 0xf5, 0x3f, 0x90, 0x33, 0x9c, 0x70, 0xe9, 0xd7, 0xad, 0x08 } },
    };
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status = azattest__sha256(certificate->spki, hash, error);

    *product = AZATTEST__SNP_UNKNOWN;
    if (status != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
        if (memcmp(hash, pins[i].hash, sizeof(hash)) == 0)
            *product = pins[i].product;
    return AZATTEST_OK;
}
