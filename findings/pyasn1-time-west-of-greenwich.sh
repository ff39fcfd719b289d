#!/usr/bin/env bash
# pyasn1 writes times of the Americas a day early, and times of India so that nobody can read them.
#
# One would guess: GeneralizedTime.fromDateTime() of 15:04:05 at three hours behind Greenwich is 20261129150405-0300.
# So it is: it is 20261129150405+2100. A negative difference comes out as what it lacks to 24 hours, with a plus,
# which readers take for a moment exactly one day before; one with half an hour (India) gets six digits instead of four,
# which pyasn1 itself refuses to read. A time without a zone gets a Z and moves by the zone. UTCTime is the same.
# asn1tools writes and reads all of them right.
# Met by: time stamps of CSTA and other switch protocols in ASN.1, made by test senders and gateways; tests that run in
# China or Europe pass.
#
# Needs python3 with pip. Unpacks pyasn1 0.6.5 and asn1tools 0.169.0 with what it imports in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
pip install -q --no-deps --target "$work/package" --root-user-action ignore --disable-pip-version-check \
    pyasn1==0.6.5 asn1tools==0.169.0 bitstruct==8.24.0 pyparsing==3.3.2
PYTHONPATH="$work/package" python3 - <<'PY'
import sys
from datetime import datetime, timedelta, timezone
import asn1tools
from pyasn1.codec.ber import encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type.useful import GeneralizedTime

other = asn1tools.compile_string("Stamp DEFINITIONS ::= BEGIN Time ::= GeneralizedTime END", "ber")
wrong = {}
for place, hours in {"Beijing": 8, "Berlin": 1, "Delhi": 5.5, "Brasilia": -3, "New York": -5, "Los Angeles": -8}.items():
    moment = datetime(2026, 11, 29, 15, 4, 5, tzinfo=timezone(timedelta(hours=hours)))
    octets = encoder.encode(GeneralizedTime.fromDateTime(moment))
    right = other.encode("Time", moment)
    if other.decode("Time", right) != moment:
        sys.exit("this has changed: asn1tools")
    try:
        read = str(other.decode("Time", octets) - moment)
    except Exception:
        read = "refused"
    try:
        own = str(GeneralizedTime(octets[2:].decode()).asDateTime - moment)
    except PyAsn1Error:
        own = "refused"
    wrong[place] = read, own
    print(f"{place}: asn1tools {right[2:].decode()}; pyasn1 {octets[2:].decode()}, off by {read} (asn1tools), {own} (pyasn1)")
local = str(GeneralizedTime.fromDateTime(datetime(2026, 11, 29, 15, 4, 5)))
print(f"without a zone: pyasn1 {local}")
fine, early, refused = ("0:00:00",) * 2, ("-1 day, 0:00:00",) * 2, ("refused",) * 2
expected = dict(zip(wrong, (fine, fine, refused, early, early, early)))
sys.exit(0 if wrong == expected and local == "20261129150405Z" else f"this has changed: {wrong} {local}")
PY
