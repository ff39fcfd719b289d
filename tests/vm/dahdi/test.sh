#!/bin/sh
# The unmodified DAHDI driver wctdm finds a working card in the simulated one: four modules come up, two calls come in, are
# seen ringing, answered and put through to telephones that are rung, lifted and put down, and both sides hear each other.
#
# The judges are the driver's own log and what the world at the card's wires says happened.
here=$(cd "$(dirname "$0")/.." && pwd)
test=dahdi
. "$here/lib.sh"
. "$here/judge.sh"

inside mkdir -p /build/guest
cp "$here/dahdi/switch.c" "$root/build/guest/"
inside gcc -O2 -Wall -Wextra -static -I/build/modules/dahdi/include -o /build/guest/switch /build/guest/switch.c ||
    die "the guest's switch could not be compiled"
echo "$((TIPRING_VM_SECONDS * 3 / 4))" >"$root/build/guest/seconds"
in_guest "$1" "$here/dahdi/inside.sh" "$root/build/guest/switch" "$root/build/guest/seconds"

check "the bridge's register test passed" count 'Freshmaker passed register test' "$log" 1
check "two trunk modules were found" count 'Installed -- AUTO FXO' "$log" 2
check "two station modules were found and calibrated" count 'Installed -- AUTO FXS' "$log" 2
check "the card was recognised whole" count 'Found a Wildcard TDM.*\(4 modules\)' "$log" 1
# "Module verification" is about DAHDI's modules not being signed by Debian.
check "no error in the kernel's log" none \
    '^kernel:.*(wctdm|dahdi|tdm|proslic|module [0-9]).*(error|failed to|unable|timed? ?out|alarm|broken|short)|^kernel:.*(oops|bug:|call trace)' \
    "$log"
check "both trunks were seen ringing and answered" count 'is ringing and answered' "$log" 2
check "both telephones were seen lifted" count 'is lifted' "$log" 2
check "both telephones were seen put down" count 'is put down' "$log" 2
check_world
verdict
