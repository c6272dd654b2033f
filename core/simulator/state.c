/*
 * The machines in their folder. The first platform is one file, and each further hierarchy another, made when it is
 * first needed; a file appears by a rename and so is there whole or not at all. A lock keeps two processes that open a
 * new folder at once from making two platforms.
 */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "files.h"

#define PLATFORM_FILE "simulator-platform.pem" /* keys and certificates, private */
#define ROOT_FILE "simulator-root.pem"         /* the root's certificate alone, for everybody */
#define LOCK_FILE "simulator.lock"
#define LIMIT_FILE (64u * 1024u)
#define KEYS (LEVELS + 1) /* and the attestation key */

static azattest_status lock(const char *folder, int *file, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char *path = azattest__file_path(folder, LOCK_FILE);
    int done;

    if (path == NULL)
        return azattest__error_memory(error);
    if ((*file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0) {
        status = azattest__file_error(error, "open", path);
    } else {
        while ((done = flock(*file, LOCK_EX)) != 0 && errno == EINTR)
            ;
        if (done != 0)
            status = azattest__file_error(error, "lock", path);
    }
    free(path);
    return status;
}

/* Private keys in the order of the levels, the attestation key behind them, then the certificates. */
static azattest_status print_platform(const azattest__platform *platform, azattest__buf *out, azattest_error **error)
{
    azattest_status status;

    for (int i = 0; i < KEYS; i++)
        if ((status = azattest__key_private_pem(i < LEVELS ? platform->keys[i] : platform->attestation_key, out,
                                                error)) != AZATTEST_OK)
            return status;
    for (int i = 0; i < LEVELS; i++)
        azattest__platform_put_certificate(platform->certificates[i], out);
    return azattest__error_from_buf(error, out, "platform");
}

static azattest_status parse_certificate(azattest_bytes body, azattest__cert **out, azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, LIMIT_FILE);
    status = azattest__pem_decode_body(body, &der)
                 ? azattest__cert_parse(azattest__buf_bytes(&der), out, error)
                 : azattest__error_set(error, AZATTEST_E_MALFORMED, "a certificate is not base64");
    azattest__buf_free(&der);
    return status;
}

static azattest_status parse_platform(azattest_bytes text, azattest__platform *out, azattest_error **error)
{
    azattest_bytes block, body;
    azattest_status status;
    size_t offset = 0;

    for (int i = 0; i < KEYS; i++) {
        azattest__key **key = i < LEVELS ? &out->keys[i] : &out->attestation_key;

        if (!azattest__pem_next(text, "PRIVATE KEY", &offset, &block, &body))
            return azattest__error_set(error, AZATTEST_E_STATE, "%d private keys, expected %d", i, KEYS);
        if ((status = azattest__key_from_private_pem(block, key, error)) != AZATTEST_OK ||
            (status = azattest__key_fits(*key, AZATTEST__ES256, error)) != AZATTEST_OK)
            return status;
    }
    for (int i = 0; i < LEVELS; i++) {
        if (!azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body))
            return azattest__error_set(error, AZATTEST_E_STATE, "%d certificates, expected %d", i, LEVELS);
        if ((status = parse_certificate(body, &out->certificates[i], error)) != AZATTEST_OK)
            return status;
    }
    return azattest__platform_check(out, error);
}

/* Reads a file of the folder, or makes what belongs into it and writes it. */
typedef struct kept_file {
    const char *name;
    azattest_status (*parse)(azattest_bytes text, void *out, azattest_error **error);
    azattest_status (*make)(void *out, azattest__buf *text, azattest_error **error);
} kept_file;

static azattest_status read_or_make(const char *folder, const kept_file *kept, void *out, azattest_error **error)
{
    azattest_status status;
    char *path = azattest__file_path(folder, kept->name);
    azattest__buf text;
    bool found;

    azattest__buf_init(&text, LIMIT_FILE);
    if (path == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__file_read(path, &text, &found, error)) != AZATTEST_OK)
        goto done;
    if (!found) {
        if ((status = kept->make(out, &text, error)) == AZATTEST_OK)
            status = azattest__file_replace(path, azattest__buf_bytes(&text), 0600, error);
    } else if ((status = kept->parse(azattest__buf_bytes(&text), out, error)) != AZATTEST_OK &&
               status != AZATTEST_E_MEMORY) {
        azattest__error_prefix(error, "simulator: %s is damaged (remove it to get a new platform)", path);
        status =
            azattest__error_set(error, AZATTEST_E_STATE, "%s", error == NULL ? "" : azattest_error_message(*error));
    }
done:
    azattest__buf_free(&text);
    free(path);
    return status;
}

static azattest_status parse_kept_platform(azattest_bytes text, void *out, azattest_error **error)
{
    return parse_platform(text, out, error);
}

static azattest_status make_platform(void *out, azattest__buf *text, azattest_error **error)
{
    azattest_status status = azattest__platform_make(out, error);

    return status == AZATTEST_OK ? print_platform(out, text, error) : status;
}

/* Which vault of which simulator is being read or made. */
typedef struct vault_place {
    azattest_simulator *simulator;
    azattest__vault_id id;
    azattest__vault vault;
} vault_place;

static azattest_status parse_vault(azattest_bytes text, void *out, azattest_error **error)
{
    vault_place *place = out;
    const azattest__vault_text *plan = &azattest__vault_texts[place->id];
    azattest_bytes block, body;
    azattest_status status;
    size_t offset = 0;

    for (int i = 0; i < plan->keys; i++) {
        if (!azattest__pem_next(text, "PRIVATE KEY", &offset, &block, &body))
            return azattest__error_set(error, AZATTEST_E_STATE, "%d private keys, expected %d", i, plan->keys);
        if ((status = azattest__key_from_private_pem(block, &place->vault.keys[i], error)) != AZATTEST_OK)
            return status;
    }
    for (int i = 0; i < plan->certificates; i++) {
        if (!azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body))
            return azattest__error_set(error, AZATTEST_E_STATE, "%d certificates, expected %d", i, plan->certificates);
        if ((status = parse_certificate(body, &place->vault.certificates[i], error)) != AZATTEST_OK)
            return status;
        if (azattest__cert_key(place->vault.certificates[i]) == NULL ||
            !azattest__key_equal(azattest__cert_key(place->vault.certificates[i]), place->vault.keys[i]))
            return azattest__error_set(error, AZATTEST_E_STATE, "certificate %d has another key", i + 1);
    }
    return AZATTEST_OK;
}

static azattest_status make_vault(void *out, azattest__buf *text, azattest_error **error)
{
    vault_place *place = out;
    const azattest__vault_text *plan = &azattest__vault_texts[place->id];
    azattest_status status = azattest__vault_make(place->simulator, place->id, &place->vault, error);

    for (int i = 0; i < plan->keys && status == AZATTEST_OK; i++)
        status = azattest__key_private_pem(place->vault.keys[i], text, error);
    for (int i = 0; i < plan->certificates && status == AZATTEST_OK; i++)
        azattest__platform_put_certificate(place->vault.certificates[i], text);
    return status == AZATTEST_OK ? azattest__error_from_buf(error, text, plan->file) : status;
}

void azattest__vault_clear(azattest__vault *vault)
{
    for (int i = 0; i < VAULT_KEYS; i++) {
        azattest__key_free(vault->keys[i]);
        azattest__cert_free(vault->certificates[i]);
    }
    memset(vault, 0, sizeof(*vault));
}

azattest_status azattest__vault_need(azattest_simulator *simulator, azattest__vault_id id, const azattest__vault **out,
                                     azattest_error **error)
{
    const kept_file kept = { azattest__vault_texts[id].file, parse_vault, make_vault };
    vault_place place = { .simulator = simulator, .id = id };
    azattest_status status = AZATTEST_OK;
    int file = -1;

    pthread_mutex_lock(&simulator->mutex);
    if (!simulator->vaults[id].open) {
        if ((status = lock(simulator->folder, &file, error)) == AZATTEST_OK &&
            (status = read_or_make(simulator->folder, &kept, &place, error)) == AZATTEST_OK) {
            simulator->vaults[id] = place.vault;
            simulator->vaults[id].open = true;
        } else {
            azattest__vault_clear(&place.vault);
        }
        if (file >= 0)
            close(file); /* and with it the lock */
    }
    *out = &simulator->vaults[id];
    pthread_mutex_unlock(&simulator->mutex);
    return status;
}

azattest_status azattest__state_publish(const char *path, azattest_bytes content, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;
    bool found;

    azattest__buf_init(&text, LIMIT_FILE);
    if ((status = azattest__file_read(path, &text, &found, error)) == AZATTEST_OK &&
        (!found || !azattest__bytes_equal(azattest__buf_bytes(&text), content)))
        status = azattest__file_replace(path, content, 0644, error);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__state_read_or_make(const char *folder, azattest_simulator *out, azattest_error **error)
{
    static const kept_file platform = { PLATFORM_FILE, parse_kept_platform, make_platform };
    azattest_status status;
    char *absolute = NULL;
    int file = -1;

    if ((mkdir(folder, 0700) != 0 && errno != EEXIST) || (absolute = realpath(folder, NULL)) == NULL) {
        status = azattest__file_error(error, "make or open the folder", folder);
        goto done;
    }
    if ((status = lock(absolute, &file, error)) != AZATTEST_OK ||
        (status = read_or_make(absolute, &platform, &out->platform, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_init(&out->root_pem, LIMIT_FILE);
    azattest__buf_init(&out->chain_pem, LIMIT_FILE);
    azattest__platform_put_certificate(out->platform.certificates[LEVEL_ROOT], &out->root_pem);
    for (int i = LEVELS - 1; i >= 0; i--)
        azattest__platform_put_certificate(out->platform.certificates[i], &out->chain_pem);
    azattest__buf_append(&out->chain_pem, "", 1);
    if ((status = azattest__error_from_buf(error, &out->root_pem, "root")) != AZATTEST_OK ||
        (status = azattest__error_from_buf(error, &out->chain_pem, "chain")) != AZATTEST_OK)
        goto done;
    if ((out->root_path = azattest__file_path(absolute, ROOT_FILE)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    status = azattest__state_publish(out->root_path, azattest__buf_bytes(&out->root_pem), error);
    out->folder = absolute;
    absolute = NULL;
done:
    if (file >= 0)
        close(file); /* and with it the lock */
    free(absolute);
    return status;
}
