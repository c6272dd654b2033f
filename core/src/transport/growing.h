/* Memory for an answer that arrives; it may hold an access token, so it is wiped wherever it is left. */
#ifndef AZATTEST_TRANSPORT_GROWING_H
#define AZATTEST_TRANSPORT_GROWING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct azattest__growing {
    char *ptr;
    size_t len, capacity;
} azattest__growing;

/* false: no memory; what was there stays. */
bool azattest__growing_add(azattest__growing *store, const void *data, size_t len);
void azattest__growing_free(azattest__growing *store);

#endif
