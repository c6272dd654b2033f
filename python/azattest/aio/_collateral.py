"""azattest.fetch_collateral for asyncio."""

import functools

from ..swig import _swig
from .. import _collateral, _log
from .._collateral import Fetch
from .._errors import Error


@functools.wraps(_collateral.fetch_collateral)
async def fetch_collateral(evidence, *, cache=None, offline=False, transport=None, **options):
    fetch = Fetch(evidence, cache, offline, transport, options)
    _log.begin()
    try:
        if offline:
            return fetch.kept()
        from .._engine import Engine
        from ._run import OwnTransport, run

        op = fetch.begin()
        own = transport is not None
        driver = OwnTransport(transport) if own else Engine(_swig.azattest_py_multi_new(fetch.connection))
        try:
            await run(op, driver, None)
        except Error as error:
            return fetch.instead(op, error)
        finally:
            await driver.aclose()
        return fetch.take(op)
    finally:
        _log.hand_over()


fetch_collateral.__module__ = "azattest.aio"
del fetch_collateral.__wrapped__
