#!/usr/bin/env bash
# spandsp reports neither of two busy tones when both 425 Hz and 450 Hz are declared.
#
# One would guess: a detector that recognises 425 Hz, and 450 Hz, each declared alone, recognises both when both are declared.
# So it is: with the two in one descriptor no busy tone is reported at all, at either frequency, and so with 400 and 425 Hz.
# 400 and 450 Hz, or 425 and 480 Hz, go together. Its windows of 16 ms cannot tell 25 Hz apart: either tone shows at both
# frequencies and is taken for a pair of tones, which nobody declared. The same windows have 425 Hz alone reported
# for 335 Hz and 515 Hz, too.
# Met by: disconnect supervision where the public network sends 450 Hz (China) and the private exchange 425 Hz, or one list
# of tones for several countries: lines then stay off hook after the caller has gone.
#
# Needs apt-get and a C compiler. Unpacks Debian 12's spandsp 0.0.6 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"; cd "$work"
apt-get -o APT::Sandbox::User=root download -qq libspandsp-dev=0.0.6+dfsg-2+b1 libspandsp2=0.0.6+dfsg-2+b1 \
    libtiff6 libtiff-dev libwebp7 libjbig0 libdeflate0 liblerc4 libjpeg62-turbo
for package in *.deb; do dpkg -x "$package" root; done
cat > busy.c <<'C'
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <spandsp.h>

static int reports;

static void report(void *user, int tone, int level, int delay)
{
    (void) user, (void) level, (void) delay;
    reports += tone >= 0;
}

/* busy TONE DECLARED...: six seconds of busy tone, 350 ms on and 350 ms off, -15 dBm0; prints how often it was reported. */
int main(int argc, char **argv)
{
    super_tone_rx_descriptor_t *declared = super_tone_rx_make_descriptor(NULL);
    for (int i = 2; i < argc; i++) {
        int tone = super_tone_rx_add_tone(declared);
        super_tone_rx_add_element(declared, tone, atoi(argv[i]), 0, 300, 400);
        super_tone_rx_add_element(declared, tone, 0, 0, 300, 400);
    }
    super_tone_rx_state_t *detector = super_tone_rx_init(NULL, declared, report, NULL);
    double peak = 32768 * pow(10, (-15 - 3.14) / 20);
    for (int n = 0; n < 48000; n++) {
        int16_t sample = n % 5600 < 2800 ? lrint(peak * sin(2 * M_PI * atoi(argv[1]) * n / 8000)) : 0;
        super_tone_rx(detector, &sample, 1);
    }
    printf("%d", reports > 0);
    return 0;
}
C
cc -Iroot/usr/include -Iroot/usr/include/x86_64-linux-gnu busy.c -o busy -Lroot/usr/lib/x86_64-linux-gnu -lspandsp -lm
seen=
try() {
    local heard
    heard=$(LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu ./busy "$@")
    if [ "$heard" = 1 ]; then local word=reported; else local word='not reported'; fi
    echo "busy tone of $1 Hz, declared: ${*:2} Hz: $word"
    seen+=$heard
}
echo 'spandsp 0.0.6'
try 425 425; try 450 450; try 335 425; try 515 425; try 620 425
try 425 425 450; try 450 425 450; try 400 400 425; try 425 400 425
try 400 400 450; try 450 400 450; try 425 425 480; try 480 425 480
[ "$seen" = 1111000001111 ] || { echo "this has changed: $seen"; exit 1; }
