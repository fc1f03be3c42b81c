"""One end of a UDP stream whose sender hands the kernel many datagrams in one call (UDP_SEGMENT, udp(7)).

    udp_gso.py receive ADDRESS PORT CALLS       prints "ready" when it listens
    udp_gso.py send ADDRESS PORT CALLS

The sender waits for the receiver's word after each call, so that no queue overflows. Each end prints the SHA-256 of
the datagrams, each with its length.
"""

import hashlib
import os
import socket
import sys

UDP_SEGMENT = 103
DATAGRAM_BYTES = 1400
DATAGRAMS = 44
PATIENCE_SECONDS = 10


def note(digest, datagram):
    digest.update(len(datagram).to_bytes(2, "big"))
    digest.update(datagram)


def receive(end, address, port, calls):
    digest = hashlib.sha256()
    end.bind((address, port))
    print("ready", flush=True)
    for _ in range(calls):
        for _ in range(DATAGRAMS):
            datagram, sender = end.recvfrom(65536)
            note(digest, datagram)
        end.sendto(b"next", sender)
    return digest


def send(end, address, port, calls):
    digest = hashlib.sha256()
    end.setsockopt(socket.SOL_UDP, UDP_SEGMENT, DATAGRAM_BYTES)
    end.connect((address, port))
    for _ in range(calls):
        # The last datagram of a call may be shorter.
        data = os.urandom(DATAGRAMS * DATAGRAM_BYTES - 100)
        end.send(data)
        for start in range(0, len(data), DATAGRAM_BYTES):
            note(digest, data[start : start + DATAGRAM_BYTES])
        end.recv(65536)
    return digest


mode, address, port, calls = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as end:
    end.settimeout(PATIENCE_SECONDS)
    role = receive if mode == "receive" else send
    print(role(end, address, int(port), int(calls)).hexdigest())
