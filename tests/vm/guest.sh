#!/bin/sh
# Boots the guest with a card on a socket, runs one script in it, and returns its exit status (125: the guest reported none).
#
#     guest.sh SOCKET SCRIPT [FILE...]
#
# SCRIPT becomes /test/run.sh in the guest, and each FILE is put beside it. The console is copied to standard output, and
# kept beside the socket.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
socket=$1
script=$2
shift 2
[ -S "$socket" ] || die "there is no socket $socket"

work=$(mktemp -d "$TIPRING_VM_DIR/run.XXXXXX")
extra=$root/build/extra.$$
running=
cleanup() {
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    rm -rf "$work" "$extra"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# A second archive behind the first file system: the kernel unpacks both.
mkdir -p "$extra/test"
cp "$script" "$extra/test/run.sh"
for file in "$@"; do cp -a "$file" "$extra/test/"; done
inside sh -c "cd /build/extra.$$ && find . | cpio -o -H newc --quiet" | gzip -1 >"$work/extra"
cat "$guest/initrd" "$work/extra" >"$work/initrd"

# The card reaches the guest's memory through a shared memory file. Behind the virtual IOMMU (caching-mode shows its
# mappings to the card) it reaches what the guest's kernel has given it, and nothing else. no_timer_check: a busy host
# makes the kernel doubt its timer. Emulated, not KVM: time is not real then anyway, and it works everywhere.
console=${socket%.sock}-console.log
: >"$console"
(
    qemu -accel tcg,thread=multi -machine q35,memory-backend=ram -cpu max -smp 2 -m 512 \
        -object memory-backend-memfd,id=ram,size=512M,share=on -nodefaults -display none -no-reboot \
        -device intel-iommu,intremap=on,caching-mode=on \
        -device "{\"driver\":\"vfio-user-pci\",\"addr\":\"5\",\"socket\":{\"type\":\"unix\",\"path\":\"$socket\"}}" \
        -chardev "file,id=console,path=$console" -serial chardev:console \
        -kernel "$guest/vmlinuz" -initrd "$work/initrd" \
        -append "console=ttyS0 panic=-1 quiet no_timer_check intel_iommu=on" 2>"$work/qemu"
) &
running=$!
left=$TIPRING_VM_SECONDS
while kill -0 "$running" 2>/dev/null && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
done
[ "$left" -gt 0 ] || say "the guest took more than $TIPRING_VM_SECONDS s"
kill "$running" 2>/dev/null || true
wait "$running" 2>/dev/null || true
running=
tr -d '\r' <"$console"
# "Could not enable error recovery" is only the absence of an interrupt that the card does not have.
grep -v 'Could not enable error recovery' "$work/qemu" >&2 || true
exit "$(tr -d '\r' <"$console" | awk '/^GUEST EXIT / { status = $3 } END { print status == "" ? 125 : status }')"
