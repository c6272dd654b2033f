"""azattest.resty against servers and proxies that mean harm: bytes that nobody asked for, and what takes long to read."""

import socket
import unittest
from pathlib import Path

from nginx import needs_nginx
from service import keep_answering, make_certificate, reply, tunnel
from test_connections import FAIL, METADATA, WithServers

SMUGGLED = {"issuer": "smuggled", "jwks_uri": "y"}


def answer_of(size):
    """An answer of so many bytes with its head."""
    start = b'{"issuer":"x","jwks_uri":"y","a":"'
    room = size - len(reply(b"")) - len(start) - 2
    whole = b""
    while len(whole) != size:  # the length's own digits count
        whole = reply(start + b"z" * room + b'"}')
        room -= len(whole) - size
    return whole


@needs_nginx
class Leftovers(WithServers):
    def test_bytes_behind_an_answer_in_one_tls_record_are_nobodys_answer(self):
        # Where the answer fills nginx's buffer they stand decrypted in OpenSSL, where nginx does not look for them when a
        # connection goes to its pool.
        for buffer in (1024, 1536, 4096, 8192):
            for size in (1024, 1536, 3072, 4096, 8192, 12288):
                whole = answer_of(size)

                def handle(server, connection, number):
                    while server.request(connection):
                        connection.sendall(whole + reply(SMUGGLED))

                with self.subTest(size, buffer=buffer):
                    server, nginx = self.serve(handle), self.nginx(http="lua_socket_buffer_size %d;" % buffer)
                    for _ in range(3):
                        self.assertEqual(self.get(nginx, server), "x")

    def test_chunks_that_end_where_the_buffer_does(self):
        start, end = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"\r\n0\r\n\r\n"
        begin = b'{"issuer":"x","jwks_uri":"y","a":"'
        size = 4096 - len(start) - len(end) - len(b"fff\r\n")
        whole = start + b"%x\r\n" % size + begin + b"z" * (size - len(begin) - 2) + b'"}' + end
        self.assertEqual(len(whole), 4096)

        def handle(server, connection, number):
            while server.request(connection):
                connection.sendall(whole + reply(SMUGGLED))

        server, nginx = self.serve(handle), self.nginx(http="lua_socket_buffer_size 4k;")
        for _ in range(3):
            self.assertEqual(self.get(nginx, server), "x")

    def test_what_a_proxy_says_in_clear_is_never_the_servers_answer(self):
        server = self.serve(keep_answering(METADATA))
        start = b"HTTP/1.1 200 OK\r\nX: "
        for size in (100, 1024, 4096, 16384):
            for surplus in (b"\r\n", reply(SMUGGLED)):

                def connect(proxy, connection, number):
                    proxy.request(connection)
                    with socket.create_connection(("127.0.0.1", server.port)) as behind:
                        connection.sendall(start + b"x" * (size - len(start) - 4) + b"\r\n\r\n" + surplus)
                        tunnel(connection, behind)

                for buffer in ("4k", "64k"):
                    with self.subTest(size, surplus=surplus[:4], buffer=buffer):
                        proxy = self.serve(connect, tls=None)
                        nginx = self.nginx(http="lua_socket_buffer_size %s;" % buffer, allowed=["SSL_do_handshake"])
                        text = self.get(nginx, server, FAIL, host="maa.azattest.test",
                                        more=", proxy = 'http://127.0.0.1:%d'" % proxy.port)
                        self.assertRegex(text, "behind its answer to CONNECT|the TLS handshake failed")
        self.assertEqual(server.heads, [])


@needs_nginx
class Refused(WithServers):
    """A handshake that ends at once may look like a success where the certificate was refused: so, many times, at once too."""

    TRIES = """
        local function try()
          local client = azattest.AttestationClient{ endpoint = "https://127.0.0.1:<port>", retry_total = 0, credential = "planted-token",
            scopes = "https://attest.azure.net/.default" }
          must("<part>", client:attest_sgx_enclave("planted-evidence"))
          must("<part>", client:get_open_id_metadata())
        end
        for _ = 1, 5 do
          local threads = {}
          for i = 1, 10 do threads[i] = ngx.thread.spawn(try) end
          for i = 1, 10 do assert(ngx.thread.wait(threads[i])) end
          for _ = 1, 10 do try() end
        end
    """

    def test_nothing_goes_to_a_server_whose_certificate_is_refused_and_nothing_of_it_is_taken(self):
        folders = [Path(self.folder) / name for name in ("stranger", "named")]
        for folder in folders:
            folder.mkdir(exist_ok=True)
        stranger = make_certificate(folders[0])
        named = make_certificate(folders[1], "DNS:elsewhere.azattest.test")
        trusted = Path(self.folder) / "trusted.pem"
        trusted.write_bytes(self.tls[0].read_bytes() + named[0].read_bytes())
        for tls, part in ((stranger, "lua_ssl_trusted_certificate"), (named, "host mismatch")):
            for early in (b"", reply(METADATA)):  # an answer that comes before any request
                got = []

                def handle(server, connection, number):
                    if early:
                        connection.sendall(early)
                    got.append(connection.recv(65536))

                with self.subTest(part, early=bool(early)):
                    server = self.serve(handle, tls=tls)
                    self.run_lua(self.nginx(ca_file=trusted), self.TRIES, port=server.port, part=part)
                    self.assertEqual(server.connections, 200)
                    self.assertEqual(b"".join(got), b"")


if __name__ == "__main__":
    unittest.main()
