#!/bin/sh
# Our driver, in a guest, drives the simulated card through the kernel's VFIO and a virtual IOMMU: it brings the card up and
# puts two calls through, and both sides hear each other.
here=$(cd "$(dirname "$0")/.." && pwd)
test=vfio
. "$here/lib.sh"
. "$here/judge.sh"

switch=$(statically tipring-driver --example switch)
mkdir -p "$root/build/guest"
echo "$((TIPRING_VM_SECONDS * 3 / 4))" >"$root/build/guest/seconds"
in_guest "$1" "$here/vfio/inside.sh" "$switch" "$root/build/guest/seconds"

check "two trunks came into service" count 'InService\(Trunk\)' "$log" 2
check "two stations came into service" count 'InService\(Station\)' "$log" 2
check "not a sample was lost on the way to the driver" at_least 'lost_samples: 0,' "$log" 1
check "no sound came too late for its place" at_least 'underrun_ticks: 0,' "$log" 1
check "no access to memory went astray" at_least 'bus_errors: 0,' "$log" 1
check_world
verdict
