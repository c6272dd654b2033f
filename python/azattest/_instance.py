"""What a client and a verifier are, whatever they call: a handle, options, a way of waiting."""

import os
import sys
from types import FunctionType

from .swig import _swig, azattest_transport
from . import _log, _options
from ._token import check_callback
from ._transport import check_transport, run


def speaks_as(name):
    """Python's own messages about the functions of a class (an argument is missing, a coroutine was never awaited) then
    name `name`, the class that the user sees."""

    def rename(cls):
        for member, function in vars(cls).items():
            if isinstance(function, FunctionType):
                function.__qualname__ = name + "." + member
        return cls

    return rename


def _user_agent():
    return "azattest-python/%s Python/%d.%d.%d" % ((_swig.azattest_version(),) + sys.version_info[:3])


class Instance:
    """What a client and a verifier share, however they wait: the handle, the validation options, and how a call begins and
    ends. Between the two stands _complete(op, take, callback): it brings the operation to its end and gives take(op);
    _judge(response, callback) is the caller's own check, which comes last. In Blocking they block, in azattest.aio they
    are awaited."""

    __slots__ = ("_handle", "_connection", "_process", "_validation", "_ask", "__weakref__")

    def __init__(self, new, endpoint, validation_options, transport, options, credential=None):
        for one in (endpoint,) if not isinstance(endpoint, tuple) else endpoint:
            if not isinstance(one, str):
                raise TypeError("endpoint: str expected, not %s" % type(one).__name__)
        self._handle = None
        loose = {name: options.pop(name) for name in list(options) if _options.is_validation(name)}
        connection, client = _options.split(_options.translated(options), _options.CONNECTION, _options.CLIENT)
        if transport is not None and any(value is not None for value in connection.values()):
            raise TypeError("with a transport of your own, %s say nothing" % ", ".join(sorted(connection)))
        check_transport(transport)
        self._validation = _options.merged(_options.NO_OPTIONS, validation_options, loose)
        members = _options.convert(_options.CLIENT, client)
        members["user_agent"] = _user_agent()
        self._ask = None
        if credential is not None:
            from .credentials import wrap as wrap_credential

            credential = wrap_credential(credential)
            members["credential"] = credential._handle
            self._ask = credential._ask
        self._connection = _options.convert(_options.CONNECTION, connection)
        self._process = os.getpid()
        self._connect(transport)
        self._handle = new(endpoint, members)

    def _open(self):
        handle = self._handle
        if handle is None:
            raise ValueError("%s is closed" % type(self).__name__)
        return handle

    def _begin(self, begin, *arguments):
        """What the library has to say before anything is sent is handed over even when it refuses."""
        _log.begin()
        try:
            return begin(self._open(), *arguments)
        except Exception:
            _log.hand_over()
            raise

    def __repr__(self):
        if self._handle is None:
            return "%s(closed)" % type(self).__name__
        return "%s(%r, api_version=%r)" % (type(self).__name__, self.endpoint, self.api_version)

    def __reduce__(self):
        raise TypeError("%s is not pickled: it holds connections and keys; make another" % type(self).__name__)


class Blocking(Instance):
    """Waits in the caller's thread."""

    __slots__ = ("_transport",)

    def _connect(self, transport):
        self._transport = _swig.azattest_py_curl_transport(self._connection) if transport is None else transport

    def close(self):
        """Ends it; a second time does nothing. Calls that still run in other threads come to their end."""
        self._handle = self._transport = None

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *exc):
        self.close()

    def _complete(self, op, take, callback=None):
        transport = self._transport
        if transport is None:
            raise ValueError("%s is closed" % type(self).__name__)
        if self._process != os.getpid() and isinstance(transport, azattest_transport):
            # The open connections are those of the process that forked: leave them alone and make our own.
            transport.this.disown()
            self._connect(None)
            transport = self._transport
            self._process = os.getpid()
        _log.begin()
        try:
            run(op, transport, self._ask)
        finally:
            _log.hand_over()
        result = take(op)
        return result if callback is None else self._judge(result, callback)

    def _judge(self, response, callback):
        check_callback(callback, response.token)
        return response
