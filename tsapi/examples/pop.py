#!/usr/bin/env python3
"""Shows who calls a device, by TSAPI as TSAPI.md has it: pop.py HOST PORT LOGIN DEVICE, the password in TIPRING_PASSWORD."""
import json
import os
import socket
import struct
import sys

ROWS = """f857c2e9016d34ba 2ce6f018d3a49b57 529fc4d0ea68b137 fd26785904c31abe 5e2bda708641fc39 82fa596c0b1d734e
e8094b27c3a5d16f 148adb7e5f39026c 53c8b2ea41d067f9 60bed4cf728a1539 b5aef1c064293d78 72a0e8f4cb915d36
74f951cb038e2a6d 9480a31c5f72be6d 9547e831dbc20f6a 9abd53f01c8764e2""".split()
PLACES = [3, 14, 15, 2, 13, 12, 4, 5, 9, 6, 0, 1, 11, 7, 10, 8]


def encipher(password, key):
    out = b""
    plain = password.encode().ljust(40, b"\0")
    for at in range(0, 40, 8):
        block, k = int.from_bytes(plain[at:at + 8], "little"), int.from_bytes(key, "little")
        nibbles = [block >> 4 * n & 15 for n in range(16)]
        for _ in range(16):
            nibbles = [int(ROWS[n][nibbles[n] ^ (k >> 4 * n & 15)], 16) for n in range(16)]
            nibbles = [nibbles[place] for place in PLACES]
            k = (k << 4 | k >> 60) & (1 << 64) - 1
        out += sum(nibble << 4 * n for n, nibble in enumerate(nibbles)).to_bytes(8, "little")
    return out


def tlv(tag, content):
    size = len(content)
    return bytes([tag, size] if size < 128 else [0x82, size >> 8, size & 255]) + content


def text(value):
    return tlv(0x16, value.encode())


def members(octets):
    """The members of a SEQUENCE: structures as lists, all else as octets."""
    out = []
    while octets:
        tag, size, at = octets[0], octets[1], 2
        if size > 127:
            at += size & 127
            size = int.from_bytes(octets[2:at], "big")
        content, octets = octets[at:at + size], octets[at + size:]
        out.append(members(content) if tag == 0x30 else content)
    return out


class Stream:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))

    def send(self, kind, pdu, invoke, *parts, area=b""):
        body = tlv(0x30, b"".join(parts))
        head = struct.pack("<IHIIHHHH", 18 + len(body) + len(area), 1, invoke, 0, kind, pdu, len(body), len(area))
        self.socket.sendall(head + body + area)

    def read(self, size):
        return self.socket.recv(size, socket.MSG_WAITALL)

    def receive(self):
        length, _, _, _, kind, pdu, body, _ = struct.unpack("<IHIIHHHH", self.read(22))
        rest = self.read(length - 18)
        return (kind, pdu), members(rest[:body])[0], rest[body + 34:]

    def wait(self, *wanted):
        while True:
            message, got, data = self.receive()
            if message in wanted:
                return message, got, data
            if message in ((2, 6), (5, 53), (1, 7)):
                sys.exit(f"refused: {int.from_bytes(got[0], 'big')}")


if len(sys.argv) != 5 or "TIPRING_PASSWORD" not in os.environ:
    sys.exit(__doc__)
(host, port, login, device), password = sys.argv[1:], os.environ["TIPRING_PASSWORD"]
ONE = tlv(0x0A, b"\1")
names = Stream(host, int(port))
names.send(0, 10, 1, ONE)
tlink, address = names.wait((2, 11))[1][1][0]
stream = Stream(host, int.from_bytes(address[2:4], "big"))
stream.send(0, 8, 1, text(login))
key = stream.wait((2, 13))[1][1]
asked = b"\0TIPRING#1\0"
stream.send(0, 1, 2, ONE, tlv(0x16, tlink), text(login), tlv(4, encipher(password, key)), text("pop"), ONE, text("TS1-2"),
            text(""), text(""), area=struct.pack("<32sH", b"VERSION", len(asked)) + asked)
stream.wait((2, 2))
nothing = tlv(3, b"\2\0\0") + tlv(3, b"\4\0") + tlv(3, b"\2\0") + tlv(3, b"\6\0") + tlv(2, b"\0")
stream.send(3, 111, 3, text(device), tlv(0x30, nothing))
stream.wait((5, 114))
print(f"watches {device}", flush=True)
while True:
    _, event, data = stream.wait((4, 57))
    print(f"call {int.from_bytes(event[0][0], 'big')} from {event[2][0].decode()}", json.loads(data[1:] or b"{}"), flush=True)
