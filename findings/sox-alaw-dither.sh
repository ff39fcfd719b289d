#!/usr/bin/env bash
# SoX adds noise to A-law: two runs on one file give two different files.
#
# One would guess: converting 16-bit samples to A-law is a table look-up and gives the same octets each time.
# So it is: SoX dithers, with a new seed each run, because A-law has fewer bits than the source. -D takes the dither
# away and -R fixes its seed; even with -D, 1,020 of the 65,536 values are not G.711's code.
# Met by: makers of prompts and of test references, whose checksums change from build to build.
#
# Needs apt-get and python3. Unpacks Debian 12's sox 14.4.2 in a temporary folder; nothing is installed.
set -euo pipefail
version=14.4.2+git20190427-3.5
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"; cd "$work"
apt-get -o APT::Sandbox::User=root download -qq sox=$version libsox3=$version \
    libmagic1 libgsm1 libltdl7 libpng16-16 libgomp1
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
sox() { root/usr/bin/sox -V1 "$@"; }
root/usr/bin/sox --version | sed 's/.*SoX/SoX/'
python3 -c 'import struct; open("all.raw", "wb").write(struct.pack("<65536h", *range(-32768, 32768)))'
source=(-t raw -r 8000 -e signed -b 16 -c 1 all.raw)
sox "${source[@]}" -t al first; sox "${source[@]}" -t al second; sox -D "${source[@]}" -t al plain
if cmp -s first second; then echo 'this has changed: two runs agree'; exit 1; fi
python3 - <<'PY'
import sys

def a_law(sample):
    """G.711 table 1a: a 12-bit magnitude and a sign, even bits inverted."""
    level = sample >> 4
    sign, magnitude = (0x80, level) if level >= 0 else (0, ~level)
    bits = magnitude.bit_length()
    code = magnitude if magnitude < 32 else (bits - 4) << 4 | magnitude >> (bits - 5) & 15
    return (sign | code) ^ 0x55

first, second, plain = (open(name, "rb").read() for name in ("first", "second", "plain"))
runs = sum(a != b for a, b in zip(first, second))
wrong = sum(octet != a_law(i - 32768) for i, octet in enumerate(plain))
print(f"two runs differ in {runs} of 65536 octets; with -D {wrong} are not G.711's")
sys.exit(0 if runs > 500 and wrong == 1020 else "this has changed: over 500 and exactly 1020 were seen")
PY
# Seen: SoX v14.4.2
#       two runs differ in about 1,000 of 65536 octets; with -D 1020 are not G.711's
