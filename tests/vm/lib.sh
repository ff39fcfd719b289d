# Settings and helpers of the virtual machine tests; sourced, not run.
#
# Everything that is downloaded or built goes to $TIPRING_VM_DIR, about 2 GB; nothing is written beside the scripts.
set -eu

repository=$(cd "$here/../.." && pwd)
TIPRING_VM_DIR=${TIPRING_VM_DIR:-$repository/target/vm}
TIPRING_VM_SUITE=${TIPRING_VM_SUITE:-trixie}
TIPRING_VM_DAHDI_SUITE=${TIPRING_VM_DAHDI_SUITE:-sid}
TIPRING_VM_SECONDS=${TIPRING_VM_SECONDS:-600}

root=$TIPRING_VM_DIR/root
guest=$TIPRING_VM_DIR/guest

say() { printf 'vm: %s\n' "$*" >&2; }
die() { printf 'vm: FAILED: %s\n' "$*" >&2; exit 1; }

# The exit status by which whoever calls knows a skipped test from a passed one.
skip() {
    printf '%s\n' '' '####################################################################' \
        "##  VIRTUAL MACHINE TESTS SKIPPED: $*" \
        '####################################################################' '' >&2
    exit 77
}

# The Debian archive: the one that is named, or the first that this machine's apt is configured for. Without one, nothing.
mirror() {
    if [ -n "${TIPRING_VM_MIRROR:-}" ]; then
        printf '%s\n' "$TIPRING_VM_MIRROR"
    else
        apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
            sed -n 's/^Debian //p' | head -n 1
    fi
}

# statically PACKAGE --bin|--example NAME: builds a program of ours that needs no library, for a guest that has none, and prints
# where it is. Only the last step differs from the usual build, so nothing is built twice.
statically() {
    (cd "$repository" && cargo rustc --quiet -p "$1" "$2" "$3" -- -C target-feature=+crt-static) >&2 ||
        die "$3 could not be built"
    made=${CARGO_TARGET_DIR:-$repository/target}/debug
    [ "$2" = --bin ] || made=$made/examples
    mkdir -p "$TIPRING_VM_DIR/bin"
    strip -o "$TIPRING_VM_DIR/bin/$3" "$made/$3" || cp "$made/$3" "$TIPRING_VM_DIR/bin/$3"
    printf '%s\n' "$TIPRING_VM_DIR/bin/$3"
}

inside() { DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@"; }

# sources SUITE...: sets the package sources of the folder and reads their indexes. An archive may carry an index past its
# date for the suites that move daily; then the date, and nothing but the date, is ignored for this folder.
sources() {
    for option in '' '[check-valid-until=no] '; do
        for suite in "$@"; do
            printf 'deb %s%s %s main\n' "$option" "$(mirror)" "$suite"
        done >"$root/etc/apt/sources.list"
        inside apt-get update >"$TIPRING_VM_DIR/update.log" 2>&1 && return
        grep -q 'is expired' "$TIPRING_VM_DIR/update.log" || break
        say "an index of $* is past its date; the date is ignored"
    done
    skip "the package indexes could not be read; see $TIPRING_VM_DIR/update.log"
}

# QEMU out of the folder, but not in it: socket and file paths are the caller's own.
qemu() {
    libraries=$root/usr/lib/x86_64-linux-gnu
    QEMU_MODULE_DIR=$libraries/qemu exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/seabios" -L "$root/usr/share/qemu" "$@"
}
