"""Pings without pause and counts exactly: flood_ping.py ADDRESS [COUNT [PAYLOAD_BYTES]].

ping(8) sends the last request and waits no longer than for twice its longest round trip or for its
interval (iputils, ping_common.c, __schedule_exit). So on a busy machine it misses replies that are
not lost. This program always waits for the reply. It prints "ready" after the first reply, and the
counts as JSON at its end: after COUNT requests, or at SIGTERM.
"""

import json
import math
import os
import signal
import socket
import struct
import sys

# Longer than any round trip, so that a slow machine loses nothing.
LOST_AFTER_SECONDS = 10
ICMP_HEADER = struct.Struct("!BBHHH")


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += bytes(1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Echo4:
    FAMILY, PROTOCOL = socket.AF_INET, socket.IPPROTO_ICMP
    REQUEST, REPLY = 8, 0

    @staticmethod
    def checksum(message):
        return checksum(message)

    @staticmethod
    def icmp_of(packet):
        """raw(7): what is received begins with the IP header."""
        return packet[(packet[0] & 0xF) * 4 :]


class Echo6:
    FAMILY, PROTOCOL = socket.AF_INET6, socket.IPPROTO_ICMPV6
    REQUEST, REPLY = 128, 129

    @staticmethod
    def checksum(message):
        """RFC 3542, 3.1: the kernel computes it."""
        return 0

    @staticmethod
    def icmp_of(packet):
        return packet


def request(sequence):
    message = ICMP_HEADER.pack(echo.REQUEST, 0, 0, identifier, sequence) + payload
    sum_ = echo.checksum(message)
    return ICMP_HEADER.pack(echo.REQUEST, 0, sum_, identifier, sequence) + payload


def has_reply(sequence):
    """Waits for the reply, past whatever else comes."""
    expected = ICMP_HEADER.pack(echo.REPLY, 0, 0, identifier, sequence) + payload
    while True:
        try:
            message = echo.icmp_of(icmp.recv(65536))
        except TimeoutError:
            return False
        if message[:2] + bytes(2) + message[4:] == expected:
            return True


def stop(*_):
    global stopping
    stopping = True


address, *limits = sys.argv[1:]
count = int(limits[0]) if limits else math.inf
payload = bytes(int(limits[1]) if limits[1:] else 56)
echo = Echo6 if ":" in address else Echo4

stopping = False
signal.signal(signal.SIGTERM, stop)
icmp = socket.socket(echo.FAMILY, socket.SOCK_RAW, echo.PROTOCOL)
icmp.settimeout(LOST_AFTER_SECONDS)
icmp.connect((address, 0))
identifier = os.getpid() & 0xFFFF
sent = received = 0
while sent < count and not stopping:
    icmp.send(request(sent & 0xFFFF))
    if has_reply(sent & 0xFFFF):
        received += 1
        if received == 1:
            print("ready", flush=True)
    sent += 1
print(json.dumps({"sent": sent, "received": received}))
