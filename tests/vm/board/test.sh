#!/bin/sh
# What an installer does, in a guest: the card is found in the hands of no driver, given to vfio-pci, probed, each port is
# proved, and it is given back. Nobody calls meanwhile.
here=$(cd "$(dirname "$0")/.." && pwd)
test=board
. "$here/lib.sh"
. "$here/judge.sh"

printf '[callers]\ncount = 0\n' >"$TIPRING_VM_DIR/quiet.toml"
scenario=$TIPRING_VM_DIR/quiet.toml
in_guest "$1" "$here/board/inside.sh" "$1"

check "the card was found, and what stood in its way was said" at_least 'No driver has the card' "$log" 1
check "a dry run did nothing" at_least '^still unbound$' "$log" 1
check "the card was given to vfio-pci" at_least '0000:00:05.0 is bound to vfio-pci' "$log" 1
check "nothing stood in its way any more" at_least 'ready: tipring board probe' "$log" 1
check "two trunk modules were found" count 'port [0-9]: FXO, on hook' "$log" 2
check "two station modules were found" count 'port [0-9]: FXS, telephone on hook' "$log" 2
check "no check failed" none '"result":"fail"' "$log"
for name in registers dma battery dial_tone tone_out; do
    check "the trunks passed: $name" at_least "\"check\":\"$name\",\"port\":[01],.*\"result\":\"pass\"" "$log" 2
done
for name in registers dma feed tone loop ring; do
    check "the stations passed: $name" at_least "\"check\":\"$name\",\"port\":[23],.*\"result\":\"pass\"" "$log" 2
done
check "the card was given back" at_least '0000:00:05.0 has been given back' "$log" 1
verdict
