"""Sends numbered frames: send_sequence.py INTERFACE TO FROM COUNT [PAUSE_US]. See receive_sequence.py.

PAUSE_US is the time after each frame in microseconds, which is too short to sleep.
"""

import struct
import sys
import time

from paced_sender import PacedSender

interface, destination, source, count = sys.argv[1:5]
pause = float(sys.argv[5]) / 1e6 if len(sys.argv) > 5 else 0
HEAD = bytes.fromhex((destination + source).replace(":", "") + "88b5")
PADDING = bytes(42)
sender = PacedSender(interface)
for number in range(int(count)):
    sender.send(HEAD + struct.pack("!I", number) + PADDING)
    if pause:
        end = time.perf_counter() + pause
        while time.perf_counter() < end:
            pass
sender.drain()
