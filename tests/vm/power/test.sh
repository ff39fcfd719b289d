#!/bin/sh
# Losses of power: the emulated computer of a site that records calls is killed at random moments, with all that its kernel
# had in memory, and started again from its disk.
#
#     TIPRING_VM_CUTS=20 TIPRING_VM_SEED=7 tests/vm/run power
#
# A process that is killed loses nothing that it has written; a loss of power takes what the kernel has not written yet,
# half a minute of it. Not shown: a disk that keeps what it has confirmed in a memory of its own.
here=$(cd "$(dirname "$0")/.." && pwd)
test=power
. "$here/lib.sh"
. "$here/judge.sh"
cuts=${TIPRING_VM_CUTS:-3}
seed=${TIPRING_VM_SEED:-$(date +%s)}
# Octets of both sides that a recording may lack: the second allowed, less the quarter that the file thread may gather.
lost_max=24000
# The longest time from the mended site to the cut, s; and to the mended site, s.
cut_max=20
start_max=300

# The disk, with the site on it, made by the program itself.
place=$TIPRING_VM_DIR/power
rm -rf "$place" && mkdir -p "$place/site"
"$1" serve --print-config | sed 's/"headset"/"handset"/; s/_work_s = 5/_work_s = 0/; s,"card.sock","/run/card.sock",
    s,socket:card.sock,socket:/run/card.sock,' >"$place/site/site.toml"
cp "$here/power/users.toml" "$place/site/" && chmod 600 "$place/site/users.toml"
rm -rf "$root/build/power" && cp -r "$place/site" "$root/build/power"
inside mkfs.ext4 -q -d /build/power /build/power.img 512M >"$place/made" 2>&1 || die "the disk could not be made"
mv "$root/build/power.img" "$place/disk"
mkdir -p "$place/extra/test"
cp "$1" "$place/extra/test/tipring"
cp "$here/power/inside.sh" "$place/extra/test/run.sh"
cp "$here/power/scenario.toml" "$place/extra/test/"
rm -rf "$root/build/power" && mv "$place/extra" "$root/build/power"
inside sh -c 'cd /build/power && find . | cpio -o -H newc --quiet' | gzip -1 >"$place/added"
rm -rf "$root/build/power"
cat "$guest/initrd" "$place/added" >"$place/initrd"

# Emulated, as the other guests: it works everywhere. The site comes late in there; its card and its recordings wait.
running=
trap '[ -z "$running" ] || kill -9 "$running" 2>/dev/null || true' EXIT
boot() { # boot CONSOLE
    : >"$1"
    (qemu -accel tcg,thread=multi -machine q35 -cpu max -smp 2 -m 768 -nodefaults -display none -no-reboot \
        -drive "file=$place/disk,format=raw,if=virtio" -chardev "file,id=console,path=$1" -serial chardev:console \
        -kernel "$guest/vmlinuz" -initrd "$place/initrd" -append "console=ttyS0 panic=-1 quiet no_timer_check" \
        2>"$place/qemu") &
    running=$!
}
wait_for() { # wait_for LINE CONSOLE
    left=$((start_max * 10))
    until grep -q "$1" "$2"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] && kill -0 "$running" 2>/dev/null || { cat "$2" "$place/qemu" >&2; die "no \"$1\" from the guest"; }
        sleep 0.1
    done
}
# The recordings whole lines of which the console has, up to the last whole list: SIZE FILE.
listed() { # listed WORD CONSOLE
    tr -d '\r' <"$2" | awk -v word="$1" '
        $1 != word { next }
        $2 == "ALL" { delete whole; for (file in now) whole[file] = now[file]; delete now; next }
        NF == 3 { now[$3] = $2 }
        END { for (file in whole) print whole[file], file }'
}
random() { awk -v seed="$seed" -v number="$1" -v most="$2" 'BEGIN { srand(seed * 1000 + number); printf "%.2f", rand() * most }'; }

say "power: $cuts cuts, TIPRING_VM_SEED=$seed"
written=$place/written
answered=$place/answered
: >"$written"
: >"$answered"
most=0
cut_off=0
number=0
while [ "$number" -le "$cuts" ]; do
    console=$place/console-$number
    boot "$console"
    wait_for 'MENDED ALL' "$console"
    listed LEFT "$console" >"$place/left"
    listed MENDED "$console" >"$place/mended"
    # What had been written is there, but for the second; what was whole is whole under its name.
    while read -r size file; do
        found=$(awk -v file="$file" -v whole="${file%.part}" '$2 == file || $2 == whole { print $1 }' "$place/left" | head -n 1)
        [ -n "$found" ] || { [ "$size" -gt "$lost_max" ] || continue; found=0; }
        lost=$((size - found))
        [ "$lost" -le "$most" ] || most=$lost
        case $file in
        *.part) cut_off=$((cut_off + 1)) ;;
        *) grep -q " $file\$" "$place/left" || check "cut $number: $file kept its name" false ;;
        esac
        [ "$lost" -le "$lost_max" ] || check "cut $number: of $file, $lost of $size octets are missing" false
    done <"$written"
    check "cut $number: nothing is left to be mended" none '\.part$' "$place/mended"
    while read -r call; do
        tr -d '\r' <"$console" | grep '^CALL ' | grep "\"call_id\":$call," | grep -q '"established_ms":[0-9]' ||
            check "cut $number: the answered call $call is on record" false
    done <"$answered"
    [ "$number" -lt "$cuts" ] || break
    wait_for 'HAS .*part' "$console"
    sleep "$(random "$number" "$cut_max")"
    kill -9 "$running"
    wait "$running" 2>/dev/null || true
    running=
    listed HAS "$console" >"$written"
    tr -d '\r' <"$console" | sed -n 's/^AGENT Call \([0-9]*\) with .* was answered at .*/\1/p' | sort -u >"$answered"
    number=$((number + 1))
done
kill -9 "$running"
check "$cuts cuts: calls were being recorded at a cut ($cut_off files)" test "$cut_off" -gt 0
check "$cuts cuts: at most $((most / 32)) ms of what was written are missing" test "$most" -le "$lost_max"
[ -z "$failed" ] || die "power; TIPRING_VM_SEED=$seed; the guest's consoles are in $place"
