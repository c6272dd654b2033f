"""Running an operation to its end: in the library over libcurl, or here over an object of the caller's own."""

from .swig import _swig, azattest_transport


class Request:
    """What a transport has to send. Redirects must not be followed."""

    __slots__ = (
        "method",
        "url",
        "headers",
        "body",
        "response_limit",
        "timeout",
        "bypasses_proxy",
        "connect_timeout",
        "server_thumbprint",
    )

    def __init__(self, op):
        request = _swig.azattest_op_request(op)
        remaining_ms = _swig.azattest_op_remaining_ms(op)
        self.method = _swig.azattest_request_method(request)
        self.url = _swig.azattest_request_url(request)
        self.headers = [
            (_swig.azattest_request_header_name(request, i), _swig.azattest_request_header_value(request, i))
            for i in range(_swig.azattest_request_header_count(request))
        ]
        self.body = _swig.azattest_request_body(request)
        self.response_limit = _swig.azattest_request_response_limit(request)
        self.timeout = remaining_ms / 1000 if remaining_ms >= 0 else None
        self.bypasses_proxy = _swig.azattest_request_bypasses_proxy(request)
        self.connect_timeout = _swig.azattest_request_connect_timeout_ms(request) / 1000 or None
        self.server_thumbprint = _swig.azattest_request_server_thumbprint(request)

    def __repr__(self):
        return "Request(%s %s)" % (self.method, self.url)


def _send(op, transport):
    try:
        status, headers, body = transport.send(Request(op))
    except TimeoutError as error:
        _swig.azattest_op_fail(op, _swig.AZATTEST_E_TIMEOUT, _message(error), False)
    except OSError as error:
        _swig.azattest_op_fail(op, _swig.AZATTEST_E_TRANSPORT, _message(error), False)
    else:
        pairs = tuple(headers.items() if hasattr(headers, "items") else map(tuple, headers))
        _swig.azattest_py_respond(op, status, pairs, body)


def _message(error):
    return (str(error) or type(error).__name__).replace("\0", " ")


def run(op, transport, provider=None):
    """Comes back when the operation is done, and raises when it failed. What a transport or a credential raises ends the
    operation at once: a traceback may keep it for long, and others would wait for what it was about to fetch."""
    try:
        _run(op, transport, provider)
    except BaseException:
        _swig.azattest_op_cancel(op)
        _swig.azattest_op_step(op)
        raise


def _run(op, transport, provider):
    """OSError of a transport is a failed try, which may be made again; any other exception ends the call and passes to
    the caller. `provider` gives tokens of a credential that is Python's: an exception of its is what the caller sees,
    unless an older token still serves."""
    refused = None
    try:
        while not _advance(op, transport):
            try:
                provider(op)
            except Exception as error:
                refused = error
                # Never the text: it is somebody else's and may hold anything.
                _swig.azattest_op_fail(op, _swig.AZATTEST_E_AUTH, type(error).__name__ + " of the credential", False)
    except Exception as error:
        if refused is not None and getattr(error, "code", None) == _swig.AZATTEST_E_AUTH and not error.status_code:
            raise refused from None
        raise


def _advance(op, transport):
    """True: done. False: a token is wanted."""
    if isinstance(transport, azattest_transport):
        return _swig.azattest_run(op, transport) == _swig.AZATTEST_OK
    while True:
        need = _swig.azattest_op_step(op)
        if need == _swig.AZATTEST_NEED_DONE:
            return True
        if need == _swig.AZATTEST_NEED_TOKEN:
            return False
        if need == _swig.AZATTEST_NEED_FAILED:
            from ._errors import _exception

            raise _exception(_swig.azattest_op_take_error(op))
        if need == _swig.AZATTEST_NEED_SLEEP:
            transport.sleep(_swig.azattest_op_wait_ms(op) / 1000)
            _swig.azattest_op_waited(op)
        elif need == _swig.AZATTEST_NEED_HTTP:
            _send(op, transport)
        else:
            _swig.azattest_serve_local(op)
