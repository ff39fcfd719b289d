#!/usr/bin/env bash
# WebRTC's voice activity detector takes a held key, a fax machine and a modem for speech, at every setting.
#
# One would guess: the detector of the best-known telephone stack knows telephone tones, at least at its strictest setting.
# So it is: DTMF, CNG (1,100 Hz) and the answer tone (2,100 Hz) are speech in practically every frame of every mode; dial
# tone is speech in every frame of mode 0 and only for its first moments in modes 1 to 3.
# Met by: answering-machine detection, silence trimming and talk-time figures: tones have to be recognised before the
# detector is asked.
#
# Needs CPython 3.11 with pip. Unpacks webrtcvad-wheels 2.0.14 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
pip download -q --no-deps --only-binary :all: -d "$work" webrtcvad-wheels==2.0.14
python3 -m zipfile -e "$work"/*.whl "$work/package"
PYTHONPATH="$work/package" python3 - <<'PY'
import math, struct, sys
import webrtcvad

def tone(*frequencies):
    """Three seconds at 8 kHz, 2,000 peak each (about -25 dBm0)."""
    return [int(sum(2000 * math.sin(2 * math.pi * f * n / 8000) for f in frequencies)) for n in range(24000)]

cases = {
    "dial tone, 425 Hz": tone(425),
    "DTMF 5": tone(770, 1336),
    "CNG, 1100 Hz": tone(1100),
    "answer tone, 2100 Hz": tone(2100),
    "silence": [0] * 24000,
}
print("webrtcvad-wheels 2.0.14: share of 30 ms frames called speech, modes 0 to 3")
seen = {}
for name, samples in cases.items():
    shares = []
    for mode in range(4):
        vad = webrtcvad.Vad(mode)
        frames = [struct.pack("<240h", *samples[i : i + 240]) for i in range(0, len(samples), 240)]
        shares.append(sum(vad.is_speech(frame, 8000) for frame in frames) / len(frames))
    seen[name] = shares
    print(f"{name:22}", " ".join(f"{share:4.0%}" for share in shares))
machines = all(min(seen[name]) > 0.95 for name in ("DTMF 5", "CNG, 1100 Hz", "answer tone, 2100 Hz"))
dial = seen["dial tone, 425 Hz"][0] > 0.95 and max(seen["dial tone, 425 Hz"][1:]) < 0.2
sys.exit(0 if machines and dial and max(seen["silence"]) == 0 else "this has changed")
PY
# Seen: dial tone, 425 Hz      100%   5%   4%   3%
#       DTMF 5                 100% 100% 100% 100%
#       CNG, 1100 Hz           100% 100% 100% 100%
#       answer tone, 2100 Hz   100% 100% 100%  99%
#       silence                  0%   0%   0%   0%
