"""Sends frames into the ports of a switch, and prints what leaves from all of them.

    play_rows.py PORT... < rows

The ports are TAPs of this namespace. Rows are JSON: {"sent": [[PORT, HEX]...], "last": [[PORT, HEX]...],
"awaited": [[PORT, HEX]...]}. The program ends when all that is awaited has left: each frame of "last" must reach a
port behind the other frames of its sender. The output is a list of [PORT, HEX], with the tags as they were.
"""

import json
import select
import socket
import struct
import sys
import time

PATIENCE_SECONDS = 20
ETH_P_ALL = 3
PACKET_OUTGOING = 4
# linux/if_packet.h: the kernel takes the outer tag off, and has it in tpacket_auxdata.
SOL_PACKET = 263
PACKET_AUXDATA = 8
AUXDATA = struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID = 1 << 4
TAG_AT = 12


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.bind((name, ETH_P_ALL))
    port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    return port


def receive(port):
    """Reads a frame. Returns None for one that the program has sent."""
    frame, control, _, address = port.recvmsg(65536, 256)
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in control:
        if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
            continue
        status, _, _, _, _, tci, tpid = AUXDATA.unpack(data[: AUXDATA.size])
        if status & TP_STATUS_VLAN_VALID:
            frame = frame[:TAG_AT] + struct.pack("!HH", tpid, tci) + frame[TAG_AT:]
    return frame.hex()


ports = {open_port(name): name for name in sys.argv[1:]}
by_name = {name: port for port, name in ports.items()}
rows = json.load(sys.stdin)
for name, digits in rows["sent"] + rows["last"]:
    by_name[name].send(bytes.fromhex(digits))
awaited = {(name, digits) for name, digits in rows["awaited"]}
left = []
deadline = time.monotonic() + PATIENCE_SECONDS
while awaited and time.monotonic() < deadline:
    readable, _, _ = select.select(list(ports), [], [], 1)
    for port in readable:
        frame = receive(port)
        if frame is not None:
            left.append([ports[port], frame])
            awaited.discard((ports[port], frame))
print(json.dumps(left))
