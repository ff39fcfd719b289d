#!/usr/bin/env bash
# speexdsp's echo canceller takes the low end off a voice although there is nothing to cancel.
#
# One would guess: with silence from the far end, an echo canceller hands the near end through as it came.
# So it is: a high-pass that no setting turns off takes 10 dB at 100 Hz and 22 dB at 50 Hz; 300 Hz and above pass within 1 dB.
# Met by: whoever compares cancellers by the energy that is left (it looks like cancellation), and recordings made behind it.
#
# Needs apt-get and a C compiler. Unpacks Debian 12's libspeexdsp 1.2.1 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"; cd "$work"
apt-get -o APT::Sandbox::User=root download -qq libspeexdsp1=1.2.1-1 libspeexdsp-dev=1.2.1-1 libgomp1
for package in *.deb; do dpkg -x "$package" root; done
cat > pass.c <<'C'
#include <math.h>
#include <stdio.h>
#include <speex/speex_echo.h>

/* Gain in dB of the canceller, 10 ms frames and 32 ms of tail at 8 kHz, for a near-end tone beside a silent far end. */
static double gain(double hz)
{
    SpeexEchoState *echo = speex_echo_state_init(80, 256);
    int rate = 8000;
    double in = 0, out = 0;
    speex_echo_ctl(echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    for (long frame = 0; frame < 400; frame++) {
        short near_end[80], far_end[80] = {0}, result[80];
        for (int i = 0; i < 80; i++)
            near_end[i] = (short) lrint(3000 * sin(2 * M_PI * hz * (double) (frame * 80 + i) / 8000));
        speex_echo_cancellation(echo, near_end, far_end, result);
        for (int i = 0; frame >= 200 && i < 80; i++) {
            in += near_end[i] * near_end[i];
            out += result[i] * result[i];
        }
    }
    speex_echo_state_destroy(echo);
    return 10 * log10(out / in);
}

int main(void)
{
    double low = gain(50), hundred = gain(100), voice = gain(300), high = gain(1000);
    printf("50 Hz %.1f dB, 100 Hz %.1f dB, 300 Hz %.1f dB, 1000 Hz %.1f dB\n", low, hundred, voice, high);
    return !(low < -18 && hundred < -8 && hundred > -13 && voice > -1 && high > -0.5);
}
C
cc -O1 -Iroot/usr/include pass.c -o pass -Lroot/usr/lib/x86_64-linux-gnu -lspeexdsp -lm
echo 'speexdsp 1.2.1, far end silent'
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu ./pass || { echo 'this has changed'; exit 1; }
# Seen: 50 Hz -21.8 dB, 100 Hz -10.4 dB, 300 Hz -0.7 dB, 1000 Hz -0.1 dB
