#!/usr/bin/env bash
# pydub brings a recording to 8 kHz without a filter: what was above 4 kHz comes back below it at full strength.
#
# One would guess: set_frame_rate(8000) makes a telephone prompt, as every converter does: 4 kHz and above is taken off first.
# So it is: a tone of 5 kHz in a 48 kHz recording comes out as 3 kHz, 6 kHz as 2 kHz, 7 kHz as 1 kHz, each within 0.1 dB of
# its level; from 44.1 kHz within 1 dB. No message. ffmpeg with its defaults takes them down by more than 60 dB.
# Met by: prompts cut from studio recordings: each "s" turns into a rasp in the middle of the speech band, which one takes
# for the A-law or the line; noise and whistles above 4 kHz fall onto DTMF and busy tones.
#
# Needs CPython 3.11 with pip. Unpacks pydub 0.25.1 and imageio-ffmpeg 0.6.0 (ffmpeg 7.0.2) in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
pip download -q --no-deps -d . pydub==0.25.1 imageio-ffmpeg==0.6.0
for wheel in *.whl; do python3 -m zipfile -e "$wheel" python; done
chmod +x python/imageio_ffmpeg/binaries/ffmpeg*
PYTHONPATH=python python3 -W ignore - python/imageio_ffmpeg/binaries/ffmpeg* <<'PY'
import cmath, math, struct, subprocess, sys
from pydub import AudioSegment

def level(samples, hz):
    """Level in dB of the tone at hz against a peak of 8,000, over half a second at 8 kHz."""
    middle = samples[2000:6000]
    return 20 * math.log10(max(1e-5, abs(sum(s * cmath.exp(-2j * math.pi * hz * n / 8000) for n, s in enumerate(middle))) / 16e6))

def words(octets):
    return struct.unpack(f"<{len(octets) // 2}h", octets)

changed = []
for rate in (16000, 44100, 48000):
    for hz, folded in ((1000, 1000), (3400, 3400), (5000, 3000), (6000, 2000), (7000, 1000)):
        tone = struct.pack(f"<{rate}h", *(round(8000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(rate)))
        pydub = level(words(AudioSegment(tone, frame_rate=rate, sample_width=2, channels=1).set_frame_rate(8000).raw_data), folded)
        command = [sys.argv[1], "-v", "error", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-", "-ar", "8000", "-f", "s16le", "-"]
        ffmpeg = level(words(subprocess.run(command, input=tone, stdout=subprocess.PIPE, check=True).stdout), folded)
        print(f"{rate} Hz, tone of {hz} Hz: at {folded} Hz pydub {pydub:.1f} dB, ffmpeg {ffmpeg:.1f} dB")
        if pydub < -1 or (ffmpeg > (-60 if hz > 4000 else -1)) == (hz > 4000):
            changed.append((rate, hz))
sys.exit(f"this has changed: {changed}" if changed else 0)
PY
