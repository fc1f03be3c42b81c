"""Attaches to a TAP, makes it if it does not exist, and holds it until the program ends.

usage: hold_tap.py NAME [multi_queue] [persist]

Source: linux/if_tun.h
"""

import fcntl
import os
import signal
import struct
import sys

TUNSETIFF = 0x400454CA
TUNSETPERSIST = 0x400454CB
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
IFF_MULTI_QUEUE = 0x0100

flags = IFF_TAP | IFF_NO_PI
if "multi_queue" in sys.argv[2:]:
    flags |= IFF_MULTI_QUEUE
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), flags))
if "persist" in sys.argv[2:]:
    fcntl.ioctl(tun, TUNSETPERSIST, 1)
print("ready", flush=True)
signal.pause()
