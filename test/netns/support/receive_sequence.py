"""Counts numbered frames: receive_sequence.py INTERFACE COUNT.

Prints "ready" when it listens, and when the last number has come, how the numbers came, as JSON:
received: how many frames; doubled: those seen before; disordered: those after a higher number.
"""

import json
import socket
import struct
import sys

SO_RCVBUFFORCE = 33
# Enough for every frame of a test, however late this program gets to run.
BUFFER_BYTES = 1 << 29
NUMBER_AT = 14

interface, count = sys.argv[1], int(sys.argv[2])
receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
receiver.bind((interface, 0x88B5))
print("ready", flush=True)
seen = bytearray(count)
received = doubled = disordered = 0
highest = -1
while highest < count - 1:
    (number,) = struct.unpack_from("!I", receiver.recv(64), NUMBER_AT)
    received += 1
    doubled += seen[number]
    seen[number] = 1
    disordered += number < highest
    highest = max(highest, number)
print(json.dumps({"received": received, "doubled": doubled, "disordered": disordered}))
