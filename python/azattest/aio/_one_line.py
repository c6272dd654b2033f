"""The one-line functions of azattest.attest, .policy and .certificates, to be awaited."""

import functools

from ..attest import made_client


def coroutine(function, cls, prepare=None):
    """The function of the blocking module over a client of class `cls`. `prepare(client, options)` comes first."""

    @functools.wraps(function)
    async def call(*arguments, client=None, endpoint=None, **options):
        if prepare is not None:
            prepare(client, options)
        made = made_client(cls, client, endpoint, options)
        if made is None:
            return await getattr(client, function.__name__)(*arguments, **options)
        async with made:
            return await getattr(made, function.__name__)(*arguments, **options)

    return call
