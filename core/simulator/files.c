#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *azattest__file_path(const char *folder, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

azattest_status azattest__file_error(azattest_error **error, const char *what, const char *path)
{
    return azattest__error_set(error, AZATTEST_E_STATE, "cannot %s %s: %s", what, path, strerror(errno));
}

azattest_status azattest__file_read(const char *path, azattest__buf *out, bool *found, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char chunk[4096];
    ssize_t got = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    *found = file >= 0;
    if (file < 0)
        return errno == ENOENT ? AZATTEST_OK : azattest__file_error(error, "read", path);
    do {
        if ((got = read(file, chunk, sizeof(chunk))) > 0)
            azattest__buf_append(out, chunk, (size_t)got);
    } while ((got > 0 && out->status == AZATTEST_OK) || (got < 0 && errno == EINTR));
    if (got < 0)
        status = azattest__file_error(error, "read", path);
    else
        status = azattest__error_from_buf(error, out, path);
    azattest__wipe(chunk, sizeof(chunk));
    close(file);
    return status;
}

static bool write_all(int file, azattest_bytes content)
{
    const char *rest = content.ptr;

    for (size_t left = content.len; left > 0;) {
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
    char *temporary;
    int file;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return azattest__error_memory(error);
    /* mkostemp() makes mode 0600, so that a key is private from its first byte on. */
    if ((file = mkostemp(temporary, O_CLOEXEC)) < 0) {
        status = azattest__file_error(error, "write", path);
        goto done;
    }
    if (!write_all(file, content) || fchmod(file, (mode_t)mode) != 0 || fsync(file) != 0 ||
        rename(temporary, path) != 0) {
        status = azattest__file_error(error, "write", path);
        unlink(temporary);
    }
    close(file);
done:
    free(temporary);
    return status;
}
