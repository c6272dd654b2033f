/*
 * One acquisition of a token, as a machine that never waits: it says what it wants (a request, a wait, a file, a
 * process, a token from the caller), takes the answer, and ends with a token or an error. The operation that needs the
 * token hands its wants on to the driver. Each kind of credential is a chain of functions that set the next want.
 */
#ifndef AZATTEST_IDENTITY_FLOW_H
#define AZATTEST_IDENTITY_FLOW_H

#include "../base/clock.h"
#include "../protocol/retry.h"
#include "identity.h"

#define AZATTEST__FLOW_ARGUMENTS 12

typedef enum azattest__flow_state {
    AZATTEST__FLOW_HTTP,
    AZATTEST__FLOW_WAIT,
    AZATTEST__FLOW_FILE,
    AZATTEST__FLOW_PROCESS,
    AZATTEST__FLOW_TOKEN,
    AZATTEST__FLOW_DONE,
    AZATTEST__FLOW_FAILED
} azattest__flow_state;

/* Each takes an answer and sets the next want, or gives a failure. */
typedef azattest_status (*azattest__flow_receive)(azattest__flow *flow, const azattest_http_response *response,
                                                  azattest_error **error);
typedef azattest_status (*azattest__flow_take_file)(azattest__flow *flow, azattest_bytes content,
                                                    azattest_error **error);
typedef azattest_status (*azattest__flow_take_process)(azattest__flow *flow, int exit_status, azattest_bytes output,
                                                       azattest_bytes errors, azattest_error **error);
/* Whether a request that failed is made again, and after what wait. `status` is 0 when no answer came. */
typedef bool (*azattest__flow_again)(const azattest__flow *flow, int status, int64_t *wait_ms);

/* Borrowed from the operation's instance, which outlives the flow. */
typedef struct azattest__flow_setting {
    const azattest_clock *clock;
    const azattest__retry_policy *retry;
    uint32_t (*random)(void *user);
    void *random_user;
    const char *user_agent;
} azattest__flow_setting;

struct azattest__flow {
    azattest_credential *credential;   /* whose token this will be */
    const azattest_credential *active; /* the link of a chain that is tried, else the same */
    azattest__flow_setting setting;
    char *scopes, *tenant; /* the tenant may be NULL: the credential's own */
    azattest__flow_state state;
    const char *secret; /* what a source must not make us show; borrowed from the credential */

    azattest_request request;
    azattest__flow_receive receive;
    azattest__flow_again again;
    azattest_status
        unreachable; /* what no answer at all means: AZATTEST_E_TRANSPORT, or that the source is not there */
    int attempts;
    int64_t retry_after_ms, wait_ms;

    char *file_path;
    size_t file_limit;
    azattest__flow_take_file take_file;

    char *arguments[AZATTEST__FLOW_ARGUMENTS];
    size_t argument_count;
    int64_t process_timeout_ms;
    azattest__flow_take_process take_process;

    /* Of a chain: which link, what the others said, and whether sources are probed. */
    size_t link;
    bool probes;
    azattest__buf reasons;

    azattest__access_token token;
    azattest_error *error;
};

/* Starts with the credential's first want; gives a failed flow rather than none, except when out of memory. */
azattest_status azattest__flow_new(azattest_credential *credential, const char *scopes, const char *tenant,
                                   const azattest__flow_setting *setting, azattest__flow **out, azattest_error **error);
void azattest__flow_free(azattest__flow *flow);

/* The answers to what it wants; the caller has checked that it wants that. */
void azattest__flow_respond(azattest__flow *flow, const azattest_http_response *response);
void azattest__flow_no_answer(azattest__flow *flow, azattest_status status, const char *message);
void azattest__flow_waited(azattest__flow *flow);
void azattest__flow_give_file(azattest__flow *flow, azattest_bytes content);
void azattest__flow_give_process(azattest__flow *flow, int exit_status, azattest_bytes output, azattest_bytes errors);
azattest_status azattest__flow_give_token(azattest__flow *flow, const azattest_access_token *token,
                                          azattest_error **error);

/* For the kinds. */
int64_t azattest__flow_now_s(const azattest__flow *flow);
/* Takes over the token. */
void azattest__flow_done(azattest__flow *flow, azattest__access_token *token);
void azattest__flow_ask(azattest__flow *flow);
/* A request to an address that is complete; takes the buffer's memory over. */
azattest_status azattest__flow_request(azattest__flow *flow, const char *method, azattest__buf *url,
                                       azattest_error **error);
/* flow->request is ready but for the headers that all have; `again` NULL: as the operation's own requests. */
azattest_status azattest__flow_send(azattest__flow *flow, azattest__flow_receive receive, azattest__flow_again again,
                                    azattest_error **error);
azattest_status azattest__flow_read(azattest__flow *flow, const char *path, size_t limit,
                                    azattest__flow_take_file take_file, azattest_error **error);
/* Forgets the process before; then azattest__flow_argument() for each. */
void azattest__flow_execute(azattest__flow *flow, int64_t timeout_ms, azattest__flow_take_process take_process);
azattest_status azattest__flow_argument(azattest__flow *flow, const char *argument, azattest_error **error);

#endif
