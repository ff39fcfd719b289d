#!/usr/bin/env bash
# Speech and music of others for the test of talk-off: corpus.sh FOLDER
#
# Writes NAME.s16 (8000 Hz, 16 bit, one channel) of every source as it is, NAME-line.s16 as a line brings it (300 to
# 3,400 Hz), and beside each NAME.spandsp, the number of keys that spandsp's receiver hears in it. What is there already
# stays. Texts and sounds come out of Debian's packages, unpacked in the folder; the whole takes 3 GB.
# Needs: apt-get install espeak-ng ffmpeg gcc libspandsp-dev
set -euo pipefail
folder=$1
mkdir -p "$folder/packages"
cd "$folder"

if [ ! -x spandsp ]; then
    cat > spandsp.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <spandsp.h>

int main(void)
{
    dtmf_rx_state_t *state = dtmf_rx_init(NULL, NULL, NULL);
    int16_t samples[160];
    char keys[64];
    size_t count, heard = 0;
    while ((count = fread(samples, sizeof *samples, 160, stdin)) > 0) {
        dtmf_rx(state, samples, (int) count);
        heard += dtmf_rx_get(state, keys, 60);
    }
    printf("%zu\n", heard);
    return 0;
}
C
    gcc -O2 -o spandsp spandsp.c -lspandsp
fi

# The files of a package that end in one of the words that follow, in order.
files() {
    local package=$1 words=$2
    if [ ! -d "packages/$package" ]; then
        (cd packages && apt-get -o APT::Sandbox::User=root download -qq "$package" >&2)
        dpkg -x packages/"$package"_*.deb "packages/$package.part"
        rm packages/"$package"_*.deb
        mv "packages/$package.part" "packages/$package"
    fi
    find "packages/$package/" -type f -regextype egrep -regex ".*($words)" | sort
}

# Takes sound in any format from standard input, or after the options given, as NAME.
take() {
    local name=$1
    shift
    ffmpeg -v fatal -nostdin "$@" -vn -ac 1 -ar 8000 -f s16le -y "$name.part"
    ffmpeg -v fatal -nostdin -f s16le -ar 8000 -ac 1 -i "$name.part" \
        -af highpass=f=300,highpass=f=300,lowpass=f=3400,lowpass=f=3400 -f s16le -y "$name-line.part"
    for each in "$name" "$name-line"; do
        ./spandsp < "$each.part" > "$each.spandsp"
        mv "$each.part" "$each.s16"
    done
}

# Recordings and music. Keys and silence among the prompts are no speech.
for package in asterisk-core-sounds-{en,es,fr,it,ru}-wav asterisk-moh-opsound-wav fillets-ng-data-nl wesnoth-1.16-music \
    hyperrogue-music; do
    [ ! -e "$package-line.s16" ] || continue
    files "$package" '\.wav|\.ogg' | grep -v -i -e dtmf -e /silence/ | sed "s/.*/file '&'/" > list
    take "$package" -f concat -safe 0 -i list
done

# Voices: each reads the dialogues of a game, in its own language where there are any, half an hour in all.
read_aloud() {
    local voice=$1 language=$2
    [ ! -e "espeak-$voice-line.s16" ] || return 0
    files fillets-ng-data "dialogs_$language\.lua" | xargs cat | grep -o '"[^"]* [^"]*"' | sed -n '1,700p' > text
    espeak-ng -v "$voice" -f text -w text.wav
    take "espeak-$voice" -i text.wav
}
for reader in en-us+belinda:en de+f3:de fr-fr:fr es+f4:es pl+m3:pl cs:cs it+Annie:it nl+m7:nl sv+f1:sv ru+linda:ru bg+Andy:bg \
    ja+m2:fr hu:de tr+f5:it ro+steph:it da+f2:sv uk+anika:ru id+steph2:nl; do
    read_aloud "${reader%:*}" "${reader#*:}"
done
