/* Collateral in a folder: one file for each item, named by the operation's key, replaced as a whole. */
#include <azattest/collateral_cache.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <azattest/limits.h>

#include "growing.h"
#include "transport.h"

#define SUFFIX ".collateral"
/* Nothing is fresh for so long: what nobody has renewed until then belongs to a platform that is gone. */
#define FORGOTTEN_S (60 * 86400)

struct azattest_collateral_cache {
    char *folder;
};

static azattest_status file_error(azattest_error **error, const char *what, const char *path)
{
    char text[1024];

    snprintf(text, sizeof(text), "collateral cache: cannot %s %s: %s", what, path, strerror(errno));
    return azattest__transport_error(error, AZATTEST_E_STATE, text);
}

/* ---- the folder ---- */

/* What lies in it is signed, but whoever may write here could bring back a list that was genuine once. */
static azattest_status check_folder(const char *folder, azattest_error **error)
{
    struct stat found;
    char text[1024];

    if (stat(folder, &found) != 0)
        return file_error(error, "open", folder);
    if (S_ISDIR(found.st_mode) && (found.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
        (found.st_uid == geteuid() || found.st_uid == 0))
        return AZATTEST_OK;
    snprintf(text, sizeof(text), "collateral cache: %s %s", folder,
             S_ISDIR(found.st_mode) ? "may be written to by others: give a folder of your own (mode 0700)"
                                    : "is no folder");
    return azattest__transport_error(error, AZATTEST_E_STATE, text);
}

static bool has_suffix(const char *name)
{
    const char *found = strstr(name, SUFFIX);

    return found != NULL && found != name; /* also "KEY.collateral.XXXXXX", which a crash may leave */
}

/* Best effort: what cannot be removed today can be tomorrow. */
static void remove_forgotten(const char *folder)
{
    DIR *directory = opendir(folder);
    time_t now = time(NULL);
    struct dirent *entry;
    struct stat found;

    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL)
        if (has_suffix(entry->d_name) && fstatat(dirfd(directory), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(found.st_mode) && found.st_mtime < now - FORGOTTEN_S)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

azattest_status azattest_collateral_cache_open(const char *folder, azattest_collateral_cache **out,
                                               azattest_error **error)
{
    azattest_collateral_cache *cache;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        *out = NULL;
    if (folder == NULL || *folder == '\0' || out == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT,
                                         out == NULL ? "collateral cache: nowhere to put it"
                                                     : "collateral cache: no folder is given");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return file_error(error, "make", folder);
    if ((status = check_folder(folder, error)) != AZATTEST_OK)
        return status;
    if ((cache = calloc(1, sizeof(*cache))) == NULL || (cache->folder = strdup(folder)) == NULL) {
        free(cache);
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
    }
    remove_forgotten(folder);
    *out = cache;
    return AZATTEST_OK;
}

void azattest_collateral_cache_free(azattest_collateral_cache *cache)
{
    if (cache == NULL)
        return;
    free(cache->folder);
    free(cache);
}

/* ---- files ---- */

static char *path_of(const azattest_collateral_cache *cache, const char *key)
{
    char *path;

    return asprintf(&path, "%s/%s" SUFFIX, cache->folder, key) < 0 ? NULL : path;
}

/* The whole file, for free(); NULL when there is none that can be used. A link is none of ours. */
static char *read_file(const char *path, size_t *len)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat found;
    char *content = NULL;
    ssize_t got = 1;

    *len = 0;
    if (file < 0)
        return NULL;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size <= 0 ||
        (uint64_t)found.st_size > AZATTEST_LIMIT_COLLATERAL_RECORD || (content = malloc((size_t)found.st_size)) == NULL)
        goto done;
    while (*len < (size_t)found.st_size && (got > 0 || (got < 0 && errno == EINTR)))
        if ((got = read(file, content + *len, (size_t)found.st_size - *len)) > 0)
            *len += (size_t)got;
done:
    close(file);
    return content;
}

static bool write_all(int file, azattest_bytes content)
{
    const char *rest = content.ptr;

    for (size_t left = content.len; left > 0;) {
        ssize_t written = write(file, rest, left);

        if (written < 0 && errno != EINTR)
            return false;
        rest += written < 0 ? 0 : written;
        left -= written < 0 ? 0 : (size_t)written;
    }
    return true;
}

/* mkostemp() makes mode 0600. On the disk before it has its name: a crash leaves the old file or the new one. */
static azattest_status write_file(const char *path, azattest_bytes content, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    char *temporary;
    int file;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
    if ((file = mkostemp(temporary, O_CLOEXEC)) < 0) {
        status = file_error(error, "write", path);
        goto done;
    }
    if (!write_all(file, content) || fsync(file) != 0 || rename(temporary, path) != 0) {
        status = file_error(error, "write", path);
        (void)unlink(temporary);
    }
    close(file);
done:
    free(temporary);
    return status;
}

/* ---- items ---- */

static azattest_status check(const azattest_collateral_cache *cache, const azattest_op *op, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (cache != NULL && op != NULL)
        return AZATTEST_OK;
    return azattest__transport_error(error, AZATTEST_E_ARGUMENT,
                                     cache == NULL ? "collateral cache: none is given"
                                                   : "collateral cache: no operation");
}

azattest_status azattest_collateral_cache_load(const azattest_collateral_cache *cache, azattest_op *op, bool stale,
                                               azattest_error **error)
{
    azattest_status status = check(cache, op, error);

    /* The count grows where an item brings others. */
    for (size_t i = 0; status == AZATTEST_OK && i < azattest_op_collateral_count(op); i++) {
        char *path = path_of(cache, azattest_op_collateral_key(op, i)), *content = NULL;
        size_t len;

        if (path == NULL)
            status = azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
        else if ((content = read_file(path, &len)) != NULL &&
                 azattest_op_give_collateral(op, i, (azattest_bytes){ content, len }, stale, NULL) == AZATTEST_E_MEMORY)
            status = azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
        free(content);
        free(path);
    }
    return status;
}

azattest_status azattest_collateral_cache_store(const azattest_collateral_cache *cache, const azattest_op *op,
                                                azattest_error **error)
{
    azattest_status status = check(cache, op, error), written;

    for (size_t i = 0; status != AZATTEST_E_ARGUMENT && i < azattest_op_collateral_count(op); i++) {
        azattest_bytes record = azattest_op_collateral_record(op, i);
        char *path;

        if (record.ptr == NULL)
            continue;
        if ((path = path_of(cache, azattest_op_collateral_key(op, i))) == NULL)
            written =
                azattest__transport_error(status == AZATTEST_OK ? error : NULL, AZATTEST_E_MEMORY, "out of memory");
        else
            written = write_file(path, record, status == AZATTEST_OK ? error : NULL);
        free(path);
        if (status == AZATTEST_OK)
            status = written;
    }
    return status;
}
