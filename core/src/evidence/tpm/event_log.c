#include "event_log.h"

#include <stdio.h>

#define EV_NO_ACTION 3u
#define ALGORITHMS 8u
#define SPEC_ID "Spec ID Event03" /* with its NUL */
#define SPEC_ID_SIZE 16u
#define LOCALITY "StartupLocality" /* with its NUL */
#define LOCALITY_SIZE 16u

/* Little-endian, never behind the end; a failed read sticks. */
typedef struct reader {
    const unsigned char *at;
    size_t left;
    bool failed;
} reader;

static azattest_bytes take(reader *r, size_t len)
{
    azattest_bytes taken = azattest__bytes(r->at, len);

    if (r->failed || len > r->left) {
        r->failed = true;
        return azattest__bytes("", 0);
    }
    r->at += len;
    r->left -= len;
    return taken;
}

static uint32_t number(reader *r, size_t size)
{
    azattest_bytes bytes = take(r, size);
    const unsigned char *p = bytes.ptr;
    uint32_t value = 0;

    for (size_t i = 0; i < bytes.len; i++)
        value |= (uint32_t)p[i] << 8 * i;
    return value;
}

/* Sizes of the digests, as the log's head states them. */
typedef struct sizes {
    struct {
        uint16_t alg;
        size_t size;
    } items[ALGORITHMS];
    size_t count; /* 0: the old form */
} sizes;

static void read_old(reader *r, uint16_t bank, azattest__event *out)
{
    azattest_bytes digest;

    out->pcr = number(r, 4);
    out->type = number(r, 4);
    digest = take(r, 20);
    out->data = take(r, number(r, 4));
    if (bank == AZATTEST__TPM_SHA1)
        out->digest = digest;
}

static const size_t *size_of(const sizes *known, uint16_t alg)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->items[i].alg == alg)
            return &known->items[i].size;
    return NULL;
}

static void read_agile(reader *r, uint16_t bank, const sizes *known, azattest__event *out)
{
    uint32_t count;

    out->pcr = number(r, 4);
    out->type = number(r, 4);
    count = number(r, 4);
    if (count > known->count)
        r->failed = true;
    for (uint32_t i = 0; !r->failed && i < count; i++) {
        uint16_t alg = (uint16_t)number(r, 2);
        const size_t *size = size_of(known, alg);
        azattest_bytes digest = take(r, size == NULL ? r->left + 1 : *size);

        if (alg == bank)
            out->digest = digest;
    }
    out->data = take(r, number(r, 4));
}

static bool begins_with(azattest_bytes data, const char *text, size_t len)
{
    return data.len >= len && memcmp(data.ptr, text, len) == 0;
}

/* The algorithms of a crypto-agile log; false: it is none. */
static bool read_algorithms(azattest_bytes data, sizes *out)
{
    reader r = { data.ptr, data.len, false };
    uint32_t count;

    (void)take(&r, SPEC_ID_SIZE + 4 + 4); /* signature, class of platform, versions and size of a UINTN */
    count = number(&r, 4);
    if (r.failed || count == 0 || count > ALGORITHMS)
        return false;
    for (out->count = 0; out->count < count; out->count++) {
        out->items[out->count].alg = (uint16_t)number(&r, 2);
        out->items[out->count].size = number(&r, 2);
        if (azattest__tpm_hash_size(out->items[out->count].alg) != 0 &&
            azattest__tpm_hash_size(out->items[out->count].alg) != out->items[out->count].size)
            return false;
    }
    return !r.failed;
}

static azattest_status extend(unsigned char *value, uint16_t bank, azattest_bytes digest, azattest_error **error)
{
    unsigned char both[2 * AZATTEST__HASH_MAX];
    azattest__hash hash = AZATTEST__SHA256;
    size_t len;

    (void)azattest__tpm_hash(bank, &hash);
    memcpy(both, value, digest.len);
    memcpy(both + digest.len, digest.ptr, digest.len);
    return azattest__digest(hash, azattest__bytes(both, 2 * digest.len), value, &len, error);
}

/* Where a replay is. */
typedef struct replay {
    azattest__event_log *log;
    uint16_t bank;
} replay;

static azattest_status apply(void *user, const azattest__event *one, azattest_error **error)
{
    const replay *state = user;
    azattest__event_log *out = state->log;
    uint16_t bank = state->bank;
    size_t size = azattest__tpm_hash_size(bank);
    const unsigned char *p = one->data.ptr;

    out->events = one->index + 1;
    if (one->type == EV_NO_ACTION) {
        /* The locality that started the TPM is where PCR 0 starts from. */
        if (one->pcr == 0 && one->data.len == LOCALITY_SIZE + 1 && begins_with(one->data, LOCALITY, LOCALITY_SIZE) &&
            (out->extended & 1) == 0)
            out->values[0][size - 1] = p[LOCALITY_SIZE];
        return AZATTEST_OK;
    }
    if (one->pcr >= AZATTEST__TPM_PCRS)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "event log: event %zu is of PCR %u, there are 0 to %u",
                                   one->index, (unsigned)one->pcr, AZATTEST__TPM_PCRS - 1);
    if (one->digest.len != size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "event log: event %zu has no digest of bank %s",
                                   one->index, azattest__tpm_hash_name(bank));
    out->extended |= UINT32_C(1) << one->pcr;
    return extend(out->values[one->pcr], bank, one->digest, error);
}

/* The rest of the buffer, never used: as it was cleared. Counted once, for an event may have as many zeros as it likes.
 */
static size_t unused(azattest_bytes log)
{
    const unsigned char *p = log.ptr;
    size_t count = 0;

    while (count < log.len && p[log.len - 1 - count] == p[log.len - 1] &&
           (p[log.len - 1] == 0 || p[log.len - 1] == 0xff))
        count++;
    return count;
}

/* PCRs 17 to 22 are of a later launch, and start with ones. */
static void start(azattest__event_log *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 17; i <= 22; i++)
        memset(out->values[i], 0xff, AZATTEST__HASH_MAX);
}

azattest_status azattest__event_log_walk(azattest_bytes log, uint16_t bank, azattest__event_visitor visit, void *user,
                                         azattest_error **error)
{
    reader r = { log.ptr, log.len, false };
    azattest_status status;
    sizes known = { .count = 0 };
    size_t rest = unused(log);

    for (size_t index = 0; r.left > rest; index++) {
        azattest__event one = { .index = index, .digest = azattest__bytes(NULL, 0) };

        if (known.count == 0)
            read_old(&r, bank, &one);
        else
            read_agile(&r, bank, &known, &one);
        if (r.failed)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE, "event log: event %zu is cut or malformed", index);
        if (index == 0 && one.type == EV_NO_ACTION && begins_with(one.data, SPEC_ID, SPEC_ID_SIZE) &&
            !read_algorithms(one.data, &known))
            return azattest__error_set(error, AZATTEST_E_EVIDENCE, "event log: its head is malformed");
        if ((status = visit(user, &one, error)) != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

azattest_status azattest__event_log_replay(azattest_bytes log, uint16_t bank, azattest__event_log *out,
                                           azattest_error **error)
{
    replay state = { out, bank };

    start(out);
    if (azattest__tpm_hash_size(bank) == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "event log: bank 0x%04x is not known", bank);
    return azattest__event_log_walk(log, bank, apply, &state, error);
}

azattest_status azattest__event_log_check(const azattest__event_log *log, uint16_t bank, const azattest__tpm_pcr *pcrs,
                                          size_t count, azattest__event_log_match *out, azattest_error **error)
{
    *out = (azattest__event_log_match){ .not_given = log->extended };
    for (size_t i = 0; i < count; i++) {
        uint32_t bit;
        bool equal;

        if (pcrs[i].bank != bank || pcrs[i].index >= AZATTEST__TPM_PCRS)
            continue;
        bit = UINT32_C(1) << pcrs[i].index;
        equal = memcmp(log->values[pcrs[i].index], pcrs[i].value.ptr, pcrs[i].value.len) == 0;
        if ((log->extended & bit) == 0) {
            out->not_logged |= equal ? 0 : bit;
            continue;
        }
        if (!equal)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "replaying the event log does not give PCR %u of bank %s", pcrs[i].index,
                                       azattest__tpm_hash_name(bank));
        out->not_given &= ~bit;
        out->compared++;
    }
    return AZATTEST_OK;
}
