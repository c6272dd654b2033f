#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "error.h"

/* A line is a sentence; what does not fit is cut. */
#define LINE_SIZE 1024

static _Atomic(azattest_log_sink) current_sink;
static _Atomic(void *) current_user;
static atomic_int lowest_level = AZATTEST_LOG_ERROR + 1;

void azattest_log_set(azattest_log_sink sink, void *user, azattest_log_level lowest)
{
    atomic_store(&lowest_level, AZATTEST_LOG_ERROR + 1);
    atomic_store(&current_user, user);
    atomic_store(&current_sink, sink);
    if (sink != NULL)
        atomic_store(&lowest_level, lowest);
}

bool azattest__log_enabled(azattest_log_level level)
{
    return (int)level >= atomic_load_explicit(&lowest_level, memory_order_relaxed);
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

void azattest__log(azattest_log_level level, const char *format, ...)
{
    azattest_log_sink sink = atomic_load(&current_sink);
    char line[LINE_SIZE];
    va_list arguments;
    int len;

    if (sink == NULL || !azattest__log_enabled(level))
        return;
    va_start(arguments, format);
    len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (len >= LINE_SIZE)
        cut(line);
    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' '; /* one message, one line */
    sink(atomic_load(&current_user), level, line);
}
