"""Pings without pause until SIGTERM, and counts exactly: flood_ping.py ADDRESS (IPv4).

`ping -f` sends the last request and waits for twice its longest round trip only (iputils, ping.c,
__schedule_exit), so that on a busy machine it misses a reply that was never lost. This one always
waits for the reply. Prints "ready" when the first one has come, and at the end the counts as JSON.
"""

import json
import os
import signal
import socket
import struct
import sys

LOST_AFTER_SECONDS = 1
ECHO_REQUEST, ECHO_REPLY = 8, 0
ICMP_HEADER = struct.Struct("!BBHHH")
PAYLOAD = bytes(48)


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(identifier, sequence):
    header = ICMP_HEADER.pack(ECHO_REQUEST, 0, 0, identifier, sequence)
    return ICMP_HEADER.pack(ECHO_REQUEST, 0, checksum(header + PAYLOAD), identifier, sequence) + PAYLOAD


def has_reply(icmp, identifier, sequence):
    """Waits for the reply, past whatever else comes."""
    while True:
        try:
            packet = icmp.recv(2048)
        except TimeoutError:
            return False
        header_bytes = (packet[0] & 0xF) * 4
        kind, _, _, *names = ICMP_HEADER.unpack_from(packet, header_bytes)
        if kind == ECHO_REPLY and names == [identifier, sequence]:
            return True


def stop(*_):
    global stopping
    stopping = True


stopping = False
signal.signal(signal.SIGTERM, stop)
icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
icmp.settimeout(LOST_AFTER_SECONDS)
icmp.connect((sys.argv[1], 0))
identifier = os.getpid() & 0xFFFF
sent = received = 0
while not stopping:
    icmp.send(request(identifier, sent & 0xFFFF))
    received += has_reply(icmp, identifier, sent & 0xFFFF)
    sent += 1
    if received == 1:
        print("ready", flush=True)
print(json.dumps({"sent": sent, "received": received}))
