"""azattest for asyncio: the same clients, whose calls are awaited.

    >>> from azattest.aio import AttestationClient
    >>> async with AttestationClient("https://sharedweu.weu.attest.azure.net") as client:
    ...     responses = await asyncio.gather(*(client.attest_sgx_enclave(quote) for quote in quotes))

A client has one thread, however many calls run at once, and may be used from several event loops. A call that is cancelled
ends at once, and its transfer with it. Names, options, results and errors are those of ``azattest``; a ``credential`` may
be asynchronous, and so may ``validation_callback`` and the members of a ``transport``. What may block (a credential that
is not asynchronous, for instance) runs in a thread of the loop's executor.
"""

import sys

from .._admin import _AdministrationCalls
from .._client import _AttestationCalls, _VerifierCalls
from ._instance import Awaited, awaits


@awaits(_AttestationCalls)
class AttestationClient(_AttestationCalls, Awaited):
    """Attests evidence at the instance at `endpoint`: azattest.AttestationClient, with calls to be awaited. ``async with``
    or ``aclose()`` ends it, and with it the thread that its first call starts."""

    __slots__ = ()


@awaits(_AdministrationCalls)
class AttestationAdministrationClient(_AdministrationCalls, Awaited):
    """Reads and changes the policies of the instance at `endpoint`, and the certificates whose keys may sign them:
    azattest.AttestationAdministrationClient, with calls to be awaited."""

    __slots__ = ("_signing_key",)


@awaits(_VerifierCalls, at_once=("export_keys",))
class Verifier(_VerifierCalls, Awaited):
    """Relying party: azattest.Verifier, with ``validate()`` to be awaited. With keys that it has it validates at once, in
    the caller's thread, which takes less time than to hand it to another; only fetching keys waits."""

    __slots__ = ()


for _cls in (AttestationClient, AttestationAdministrationClient, Verifier):
    _cls.__module__ = "azattest.aio"

_MODULES = ("attest", "certificates", "policy")


def __getattr__(name):
    if name in _MODULES:
        import importlib

        return importlib.import_module("." + name, __name__)
    if name == "fetch_collateral":
        from ._collateral import fetch_collateral

        globals()[name] = fetch_collateral
        return fetch_collateral
    elsewhere = not name.startswith("_") and hasattr(sys.modules["azattest"], name)
    raise AttributeError("module 'azattest.aio' has no attribute %r%s" % (name, ": it is azattest." + name if elsewhere else ""))


def __dir__():
    return sorted({*globals(), *_MODULES, "fetch_collateral"})


__all__ = [
    "AttestationAdministrationClient",
    "AttestationClient",
    "Verifier",
    "attest",
    "certificates",
    "fetch_collateral",
    "policy",
]
