"""The engine of a client of azattest.aio: one thread, which waits for all of the client's transfers at once.

Operations go into the library's azattest_multi from any thread; the engine's own thread, without the interpreter's lock,
moves bytes and takes steps; what is over, or wants something that only the caller has, goes back to the loop that waits for
it. An operation belongs to the multi from azattest_multi_add() until its event: nobody else touches it meanwhile.
"""

import asyncio
import atexit
import itertools
import os
import threading
import weakref
from collections import deque

from .swig import _swig
from ._transport import closed_meanwhile, end

_AT_ONCE = 16  # results that one turn of a loop takes: what follows each of them has to run between two turns
_FORK_PATIENCE_S = 5  # a fork waits so long for an engine to stand still; it takes the time of one signature check
_LOOK_S = 0.02  # the next fork may have begun before this one's end was seen; it waits for a word of its own

_running = set()  # engines that have a thread
_forking = threading.Lock()
_is_exiting = False  # the interpreter ends: a thread that begins now would be in its way


class _Call:
    """An operation on its way through the multi, and the future of what it wants next."""

    __slots__ = ("op", "future", "inbox", "is_inside", "given_up")

    def __init__(self, op, future):
        self.op, self.future, self.inbox = op, future, None
        self.is_inside = self.given_up = False

    def leaves(self, outcome):
        """In the engine's thread, when the operation is out of the multi: `outcome` is a need of azattest_need, or an
        exception."""
        self.is_inside = False
        if self.given_up:  # either here or in Engine._give_up(), whichever comes second, perhaps in both
            end(self.op)
        else:
            self.inbox.put(self, outcome)


class _Inbox:
    """What has come for one loop. However much comes at once, the loop is woken once, and takes few at a turn."""

    __slots__ = ("_items", "_announced")

    def __init__(self):
        self._items = deque()
        self._announced = False

    def put(self, call, outcome):
        self._items.append((call, outcome))

    def announce(self, loop):
        """Behind put(), in the engine's thread."""
        if self._announced:
            return
        self._announced = True
        try:
            loop.call_soon_threadsafe(self._deliver, loop)
        except RuntimeError:  # the loop is closed: nobody waits any more
            self._announced = False
            while self._items:
                end(self._items.popleft()[0].op)

    def _deliver(self, loop):
        self._announced = False  # before the look: what comes behind it is announced anew
        for _ in range(min(_AT_ONCE, len(self._items))):
            call, outcome = self._items.popleft()
            if call.given_up or call.future.done():
                end(call.op)
            elif isinstance(outcome, BaseException):
                call.future.set_exception(outcome)
            else:
                call.future.set_result(outcome)
        if self._items and not self._announced:
            self._announced = True
            loop.call_soon(self._deliver, loop)


class Engine:
    """Drives operations through `multi`, which it owns from here on, for any number of loops."""

    def __init__(self, multi):
        self._multi = multi
        self._lock = threading.RLock()  # of what follows; reentrant, since the garbage collector may stop an engine anywhere
        self._calls = {}
        self._numbers = itertools.count(1)
        self._inboxes = weakref.WeakKeyDictionary()  # of loops
        self._thread = None
        self._is_stopping = False
        self._waiting_for_end = []
        self._fork_wanted = False
        self._stands_still, self._goes_on = threading.Event(), threading.Event()

    @property
    def is_over(self):
        """It takes no more operations: it was stopped, or broke."""
        return self._is_stopping

    @property
    def is_running(self):
        """It has a thread."""
        return self._thread is not None and not self._is_stopping

    # ---- in the loops

    async def advance(self, op):
        """What the operation wants that is not the network: AZATTEST_NEED_DONE, FAILED, TOKEN, FILE or PROCESS. An
        operation that is given up is ended: its transfer is aborted, and nobody waits for it."""
        loop = asyncio.get_running_loop()
        call = _Call(op, loop.create_future())
        self._add(call, loop)
        try:
            return await call.future
        except BaseException:
            self._give_up(call)
            raise

    def _give_up(self, call):
        call.given_up = True
        with self._lock:
            if call.is_inside and self._multi is not None:
                _swig.azattest_multi_cancel(self._multi, call.op)  # it comes out soon
        if not call.is_inside:
            end(call.op)

    def _add(self, call, loop):
        with self._lock:
            if self._is_stopping:
                end(call.op)
                raise closed_meanwhile()
            number = next(self._numbers)
            try:
                if self._thread is None:
                    self._start()
                call.inbox = self._inboxes.get(loop)
                if call.inbox is None:
                    call.inbox = self._inbox_of(loop)
                self._calls[number] = call
                call.is_inside = True
                _swig.azattest_py_multi_add(self._multi, call.op, number)
            except BaseException:  # perhaps Ctrl-C, when it was in already
                call.given_up = True
                if _swig.azattest_multi_cancel(self._multi, call.op) != _swig.AZATTEST_OK:
                    self._calls.pop(number, None)
                    end(call.op)
                raise

    def _inbox_of(self, loop):
        for old in [old for old in self._inboxes if old.is_closed()]:
            del self._inboxes[old]  # what lies in an inbox keeps its loop alive
        self._inboxes[loop] = inbox = _Inbox()
        return inbox

    async def aclose(self):
        """Ends it; calls that are still under way fail."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        thread = self.stop((loop, ended))
        if thread is not None:
            await ended
            thread.join()

    def stop(self, waiting=None):
        """Tells the thread to end, which it then does by itself. Gives the thread when `waiting`, a loop and a future of it,
        will be told of the end; None: it has ended, or never began."""
        with self._lock:
            self._is_stopping = True
            thread = self._thread
            if thread is None:
                self._multi = None
                return None
            if waiting is not None:
                self._waiting_for_end.append(waiting)
            _swig.azattest_multi_wakeup(self._multi)
            return thread

    # ---- in its thread

    def _start(self):
        if _is_exiting:
            raise RuntimeError("the interpreter is shutting down: nothing can be sent any more")
        self._thread = threading.Thread(target=self._work, name="azattest.aio", daemon=True)
        _running.add(self)  # before it runs: _at_exit() must not miss it
        try:
            self._thread.start()
        except Exception:  # it does not run; after Ctrl-C it does
            _running.discard(self)
            self._thread = None
            raise

    def _work(self):
        reason = None
        try:
            while not self._is_stopping:
                _swig.azattest_multi_poll(self._multi, -1)
                self._hand_out()
                if self._fork_wanted:
                    self._stand_still()
        except BaseException as error:
            reason = error
        self._end(reason)

    def _hand_out(self):
        came = []
        event = _swig.azattest_py_multi_next(self._multi)
        while event is not None:
            number, need = event
            call = self._calls.pop(number)
            call.leaves(need)
            came.append(call)
            event = _swig.azattest_py_multi_next(self._multi)
        self._announce(came)

    def _announce(self, calls):
        for inbox, loop in {call.inbox: call.future.get_loop() for call in calls}.items():
            inbox.announce(loop)

    def _end(self, reason):
        with self._lock:
            self._is_stopping = True
            calls, self._calls = self._calls, {}
            multi, self._multi = self._multi, None
            waiting, self._waiting_for_end = self._waiting_for_end, []
            self._thread = None
        del multi  # the last reference: aborts what is under way
        for call in calls.values():
            call.leaves(reason or closed_meanwhile())
        self._announce(calls.values())
        _running.discard(self)
        self._stands_still.set()
        for loop, ended in waiting:
            try:
                loop.call_soon_threadsafe(_tell, ended)
            except RuntimeError:
                pass  # that loop is closed

    # ---- around a fork: the child gets a copy of all memory, so that no operation may be half way through a step

    def _stand_still(self):
        while self._fork_wanted:
            self._stands_still.set()
            self._goes_on.wait(_LOOK_S)

    def _before_fork(self):
        self._stands_still.clear()
        self._goes_on.clear()
        self._fork_wanted = True
        with self._lock:
            if self._thread is None:
                return
            _swig.azattest_multi_wakeup(self._multi)
        self._stands_still.wait(_FORK_PATIENCE_S)

    def _after_fork_in_parent(self):
        self._fork_wanted = False
        self._goes_on.set()

    def _after_fork_in_child(self):
        """The thread stayed behind. The library knows that the connections are the parent's, and leaves them alone."""
        self._lock = threading.RLock()
        self._is_stopping = True
        calls, self._calls, self._multi, self._thread = self._calls, {}, None, None
        for call in calls.values():
            call.is_inside = False
            end(call.op)


def _tell(ended):
    if not ended.done():
        ended.set_result(None)


def _before_fork():
    _forking.acquire()
    for engine in list(_running):
        engine._before_fork()


def _after_fork_in_parent():
    for engine in list(_running):
        engine._after_fork_in_parent()
    _forking.release()


def _after_fork_in_child():
    global _forking, _running
    engines, _running, _forking = _running, set(), threading.Lock()
    for engine in engines:
        engine._after_fork_in_child()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)


@atexit.register
def _at_exit():
    """Threads that still run in the library while the process takes its libraries apart would crash, and so do threads
    that a daemon's next call starts while the interpreter is taken apart."""
    global _is_exiting
    _is_exiting = True
    for thread in [engine.stop() for engine in list(_running)]:
        if thread is not None:
            thread.join()
