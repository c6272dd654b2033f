"""What somebody who relies on evidence expects of it."""

import datetime
import os
import uuid

from .swig import _swig
from ._signer import wrap

# the members of azattest/appraisal.h
MEMBERS = (
    "kinds",
    "allow_debug",
    "allow_not_checked",
    "report_data",
    "runtime_data_sha256",
    "tcb_statuses",
    "advisories_accepted",
    "advisories_refused",
    "min_tcb_evaluation_data_number",
    "min_tcb_date",
    "allow_smt",
    "allow_dynamic_platform",
    "allow_cached_keys",
    "mr_enclave",
    "mr_signer",
    "product_id",
    "min_svn",
    "config_id",
    "min_config_svn",
    "isv_family_id",
    "isv_extended_product_id",
    "mr_td",
    "rtmr0",
    "rtmr1",
    "rtmr2",
    "rtmr3",
    "mr_config_id",
    "mr_owner",
    "mr_owner_config",
    "mr_service_td",
    "mr_seam",
    "mr_signer_seam",
    "td_attributes",
    "xfam",
    "allow_migratable",
    "require_sept_ve_disable",
    "measurement",
    "host_data",
    "id_key_digest",
    "author_key_digest",
    "family_id",
    "image_id",
    "chip_id",
    "denied_chip_ids",
    "min_guest_svn",
    "max_vmpl",
    "products",
    "min_reported_tcb",
    "min_committed_tcb",
    "min_launch_tcb",
    "policy",
    "pcrs",
    "allow_sha1",
    "secure_boot",
    "vm_unique_id",
)
_MASKS = ("td_attributes", "xfam")  # Evidence gives them as integers, so they may be expected as such


def _time(name, value):
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError("%s: a datetime without time zone is ambiguous: give it one" % name)
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(name, value):
    """The value as JSON has it: bytes are hexadecimal text there."""
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(name, item) for item in value), key=str)
    if hasattr(value, "items"):
        return {str(key): _plain("%s.%s" % (name, key), item) for key, item in value.items()}
    if isinstance(value, datetime.date):
        return _time(name, value)
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(
        "%s: bytes or their hexadecimal text, other text, a number, True or False, or a list or mapping of them expected, not %s"
        % (name, type(value).__name__)
    )


def _mask(name, value):
    value = _plain(name, value)
    if not isinstance(value, dict):
        return value
    for part, item in value.items():
        if isinstance(item, int) and not isinstance(item, bool):
            if not 0 <= item < 2**64:
                raise ValueError("%s.%s: %d does not fit into 8 bytes" % (name, part, item))
            value[part] = item.to_bytes(8, "little").hex()
    return value


def _text(members):
    import json

    unknown = [name for name in members if name not in MEMBERS]
    if unknown:
        from difflib import get_close_matches

        near = [get_close_matches(str(name), MEMBERS, 1, 0.6) for name in unknown]
        told = ["%s%s" % (name, " (did you mean %s?)" % also[0] if also else "") for name, also in zip(unknown, near)]
        raise TypeError("an appraisal has no member " + ", ".join(told))
    given = {
        name: (_mask if name in _MASKS else _plain)(name, value) for name, value in members.items() if value is not None
    }
    return json.dumps(given)


class Appraisal:
    """What is expected of evidence: ``Evidence.verify(appraisal=...)`` makes each member a required check of the verdict.

        >>> Appraisal(mr_signer=signer, product_id=1, min_svn=2, tcb_statuses=["UpToDate"])

    The members are keywords, or come as one mapping or JSON text; ``azattest/appraisal.h`` has them all. Each is a value
    or a list of accepted values; byte strings are bytes or hexadecimal text, in the order that the evidence stores them.
    A member that is not known is a TypeError, a value that is none of it a ValueError. Immutable; may be shared by threads.
    """

    __slots__ = ("_handle",)

    def __init__(self, expected=None, /, **members):
        if expected is not None and members:
            raise TypeError("give the members either as keywords, or as one mapping or text")
        if expected is None:
            expected = _text(members)
        elif hasattr(expected, "items"):
            expected = _text(expected)
        self._handle = _swig.azattest_appraisal_parse(expected)

    @classmethod
    def load(cls, path_or_text):
        """Of JSON text (str or bytes), or of a file of it: its path."""
        if isinstance(path_or_text, os.PathLike) or isinstance(path_or_text, str) and not path_or_text.lstrip().startswith("{"):
            with open(path_or_text, "rb") as file:
                path_or_text = file.read()
        if not isinstance(path_or_text, (str, bytes, bytearray, memoryview)):
            raise TypeError("a path or JSON text expected, not %s" % type(path_or_text).__name__)
        return wrap(cls, _swig.azattest_appraisal_parse(path_or_text))

    def to_dict(self):
        """The appraisal in its canonical form, as a new dictionary: byte strings are hexadecimal text."""
        import json

        return json.loads(_swig.azattest_appraisal_json(self._handle))

    def __repr__(self):
        return "Appraisal(%s)" % ", ".join("%s=%r" % item for item in self.to_dict().items())

    def __eq__(self, other):
        if not isinstance(other, Appraisal):
            return NotImplemented
        return _swig.azattest_appraisal_json(self._handle) == _swig.azattest_appraisal_json(other._handle)

    def __hash__(self):
        return hash(_swig.azattest_appraisal_json(self._handle))

    def __reduce__(self):
        return (Appraisal, (_swig.azattest_appraisal_json(self._handle),))


Appraisal.__module__ = "azattest"


def appraisal_of(name, value):
    """An option: an Appraisal, or what one is made of."""
    if isinstance(value, Appraisal):
        return value
    if hasattr(value, "items") or isinstance(value, (str, bytes, bytearray, memoryview)):
        return Appraisal(value)
    raise TypeError("%s: an Appraisal, a mapping of its members, or JSON text expected, not %s" % (name, type(value).__name__))
