/* Azure Arc's challenge: what is read lies directly in the one folder, whatever the header says. */
#include <stdlib.h>

#include "identity/managed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char folder[] = "/var/opt/azcmagent/tokens/";
    char *text = azattest__dup(data, size);
    const char *reason;
    azattest_bytes path;

    if (text == NULL)
        return 0;
    path = azattest__arc_realm(text, &reason);
    if ((path.ptr == NULL) != (reason != NULL) ||
        (path.ptr != NULL &&
         (path.len < sizeof(folder) || memcmp(path.ptr, folder, sizeof(folder) - 1) != 0 ||
          memchr((const char *)path.ptr + sizeof(folder) - 1, '/', path.len - sizeof(folder) + 1) != NULL ||
          memcmp((const char *)path.ptr + path.len - 4, ".key", 4) != 0)))
        abort();
    free(text);
    return 0;
}
