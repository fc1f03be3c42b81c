"""Reads a TAP without a vnet header, and prints whether the checksum of the first UDP datagram to
port 9 is "complete" or "open".

usage: plain_reader.py NAME

Source: linux/if_tun.h; RFC 768
"""

import fcntl
import os
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
UDP = 17
DISCARD = 9

tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TAP | IFF_NO_PI))
print("ready", flush=True)
while True:
    frame = os.read(tun, 65536)
    if frame[12:14] != b"\x08\x00" or frame[23] != UDP:
        continue
    datagram = frame[34 : 34 + struct.unpack(">H", frame[38:40])[0]]
    if struct.unpack(">H", datagram[2:4])[0] != DISCARD:
        continue
    summed = frame[26:34] + struct.pack(">HH", UDP, len(datagram)) + datagram
    summed += b"\0" * (len(summed) % 2)
    total = sum(struct.unpack(f">{len(summed) // 2}H", summed))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    print("complete" if total == 0xFFFF else "open")
    break
