"""Statuses, from the one list in azattest/status.h, and the failed checks that carry them."""

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


def status_name(code):
    """Name of a status as in C, for instance "AZATTEST_E_TOKEN_EXPIRED"."""
    return _swig.azattest_status_name(code)


def status_text(code):
    """One short phrase for a status."""
    return _swig.azattest_status_text(code)


def status_check(code):
    """The check of the strict set whose failure a status is, for instance "C1"; empty where it is none."""
    return _swig.azattest_status_check(code)


class Problem(namedtuple("Problem", "code detail")):
    """One failed check of a token: its status, and what was seen and expected."""

    __slots__ = ()

    def __str__(self):
        check = status_check(self.code)
        return status_name(self.code) + (" (%s): " % check if check else ": ") + self.detail


Problem.__module__ = "azattest"
