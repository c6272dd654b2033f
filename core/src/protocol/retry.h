/* When a failed try is made again, and how long to wait before it. Pure functions of what is passed in. */
#ifndef AZATTEST_PROTOCOL_RETRY_H
#define AZATTEST_PROTOCOL_RETRY_H

#include "http.h"

typedef struct azattest__retry_policy {
    int total;            /* tries after the first */
    int64_t delay_ms;     /* first wait */
    int64_t max_delay_ms; /* longest computed wait */
    int64_t after_max_ms; /* longest wait that the service may ask for */
} azattest__retry_policy;
#define AZATTEST__RETRY_TOTAL 3
#define AZATTEST__RETRY_DELAY_MS 800
#define AZATTEST__RETRY_MAX_DELAY_MS 60000
#define AZATTEST__RETRY_AFTER_MAX_MS 120000

/* 408, 429, 500, 502, 503, 504. */
bool azattest__retry_status(int status);
/* Wait before try number `attempts` + 1: min(cap, delay * 2^(attempts - 1)) * (0.8 to 1.3), again at most the cap. */
int64_t azattest__retry_delay_ms(const azattest__retry_policy *policy, int attempts, uint32_t random);
/* The same, or what the service asks for, capped by its own limit. */
int64_t azattest__retry_wait_ms(const azattest__retry_policy *policy, int attempts, uint32_t random,
                                int64_t retry_after_ms);

#endif
