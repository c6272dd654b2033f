"""The verdict of a verification."""

from .swig import _swig
from ._text import moment


def _list(count, item, handle):
    return tuple(item(handle, i) for i in range(count(handle)))


def _checks(handle):
    from ._status import Check

    return tuple(
        Check(
            _swig.azattest_verification_result_check_id(handle, i),
            {0: False, 1: True}.get(_swig.azattest_verification_result_check_ok(handle, i)),
            _swig.azattest_verification_result_check_detail(handle, i),
            _swig.azattest_verification_result_check_required(handle, i),
        )
        for i in range(_swig.azattest_verification_result_check_count(handle))
    )


def _moments(name):
    read = getattr(_swig, "azattest_verification_result_%s_ms" % name)
    return lambda handle: moment(name, read(handle))


def _number(handle):
    number = _swig.azattest_verification_result_tcb_evaluation_data_number(handle)
    return None if number < 0 else number


def _warnings(handle):
    count = _swig.azattest_verification_result_warning_count
    return _list(count, _swig.azattest_verification_result_warning, handle)


def _not_checked(handle):
    count = _swig.azattest_verification_result_not_checked_count
    return _list(count, _swig.azattest_verification_result_not_checked, handle)


def _advisories(handle):
    count = _swig.azattest_verification_result_advisory_count
    return _list(count, _swig.azattest_verification_result_advisory, handle)


_READERS = {
    "is_valid": _swig.azattest_verification_result_is_valid,
    "checks": _checks,
    "warnings": _warnings,
    "not_checked": _not_checked,
    "root": _swig.azattest_verification_result_root,
    "is_complete": _swig.azattest_verification_result_is_complete,
    "is_appraised": _swig.azattest_verification_result_is_appraised,
    "tcb_status": _swig.azattest_verification_result_tcb_status,
    "tcb_date": _moments("tcb_date"),
    "tcb_evaluation_data_number": _number,
    "advisories": _advisories,
    "earliest_expiration": _moments("earliest_expiration"),
    "latest_issue": _moments("latest_issue"),
}


class VerificationResult:
    """The verdict of a verification. It is True in a condition only when it is valid; whether anything was left out, and
    whether somebody said what is expected, ``is_complete`` and ``is_appraised`` tell."""

    __slots__ = ("_handle", "_verdict", "_json")

    def __init__(self):
        raise TypeError("verdicts come from Evidence.verify()")

    @classmethod
    def _of(cls, handle):
        self = object.__new__(cls)
        self._handle = handle
        self._verdict = {name: read(handle) for name, read in _READERS.items()}
        self._json = None
        return self

    @property
    def is_valid(self):
        """Every required check is true."""
        return self._verdict["is_valid"]

    @property
    def checks(self):
        """Every check in order: ``id``, ``ok`` (None: not made), ``detail`` and ``required``."""
        return self._verdict["checks"]

    @property
    def warnings(self):
        """What does not refuse but should be seen, for instance a DEBUG enclave."""
        return self._verdict["warnings"]

    @property
    def not_checked(self):
        """What this verification left out, for instance "revocation"."""
        return self._verdict["not_checked"]

    @property
    def root(self):
        """"intel", "amd", or "extra" for a root that the caller passed; None when the chain reached none."""
        return self._verdict["root"]

    @property
    def is_complete(self):
        """Valid, and nothing was left out."""
        return self._verdict["is_complete"]

    @property
    def is_appraised(self):
        """An appraisal was given: its checks begin with "appraisal."."""
        return self._verdict["is_appraised"]

    @property
    def tcb_status(self):
        """The platform's status by Intel's collateral, in Intel's spelling; None when it was not established."""
        return self._verdict["tcb_status"]

    @property
    def tcb_date(self):
        """Date of the level that gave the status (aware datetime), or None."""
        return self._verdict["tcb_date"]

    @property
    def tcb_evaluation_data_number(self):
        """The lower tcbEvaluationDataNumber of TCB info and identity, or None."""
        return self._verdict["tcb_evaluation_data_number"]

    @property
    def advisories(self):
        """Security advisories of the levels that matched, for instance "INTEL-SA-00615"."""
        return self._verdict["advisories"]

    @property
    def earliest_expiration(self):
        """When the first of all that the verdict rests on expires (aware datetime), or None."""
        return self._verdict["earliest_expiration"]

    @property
    def latest_issue(self):
        """When the last of all that the verdict rests on was issued (aware datetime), or None."""
        return self._verdict["latest_issue"]

    def _text(self):
        """Made when it is first asked for: it is not cheap."""
        if self._json is None:
            self._json = _swig.azattest_verification_result_json(self._handle)
            if self._json is None:
                raise MemoryError("the verdict's JSON")
        return self._json

    def to_dict(self):
        """The whole verdict as a new dictionary."""
        import json

        return json.loads(self._text())

    def __bool__(self):
        return self.is_valid

    def __repr__(self):
        failed = [check.id for check in self.checks if check.ok is False]
        missing = [check.id for check in self.checks if check.ok is None and check.required]
        return "VerificationResult(%s%s%s%s%s%s%s)" % (
            "valid" if self.is_valid else "NOT VALID",
            ", failed: " + " ".join(failed) if failed else "",
            ", not run: " + " ".join(missing) if missing else "",
            ", TCB " + self.tcb_status if self.tcb_status else "",
            ", warnings: %d" % len(self.warnings) if self.warnings else "",
            ", not checked: " + " ".join(self.not_checked) if self.not_checked else "",
            "" if self.is_appraised else ", not appraised",
        )

    def __reduce__(self):
        return (_restore, (self._verdict, self._text()))


def _restore(verdict, json):
    self = object.__new__(VerificationResult)
    self._handle, self._verdict, self._json = None, verdict, json
    return self


VerificationResult.__module__ = "azattest"
