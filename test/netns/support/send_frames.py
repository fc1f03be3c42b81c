"""Sends Ethernet frames: send_frames.py INTERFACE < lines.

A line is "HEX" or "HEX COUNT". Every frame goes out exactly as it is written, in order, and has been
taken by the switch when the program ends. One that the kernel refuses ends the program.
"""

import sys

from paced_sender import PacedSender

sender = PacedSender(sys.argv[1])
for line in sys.stdin:
    digits, _, count = line.strip().partition(" ")
    frame = bytes.fromhex(digits)
    for _ in range(int(count or 1)):
        sender.send(frame)
sender.drain()
