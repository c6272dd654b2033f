/* The set of collateral: life, and what comes in. */
#include "collateral.h"

#include "../amd/table.h"

#include <stdlib.h>

azattest_status azattest_collateral_new(azattest_collateral **out, azattest_error **error)
{
    azattest_collateral *collateral;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: no place for the result");
    *out = NULL;
    if ((collateral = calloc(1, sizeof(*collateral))) == NULL)
        return azattest__error_memory(error);
    if (pthread_mutex_init(&collateral->mutex, NULL) != 0) {
        free(collateral);
        return azattest__error_memory(error);
    }
    atomic_init(&collateral->references, 1);
    azattest__fork_add(&collateral->fork_entry, &collateral->mutex, NULL, NULL);
    *out = collateral;
    return AZATTEST_OK;
}

azattest_collateral *azattest_collateral_ref(const azattest_collateral *collateral)
{
    azattest_collateral *counted;

    memcpy(&counted, &collateral, sizeof(counted)); /* the count stands apart from the const of the readers */
    if (counted != NULL)
        atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void azattest_collateral_free(azattest_collateral *collateral)
{
    azattest__buf *description;
    azattest__amd_items *amd;

    if (collateral == NULL || atomic_fetch_sub_explicit(&collateral->references, 1, memory_order_acq_rel) != 1)
        return;
    azattest__fork_remove(&collateral->fork_entry);
    pthread_mutex_destroy(&collateral->mutex);
    azattest__collateral_cut(collateral, 0, 0, 0);
    if ((description = atomic_load(&collateral->description)) != NULL)
        azattest__buf_free(description);
    free(description);
    if ((amd = atomic_load(&collateral->amd)) != NULL)
        azattest__amd_items_clear(amd);
    free(amd);
    free(collateral->certificates);
    free(collateral->crls);
    free(collateral->documents);
    free(collateral);
}

/* The flag, and what was found out, stand apart from the const of the readers. */
static azattest_collateral *inside(const azattest_collateral *c)
{
    azattest_collateral *same;

    memcpy(&same, &c, sizeof(same));
    return same;
}

void azattest__collateral_use(const azattest_collateral *c)
{
    if (!atomic_load_explicit(&inside(c)->used, memory_order_relaxed))
        atomic_store_explicit(&inside(c)->used, true, memory_order_relaxed);
}

static azattest_status check(azattest_collateral *c, azattest_bytes content, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (c == NULL || content.ptr == NULL || content.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: no %s", c == NULL ? "set" : "content");
    if (content.len > AZATTEST_LIMIT_COLLATERAL_FILE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "collateral: %zu bytes, at most %u are accepted",
                                   content.len, AZATTEST_LIMIT_COLLATERAL_FILE);
    if (atomic_load(&c->used))
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "collateral: the set was used already; make a new one with all items");
    return AZATTEST_OK;
}

static bool is_json(azattest_bytes content)
{
    const char *p = content.ptr;
    size_t i = 0;

    while (i < content.len && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    return i < content.len && p[i] == '{';
}

static azattest_status read_any(azattest_collateral *c, azattest_bytes content, azattest_error **error)
{
    if (is_json(content))
        return azattest__collateral_read_json(c, content, error);
    if (azattest__amd_table_looks_like(content))
        return azattest__collateral_read_amd_table(c, content, error);
    if (azattest__collateral_is_binary(content))
        return azattest__collateral_read_binary(c, content, error);
    return azattest__collateral_read_x509(c, content, "content", error);
}

azattest_status azattest_collateral_add(azattest_collateral *collateral, azattest_bytes content, azattest_error **error)
{
    azattest_status status = check(collateral, content, error);
    size_t certificates, crls, documents;

    if (status != AZATTEST_OK)
        return status;
    certificates = collateral->certificate_count;
    crls = collateral->crl_count;
    documents = collateral->document_count;
    if ((status = read_any(collateral, content, error)) != AZATTEST_OK)
        azattest__collateral_cut(collateral, certificates, crls, documents);
    return status;
}

typedef enum response_item { TCB_INFO, QE_IDENTITY, CRL, CERTIFICATES, UNKNOWN } response_item;

static response_item find_item(const char *name)
{
    static const struct {
        const char *name;
        response_item item;
    } items[] = {
        { "tcb_info", TCB_INFO }, { "qe_identity", QE_IDENTITY }, { "pck_crl", CRL }, { "root_ca_crl", CRL },
        { "vcek", CERTIFICATES }, { "amd_chain", CERTIFICATES },  { "amd_crl", CRL },
    };

    for (size_t i = 0; name != NULL && i < sizeof(items) / sizeof(items[0]); i++)
        if (strcmp(name, items[i].name) == 0)
            return items[i].item;
    return UNKNOWN;
}

azattest_status azattest_collateral_add_response(azattest_collateral *collateral, const char *item, azattest_bytes body,
                                                 azattest_bytes issuer_chain, azattest_error **error)
{
    azattest_status status = check(collateral, body, error);
    response_item kind = find_item(item);
    size_t certificates, crls, documents;

    if (status != AZATTEST_OK)
        return status;
    if (kind == UNKNOWN)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "collateral: no such item; there are tcb_info, qe_identity, pck_crl, root_ca_crl, "
                                   "vcek, amd_chain, amd_crl");
    certificates = collateral->certificate_count;
    crls = collateral->crl_count;
    documents = collateral->document_count;
    if (kind == TCB_INFO || kind == QE_IDENTITY)
        status = azattest__collateral_read_signed(collateral, kind == TCB_INFO, body, error);
    else if (is_json(body) && kind == CERTIFICATES)
        status = azattest__collateral_read_json(collateral, body, error);
    else
        status = azattest__collateral_read_x509(collateral, body, item, error);
    if (status == AZATTEST_OK && (kind == CRL ? collateral->certificate_count != certificates
                                              : kind == CERTIFICATES && collateral->crl_count != crls))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "collateral: %s: not %s", item,
                                     kind == CRL ? "a revocation list" : "certificates");
    if (status == AZATTEST_OK && issuer_chain.ptr != NULL && issuer_chain.len > 0)
        status =
            azattest__collateral_read_chain(collateral, issuer_chain, "issuer chain",
                                            kind == TCB_INFO || kind == QE_IDENTITY ? 2 : AZATTEST__ANY_NUMBER, error);
    if (status != AZATTEST_OK)
        azattest__collateral_cut(collateral, certificates, crls, documents);
    return status;
}

static azattest__key *find_key(const void *user, azattest_bytes spki)
{
    const azattest_collateral *c = user;

    for (size_t i = 0; i < c->certificate_count; i++)
        if (azattest__bytes_equal(c->certificates[i]->x509.spki, spki))
            return c->certificates[i]->x509.key;
    return NULL;
}

azattest__x509_keys azattest__collateral_keys(const azattest_collateral *c)
{
    return (azattest__x509_keys){ find_key, c };
}

bool azattest__collateral_knows_pck(const azattest_collateral *c, const unsigned char hash[AZATTEST__SHA256_SIZE])
{
    azattest_collateral *self = inside(c);
    bool known = false;

    pthread_mutex_lock(&self->mutex);
    for (size_t i = 0; !known && i < self->pck_count; i++)
        known = memcmp(self->pck_kept[i], hash, AZATTEST__SHA256_SIZE) == 0;
    pthread_mutex_unlock(&self->mutex);
    return known;
}

void azattest__collateral_keep_pck(const azattest_collateral *c, const unsigned char hash[AZATTEST__SHA256_SIZE])
{
    azattest_collateral *self = inside(c);

    pthread_mutex_lock(&self->mutex);
    memcpy(self->pck_kept[self->pck_next], hash, AZATTEST__SHA256_SIZE);
    self->pck_next = (self->pck_next + 1) % AZATTEST__PCK_KEPT;
    if (self->pck_count < AZATTEST__PCK_KEPT)
        self->pck_count++;
    pthread_mutex_unlock(&self->mutex);
}
