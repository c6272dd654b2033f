/**
 * Many operations on one thread, over libcurl's multi interface. Operations are put in; requests, retry waits and looks
 * at another operation's key fetch run side by side; what is over, or needs the caller, comes out as an event. Library
 * `azattest`.
 *
 *     azattest_multi_add(multi, op, my_call, NULL);
 *     while (azattest_multi_count(multi) > 0 && azattest_multi_poll(multi, -1, &error) == AZATTEST_OK)
 *         while (azattest_multi_next(multi, &event))
 *             event.need == AZATTEST_NEED_DONE ? azattest_op_take_response(event.op) : ...
 *
 * One thread at a time drives a multi; any thread may add, cancel and wake up. While an operation is in, only the multi
 * touches it: it must not be stepped, answered, freed or put into another one before it has come out or the multi has
 * been freed. Each operation in flight needs a connection, and so a file descriptor.
 *
 * Steps of operations, so also the checks of signatures, and functions that were given to clients and operations
 * (clock, validation callback, log sink), run inside azattest_multi_poll() and azattest_multi_advance(); such a
 * function may add, cancel and wake up, and call nothing else of the multi.
 *
 * A multi that was made before fork() is of no use in the child, where every function refuses it. There
 * azattest_multi_free() gives back its descriptors and leaves the rest, with the connections that are the parent's,
 * alone: nothing is sent over them. Operations that were in it are freed in the child like any others.
 */
#ifndef AZATTEST_MULTI_H
#define AZATTEST_MULTI_H

#include "transport.h"

AZATTEST_BEGIN

typedef struct azattest_multi azattest_multi;

/**
 * Makes an empty multi. TLS, proxies, trust and time limits are those of azattest_curl_transport_new(); connections are
 * kept for later operations, as many as were ever used at once.
 * @param options  NULL for defaults; text is copied; `interrupted` is never asked: azattest_multi_wakeup() and
 *                 azattest_multi_cancel() are there for that
 * @param out      receives a new multi, owned by the caller, or NULL on failure
 * @retval AZATTEST_E_ARGUMENT   an option cannot be used, as azattest_curl_transport_new(), or there is no `out`
 * @retval AZATTEST_E_MEMORY     no memory, or no descriptor is left (`ulimit -n`)
 * @retval AZATTEST_E_TRANSPORT  libcurl cannot be initialised
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_multi_new(const azattest_curl_options *options,
                                                                    azattest_multi **out, azattest_error **error);
/**
 * Ends all transfers and closes the connections. Operations that are in it are cancelled, as by azattest_op_cancel(),
 * and stay the caller's to free. NULL is accepted; nobody else may be using it.
 */
AZATTEST_API void azattest_multi_free(azattest_multi *multi);

/* By any thread. */

/**
 * Puts an operation in. It is begun, or goes on, when the multi is driven next; a driver that waits is woken.
 * @param op    stays the caller's; see above
 * @param user  comes back with the event
 * @retval AZATTEST_E_ARGUMENT  no multi, or no operation
 * @retval AZATTEST_E_STATE     it is in already, or the multi was made before fork()
 * @retval AZATTEST_E_MEMORY    out of memory; it is not in
 */
AZATTEST_API azattest_status azattest_multi_add(azattest_multi *multi, azattest_op *op, void *user,
                                                azattest_error **error);
/**
 * Ends an operation: its transfer is broken off, and it comes out as AZATTEST_NEED_FAILED with AZATTEST_E_CANCELLED,
 * unless it was over before. Only the address is looked for: `op` may be one that was freed, unless another has taken
 * its place meanwhile.
 * @retval AZATTEST_ABSENT      it is not in: it has come out, or was never put in
 * @retval AZATTEST_E_ARGUMENT  no multi, or no operation
 * @retval AZATTEST_E_STATE     the multi was made before fork()
 */
AZATTEST_API azattest_status azattest_multi_cancel(azattest_multi *multi, const azattest_op *op);
/**
 * Lets azattest_multi_poll() return: the one under way, or else the next one.
 * @retval AZATTEST_E_ARGUMENT  no multi
 * @retval AZATTEST_E_STATE     the multi was made before fork()
 */
AZATTEST_API azattest_status azattest_multi_wakeup(azattest_multi *multi);
/** How many operations are in: all that were added and have not come out. 0 for NULL, and for one made before fork().
 */
AZATTEST_API size_t azattest_multi_count(const azattest_multi *multi);

/* By the thread that drives. */

/** An operation that has come out. It is out of the multi, which knows nothing of it any more. */
typedef struct azattest_multi_event {
    size_t size; /**< sizeof(azattest_multi_event) */
    azattest_op *op;
    void *user; /**< as it was put in */
    /**
     * AZATTEST_NEED_DONE or AZATTEST_NEED_FAILED: it is over; take the result or the error. Any other need is one that
     * the caller alone can satisfy: AZATTEST_NEED_TOKEN (azattest_op_call_credential(), azattest_op_give_token()),
     * AZATTEST_NEED_FILE and AZATTEST_NEED_PROCESS (azattest_serve_local(), which may take its time), of a client with
     * `shared_keys` AZATTEST_NEED_KEYS (azattest_op_give_keys(), azattest_op_fetch_keys()), or azattest_op_fail() for
     * each; then put it in again.
     */
    azattest_need need;
} azattest_multi_event;
/* clang-format off */
#define AZATTEST_MULTI_EVENT_INIT { .size = sizeof(azattest_multi_event) }
/* clang-format on */

/** Takes the next event, in the order in which they happened. False: there is none, no place for it (NULL, or another
 * size), or the multi was made before fork(). */
AZATTEST_API bool azattest_multi_next(azattest_multi *multi, azattest_multi_event *event);

/**
 * Drives until there is an event, or somebody woke it up, or the time is over, or a signal came; also when nothing is
 * in it. Events that were not taken let it return at once.
 * @param timeout_ms  -1: no limit; 0: does what can be done at once
 * @retval AZATTEST_E_ARGUMENT   no multi
 * @retval AZATTEST_E_STATE      made before fork(), or driven by the functions below
 * @retval AZATTEST_E_TRANSPORT  the system gave no descriptor to wait with
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_multi_poll(azattest_multi *multi, int64_t timeout_ms,
                                                                     azattest_error **error);

/*
 * Instead of azattest_multi_poll(): an event loop of the caller's (epoll, libuv's uv_poll_t and uv_timer_t, libevent).
 * Nothing is called back; sockets and time are data. The first call of any of these functions chooses this form: then
 * azattest_multi_poll() is refused. Where the other form was chosen, or the multi was made before fork(), those that
 * have no status say that there is nothing: false, -1.
 *
 *     watch azattest_multi_wakeup_fd() for reading
 *     again and again:
 *         while (azattest_multi_next_socket(multi, &change))  watch change.fd for change.events, or forget it
 *         wait for descriptors, at most azattest_multi_wait_ms()
 *         for each that is ready: azattest_multi_advance(multi, fd, events, &error);
 *         when the time was over: azattest_multi_advance(multi, -1, 0, &error);
 *         while (azattest_multi_next(multi, &event)) ...
 */

#define AZATTEST_MULTI_READ 1
#define AZATTEST_MULTI_WRITE 2

/** What is to be watched from now on. */
typedef struct azattest_multi_socket {
    size_t size; /**< sizeof(azattest_multi_socket) */
    int fd;
    int events; /**< AZATTEST_MULTI_READ, AZATTEST_MULTI_WRITE, or both; 0: forget it */
} azattest_multi_socket;
/* clang-format off */
#define AZATTEST_MULTI_SOCKET_INIT { .size = sizeof(azattest_multi_socket) }
/* clang-format on */

/**
 * Takes the next change of what is to be watched; to be called until it is false, before the loop waits. A connection
 * that is to be forgotten is open until this is called again; the descriptor that says that a name has been looked up
 * may be closed. A number that means another descriptor now is first to be forgotten, and then watched.
 */
AZATTEST_API bool azattest_multi_next_socket(azattest_multi *multi, azattest_multi_socket *change);
/** Milliseconds until azattest_multi_advance(multi, -1, 0) is due; 0: at once; -1: not by time. */
AZATTEST_API int64_t azattest_multi_wait_ms(azattest_multi *multi);
/** Readable when azattest_multi_advance() is due because of another thread. It stays the multi's, which closes it. */
AZATTEST_API int azattest_multi_wakeup_fd(azattest_multi *multi);
/**
 * Does what can be done now, without waiting.
 * @param fd      the descriptor that is ready; -1, or azattest_multi_wakeup_fd(): none, the time was over or another
 *                thread wants something
 * @param events  what it is ready for; AZATTEST_MULTI_READ also for an error or the other side's end; 0: not known
 * @retval AZATTEST_E_ARGUMENT  no multi
 * @retval AZATTEST_E_STATE     made before fork(), or driven by azattest_multi_poll()
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_multi_advance(azattest_multi *multi, int fd, int events,
                                                                        azattest_error **error);

AZATTEST_END

#endif
