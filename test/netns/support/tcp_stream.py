"""One end of a TCP stream. Every byte is checked.

    tcp_stream.py receive ADDRESS PORT          prints "ready" when it listens
    tcp_stream.py send ADDRESS PORT BYTES

Each end prints the SHA-256 of the stream.
"""

import hashlib
import os
import socket
import sys

CHUNK_BYTES = 1 << 20


def receive(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as server:
        print("ready", flush=True)
        connection, _ = server.accept()
    digest = hashlib.sha256()
    chunk = bytearray(CHUNK_BYTES)
    while count := connection.recv_into(chunk):
        digest.update(memoryview(chunk)[:count])
    return digest


def send(address, port, total):
    digest = hashlib.sha256()
    # No two chunks are alike: the first bytes of each are its number.
    chunk = bytearray(os.urandom(CHUNK_BYTES))
    with socket.create_connection((address, port)) as connection:
        for start in range(0, total, CHUNK_BYTES):
            chunk[:8] = start.to_bytes(8, "big")
            part = memoryview(chunk)[: total - start]
            connection.sendall(part)
            digest.update(part)
    return digest


mode, address, port, *rest = sys.argv[1:]
digest = receive(address, int(port)) if mode == "receive" else send(address, int(port), int(rest[0]))
print(digest.hexdigest())
