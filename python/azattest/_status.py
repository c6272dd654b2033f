"""Statuses, from the one list in azattest/status.h, and small values. Imported when first asked for: enum and
collections cost as much as all the rest of the package."""

from collections import namedtuple
from enum import IntEnum

from .swig import _swig

Status = IntEnum(
    "Status",
    {
        name[len("AZATTEST_") :]: number
        for name, number in vars(_swig).items()
        if name.startswith("AZATTEST_E_") or name in ("AZATTEST_OK", "AZATTEST_ABSENT")
    },
    module="azattest",
)
Status.__doc__ = "The stable statuses of the library; the numbers are fixed for ever."


class Problem(namedtuple("Problem", "code detail")):
    """One failed check of a token: its status, and what was seen and expected."""

    __slots__ = ()

    def __str__(self):
        check = _swig.azattest_status_check(self.code)
        return _swig.azattest_status_name(self.code) + (" (%s): " % check if check else ": ") + self.detail


Problem.__module__ = "azattest"

Check = namedtuple("Check", "id ok detail")
Check.__doc__ = "One check of a verification: its stable name, True, False or None (not made), what was seen."

ServiceError = namedtuple("ServiceError", "code message target details innererror")
ServiceError.__doc__ = "What the service itself said."
