#!/usr/bin/env bash
# rasn reads a local GeneralizedTime as if it were UTC, and writes it back with a Z.
#
# One would guess: a GeneralizedTime without a zone is local time (X.680), so a reader keeps it as such or asks for the zone.
# So it is: 20261129150405 becomes 15:04:05 +00:00, the very value of 20261129150405Z, and goes out again as
# 20261129150405Z: in Beijing a time stamp moves by eight hours, without an error and with no way left to tell the two.
# asn1tools gives a time without a zone for the first, one with UTC for the second, and writes both back as they came.
# Met by: Rust clients of CSTA and other switch protocols: a switch stamps its events by its own clock, mostly local.
#
# Needs cargo and python3 with pip. Builds rasn 0.30.0 and unpacks asn1tools 0.169.0 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
pip install -q --no-deps --target python --root-user-action ignore --disable-pip-version-check \
    asn1tools==0.169.0 bitstruct==8.24.0 pyparsing==3.3.2
mkdir -p check/src
cat > check/Cargo.toml <<'TOML'
[package]
name = "check"
version = "0.0.0"
edition = "2021"
[dependencies]
rasn = "=0.30.0"
TOML
cat > check/src/main.rs <<'RUST'
use rasn::{ber, types::GeneralizedTime};

fn main() {
    for text in ["20261129150405", "20261129150405Z", "20261129150405+0800"] {
        let octets = [&[0x18, text.len() as u8], text.as_bytes()].concat();
        let time: GeneralizedTime = ber::decode(&octets).expect("a valid time");
        let again = ber::encode(&time).expect("a time");
        println!("rasn 0.30.0: {text} is {} and goes out as {}", time.to_rfc3339(), String::from_utf8_lossy(&again[2..]));
    }
}
RUST
CARGO_TARGET_DIR=$work/target nice cargo run -q --manifest-path check/Cargo.toml | tee seen
PYTHONPATH=python python3 - <<'PY' | tee -a seen
import asn1tools

stamp = asn1tools.compile_string("Stamp DEFINITIONS ::= BEGIN Time ::= GeneralizedTime END", "ber")
for text in ("20261129150405", "20261129150405Z", "20261129150405+0800"):
    time = stamp.decode("Time", bytes([0x18, len(text)]) + text.encode())
    print(f"asn1tools 0.169.0: {text} is {time.isoformat()} and goes out as {stamp.encode('Time', time)[2:].decode()}")
PY
for line in 'rasn 0.30.0: 20261129150405 is 2026-11-29T15:04:05+00:00 and goes out as 20261129150405Z' \
    'asn1tools 0.169.0: 20261129150405 is 2026-11-29T15:04:05 and goes out as 20261129150405'; do
    grep -qxF "$line" seen || { echo "this has changed: not $line"; exit 1; }
done
