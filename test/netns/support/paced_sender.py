"""Sends frames out of a TAP no faster than its switch takes them.

A TAP's queue holds 1000 frames (txqueuelen). The kernel drops a frame that does not fit before the
switch sees it. So a test that counts frames must not fill the queue.
"""

import socket
import time

WINDOW = 500
POLL_SECONDS = 0.0005

# Fields behind the name in a line of /proc/net/dev.
TX_PACKETS = 9
TX_DROPPED = 11


class PacedSender:
    def __init__(self, interface):
        self.interface = interface
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((interface, 0))
        self.sent = 0
        self.taken_before = self.count_taken()

    def send(self, frame):
        if self.sent % WINDOW == 0:
            self.drain()
        self.socket.send(frame)
        self.sent += 1

    def drain(self):
        """Waits until the switch has taken every frame."""
        while self.count_taken() - self.taken_before < self.sent:
            time.sleep(POLL_SECONDS)

    def count_taken(self):
        with open("/proc/self/net/dev") as table:
            for line in table:
                name, _, fields = line.partition(":")
                if name.strip() == self.interface:
                    numbers = fields.split()
                    return int(numbers[TX_PACKETS]) + int(numbers[TX_DROPPED])
        raise SystemExit(f"{self.interface} is gone")
