"""Collateral: what the makers of platforms say beside the evidence; kept in a set, in a folder, and fetched."""

import os

from .swig import _swig
from . import _log, _options
from ._errors import Error, _exception
from ._signer import wrap
from ._text import moment
from ._transport import check_transport, run


def _content(value):
    """What add() takes: bytes or text as they are; a path is read."""
    if isinstance(value, os.PathLike):
        with open(value, "rb") as file:
            return file.read()
    return value


class Collateral:
    """A set of TCB info, identities, revocation lists and certificates, which ``Evidence.verify(collateral=...)`` uses.

    Each content is bytes or text, whatever it is: answers of Intel's PCS, bundles, certificates and revocation lists (PEM,
    DER, hexadecimal), endorsements, the JSON of Azure's THIM, what save() gave; or an os.PathLike of such a file. Filled
    first, then used: from its first use on it does not change, and keeps what it found out, so use one for many
    verifications. May be shared by threads.
    """

    __slots__ = ("_handle",)

    def __init__(self, *contents):
        self._handle = _swig.azattest_collateral_new()
        for content in contents:
            self.add(content)

    @classmethod
    def load(cls, *paths):
        """A set of the contents of files; of a folder, of all files in it whose names do not begin with a dot. What is no
        collateral is refused where it is named itself, and passed over in a folder, with a warning in the log."""
        self = cls()
        for path in paths:
            path = os.fspath(path)
            if os.path.isdir(path):
                self._load_folder(path)
            else:
                self._load(path)
        return self

    def _load_folder(self, folder):
        added = False
        for name in sorted(os.listdir(folder)):
            file = os.path.join(folder, name)
            if os.fsdecode(name).startswith(".") or not os.path.isfile(file):
                continue
            try:
                self._load(file)
                added = True
            except Error as error:
                _log._get_logger().warning("passed over: %s", error.message)
        if not added:
            message = "%s: the folder has no collateral in it" % os.fsdecode(folder)
            raise _exception(_swig.azattest_error_new(_swig.AZATTEST_E_MALFORMED, message))

    def _load(self, file):
        with open(file, "rb") as opened:
            content = opened.read()
        if not content:
            message = "%s: the file is empty" % os.fsdecode(file)
            raise _exception(_swig.azattest_error_new(_swig.AZATTEST_E_MALFORMED, message))
        try:
            self.add(content)
        except Error as error:
            error.message = "%s: %s" % (os.fsdecode(file), error.message)
            raise

    def add(self, content):
        """Adds one content, all of it or nothing."""
        if _swig.azattest_collateral_add(self._handle, _content(content)) != 0:
            raise RuntimeError("the library did not add it")

    def add_response(self, item, body, issuer_chain=None):
        """Adds the body of one answer (``item``: "tcb_info", "qe_identity", "pck_crl", "root_ca_crl", "vcek", "amd_chain" or
        "amd_crl") together with the PEM chain of its header, percent-decoded."""
        body = body.encode() if isinstance(body, str) else body
        if _swig.azattest_collateral_add_response(self._handle, _options._text("item", item), body, issuer_chain) != 0:
            raise RuntimeError("the library did not add it")

    def describe(self):
        """What is in the set, as a new dictionary: ``items`` with their kinds, windows, evaluation numbers and issuers,
        whether their signatures verify and to which root (``issuer_missing``: nobody can know). A use of the set."""
        import json

        return json.loads(_swig.azattest_collateral_describe(self._handle))

    def save(self):
        """The whole set as one JSON document (bytes), which add() takes."""
        return _swig.azattest_collateral_save(self._handle)

    @property
    def expires(self):
        """When the first of its items ends (aware datetime), or None."""
        return moment("expires", _swig.azattest_collateral_expires_ms(self._handle))

    def __repr__(self):
        expires = self.expires
        return "Collateral(%s)" % ("expires=%s" % expires.isoformat() if expires is not None else "")

    def __reduce__(self):
        return (Collateral, (self.save(),))


def collateral_of(name, value):
    """An option: a Collateral, or what one is made of."""
    if isinstance(value, Collateral):
        return value
    if isinstance(value, (list, tuple)):
        return Collateral(*value)
    if isinstance(value, (str, bytes, bytearray, memoryview, os.PathLike)):
        return Collateral(value)
    raise TypeError("%s: Collateral, or the content of a file or several, expected, not %s" % (name, type(value).__name__))


class CollateralCache:
    """A folder that keeps fetched collateral, for many processes; it is made where it is missing. Nothing whose end has
    come is ever used, and nothing older than its source said passes for fresh."""

    __slots__ = ("_handle", "_folder")

    def __init__(self, folder):
        folder = os.fspath(folder)
        self._folder = folder if isinstance(folder, str) else os.fsdecode(folder)
        self._handle = _swig.azattest_collateral_cache_open(self._folder)

    def __repr__(self):
        return "CollateralCache(%r)" % self._folder

    def __reduce__(self):
        return (CollateralCache, (self._folder,))


_CLIENT = ("application_id", "retry_total", "retry_delay", "retry_max_delay", "retry_after_max", "timeout", "log_level")
_OF_CLIENT = {name: _options.CLIENT[name] for name in _CLIENT}


def _is_outage(error):
    """The source could not be reached, or could not do its work: what it gave before may serve once more."""
    if error.code in (_swig.AZATTEST_E_TRANSPORT, _swig.AZATTEST_E_TIMEOUT):
        return True
    return error.code == _swig.AZATTEST_E_HTTP and (error.status_code >= 500 or error.status_code in (408, 429))


class Fetch:
    """One fetch_collateral(), without a way of waiting."""

    def __init__(self, evidence, cache, offline, transport, options):
        from ._instance import _user_agent
        from .evidence import evidence_of

        check_transport(transport)
        connection, client, members = _options.split(options, _options.CONNECTION, _OF_CLIENT, _options.COLLATERAL)
        if transport is not None and any(value is not None for value in connection.values()):
            raise TypeError("with a transport of your own, %s say nothing" % ", ".join(sorted(connection)))
        if cache is not None and not isinstance(cache, CollateralCache):
            cache = CollateralCache(cache)
        if _options._boolean("offline", offline) and cache is None:
            raise ValueError("offline: there is nothing to take collateral from but a cache: give one")
        self._evidence = evidence_of(evidence)
        self._cache = cache._handle if cache is not None else None
        self.connection = _options.convert(_options.CONNECTION, connection)
        self._members = _options.convert(_options.COLLATERAL, members)
        self._members["client"] = dict(_options.convert(_OF_CLIENT, client), user_agent=_user_agent())

    def begin(self, stale=False):
        """The operation, with what is kept already."""
        op = _swig.azattest_collateral_fetch_begin(self._members, self._evidence._handle)
        if self._cache is not None:
            _swig.azattest_collateral_cache_load(self._cache, op, stale)
        return op

    def take(self, op):
        """What was fetched."""
        self._store(op)
        return wrap(Collateral, _swig.azattest_op_take_collateral(op))

    def _store(self, op):
        """A folder that cannot be written to is no reason to have no collateral."""
        if self._cache is not None:
            try:
                _swig.azattest_collateral_cache_store(self._cache, op)
            except Error as error:
                _log._get_logger().warning("%s", error)

    def kept(self):
        """What is kept, and nothing else."""
        op = self.begin(stale=True)
        if _swig.azattest_op_step(op) == _swig.AZATTEST_NEED_DONE:
            return wrap(Collateral, _swig.azattest_op_take_collateral(op))
        places = range(_swig.azattest_op_collateral_count(op))
        missing = [_swig.azattest_op_collateral_item(op, i) for i in places if not _swig.azattest_op_has_collateral(op, i)]
        message = "collateral: offline, and not kept or at its end: %s; it is kept by source: give the source and endpoint that it"
        message = (message + " was fetched from") % " ".join(missing)
        raise _exception(_swig.azattest_error_new(_swig.AZATTEST_E_TRANSPORT, message))

    def instead(self, op, error):
        """After a failure: what was kept of all items, when the source is to blame."""
        self._store(op)
        if self._cache is None or not _is_outage(error):
            raise error
        try:
            collateral = self.kept()
        except Error:
            raise error from None
        _log._get_logger().warning("the source fails, so that older collateral is used: %s", error)
        return collateral


def fetch_collateral(evidence, *, cache=None, offline=False, transport=None, **options):
    """Fetches what the verdict of this evidence (Evidence, or the content of a file) needs: Collateral.

    ``source`` is "auto" (the maker: Intel's PCS or AMD's KDS), "intel", "amd", "azure" (Azure's caches; with ``region``),
    "azure_vm", or "pccs" at ``endpoint``. `cache`, a CollateralCache or the path of its folder, gives what it has fresh, keeps
    the rest, and serves when nobody answers; with `offline` nothing else does. Keywords: ``endpoint``, ``region``,
    ``product``, ``tcb_evaluation_data_number``, ``update``, ``subscription_key``, ``crls_only``; and of a client
    ``application_id``, ``retry_total``, ``retry_delay``, ``retry_max_delay``, ``retry_after_max``, ``timeout``, ``log_level``,
    ``ca_file``, ``ca_path``, ``ca_pem``, ``proxy``, ``connect_timeout``, ``read_timeout``, or ``transport``. What comes is
    signed and judged at each verification: nobody is trusted for it, and nothing about the caller is sent.
    """
    fetch = Fetch(evidence, cache, offline, transport, options)
    _log.begin()
    try:
        if offline:
            return fetch.kept()
        op = fetch.begin()
        try:
            run(op, transport if transport is not None else _swig.azattest_py_curl_transport(fetch.connection))
        except Error as error:
            return fetch.instead(op, error)
        return fetch.take(op)
    finally:
        _log.hand_over()


for _each in (Collateral, CollateralCache, fetch_collateral):
    _each.__module__ = "azattest"
