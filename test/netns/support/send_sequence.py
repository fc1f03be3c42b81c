"""Sends numbered frames: send_sequence.py INTERFACE TO FROM COUNT. See receive_sequence.py."""

import struct
import sys

from paced_sender import PacedSender

interface, destination, source, count = sys.argv[1:]
HEAD = bytes.fromhex((destination + source).replace(":", "") + "88b5")
PADDING = bytes(42)
sender = PacedSender(interface)
for number in range(int(count)):
    sender.send(HEAD + struct.pack("!I", number) + PADDING)
sender.drain()
