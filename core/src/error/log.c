#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/fork.h"
#include "error.h"

/* A line is a sentence, or a request with its headers; what does not fit is cut. */
#define LINE_SIZE 2048

static _Atomic(azattest_log_sink) current_sink;
static _Atomic(void *) current_user;
static atomic_int lowest_level = AZATTEST_LOG_OFF;

/* The environment is asked once, unless the program says what it wants before. */
static pthread_once_t environment_once = PTHREAD_ONCE_INIT;
static atomic_bool is_set;

static const char *level_name(azattest_log_level level)
{
    static const char *const names[] = { "?", "verbose", "info", "warning", "error" };

    return names[level >= AZATTEST_LOG_VERBOSE && level <= AZATTEST_LOG_ERROR ? level : 0];
}

/* One write for one line, so that lines of several threads do not mix. */
static void write_line(void *user, azattest_log_level level, const char *message)
{
    (void)user;
    fprintf(stderr, "azattest %s: %s\n", level_name(level), message);
}

int azattest_log_level_of(const char *word)
{
    /* The words of the SDK for C++, which knows the most. */
    static const struct {
        const char *word;
        azattest_log_level level;
    } words[] = {
        { "1", AZATTEST_LOG_VERBOSE },
        { "verbose", AZATTEST_LOG_VERBOSE },
        { "debug", AZATTEST_LOG_VERBOSE },
        { "2", AZATTEST_LOG_INFO },
        { "info", AZATTEST_LOG_INFO },
        { "information", AZATTEST_LOG_INFO },
        { "informational", AZATTEST_LOG_INFO },
        { "3", AZATTEST_LOG_WARNING },
        { "warning", AZATTEST_LOG_WARNING },
        { "warn", AZATTEST_LOG_WARNING },
        { "4", AZATTEST_LOG_ERROR },
        { "error", AZATTEST_LOG_ERROR },
        { "err", AZATTEST_LOG_ERROR },
    };

    if (word == NULL && (word = getenv("AZURE_LOG_LEVEL")) == NULL)
        return 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (azattest__text_equal_nocase(word, words[i].word))
            return words[i].level;
    return 0;
}

static void set(azattest_log_sink sink, void *user, azattest_log_level lowest)
{
    atomic_store(&lowest_level, AZATTEST_LOG_OFF);
    atomic_store(&current_user, user);
    atomic_store(&current_sink, sink);
    if (sink != NULL)
        atomic_store(&lowest_level, lowest);
}

static void read_environment(void)
{
    int level = azattest_log_level_of(NULL);

    if (!atomic_load(&is_set))
        set(write_line, NULL, level == 0 ? AZATTEST_LOG_OFF : (azattest_log_level)level);
}

void azattest_log_set(azattest_log_sink sink, void *user, azattest_log_level lowest)
{
    atomic_store(&is_set, true);
    set(sink, user, lowest);
}

/* ---- messages that wait to be taken ---- */

static struct {
    pthread_mutex_t mutex;
    struct line {
        char *text;
        azattest_log_level level;
    } lines[AZATTEST_LIMIT_LOG_LINES]; /* a ring */
    size_t first, count;
} kept = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void watch_forks(void)
{
    static azattest__fork_entry entry;

    azattest__fork_add(&entry, &kept.mutex, NULL, NULL);
}

static void keep(void *user, azattest_log_level level, const char *message)
{
    char *copy = azattest__dup_text(message), *oldest = NULL;
    struct line *line;

    (void)user;
    if (copy == NULL)
        return; /* a message less: the call it is about goes on */
    pthread_mutex_lock(&kept.mutex);
    if (kept.count == AZATTEST_LIMIT_LOG_LINES) {
        oldest = kept.lines[kept.first].text;
        kept.first = (kept.first + 1) % AZATTEST_LIMIT_LOG_LINES;
        kept.count--;
    }
    line = &kept.lines[(kept.first + kept.count++) % AZATTEST_LIMIT_LOG_LINES];
    line->text = copy;
    line->level = level;
    pthread_mutex_unlock(&kept.mutex);
    free(oldest);
}

void azattest_log_collect(azattest_log_level lowest)
{
    (void)pthread_once(&kept_once, watch_forks);
    azattest_log_set(keep, NULL, lowest);
}

char *azattest_log_take(int *level)
{
    char *text = NULL;

    if (level != NULL)
        *level = 0;
    pthread_mutex_lock(&kept.mutex);
    if (kept.count > 0) {
        text = kept.lines[kept.first].text;
        if (level != NULL)
            *level = kept.lines[kept.first].level;
        kept.first = (kept.first + 1) % AZATTEST_LIMIT_LOG_LINES;
        kept.count--;
    }
    pthread_mutex_unlock(&kept.mutex);
    return text;
}

/* ---- messages ---- */

bool azattest__log_enabled_for(int own_lowest, azattest_log_level level)
{
    (void)pthread_once(&environment_once, read_environment);
    return (own_lowest != 0 && (int)level >= own_lowest) ||
           (int)level >= atomic_load_explicit(&lowest_level, memory_order_relaxed);
}

bool azattest__log_enabled(azattest_log_level level)
{
    return azattest__log_enabled_for(0, level);
}

/* A full line must not end in the middle of a character. */
static void cut(char line[LINE_SIZE])
{
    size_t end = LINE_SIZE - 1;

    while (end > 0 && (line[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && (line[end - 1] & 0x80) != 0)
        end--;
    line[end] = '\0';
}

static void log_line(azattest_log_level level, const char *format, va_list arguments)
{
    azattest_log_sink sink = atomic_load(&current_sink);
    char line[LINE_SIZE];

    if (sink == NULL)
        return;
    if (vsnprintf(line, sizeof(line), format, arguments) >= LINE_SIZE)
        cut(line);
    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' '; /* one message, one line */
    sink(atomic_load(&current_user), level, line);
}

void azattest__log_for(int own_lowest, azattest_log_level level, const char *format, ...)
{
    va_list arguments;

    if (!azattest__log_enabled_for(own_lowest, level))
        return;
    va_start(arguments, format);
    log_line(level, format, arguments);
    va_end(arguments);
}

void azattest__log(azattest_log_level level, const char *format, ...)
{
    va_list arguments;

    if (!azattest__log_enabled(level))
        return;
    va_start(arguments, format);
    log_line(level, format, arguments);
    va_end(arguments);
}
