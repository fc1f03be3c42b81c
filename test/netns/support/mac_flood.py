"""Floods a switch with source addresses: mac_flood.py INTERFACE COUNT.

Each frame comes from another station, 02:f0:00:00:00:00 and up, and goes to an unknown one.
"""

import sys

from paced_sender import PacedSender

interface, count = sys.argv[1], int(sys.argv[2])
sender = PacedSender(interface)
DESTINATION = bytes.fromhex("02ee00000000")
FIRST_SOURCE = 0x02F000000000
REST = bytes.fromhex("88b5") + bytes(46)
for number in range(count):
    sender.send(DESTINATION + (FIRST_SOURCE + number).to_bytes(6, "big") + REST)
sender.drain()
