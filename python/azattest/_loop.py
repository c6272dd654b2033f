"""One event loop of our own, for asynchronous credentials in a blocking client. Imported when first needed.

An object of asyncio belongs to the loop that it first ran in. So there is one loop for all calls, in a thread of its own:
the caller's own loop cannot do the work, as it may be the very one that waits here.
"""

import asyncio
import os
import threading

_lock = threading.Lock()
_loop = _thread = None


def _forget():
    """After a fork: the thread stayed behind."""
    global _lock, _loop, _thread
    _lock, _loop, _thread = threading.Lock(), None, None


os.register_at_fork(after_in_child=_forget)


async def _finish(awaitable):
    return await awaitable


def finish(awaitable):
    """What the awaitable gives; its exceptions are raised here. Interrupted, it is cancelled."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="azattest", daemon=True)
            _thread.start()
        loop = _loop
    if threading.current_thread() is _thread:
        raise RuntimeError("an asynchronous credential waits for a blocking client, which waits for it")
    future = asyncio.run_coroutine_threadsafe(_finish(awaitable), loop)
    try:
        return future.result()
    finally:
        future.cancel()
