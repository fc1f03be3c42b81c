"""Counts numbered frames: receive_sequence.py INTERFACE ETHER_TYPE NUMBER_AT COUNT.

INTERFACE may be "any". NUMBER_AT is the offset of the number in a frame, four bytes in network order. Prints "ready" when it
listens. After the last number it prints the counts as JSON: received: all frames; doubled: frames
seen before; disordered: frames after a higher number.
"""

import json
import socket
import struct
import sys

SO_RCVBUFFORCE = 33
# The kernel doubles this value, up to its maximum: room for a million frames, so that none is lost
# here, however late this program runs.
BUFFER_BYTES = (1 << 30) - 1

interface = sys.argv[1]
ether_type, number_at, count = (int(text, 0) for text in sys.argv[2:])
protocol = socket.htons(ether_type) if interface == "any" else 0
receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, protocol)
receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
if interface != "any":
    receiver.bind((interface, ether_type))
print("ready", flush=True)
frame = bytearray(64)
seen = bytearray(count)
received = doubled = disordered = 0
highest = -1
while highest < count - 1:
    receiver.recv_into(frame)
    (number,) = struct.unpack_from("!I", frame, number_at)
    received += 1
    doubled += seen[number]
    seen[number] = 1
    disordered += number < highest
    highest = max(highest, number)
print(json.dumps({"received": received, "doubled": doubled, "disordered": disordered}))
