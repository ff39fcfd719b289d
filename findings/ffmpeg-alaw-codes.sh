#!/usr/bin/env bash
# ffmpeg's A-law encoder is not G.711's at 964 of the 65,536 sixteen-bit values.
#
# One would guess: A-law is a fixed table of ITU-T G.711, so every encoder gives the same octet for the same sample.
# So it is: at 964 values, all at the edges of decision intervals, the octet is the neighbouring code.
# Met by: tests and prompts whose A-law reference was made with ffmpeg and is compared octet by octet with a card's.
#
# Needs python3 with pip. Installs imageio-ffmpeg 0.6.0 (a static ffmpeg 7.0.2) in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
pip download -q --no-deps -d "$work" imageio-ffmpeg==0.6.0
python3 -m zipfile -e "$work"/*.whl "$work/package"
ffmpeg=$(echo "$work"/package/imageio_ffmpeg/binaries/ffmpeg*); chmod +x "$ffmpeg"
"$ffmpeg" -version | head -n 1
python3 - "$ffmpeg" <<'PY'
import struct, subprocess, sys

def a_law(sample):
    """G.711 table 1a: a 12-bit magnitude and a sign, even bits inverted."""
    level = sample >> 4
    sign, magnitude = (0x80, level) if level >= 0 else (0, ~level)
    bits = magnitude.bit_length()
    code = magnitude if magnitude < 32 else (bits - 4) << 4 | magnitude >> (bits - 5) & 15
    return (sign | code) ^ 0x55

values = range(-32768, 32768)
pcm = struct.pack("<65536h", *values)
command = [sys.argv[1], "-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-", "-f", "alaw", "-"]
octets = subprocess.run(command, input=pcm, stdout=subprocess.PIPE, check=True).stdout
differ = [(v, a_law(v), octets[i]) for i, v in enumerate(values) if octets[i] != a_law(v)]
adjacent = sum(abs((a ^ 0x55) - (b ^ 0x55)) == 1 for _, a, b in differ)
v, a, b = differ[0]
print(f"{len(differ)} of 65536 differ, {adjacent} of them by one code; the first: {v} is {a:#04x} in G.711, {b:#04x} here")
sys.exit(0 if (len(differ), adjacent) == (964, 964) else "this has changed: 964 and 964 were seen")
PY
# Seen: ffmpeg version 7.0.2-static
#       964 of 65536 differ, 964 of them by one code; the first: -31744 is 0x2b in G.711, 0x2a here
