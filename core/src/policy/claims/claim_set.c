/* The claim set that callers fill and evaluations share. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "../../base/encoding.h"
#include "claims.h"

/* The service's claims that may be tested and not issued. Source: claim-sets and policy articles, "pcrs". */
static const char *const read_only_types[] = { "pcrs" };

/* Longest piece of foreign text in a message. */
#define SHOWN 64

/* What users see as constant counts its references, and keeps what is made of it later. */
static azattest_claim_set *writable(const azattest_claim_set *set)
{
    union {
        const azattest_claim_set *seen;
        azattest_claim_set *counted;
    } same = { .seen = set };

    return same.counted;
}

azattest_status azattest_claim_set_new(azattest_claim_set **out, azattest_error **error)
{
    azattest_claim_set *set;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no place for the result");
    if ((*out = set = calloc(1, sizeof(*set))) == NULL)
        return azattest__error_memory(error);
    atomic_init(&set->references, 1);
    azattest__arena_init(&set->arena, AZATTEST_LIMIT_CLAIM_SET);
    return AZATTEST_OK;
}

azattest_claim_set *azattest_claim_set_ref(const azattest_claim_set *set)
{
    if (set != NULL)
        atomic_fetch_add_explicit(&writable(set)->references, 1, memory_order_relaxed);
    return writable(set);
}

azattest_claim_set *azattest__claim_set_freeze(const azattest_claim_set *set)
{
    atomic_store_explicit(&writable(set)->frozen, true, memory_order_relaxed);
    return azattest_claim_set_ref(set);
}

static void free_json(azattest__buf *json)
{
    if (json != NULL)
        azattest__buf_free(json);
    free(json);
}

void azattest_claim_set_free(azattest_claim_set *set)
{
    azattest__documents *documents;

    if (set == NULL || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) > 1)
        return;
    documents = atomic_load(&set->documents);
    for (size_t i = 0; documents != NULL && i < set->claims.count; i++)
        azattest__json_free(atomic_load(&documents->items[i]));
    free(documents);
    free_json(atomic_load(&set->json));
    azattest__arena_free(&set->arena);
    free(set);
}

static azattest_status arena_failed(const azattest_claim_set *set, azattest_error **error)
{
    if (set->arena.status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: all together take more than %u bytes",
                               AZATTEST_LIMIT_CLAIM_SET);
}

static azattest_status check_name(const char *what, azattest_bytes name, azattest_error **error)
{
    if (name.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: a claim without %s", what);
    if (name.len > AZATTEST_LIMIT_CLAIM_TYPE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: %s of a claim has %zu bytes, more than %u", what,
                                   name.len, AZATTEST_LIMIT_CLAIM_TYPE);
    if (!azattest__utf8_valid(name))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: %s of a claim is no UTF-8", what);
    return AZATTEST_OK;
}

static azattest_status check_value(const azattest__claim *claim, azattest_error **error)
{
    azattest_bytes text = azattest__bytes(claim->value.text, claim->value.text_len);
    const char *problem = NULL;
    char *type;
    azattest_status status = AZATTEST_E_ARGUMENT;

    if (claim->value.kind != AZATTEST__VALUE_STRING)
        return AZATTEST_OK;
    if (text.ptr == NULL) {
        problem = "no text";
    } else if (text.len > AZATTEST_LIMIT_CLAIM_VALUE) {
        problem = "more text than a claim may have (1 MiB)";
        status = AZATTEST_E_LIMIT;
    } else if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL) {
        problem = "a NUL in its text";
    } else if (!azattest__utf8_valid(text)) {
        problem = "text that is no UTF-8";
    }
    if (problem == NULL)
        return AZATTEST_OK;
    type = azattest__printable(azattest__text(claim->type), SHOWN);
    status = azattest__error_set(error, status, "claims: the claim '%s' has %s", type == NULL ? "" : type, problem);
    free(type);
    return status;
}

static bool is_read_only(const azattest__claim *claim)
{
    if (strcmp(claim->issuer, AZATTEST__ISSUER_SERVICE) != 0)
        return false;
    for (size_t i = 0; i < sizeof(read_only_types) / sizeof(read_only_types[0]); i++)
        if (strcmp(claim->type, read_only_types[i]) == 0)
            return true;
    return false;
}

/* The few issuers' names stand once. */
static const char *keep_issuer(azattest_claim_set *set, const char *issuer)
{
    static const char *const known[] = { AZATTEST__ISSUER_SERVICE, AZATTEST__ISSUER_POLICY, AZATTEST__ISSUER_CLIENT };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], issuer) == 0)
            return known[i];
    return azattest__arena_text(&set->arena, issuer, strlen(issuer));
}

azattest_status azattest__claim_set_add(azattest_claim_set *set, const azattest__claim *claim, azattest_error **error)
{
    azattest__claim copy = *claim;
    azattest_status status;
    uint32_t hash;

    copy.type_len = strlen(copy.type);
    if ((status = check_name("a type", azattest__bytes(copy.type, copy.type_len), error)) != AZATTEST_OK ||
        (status = check_name("an issuer", azattest__text(copy.issuer), error)) != AZATTEST_OK ||
        (status = check_value(&copy, error)) != AZATTEST_OK)
        return status;
    if (atomic_load_explicit(&set->frozen, memory_order_relaxed))
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "claims: the set was evaluated, and does not change any more; make a new one");
    copy.value.read_only = copy.value.read_only || is_read_only(&copy);
    hash = azattest__claim_hash(&copy);
    if (azattest__claim_list_has(&set->claims, &copy, hash))
        return AZATTEST_OK;
    if (set->claims.count >= AZATTEST_LIMIT_CLAIMS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: more than %u", AZATTEST_LIMIT_CLAIMS);
    copy.value.document = set->claims.count + 1;
    copy.type = azattest__arena_text(&set->arena, copy.type, copy.type_len);
    copy.issuer = keep_issuer(set, copy.issuer);
    if (copy.value.kind == AZATTEST__VALUE_STRING)
        copy.value.text = azattest__arena_text(&set->arena, copy.value.text, copy.value.text_len);
    if (set->arena.status != AZATTEST_OK || !azattest__claim_list_add(&set->claims, &set->arena, &copy, hash))
        return arena_failed(set, error);
    free_json(atomic_exchange(&set->json, NULL));
    return AZATTEST_OK;
}

static azattest_status add(azattest_claim_set *set, const char *type, const char *issuer, azattest__value value,
                           azattest_error **error)
{
    azattest__claim claim = { .type = type,
                              .issuer = issuer == NULL ? AZATTEST__ISSUER_SERVICE : issuer,
                              .value = value };

    if (error != NULL)
        *error = NULL;
    if (set == NULL || type == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no %s", set == NULL ? "set" : "type");
    return azattest__claim_set_add(set, &claim, error);
}

azattest_status azattest_claim_set_add_string(azattest_claim_set *set, const char *type, azattest_bytes value,
                                              const char *issuer, azattest_error **error)
{
    azattest__value text = { .kind = AZATTEST__VALUE_STRING, .text = value.ptr, .text_len = value.len };

    return add(set, type, issuer, text, error);
}

azattest_status azattest_claim_set_add_integer(azattest_claim_set *set, const char *type, int64_t value,
                                               const char *issuer, azattest_error **error)
{
    azattest__value integer = { .kind = AZATTEST__VALUE_INTEGER, .integer = value };

    return add(set, type, issuer, integer, error);
}

azattest_status azattest_claim_set_add_boolean(azattest_claim_set *set, const char *type, bool value,
                                               const char *issuer, azattest_error **error)
{
    azattest__value boolean = { .kind = AZATTEST__VALUE_BOOLEAN, .boolean = value };

    return add(set, type, issuer, boolean, error);
}

size_t azattest_claim_set_count(const azattest_claim_set *set)
{
    return set == NULL ? 0 : set->claims.count;
}

static const azattest__claim *claim_at(const azattest_claim_set *set, size_t index)
{
    return set == NULL || index >= set->claims.count ? NULL : &set->claims.items[index];
}

const char *azattest_claim_set_type(const azattest_claim_set *set, size_t index)
{
    const azattest__claim *claim = claim_at(set, index);

    return claim == NULL ? NULL : claim->type;
}

const char *azattest_claim_set_issuer(const azattest_claim_set *set, size_t index)
{
    const azattest__claim *claim = claim_at(set, index);

    return claim == NULL ? NULL : claim->issuer;
}

const char *azattest_claim_set_value_type(const azattest_claim_set *set, size_t index)
{
    const azattest__claim *claim = claim_at(set, index);

    return claim == NULL ? NULL : azattest__value_type(claim->value.kind);
}

const char *azattest_claim_set_string(const azattest_claim_set *set, size_t index)
{
    const azattest__claim *claim = claim_at(set, index);

    return claim == NULL || claim->value.kind != AZATTEST__VALUE_STRING ? NULL : claim->value.text;
}

azattest_status azattest_claim_set_integer(const azattest_claim_set *set, size_t index, int64_t *value)
{
    const azattest__claim *claim = claim_at(set, index);

    if (value != NULL)
        *value = 0;
    if (set == NULL || value == NULL)
        return AZATTEST_E_ARGUMENT;
    if (claim == NULL)
        return AZATTEST_ABSENT;
    if (claim->value.kind != AZATTEST__VALUE_INTEGER)
        return AZATTEST_E_TYPE;
    *value = claim->value.integer;
    return AZATTEST_OK;
}

int azattest_claim_set_boolean(const azattest_claim_set *set, size_t index)
{
    const azattest__claim *claim = claim_at(set, index);

    return claim == NULL || claim->value.kind != AZATTEST__VALUE_BOOLEAN ? -1 : claim->value.boolean;
}

/* A byte may take six in JSON; names of members and types come on top. */
#define LARGEST_JSON (8u * AZATTEST_LIMIT_CLAIM_SET)

azattest_bytes azattest_claim_set_json(const azattest_claim_set *set)
{
    azattest__buf *made, *first = NULL;

    if (set == NULL)
        return azattest__bytes(NULL, 0);
    if ((first = atomic_load(&writable(set)->json)) != NULL)
        return azattest__buf_bytes(first);
    if ((made = malloc(sizeof(*made))) == NULL)
        return azattest__bytes(NULL, 0);
    azattest__buf_init(made, LARGEST_JSON);
    azattest__buf_append_text(made, "[");
    for (size_t i = 0; i < set->claims.count; i++) {
        azattest__buf_append_text(made, i == 0 ? "" : ",");
        azattest__claim_print(&set->claims.items[i], SIZE_MAX, made);
    }
    azattest__buf_append_text(made, "]");
    if (made->status != AZATTEST_OK) {
        free_json(made);
        return azattest__bytes(NULL, 0);
    }
    if (atomic_compare_exchange_strong(&writable(set)->json, &first, made))
        return azattest__buf_bytes(made);
    free_json(made);
    return azattest__buf_bytes(first);
}

/* The documents of a set that is queried for the first time. */
static azattest__documents *documents_of(const azattest_claim_set *set)
{
    azattest__documents *first = atomic_load(&writable(set)->documents), *made;

    if (first != NULL)
        return first;
    if ((made = calloc(set->claims.count + 1, sizeof(made->items[0]))) == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&writable(set)->documents, &first, made))
        return made;
    free(made);
    return first;
}

azattest_status azattest__claim_set_document(const azattest_claim_set *set, size_t index, const azattest__json **out,
                                             azattest_error **error)
{
    const azattest__value *value = &set->claims.items[index].value;
    azattest__documents *documents = documents_of(set);
    azattest__json *made = NULL, *first;
    azattest_status status;

    *out = NULL;
    if (documents == NULL)
        return azattest__error_memory(error);
    if ((first = atomic_load(&documents->items[index])) == NULL) {
        status = azattest__json_parse(azattest__bytes(value->text, value->text_len), &made, error);
        if (status != AZATTEST_OK)
            return status;
        if (atomic_compare_exchange_strong(&documents->items[index], &first, made))
            first = made;
        else
            azattest__json_free(made);
    }
    *out = first;
    return AZATTEST_OK;
}
