#!/bin/sh
# Our driver, in a guest, drives the simulated card through the kernel's VFIO and a virtual IOMMU: it brings the card up and
# puts two calls through, and both sides hear each other. Once served by position, once by the card's interrupt, which comes
# to it through the emulated computer, the kernel's vfio-pci and an eventfd.
here=$(cd "$(dirname "$0")/.." && pwd)
test=vfio
. "$here/lib.sh"

# The number behind a name in the counters that the program prints.
counter() { sed -n "s/.* $1: \([0-9]*\)[, ].*/\1/p" "$log" | tail -n 1; }
fewer() { [ -n "$1" ] && [ -n "$2" ] && [ "$1" -lt "$2" ]; }

exchange=$(statically tipring-driver --example exchange)

# served PROGRAM SERVICE: a guest in which the card is served so.
served() {
    service=$2
    test=vfio-$service
    . "$here/judge.sh"
    settings=$TIPRING_VM_DIR/$test
    mkdir -p "$settings"
    echo "$((TIPRING_VM_SECONDS * 3 / 4))" >"$settings/seconds"
    echo "$service" >"$settings/service"
    say "served by $service"
    in_guest "$1" "$here/vfio/inside.sh" "$exchange" "$settings/seconds" "$settings/service"

    check "two trunks came into service" count 'InService\(Trunk\)' "$log" 2
    check "two stations came into service" count 'InService\(Station\)' "$log" 2
    check "not a sample was lost on the way to the driver" at_least 'lost_samples: 0,' "$log" 1
    check "no sound came too late for its place" at_least 'underrun_ticks: 0,' "$log" 1
    check "no access to memory went astray" at_least 'bus_errors: 0,' "$log" 1
    if [ "$service" = interrupt ]; then
        # An interrupt every 32 ms; between them, and while modules are brought up, a timer every millisecond. One that comes more
        # than a millisecond late counts as missed, and in an emulated computer many are late, by how busy the real one is. Were the
        # line not let fire again, all but the first would be missed.
        missed=$(counter missed_interrupts)
        check "the interrupt came again and again; missed or late: $missed" fewer "$((missed * 32 * 10))" "$((9 * $(counter ticks)))"
    fi
    check_world
    verdict
}

# One computer each, side by side: a guest's time is its own.
(served "$1" interrupt) >"$TIPRING_VM_DIR/vfio-interrupt.out" 2>&1 &
interrupt=$!
bad=
(served "$1" position) || bad=position
wait "$interrupt" || bad="$bad interrupt"
cat "$TIPRING_VM_DIR/vfio-interrupt.out"
[ -z "$bad" ] || die "served by $bad"
