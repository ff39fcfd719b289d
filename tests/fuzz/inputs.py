#!/usr/bin/env python3
"""Inputs of the targets as files, and back.

Usage: inputs.py unpack FOLDER    the kept inputs and the golden frames of tests/wire, below FOLDER/TARGET
       inputs.py pack FOLDER      FOLDER/TARGET/* as the kept inputs, a line of hexadecimal digits each, the 600 shortest
"""
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
what, out = sys.argv[1], pathlib.Path(sys.argv[2])

KEPT = 600

if what == "pack":
    for folder in sorted(out.iterdir()):
        inputs = sorted({file.read_bytes().hex() for file in folder.iterdir()}, key=lambda line: (len(line), line))
        (here / "corpus" / f"{folder.name}.hex").write_text("".join(line + "\n" for line in inputs[:KEPT]))
    sys.exit()

frames = {}
for file in sorted((here / "../wire/golden").glob("*.txt")):
    for entry in file.read_text().split("\n== ")[1:]:
        name, _, rest = entry.partition("\n")
        hex_lines = [l for l in rest.splitlines() if not l.startswith(("origin:", "note:"))]
        text = re.sub(r"\s", "", "".join(hex_lines))
        if re.fullmatch(r"([0-9a-f]{2})+", text):
            frames[file.stem + "-" + re.sub(r"\W+", "-", name)] = bytes.fromhex(text)


def write(target, name, octets):
    folder = out / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(octets)


for name, frame in frames.items():
    body, area = int.from_bytes(frame[18:20], "little"), frame[22 + int.from_bytes(frame[18:20], "little"):]
    write("frame", name, frame)
    write("opening", name, b"\xff" + frame)
    for kind in (0, 1, 8):
        write("stream", f"{name}-{kind}", bytes([kind, 255]) + frame)
    if len(area) > 34:
        for request in range(8):
            write("private", f"{name}-{request}", bytes([9 if area[:3] == b"ECS" else 0, request]) + area[34:])

requests = [
    '{"id":1,"request":"monitorDevice","deviceID":"1001"}',
    '{"id":"a","request":"makeCall","callingDevice":"1001","calledDevice":"1002","private":{"userInfo":{"type":"ia5Ascii","data":"hi"}}}',
    '{"request":"clearConnection","call":{"callID":42,"deviceID":"1001","devIDType":"static"}}',
    '{"request":"setAgentState","device":"1001","agentMode":"logIn","agentID":"7001","agentPassword":"x"}',
    '{"request":"escape","private":{"vendor":{"vendorRequest":"queryUcid","call":{"callID":1,"deviceID":"","devIDType":"dynamic"}}}}',
    '{"request":"escape","private":{"tipring":{"tipringRequest":"superviseCall"}}}',
    '{"request":"routeSelect","routeRegisterReqID":1,"routingCrossRefID":2,"routeSelected":"1001"}',
    '{"request":"setForwarding","device":"1001","forward":{"forwardingType":"fwdBusy","forwardingOn":true,"forwardDN":"1002"}}',
    '{"request":"findCustomers","text":"Li"}', '{"request":"listNotices"}', '{"close":true}', '{"request":17}', '{}', '[', 'null',
    '{"request":"snapshotDevice","device":"\\ud83d"}', '{"request":"getDeviceList","index":-1,"level":"homeWorkTop"}',
]
for number, text in enumerate(requests):
    write("json", f"request-{number:02}", text.encode())

for file in (here / "corpus").glob("*.hex"):
    for number, line in enumerate(file.read_text().splitlines()):
        write(file.stem, f"kept-{number:05}", bytes.fromhex(line))
