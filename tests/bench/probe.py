"""Asks a server for one path over a kept connection every few milliseconds. Usage: probe.py PORT PATH SECONDS

Prints {"worst_ms", "median_ms"} of the time until an answer came.
"""

import json
import socket
import statistics
import sys
import time

PAUSE = 0.003


def main():
    port, path, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    taken, end = [], time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        while time.perf_counter() < end:
            start = time.perf_counter()
            connection.sendall(request)
            answer = connection.recv(65536)
            taken.append((time.perf_counter() - start) * 1e3)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path} answered {answer[:60]}")
            time.sleep(PAUSE)
    print(json.dumps({"worst_ms": max(taken), "median_ms": statistics.median(taken)}))


main()
