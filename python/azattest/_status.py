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

Check = namedtuple("Check", "id ok detail required")
Check.__doc__ = (
    "One check of a verification: its stable name, True, False or None (not made), what was seen, and whether the verdict"
    " needs it to be True."
)

ServiceError = namedtuple("ServiceError", "code message target details innererror")
ServiceError.__doc__ = "What the service itself said."


class TcbBaseline(
    namedtuple(
        "TcbBaseline",
        "tcb_identifier tcb_evaluation_data_number tcb_release_date minimum_psw_linux_version"
        " minimum_psw_windows_version is_selected_tcb",
    )
):
    """One baseline by which a policy can judge platforms; what the service does not say is None."""

    __slots__ = ()

    @classmethod
    def _list(cls, baselines):
        from ._text import time

        return [
            cls(
                _swig.azattest_tcb_baselines_tcb_identifier(baselines, i),
                _swig.azattest_tcb_baselines_tcb_evaluation_data_number(baselines, i),
                time("tcbReleaseDate", _swig.azattest_tcb_baselines_tcb_release_date(baselines, i)),
                _swig.azattest_tcb_baselines_minimum_psw_linux_version(baselines, i),
                _swig.azattest_tcb_baselines_minimum_psw_windows_version(baselines, i),
                _swig.azattest_tcb_baselines_is_selected_tcb(baselines, i),
            )
            for i in range(_swig.azattest_tcb_baselines_count(baselines))
        ]


TcbBaseline.__module__ = "azattest"
