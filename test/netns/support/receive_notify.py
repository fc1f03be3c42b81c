"""Prints the messages of a service to its manager: receive_notify.py SOCKET. Prints "ready" first."""

import socket
import sys


def main(path):
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(path)
    print("ready", flush=True)
    while True:
        print(receiver.recv(4096).decode(), flush=True)


main(sys.argv[1])
