"""Sends Ethernet frames: send_frames.py INTERFACE [queue] < lines.

A line is "HEX" or "HEX COUNT". Every frame goes out exactly as it is written, in order. When the
program ends, the switch has taken all frames. With "queue" they may still wait in the TAP's queue,
which has room for 500 of them. A frame that the kernel refuses ends the program.
"""

import sys

from paced_sender import PacedSender

sender = PacedSender(sys.argv[1])
for line in sys.stdin:
    digits, _, count = line.strip().partition(" ")
    frame = bytes.fromhex(digits)
    for _ in range(int(count or 1)):
        sender.send(frame)
if sys.argv[2:] != ["queue"]:
    sender.drain()
