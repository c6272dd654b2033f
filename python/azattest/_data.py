"""Runtime and init-time data as one object."""

from .swig import _swig


class AttestationData:
    """Bytes, and whether the service is to take them as JSON. Attest calls take it as ``runtime_data`` and
    ``inittime_data``.

    With `is_json` None it is found out, by parsing: strictly a JSON object is JSON. Text is encoded as UTF-8.
    """

    __slots__ = ("_handle",)

    def __init__(self, data, is_json=None):
        if is_json is not None and not isinstance(is_json, bool):
            raise TypeError("is_json: True, False or None expected, not %s" % type(is_json).__name__)
        data = data.encode() if isinstance(data, str) else data
        self._handle = _swig.azattest_data_new(data, 0 if is_json is None else 1 if is_json else 2)

    @property
    def bytes(self):
        """The bytes, as they are hashed and sent."""
        return _swig.azattest_data_bytes(self._handle)

    @property
    def is_json(self):
        """They are sent as JSON and come back as JSON claims."""
        return _swig.azattest_data_is_json(self._handle)

    def __repr__(self):
        return "AttestationData(%d bytes, is_json=%r)" % (len(self.bytes), self.is_json)

    def __eq__(self, other):
        if not isinstance(other, AttestationData):
            return NotImplemented
        return self.bytes == other.bytes and self.is_json == other.is_json

    def __hash__(self):
        return hash((self.bytes, self.is_json))

    def __reduce__(self):
        return (AttestationData, (self.bytes, self.is_json))


AttestationData.__module__ = "azattest"
