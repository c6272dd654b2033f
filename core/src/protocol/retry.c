/* The rules of retrying, as the official SDKs for C++ and .NET have them. */
#include "retry.h"

bool azattest__retry_status(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

int64_t azattest__retry_delay_ms(const azattest__retry_policy *policy, int attempts, uint32_t random)
{
    int64_t delay = policy->delay_ms, permille;

    for (int i = 1; i < attempts && delay < policy->max_delay_ms; i++)
        delay *= 2;
    if (delay > policy->max_delay_ms)
        delay = policy->max_delay_ms;
    permille = 800 + (int64_t)((uint64_t)random * 501 >> 32); /* 800 to 1300 */
    delay = delay * permille / 1000;
    return delay > policy->max_delay_ms ? policy->max_delay_ms : delay;
}

int64_t azattest__retry_wait_ms(const azattest__retry_policy *policy, int attempts, uint32_t random,
                                int64_t retry_after_ms)
{
    if (retry_after_ms < 0)
        return azattest__retry_delay_ms(policy, attempts, random);
    return retry_after_ms > policy->after_max_ms ? policy->after_max_ms : retry_after_ms;
}
