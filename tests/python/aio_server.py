"""A small HTTP server on the loop of a test, which does what the test wants with each request."""

import asyncio
import json

from support import ONE_KEY


class Server:
    """Speaks HTTP on this loop and counts: `behave(reader, writer, number)` does what a test wants with each request."""

    def __init__(self, behave):
        self.behave, self.requests, self.connections, self.ended = behave, 0, 0, 0
        self.arrived, self.left = asyncio.Event(), asyncio.Event()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        await reader.readexactly(int(line.split(b":")[1]))
                self.requests += 1
                self.arrived.set()
                await self.behave(reader, writer, self.requests)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the other side left, or the test is over
        finally:
            self.ended += 1
            self.left.set()
            writer.close()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.endpoint = "http://127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        self.options = {"allow_insecure_http": True, "proxy": ""}
        return self

    async def __aexit__(self, *exc):
        self._server.close()


def reply(writer, body, status=200, **headers):
    body = json.dumps(body).encode()
    lines = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % len(body), "Content-Type: application/json"]
    lines += ["%s: %s" % (name.replace("_", "-"), value) for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


async def answers_keys(reader, writer, number):
    reply(writer, ONE_KEY)


async def never_answers(reader, writer, number):
    await reader.read(1)  # until the other side leaves
    raise ConnectionError
