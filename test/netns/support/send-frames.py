"""Sends Ethernet frames out of an interface: send-frames.py INTERFACE < lines.

A line is "HEX" or "HEX COUNT". Every frame goes out exactly as it is written, in order; one that
the kernel refuses ends the program with its name.
"""

import socket
import sys


def main(interface):
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((interface, 0))
    for line in sys.stdin:
        digits, _, count = line.strip().partition(" ")
        frame = bytes.fromhex(digits)
        for _ in range(int(count or 1)):
            sender.send(frame)


main(sys.argv[1])
