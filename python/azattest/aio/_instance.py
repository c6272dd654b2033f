"""Clients whose calls are awaited. asyncio itself is imported by the first call that has to wait."""

import functools
import os
from _thread import allocate_lock
from types import CoroutineType, FunctionType

from ..swig import _swig
from .. import _log
from .._instance import Instance
from .._token import judge, unverify

_starting = allocate_lock()  # threads may share a client, and one may close it while another calls


def _after_fork_in_child():
    global _starting
    _starting = allocate_lock()


os.register_at_fork(after_in_child=_after_fork_in_child)


class Awaited(Instance):
    """Waits in the event loop of the caller. What has to be sent goes through an engine with a thread of its own, which
    starts with the first call that sends something and ends with aclose()."""

    __slots__ = ("_transport", "_multi", "_driver")

    def _connect(self, transport):
        self._transport = transport
        self._driver = None
        self._multi = _swig.azattest_py_multi_new(self._connection) if transport is None else None

    def _started(self):
        """What brings operations to their end: in a forked child, or when it broke, a new one."""
        with _starting:
            self._open()
            if self._transport is not None:
                if self._driver is None:
                    from ._run import OwnTransport

                    self._driver = OwnTransport(self._transport)
            elif self._driver is None or self._driver.is_over or self._process != os.getpid():
                from .._engine import Engine

                if self._process != os.getpid():
                    self._multi = None  # of no use in a child
                self._process = os.getpid()
                self._driver = Engine(self._multi or _swig.azattest_py_multi_new(self._connection))
                self._multi = None
            return self._driver

    async def _complete(self, op, take, callback=None):
        from ._run import run

        driver = self._started()
        _log.begin()
        try:
            await run(op, driver, self._ask)
        finally:
            _log.hand_over()
        result = take(op)
        return result if callback is None else await self._judge(result, callback)

    async def _judge(self, response, callback):
        """The caller's own check may be a coroutine function, too."""
        token = response.token
        try:
            answer = callback(token, token.signer)
            judge(await answer if hasattr(answer, "__await__") else answer)
        except BaseException:
            unverify(token)
            raise
        return response

    async def aclose(self):
        """Ends it, its connections and its thread; a second time does nothing. Calls that still run fail."""
        with _starting:
            driver, self._handle, self._driver, self._multi = self._driver, None, None, None
        if driver is not None:
            await driver.aclose()

    async def close(self):
        """aclose(), under the name that the asynchronous clients of Azure's SDK have."""
        await self.aclose()

    async def __aenter__(self):
        self._open()
        return self

    async def __aexit__(self, *exc):
        await self.aclose()

    def __enter__(self):
        raise TypeError("%s waits in an event loop: say `async with`" % type(self).__name__)

    def __exit__(self, *exc):
        pass

    def __del__(self):
        driver = getattr(self, "_driver", None)
        if getattr(driver, "is_running", False):
            driver.stop()  # first: a warning may be an exception
            import warnings

            warnings.warn("unclosed %r: say `async with`, or await aclose()" % self, ResourceWarning, 2, self)


def awaits(calls, at_once=()):
    """Makes a class's coroutine functions of the calls of `calls`, but for those that are done at once, as they never wait."""

    def add(cls):
        for name, function in vars(calls).items():
            if isinstance(function, FunctionType) and not name.startswith("_") and name not in at_once:
                setattr(cls, name, _coroutine(function))
        return cls

    return add


def _coroutine(function):
    """A call of which this time there is nothing to wait for, as of validate() with the keys at hand, gives its result."""

    @functools.wraps(function)
    async def call(self, *arguments, **options):
        result = function(self, *arguments, **options)
        return await result if type(result) is CoroutineType else result

    return call
