/* Files of a state folder: read whole, replaced whole. */
#ifndef AZATTEST_SIMULATOR_FILES_H
#define AZATTEST_SIMULATOR_FILES_H

#include "error/error.h"

/* "folder/name" in a new buffer for free(); NULL when out of memory. */
char *azattest__file_path(const char *folder, const char *name);
/* "cannot WHAT PATH: reason", from errno. */
azattest_status azattest__file_error(azattest_error **error, const char *what, const char *path);
/* Appends the content, up to the buffer's limit. An absent file leaves *found false and is no error. */
azattest_status azattest__file_read(const char *path, azattest__buf *out, bool *found, azattest_error **error);
/* The file appears with this content, or stays as it was: written beside, synced, renamed. */
azattest_status azattest__file_replace(const char *path, azattest_bytes content, int mode, azattest_error **error);

#endif
