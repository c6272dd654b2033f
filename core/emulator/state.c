#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../simulator/files.h"
#include "crypto/issue.h"

#define SIGNING_KEY_FILE "signing-key.pem"
#define LOCK_FILE "emulator.lock"
#define LIMIT_KEY_FILE (16u * 1024u) /* an RSA key of 8192 bits has 6.5 KB as PEM */

char *azattest__state_path(const azattest__state *state, const char *name)
{
    return azattest__file_path(state->folder, name);
}

static azattest_status make_temporary(azattest__state *state, azattest_error **error)
{
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    if ((state->folder = azattest__file_path(parent, "azattest-emulator-XXXXXX")) == NULL)
        return azattest__error_memory(error);
    if (mkdtemp(state->folder) == NULL)
        return azattest__file_error(error, "make a temporary folder in", parent);
    state->temporary = true;
    return AZATTEST_OK;
}

static azattest_status lock(azattest__state *state, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char *path = azattest__state_path(state, LOCK_FILE);

    if (path == NULL)
        return azattest__error_memory(error);
    if ((state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        status = azattest__file_error(error, "open", path);
    else if (flock(state->lock, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK
                     ? azattest__error_set(error, AZATTEST_E_STATE,
                                           "another emulator uses the state folder %s; stop it, or give this one "
                                           "another --state",
                                           state->folder)
                     : azattest__file_error(error, "lock", path);
    free(path);
    return status;
}

azattest_status azattest__state_open(const char *folder, azattest__state *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    *out = (azattest__state){ .lock = -1 };
    if (folder == NULL)
        status = make_temporary(out, error);
    else if ((mkdir(folder, 0700) != 0 && errno != EEXIST) || (out->folder = realpath(folder, NULL)) == NULL)
        status = azattest__file_error(error, "make or open the folder", folder);
    if (status != AZATTEST_OK || (status = lock(out, error)) != AZATTEST_OK)
        azattest__state_close(out);
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    remove(path);
    return 0; /* go on: what cannot be removed stays */
}

void azattest__state_close(azattest__state *state)
{
    if (state->temporary)
        nftw(state->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    if (state->lock >= 0)
        close(state->lock);
    free(state->folder);
    *state = (azattest__state){ .lock = -1 };
}

static azattest_status make_signing_key(const char *path, azattest__key **out, azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    azattest__buf_init(&pem, LIMIT_KEY_FILE);
    if ((status = azattest__key_generate_rsa(2048, out, error)) == AZATTEST_OK &&
        (status = azattest__key_private_pem(*out, &pem, error)) == AZATTEST_OK)
        status = azattest__file_replace(path, azattest__buf_bytes(&pem), 0600, error);
    azattest__buf_free(&pem);
    return status;
}

static char *signing_key_path(const azattest__state *state, const char *instance)
{
    char *name = NULL, *path;

    if (instance == NULL)
        return azattest__state_path(state, SIGNING_KEY_FILE);
    if (asprintf(&name, "signing-key-%s.pem", instance) < 0)
        return NULL;
    path = azattest__state_path(state, name);
    free(name);
    return path;
}

azattest_status azattest__state_instance_key(const azattest__state *state, const char *instance, azattest__key **out,
                                             azattest_error **error)
{
    azattest_status status;
    azattest__key *key = NULL;
    char *path = signing_key_path(state, instance);
    azattest__buf pem;
    bool found;

    *out = NULL;
    azattest__buf_init(&pem, LIMIT_KEY_FILE);
    if (path == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__file_read(path, &pem, &found, error)) != AZATTEST_OK)
        goto done;
    if (!found)
        status = make_signing_key(path, &key, error);
    else if (((status = azattest__key_from_private_pem(azattest__buf_bytes(&pem), &key, error)) != AZATTEST_OK ||
              (status = azattest__key_fits(key, AZATTEST__RS256, error)) != AZATTEST_OK))
        azattest__error_prefix(error, "%s", path);
    if (status != AZATTEST_OK)
        goto done;
    *out = key;
    key = NULL;
done:
    azattest__key_free(key);
    azattest__buf_free(&pem);
    free(path);
    return status;
}

azattest_status azattest__state_signing_key(const azattest__state *state, azattest__key **out, azattest_error **error)
{
    return azattest__state_instance_key(state, NULL, out, error);
}
