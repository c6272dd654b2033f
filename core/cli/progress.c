#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "error/error.h"
#include "output.h"

#define PATIENCE_MS 3000 /* a call that takes no longer than this needs no word */

static volatile sig_atomic_t interrupt_seen;
static bool log_chosen;

/* What the call waits for since when: from the lines of the log. The command has one thread. */
static struct waiting {
    char what[200];
    int64_t since_ms;
    bool told;
} waiting;

static void wait_for(const char *what, size_t len)
{
    snprintf(waiting.what, sizeof(waiting.what), "%.*s", (int)(len < 180 ? len : 180), what);
    waiting.since_ms = azattest__clock_monotonic_ms(NULL);
    waiting.told = false;
}

/* "get policy: request, try 1: GET https://host/path?..., ..." and "DefaultAzureCredential: tries AzureCliCredential"
 */
static void take_note(const char *message)
{
    static const char request[] = ": request, try ", tries[] = ": tries ";
    const char *at = strstr(message, request), *what;

    if (at != NULL && (what = strchr(at + strlen(request), ':')) != NULL && what[1] == ' ')
        wait_for(what + 2, strcspn(what + 2, "?,;\n"));
    else if ((at = strstr(message, tries)) != NULL)
        wait_for(at + strlen(tries), strlen(at + strlen(tries)));
}

static void progress_line(void *user, azattest_log_level level, const char *message)
{
    if (level >= AZATTEST_LOG_WARNING) {
        azattest__output_log(user, level, message);
    } else if (strstr(message, "; next in ") != NULL) {
        azattest__output_note("%s", message);
        waiting.told = true; /* this wait has its word */
    } else {
        take_note(message);
    }
}

static void tell_what_is_waited_for(void)
{
    if (waiting.what[0] == '\0' || waiting.told || azattest__clock_monotonic_ms(NULL) - waiting.since_ms < PATIENCE_MS)
        return;
    azattest__output_note("still waiting for %s", waiting.what);
    waiting.told = true;
}

bool azattest__progress_interrupted(void *user)
{
    (void)user;
    tell_what_is_waited_for();
    return interrupt_seen != 0;
}

void azattest__progress_log_by_environment(void)
{
    int level = azattest_log_level_of(NULL);

    log_chosen = getenv("AZURE_LOG_LEVEL") != NULL;
    if (level != 0)
        azattest_log_set(azattest__output_log, NULL, (azattest_log_level)level);
}

azattest_status azattest__progress_log(const char *word, azattest_error **error)
{
    int level = word == NULL ? 0 : azattest_log_level_of(word);

    if (word == NULL)
        return AZATTEST_OK;
    if (level == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "--log-level is none of verbose, info, warning and error");
    log_chosen = true;
    azattest_log_set(azattest__output_log, NULL, (azattest_log_level)level);
    return AZATTEST_OK;
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupt_seen = 1;
}

void azattest__progress_begin(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND }, before;

    /* What is ignored stays ignored: nohup, and what a script started in the background. */
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    if (!log_chosen && isatty(STDERR_FILENO))
        azattest_log_set(progress_line, NULL, AZATTEST_LOG_INFO);
}
