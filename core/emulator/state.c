#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/issue.h"

#define SIGNING_KEY_FILE "signing-key.pem"
#define LOCK_FILE "emulator.lock"
#define LIMIT_KEY_FILE (16u * 1024u) /* an RSA key of 8192 bits has 6.5 KB as PEM */

static azattest_status file_error(azattest_error **error, const char *what, const char *path)
{
    return azattest__error_set(error, AZATTEST_E_STATE, "cannot %s %s: %s", what, path, strerror(errno));
}

static char *join(const char *front, const char *back)
{
    char *text;

    return asprintf(&text, "%s%s", front, back) < 0 ? NULL : text;
}

char *azattest__state_path(const azattest__state *state, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", state->folder, name) < 0 ? NULL : path;
}

static bool write_all(int file, azattest_bytes content)
{
    const char *rest = content.ptr;
    size_t left = content.len;

    while (left > 0) {
        ssize_t written = write(file, rest, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        rest += written;
        left -= (size_t)written;
    }
    return true;
}

azattest_status azattest__file_replace(const char *path, azattest_bytes content, int mode, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char *temporary = join(path, ".XXXXXX");
    int file = -1;

    if (temporary == NULL)
        return azattest__error_memory(error);
    /* mkostemp() makes mode 0600, so that a key is private from its first byte on. */
    if ((file = mkostemp(temporary, O_CLOEXEC)) < 0) {
        status = file_error(error, "write", path);
        goto done;
    }
    if (!write_all(file, content) || fchmod(file, (mode_t)mode) != 0 || fsync(file) != 0 ||
        rename(temporary, path) != 0) {
        status = file_error(error, "write", path);
        unlink(temporary);
    }
done:
    if (file >= 0)
        close(file);
    free(temporary);
    return status;
}

static azattest_status make_temporary(azattest__state *state, azattest_error **error)
{
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    if ((state->folder = join(parent, "/azattest-emulator-XXXXXX")) == NULL)
        return azattest__error_memory(error);
    if (mkdtemp(state->folder) == NULL)
        return file_error(error, "make a temporary folder in", parent);
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
        status = file_error(error, "open", path);
    else if (flock(state->lock, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK
                     ? azattest__error_set(error, AZATTEST_E_STATE,
                                           "another emulator uses the state folder %s; stop it, or give this one "
                                           "another --state",
                                           state->folder)
                     : file_error(error, "lock", path);
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
        status = file_error(error, "make or open the folder", folder);
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

/* AZATTEST_ABSENT when there is no such file. */
static azattest_status read_file(const char *path, azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char block[4096];
    ssize_t count = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return errno == ENOENT ? AZATTEST_ABSENT : file_error(error, "read", path);
    while ((count = read(file, block, sizeof(block))) > 0)
        azattest__buf_append(out, block, (size_t)count);
    if (count < 0)
        status = file_error(error, "read", path);
    else
        status = azattest__error_from_buf(error, out, path);
    azattest__wipe(block, sizeof(block));
    close(file);
    return status;
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

azattest_status azattest__state_signing_key(const azattest__state *state, azattest__key **out, azattest_error **error)
{
    azattest_status status;
    azattest__key *key = NULL;
    char *path = azattest__state_path(state, SIGNING_KEY_FILE);
    azattest__buf pem;

    *out = NULL;
    azattest__buf_init(&pem, LIMIT_KEY_FILE);
    if (path == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = read_file(path, &pem, error)) == AZATTEST_ABSENT)
        status = make_signing_key(path, &key, error);
    else if (status == AZATTEST_OK &&
             ((status = azattest__key_from_private_pem(azattest__buf_bytes(&pem), &key, error)) != AZATTEST_OK ||
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
