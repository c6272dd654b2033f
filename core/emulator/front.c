#include "front.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#include "issuer_parts.h"
#include "parts.h"

#define WRONG_ISSUER "https://wrong-issuer.azattest.test"

static const struct azattest__front_instance *find_instance(const azattest__front *front, unsigned port,
                                                            const char *host)
{
    const struct azattest__front_instance *found = NULL;

    for (size_t i = 0; i < front->count; i++) {
        const struct azattest__front_instance *instance = &front->instances[i];

        if (instance->port != port)
            continue;
        if (host != NULL &&
            azattest__text_equal_nocase(host, azattest__service_endpoint(instance->service) + strlen("https://")))
            return instance;
        if (found == NULL)
            found = instance;
    }
    return found;
}

/* RFC 9110 section 5.6.7. */
static void http_date(int64_t seconds, char out[40])
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t time = (time_t)seconds;
    struct tm t = { 0 };

    gmtime_r(&time, &t);
    snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
             t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* An error that nobody but --fault wanted. */
static void answer_status(const azattest__fault *fault, const char *group, const azattest__service_request *request,
                          azattest__service_answer *answer)
{
    char date[40];

    azattest__answer_init(answer, request->traceparent);
    if (strcmp(group, "token") == 0)
        azattest__grant_refuse(answer, request, fault->status, "temporarily_unavailable", 90033,
                               "A transient error has occurred (--fault).");
    else
        azattest__answer_refuse(answer, fault->status,
                                fault->status == 429   ? "TooManyRequests"
                                : fault->status == 503 ? "ServiceUnavailable"
                                : fault->status >= 500 ? "InternalError"
                                                       : "Fault",
                                false, "this answer was asked for by --fault");
    if (fault->retry_after_s >= 0 && fault->retry_after_date) {
        http_date(azattest__clock_now_ms(NULL) / 1000 + fault->retry_after_s, date);
        azattest__answer_header(answer, "Retry-After", "%s", date);
    } else if (fault->retry_after_s >= 0) {
        azattest__answer_header(answer, "Retry-After", "%lld", (long long)fault->retry_after_s);
    }
    if (fault->retry_after_ms >= 0)
        azattest__answer_header(answer, "retry-after-ms", "%lld", (long long)fault->retry_after_ms);
    if (fault->x_ms_retry_after_ms >= 0)
        azattest__answer_header(answer, "x-ms-retry-after-ms", "%lld", (long long)fault->x_ms_retry_after_ms);
}

/* True when the fault was the answer. */
static bool answer_fault(const azattest__fault *fault, const char *group, const azattest__service_request *request,
                         azattest__service_answer *answer)
{
    if (fault->action == AZATTEST__FAULT_STATUS)
        answer_status(fault, group, request, answer);
    else if (fault->action == AZATTEST__FAULT_RESET)
        azattest__answer_init(answer, request->traceparent);
    else
        return false;
    answer->fault = *fault;
    return true;
}

static const char *group_of(const azattest__service_request *request)
{
    azattest__target target;

    return azattest__target_read(request->target, &target) ? azattest__fault_group(target.path) : "other";
}

void azattest__front_handle(const azattest__front *front, unsigned port, const azattest__service_request *request,
                            azattest__service_answer *answer)
{
    const struct azattest__front_instance *instance = find_instance(front, port, request->host);
    const char *group = group_of(request);
    azattest__fault fault = azattest__faults_next(front->faults, instance == NULL ? "" : instance->name, group);
    azattest__service_request changed = *request;

    if (answer_fault(&fault, group, request, answer))
        return;
    if (fault.action == AZATTEST__FAULT_WRONG_ISSUER)
        changed.token_issuer = WRONG_ISSUER;
    if (fault.action == AZATTEST__FAULT_ROTATE_KEY && instance != NULL)
        (void)azattest__service_rotate_key(instance->service, NULL); /* without memory the old one stays */
    if (!azattest__collateral_handle(&front->collateral, &changed, answer) &&
        (front->issuer == NULL || !azattest__issuer_handle(front->issuer, &changed, answer))) {
        if (instance != NULL)
            azattest__service_handle(instance->service, &changed, answer);
        else {
            azattest__answer_init(answer, request->traceparent);
            azattest__answer_refuse(answer, 404, "NotFound", false, "no instance answers here");
        }
    }
    answer->fault = fault;
}

void azattest__front_handle_managed(const azattest__front *front, const azattest__service_request *request,
                                    azattest__service_answer *answer)
{
    const char *group = group_of(request);
    azattest__fault fault = azattest__faults_next(front->faults, "", group);

    if (answer_fault(&fault, group, request, answer))
        return;
    if (!azattest__collateral_handle(&front->collateral, request, answer))
        azattest__issuer_handle_managed(front->issuer, request, answer);
    answer->fault = fault;
}
