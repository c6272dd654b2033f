/* What the command writes: files and standard output. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "output.h"

static azattest_status cannot_write(const char *path, int reason, azattest_error **error)
{
    char *shown = azattest__printable(azattest__text(path), 200);

    azattest__error_set(error, AZATTEST_E_STATE, "cannot write '%s': %s", shown == NULL ? "?" : shown,
                        strerror(reason));
    free(shown);
    return AZATTEST_E_STATE;
}

azattest_status azattest__output_file(const char *path, azattest_bytes content, int mode, azattest_error **error)
{
    const unsigned char *bytes = content.ptr;
    size_t length = content.len;
    bool standard = strcmp(path, "-") == 0;
    int file = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int reason = 0;
    struct stat about;
    ssize_t put;

    if (file < 0)
        return cannot_write(path, errno, error);
    if (!standard && (mode & 077) == 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
        fchmod(file, (mode_t)mode) != 0)
        reason = errno;
    for (size_t done = 0; done < length && reason == 0; done += put > 0 ? (size_t)put : 0)
        if ((put = write(file, bytes + done, length - done)) < 0 && errno != EINTR)
            reason = errno;
    if (standard)
        return reason == 0 ? AZATTEST_OK : cannot_write("standard output", reason, error);
    if (reason != 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode))
        unlink(path);
    if (close(file) != 0 && reason == 0)
        reason = errno;
    return reason == 0 ? AZATTEST_OK : cannot_write(path, reason, error);
}
