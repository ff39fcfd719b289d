#!/usr/bin/env bash
# espeak-ng reads 105 in Mandarin as "yi bai wu", which a listener takes for 150.
#
# One would guess: a number given as digits is read so that it can be written down again.
# So it is: Mandarin puts "ling" for a zero inside a number, because "yi bai wu" alone is short for 150; espeak-ng leaves
# it out. Cantonese (voice yue) has it in 105, but reads the service number 10086 as a million and eighty-six.
# Met by: balances, queue positions and amounts spoken by an IVR through a text-to-speech command. Numbers want a grammar of their own.
#
# Needs apt-get. Unpacks Debian 12's espeak-ng 1.51 and its libraries in a temporary folder; prints phonemes, plays nothing.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"; cd "$work"
version=1.51+dfsg-10+deb12u2
apt-get -o APT::Sandbox::User=root download -qq espeak-ng=$version libespeak-ng1=$version espeak-ng-data=$version \
    libpcaudio0 libsonic0 libpulse0 libasyncns0 libsndfile1 libdbus-1-3 libx11-6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 libflac12 libogg0 libvorbis0a libvorbisenc2 libopus0 \
    libmpg123-0 libmp3lame0 libsystemd0
for package in *.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$libraries:$libraries/pulseaudio
say() { root/usr/bin/espeak-ng --path="$libraries" -q -x -v "$1" "$2" | tr -d '\n'; }
echo "espeak-ng $version"
for number in 105 150 1005; do printf 'cmn %-5s %s\n' $number "$(say cmn $number)"; done
for number in 105 10086; do printf 'yue %-5s %s\n' $number "$(say yue $number)"; done
zero='li.?ng|l.i'
if say cmn 105 | grep -Eq "$zero" || say cmn 1005 | grep -Eq "$zero"; then echo 'this has changed: the zero is read'; exit 1; fi
say cmn 105 | grep -q 'w.u21' || { echo 'this has changed: 105 no longer ends in five'; exit 1; }
say yue 105 | grep -q 'ling4' || { echo 'this has changed: Cantonese no longer reads the zero'; exit 1; }
say yue 10086 | grep -q "m'aa6n" || { echo 'this has changed: Cantonese 10086'; exit 1; }
# Seen: cmn 105   j,i55pai35_|_| w'u214_|
#       cmn 150   j,i55pai21_|_| w'u21s.i.35_|_|
#       cmn 1005  ji55_| tS;h'iE55n_|_| wu214_|
#       yue 105   j,a1t_| baa3k_| ling4_| 'ng5_|
#       yue 10086 j,a1t_| baa3km'aa6n_| _!_| _!_| b,aa3tsa6p_| l'u6k_|
