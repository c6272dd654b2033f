"""Running an operation to its end without blocking the event loop: the loop around its steps, what is done in threads
meanwhile, and transports of the caller's own. Imported with the first call that has to wait."""

import asyncio
import contextvars
import inspect
import threading

from ..swig import _swig
from .._transport import (
    Request, closed_meanwhile, end, failure, give_token, lacks_token, refuse_token, respond, unanswered,
)


def in_thread(function, *arguments):
    """A future of what the function gives, in a thread of the loop's executor; context variables go along."""
    context = contextvars.copy_context()
    return asyncio.get_running_loop().run_in_executor(None, context.run, function, *arguments)


def _is_coroutine_function(function):
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))


async def awaited(function, *arguments):
    """What the caller's function gives: a coroutine function is awaited here, any other is called in a thread, since it
    may block; what it gives may still be something to await."""
    if _is_coroutine_function(function):
        return await function(*arguments)
    result = await in_thread(function, *arguments)
    return await result if inspect.isawaitable(result) else result


async def _within(seconds, awaitable, what):
    """What the awaitable gives. When the time of the call is over it is cancelled, and TimeoutError says so."""
    if seconds is None:
        return await awaitable
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait((task,), timeout=seconds)
        if task.done():
            return task.result()
        raise TimeoutError("%s took longer than the time that the call has" % what)
    finally:
        if not task.done():
            task.add_done_callback(lambda task: task.cancelled() or task.exception())  # which nobody waits for any more
            task.cancel()


async def run(op, driver, ask):
    """Comes back when the operation is done, and raises when it failed. `driver.advance(op)` sends, waits and takes steps
    until the operation wants something else, and gives that need. `ask` is the function behind a credential of Python's: a
    coroutine function is awaited here, in the loop that called, any other runs in a thread."""
    refused = None
    while True:
        need = await driver.advance(op)
        if need == _swig.AZATTEST_NEED_DONE:
            return
        if need == _swig.AZATTEST_NEED_FAILED:
            error = failure(op)
            if refused is not None and lacks_token(error):
                raise refused from None
            raise error
        if need == _swig.AZATTEST_NEED_TOKEN:
            refused = await _serve_token(op, ask) or refused
        else:
            await _Local(op).serve()


async def _serve_token(op, ask):
    """Answers the operation; gives the exception of a credential that had no token."""
    try:
        remaining_ms = _swig.azattest_op_remaining_ms(op)
        asked = awaited(ask, *_swig.azattest_op_scopes(op).split(" "))
        try:
            give_token(op, await _within(remaining_ms / 1000 if remaining_ms >= 0 else None, asked, "the credential"))
        except Exception as error:
            refuse_token(op, error)
            return error
    except BaseException:
        end(op)
        raise


class _Local:
    """A file that is read, or a process that is run, in a thread. Given up meanwhile, the operation is ended by whoever has
    it last: nobody else may touch it while the thread does."""

    def __init__(self, op):
        self._op, self._lock = op, threading.Lock()
        self._served = self._given_up = False

    def _work(self):
        _swig.azattest_serve_local(self._op)
        with self._lock:
            self._served = True
            if self._given_up:
                end(self._op)

    async def serve(self):
        working = in_thread(self._work)
        try:
            await working
        except BaseException:
            with self._lock:
                self._given_up = True
                if self._served:
                    end(self._op)
                else:
                    _swig.azattest_op_cancel(self._op)
            raise


class OwnTransport:
    """A driver over an object of the caller's own: its send() and sleep() are coroutine functions, or run in threads."""

    def __init__(self, transport):
        self._transport = transport

    async def advance(self, op):
        try:
            while True:
                if self._transport is None:
                    raise closed_meanwhile()
                need = _swig.azattest_op_step(op)
                if need == _swig.AZATTEST_NEED_HTTP:
                    await self._send(op)
                elif need == _swig.AZATTEST_NEED_SLEEP:
                    await awaited(self._transport.sleep, _swig.azattest_op_wait_ms(op) / 1000)
                    _swig.azattest_op_waited(op)
                else:
                    return need
        except BaseException:
            end(op)
            raise

    async def _send(self, op):
        request = Request(op)
        try:
            answer = await _within(request.timeout, awaited(self._transport.send, request), "the transport")
        except OSError as error:  # TimeoutError is one
            unanswered(op, error)
        else:
            respond(op, answer)

    async def aclose(self):
        self._transport = None
