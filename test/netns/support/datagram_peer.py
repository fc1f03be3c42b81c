"""A socket for datagrams. Sends each line of standard input, and prints what it receives.

    datagram_peer.py OWN [TO]

OWN and TO are paths, or HOST:PORT. A line of input is a datagram as hex. A line of output is the same.
Prints "ready" first. With "connected" behind TO the socket takes datagrams from there alone.
"""

import os
import socket
import sys
import threading


def address(text):
    if "/" in text:
        return text
    host, port = text.rsplit(":", 1)
    return (host, int(port))


own, to = sys.argv[1], sys.argv[2]
family = socket.AF_UNIX if "/" in own else socket.AF_INET
peer = socket.socket(family, socket.SOCK_DGRAM)
if family == socket.AF_UNIX and os.path.exists(own):
    os.unlink(own)
peer.bind(address(own))
if "connected" in sys.argv[3:]:
    peer.connect(address(to))


def receive():
    while True:
        print(peer.recv(70000).hex(), flush=True)


threading.Thread(target=receive, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    datagram = bytes.fromhex(line)
    try:
        peer.sendto(datagram, address(to)) if "connected" not in sys.argv[3:] else peer.send(datagram)
    except OSError as error:
        print(f"error {error.errno}", flush=True)
