"""Running an operation to its end: in the library over libcurl, or here over an object of the caller's own."""

from .swig import _swig, azattest_transport


class Request:
    """What a transport has to send. Redirects must not be followed."""

    __slots__ = ("method", "url", "headers", "body", "response_limit", "timeout")

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


def run(op, transport):
    """Comes back when the operation is done, and raises when it failed. OSError of a transport is a failed try, which
    may be made again; any other exception ends the call and passes to the caller."""
    if isinstance(transport, azattest_transport):
        if _swig.azattest_run(op, transport) != _swig.AZATTEST_OK:
            raise RuntimeError("the library neither finished nor failed the call")
        return
    while True:
        need = _swig.azattest_op_step(op)
        if need == _swig.AZATTEST_NEED_DONE:
            return
        if need == _swig.AZATTEST_NEED_FAILED:
            from ._errors import _exception

            raise _exception(_swig.azattest_op_take_error(op))
        if need == _swig.AZATTEST_NEED_SLEEP:
            transport.sleep(_swig.azattest_op_wait_ms(op) / 1000)
            _swig.azattest_op_waited(op)
        else:
            _send(op, transport)
