"""The library's messages on their way to the logger ``azattest``.

The library keeps them in its own memory while it works, without the GIL and on whatever thread; they are handed over
behind each call. Nobody pays for ``logging`` who does not use it: it is looked for when a call begins. AZURE_LOG_LEVEL
sets the logger's level, and lets a program that has set up no logging see the messages on standard error."""

import os
import sys

from .swig import _swig

_OFF = _swig.AZATTEST_LOG_OFF
_LEVELS = {
    _swig.AZATTEST_LOG_VERBOSE: 10,  # logging.DEBUG, ...
    _swig.AZATTEST_LOG_INFO: 20,
    _swig.AZATTEST_LOG_WARNING: 30,
    _swig.AZATTEST_LOG_ERROR: 40,
}
_from_environment = _swig.azattest_log_level_of(os.environ.get("AZURE_LOG_LEVEL", ""))
_logger = None
_lowest = _OFF
_swig.azattest_log_collect(_OFF)


def level_of(name, value):
    """The library's number for a level: a word of AZURE_LOG_LEVEL or "off", or a number of ``logging``."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError("%s: a word such as \"info\" or a level of logging expected, not %s" % (name, type(value).__name__))
    if isinstance(value, int):
        return next((ours for ours, theirs in _LEVELS.items() if value <= theirs), _OFF)
    level = _OFF if value == "off" else _swig.azattest_log_level_of(value)
    if not level:
        raise ValueError("%s: verbose, info, warning, error or off expected, not %r" % (name, value))
    return level


def _get_logger():
    global _logger
    if _logger is None:
        import logging

        class Alone(logging.StreamHandler):
            """Standard error, as long as the program has no logging of its own."""

            def emit(self, record):
                if not logging.getLogger().handlers and _logger.handlers == [self]:
                    super().emit(record)

        _logger = logging.getLogger("azattest")
        _logger.addHandler(logging.NullHandler())
        if _from_environment:
            if _logger.level == logging.NOTSET:
                _logger.setLevel(_LEVELS[_from_environment])
            if len(_logger.handlers) == 1:
                _logger.handlers[0] = alone = Alone()
                alone.setFormatter(logging.Formatter("azattest %(levelname)s: %(message)s"))
    return _logger


def begin():
    """Before a call: the library keeps what the logger would show."""
    global _lowest
    if _logger is None and not _from_environment and "logging" not in sys.modules:
        return
    lowest = level_of("level", _get_logger().getEffectiveLevel())
    if lowest != _lowest:
        _lowest = lowest
        _swig.azattest_log_collect(lowest)


def hand_over():
    """Behind a call. What the library kept passed its level, or the call's own: the logger's does not judge again."""
    pair = _swig.azattest_py_log_take()
    while pair is not None:
        logger = _get_logger()
        logger.handle(logger.makeRecord(logger.name, _LEVELS.get(pair[0], 20), "azattest", 0, pair[1], (), None))
        pair = _swig.azattest_py_log_take()
