#!/usr/bin/env bash
# G.726 at 40 kbit/s: what ffmpeg writes, spandsp cannot read, though both read each other at 16, 24 and 32 kbit/s.
#
# One would guess: G.726 is one standard with four rates; packing aside, two decoders that agree at three of them agree at the fourth.
# So it is: with the packing that is right at the other rates, 40 kbit/s comes out as noise (below 3 dB), while ffmpeg
# reads itself at 42 dB.
# Met by: recordings and VOX archives at 40 kbit/s that pass between tools; a 32 kbit/s archive is safe.
#
# Needs apt-get, a C compiler and python3 with pip. Unpacks Debian 12's spandsp 0.0.6 and PyPI's static ffmpeg 7.0.2 in a
# temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"; cd "$work"
apt-get -o APT::Sandbox::User=root download -qq libspandsp-dev=0.0.6+dfsg-2+b1 libspandsp2=0.0.6+dfsg-2+b1 \
    libtiff6 libtiff-dev libwebp7 libjbig0 libdeflate0 liblerc4 libjpeg62-turbo
for package in *.deb; do dpkg -x "$package" root; done
pip download -q --no-deps -d . imageio-ffmpeg==0.6.0
python3 -m zipfile -e ./*.whl package
chmod +x package/imageio_ffmpeg/binaries/ffmpeg*
cat > decode.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <spandsp.h>

/* Standard input: G.726, most significant bits first; standard output: 16-bit samples. */
int main(int argc, char **argv)
{
    static uint8_t octets[65536];
    static int16_t samples[262144];
    g726_state_t *state = g726_init(NULL, argc > 1 ? atoi(argv[1]) : 32000, G726_ENCODING_LINEAR, G726_PACKING_LEFT);
    int length = (int) fread(octets, 1, sizeof octets, stdin);
    int count = g726_decode(state, samples, octets, length);
    return fwrite(samples, 2, count, stdout) != (size_t) count;
}
C
cc -Iroot/usr/include -Iroot/usr/include/x86_64-linux-gnu decode.c -o decode -Lroot/usr/lib/x86_64-linux-gnu -lspandsp
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu python3 - package/imageio_ffmpeg/binaries/ffmpeg* <<'PY'
import math, struct, subprocess, sys

ffmpeg = sys.argv[1]
sweep = [int(4000 * math.sin(2 * math.pi * (300 + n / 40) * n / 8000) * (0.3 + 0.7 * abs(math.sin(n / 900)))) for n in range(16000)]

def run(command, octets):
    return subprocess.run(command, input=octets, stdout=subprocess.PIPE, check=True).stdout

def ratio(octets):
    """Signal to error in dB, at the better of delays of 0 to 3 samples."""
    samples = struct.unpack(f"<{len(octets) // 2}h", octets)
    errors = (sum((a - b) ** 2 for a, b in zip(sweep, samples[d:])) for d in range(4))
    return 10 * math.log10(sum(a * a for a in sweep) / max(1, min(errors)))

print("ffmpeg 7.0.2 encodes a sweep; signal to error when read by ffmpeg and by spandsp 0.0.6")
seen = {}
for rate in (16, 24, 32, 40):
    wav = [ffmpeg, "-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-"]
    coded = run([*wav, "-c:a", "g726", "-b:a", f"{rate}k", "-f", "g726", "-"], struct.pack("<16000h", *sweep))
    own = [ffmpeg, "-v", "error", "-f", "g726", "-ar", "8000", "-code_size", str(rate // 8), "-i", "-", "-f", "s16le", "-"]
    seen[rate] = ratio(run(own, coded)), ratio(run(["./decode", str(rate * 1000)], coded))
    print(f"{rate} kbit/s: {seen[rate][0]:5.1f} dB {seen[rate][1]:5.1f} dB")
fine = all(seen[rate][1] > 18 for rate in (16, 24, 32))
sys.exit(0 if fine and seen[40][0] > 35 and seen[40][1] < 10 else "this has changed")
PY
# Seen: 16 kbit/s:  22.0 dB  20.4 dB
#       24 kbit/s:  28.8 dB  24.3 dB
#       32 kbit/s:  37.8 dB  36.8 dB
#       40 kbit/s:  41.7 dB   1.7 dB
