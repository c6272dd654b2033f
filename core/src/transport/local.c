/* What an operation wants of this machine: files, and processes that are run without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <azattest/limits.h>

#include "transport.h"

#define ARGUMENTS 16
#define NO_STATUS 255

/* "the file "x" cannot be read: permission denied": the source has nothing to offer. */
static void fail(azattest_op *op, const char *what, const char *name, const char *reason, int number)
{
    char text[512];

    snprintf(text, sizeof(text), "%s \"%.300s\" %s%s%s", what, name, reason, number != 0 ? ": " : "",
             number != 0 ? strerror(number) : "");
    (void)azattest_op_fail(op, AZATTEST_E_CREDENTIAL_UNAVAILABLE, text, false);
}

/* ---- files ---- */

/* Reads up to `size` bytes; -1 when that fails. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    ssize_t got;

    while (used < size) {
        if ((got = read(fd, buffer + used, size - used)) < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

/* A file whose name comes from a service may be a pipe that nobody writes to: only plain files are read. */
static bool is_plain(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

static void serve_file(azattest_op *op)
{
    const char *path = azattest_op_file_path(op);
    size_t size = azattest_op_file_limit(op) + 1;
    azattest_bytes content = { NULL, 0 };
    char *buffer = NULL;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        (void)azattest_op_give_file(op, content);
    } else if (fd < 0) {
        fail(op, "the file", path, "cannot be opened", errno);
    } else if (!is_plain(fd)) {
        fail(op, "the file", path, "is no plain file", 0);
    } else if ((buffer = malloc(size)) == NULL || (got = read_all(fd, buffer, size)) < 0) {
        fail(op, "the file", path, "cannot be read", buffer == NULL ? ENOMEM : errno);
    } else {
        content.ptr = buffer;
        content.len = (size_t)got;
        (void)azattest_op_give_file(op, content);
    }
    if (buffer != NULL)
        explicit_bzero(buffer, size);
    free(buffer);
    if (fd >= 0)
        close(fd);
}

/* ---- processes ---- */

typedef struct stream {
    int fd; /* -1: at its end */
    char *data;
    size_t len;
} stream;

typedef struct process {
    pid_t pid;
    stream out, err;
} process;

/* The environment with AZURE_CORE_NO_COLOR; the strings are borrowed. */
static char **make_environment(void)
{
    static char no_color[] = "AZURE_CORE_NO_COLOR=true";
    size_t count = 0, used = 0;
    char **copy;

    while (environ[count] != NULL)
        count++;
    if ((copy = calloc(count + 2, sizeof(*copy))) == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "AZURE_CORE_NO_COLOR=", 20) != 0)
            copy[used++] = environ[i];
    copy[used] = no_color;
    return copy;
}

/* 0, or the number of the error. The child has nothing of ours open, default signals, and a group of its own, so that
 * it can be ended with all that it started. */
static int spawn(char *const *arguments, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **environment = make_environment();
    sigset_t none, standard;
    int result;

    if (environment == NULL)
        return ENOMEM;
    if ((result = posix_spawn_file_actions_init(&actions)) != 0) {
        free(environment);
        return result;
    }
    if ((result = posix_spawnattr_init(&attributes)) != 0)
        goto done;
    sigemptyset(&none);
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    sigaddset(&standard, SIGINT);
    sigaddset(&standard, SIGTERM);
    sigaddset(&standard, SIGCHLD);
    if ((result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                            POSIX_SPAWN_SETSIGDEF)) == 0 &&
        (result = posix_spawnattr_setpgroup(&attributes, 0)) == 0 &&
        (result = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
        (result = posix_spawnattr_setsigdefault(&attributes, &standard)) == 0 &&
        (result = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
        (result = posix_spawn_file_actions_adddup2(&actions, out, 1)) == 0 &&
        (result = posix_spawn_file_actions_adddup2(&actions, err, 2)) == 0 &&
#if __GLIBC_PREREQ(2, 34)
        (result = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0 &&
#endif
        (result = posix_spawn_file_actions_addchdir_np(&actions, "/bin")) == 0)
        result = posix_spawnp(pid, arguments[0], &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
done:
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    return result;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One byte more than the ceiling is kept, so that the operation sees that there was more; the rest is thrown away. */
static void take(stream *from)
{
    const size_t room = AZATTEST_LIMIT_PROCESS_OUTPUT + 1;
    char rest[4096];
    bool full = from->len == room;
    ssize_t got = read(from->fd, full ? rest : from->data + from->len, full ? sizeof(rest) : room - from->len);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(from->fd);
        from->fd = -1;
    } else if (!full) {
        from->len += (size_t)got;
    }
}

typedef enum ending { ENDED, INTERRUPTED, TOO_LATE } ending;

static bool is_interrupted(azattest_transport *transport)
{
    return transport != NULL && !transport->functions.sleep(transport->user, 0);
}

/* Until both outputs are at their end and the process is gone. */
static ending follow(process *child, int64_t timeout_ms, azattest_transport *transport, int *exit_status)
{
    int64_t end = monotonic_ms() + timeout_ms;
    pid_t gone;
    int state = 0;

    for (;;) {
        struct pollfd both[2] = { { child->out.fd, POLLIN, 0 }, { child->err.fd, POLLIN, 0 } };
        int64_t left = end - monotonic_ms();
        bool open = child->out.fd >= 0 || child->err.fd >= 0;

        if (is_interrupted(transport))
            return INTERRUPTED;
        if (left <= 0)
            return TOO_LATE;
        gone = open ? 0 : waitpid(child->pid, &state, WNOHANG);
        if (gone == child->pid || (gone < 0 && errno == ECHILD))
            break;
        (void)poll(both, 2, (int)(!open ? 5 : left < AZATTEST__SLICE_MS ? left : AZATTEST__SLICE_MS));
        if (child->out.fd >= 0 && both[0].revents != 0)
            take(&child->out);
        if (child->err.fd >= 0 && both[1].revents != 0)
            take(&child->err);
    }
    child->pid = -1;
    if (gone < 0) /* a program that ignores SIGCHLD, or waits for all children, has the status: the output has to do */
        *exit_status = child->out.len > 0 ? 0 : NO_STATUS;
    else
        *exit_status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return ENDED;
}

/* Ends the child with its group and takes its status, so that no zombie is left. A child whose status somebody else
 * took is left alone: its number may be another's by now. */
static void end(process *child)
{
    siginfo_t info;
    int state;

    if (child->pid > 0 && waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        (void)kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, &state, 0) < 0 && errno == EINTR)
            ;
    }
    if (child->out.fd >= 0)
        close(child->out.fd);
    if (child->err.fd >= 0)
        close(child->err.fd);
    if (child->out.data != NULL)
        explicit_bzero(child->out.data, child->out.len); /* holds the token */
    free(child->out.data);
    free(child->err.data);
}

/* 0, or the number of the error. */
static int start(process *child, char *const *arguments)
{
    int out[2] = { -1, -1 }, err[2] = { -1, -1 }, result = 0;

    memset(child, 0, sizeof(*child));
    child->pid = child->out.fd = child->err.fd = -1;
    child->out.data = malloc(AZATTEST_LIMIT_PROCESS_OUTPUT + 1);
    child->err.data = malloc(AZATTEST_LIMIT_PROCESS_OUTPUT + 1);
    if (child->out.data == NULL || child->err.data == NULL)
        result = ENOMEM;
    else if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        result = errno;
    else
        result = spawn(arguments, out[1], err[1], &child->pid);
    child->out.fd = out[0];
    child->err.fd = err[0];
    if (out[1] >= 0)
        close(out[1]);
    if (err[1] >= 0)
        close(err[1]);
    if (result != 0)
        child->pid = -1;
    return result;
}

static void serve_process(azattest_op *op, azattest_transport *transport)
{
    char *arguments[ARGUMENTS + 1] = { NULL };
    int64_t timeout_ms = azattest_op_process_timeout_ms(op), left = azattest_op_remaining_ms(op);
    azattest_bytes out, err;
    process child = { -1, { -1, NULL, 0 }, { -1, NULL, 0 } };
    int result = 0, exit_status = 0;
    char text[128];

    for (size_t i = 0; i < ARGUMENTS && azattest_op_process_argument(op, i) != NULL; i++)
        if ((arguments[i] = strdup(azattest_op_process_argument(op, i))) == NULL)
            result = ENOMEM;
    if (left >= 0 && left < timeout_ms)
        timeout_ms = left;
    if (result != 0 || (result = start(&child, arguments)) != 0) {
        fail(op, "the program", arguments[0] == NULL ? "" : arguments[0], "cannot be started", result);
        end(&child);
    } else {
        switch (follow(&child, timeout_ms, transport, &exit_status)) {
        case ENDED:
            out.ptr = child.out.data;
            out.len = child.out.len;
            err.ptr = child.err.data;
            err.len = child.err.len;
            (void)azattest_op_give_process(op, exit_status, out, err);
            break;
        case INTERRUPTED:
            (void)azattest_op_fail(op, AZATTEST_E_CANCELLED, "interrupted", false);
            break;
        case TOO_LATE:
            snprintf(text, sizeof(text), "the program %.64s did not end within %lld ms", arguments[0],
                     (long long)timeout_ms);
            (void)azattest_op_fail(op, AZATTEST_E_TIMEOUT, text, false);
            break;
        }
        end(&child);
    }
    for (size_t i = 0; i < ARGUMENTS; i++)
        free(arguments[i]);
}

bool azattest__serve_local(azattest_op *op, azattest_transport *transport)
{
    if (azattest_op_file_path(op) != NULL)
        serve_file(op);
    else if (azattest_op_process_argument(op, 0) != NULL)
        serve_process(op, transport);
    else
        return false;
    return true;
}

azattest_status azattest_serve_local(azattest_op *op)
{
    if (op == NULL)
        return AZATTEST_E_ARGUMENT;
    return azattest__serve_local(op, NULL) ? AZATTEST_OK : AZATTEST_E_STATE;
}
