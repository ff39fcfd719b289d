#!/bin/sh
# The unmodified DAHDI driver wctdm finds a working card in the simulated one: four modules come up, two calls come in, are
# seen ringing, answered and put through to telephones that are rung, lifted and put down, and both sides hear each other.
#
# The judges are the driver's own log and what the world at the card's wires says happened.
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/lib.sh"
card=$1

socket=$TIPRING_VM_DIR/dahdi.sock
truth=$TIPRING_VM_DIR/dahdi-truth.jsonl
log=$TIPRING_VM_DIR/dahdi-guest.log
"$card" sim card --model tdm400p --modules fxo,fxo,fxs,fxs --socket "$socket" --clock driven --seed 1 \
    --scenario "$here/dahdi/scenario.toml" >"$truth" 2>"$TIPRING_VM_DIR/dahdi-card.log" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S "$socket" ] || sleep 0.5; done
[ -S "$socket" ] || die "the card did not come up: $(cat "$TIPRING_VM_DIR/dahdi-card.log")"

echo "$((TIPRING_VM_SECONDS * 3 / 4))" >"$TIPRING_VM_DIR/seconds"
status=0
"$here/guest.sh" "$socket" "$here/dahdi/inside.sh" "$guest/switch" "$TIPRING_VM_DIR/seconds" >"$log" || status=$?
kill "$server" 2>/dev/null || true
wait "$server" 2>/dev/null || true

failed=
check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@" >/dev/null; then
        printf 'ok      %s\n' "$what"
    else
        printf 'FAILED  %s\n' "$what"
        failed=1
    fi
}
count() { test "$(grep -c "$1" "$2")" -eq "$3"; }
at_least() { test "$(grep -c "$1" "$2")" -ge "$3"; }
# The worst ratio of signal to noise of the phrases that somebody heard whole.
worst() {
    grep '"what":"heard"' "$truth" | grep '"complete":true' | grep "$1" |
        sed 's/.*"snr_db":\(-*[0-9.]*\).*/\1/' | sort -n | head -n 1
}
clear() { snr=$(worst "$1") && [ -n "$snr" ] && [ "${snr%.*}" -ge 25 ]; }

check "the guest's test ended well" test "$status" -eq 0
check "the bridge's register test passed" count 'Freshmaker passed register test' "$log" 1
check "two trunk modules were found" count 'Installed -- AUTO FXO' "$log" 2
check "two station modules were found and calibrated" count 'Installed -- AUTO FXS' "$log" 2
check "the card was recognised whole" count 'Found a Wildcard TDM.*(4 modules)' "$log" 1
check "no error in the kernel's log" sh -c "! grep -iE '^kernel:.*(wctdm|dahdi|tdm|proslic|module [0-9]).*(error|fail|unable|timeout|timed|alarm|broken|short)|^kernel:.*(Oops|BUG:|Call Trace)' '$log'"
check "both trunks were seen ringing and answered" count 'is ringing and answered' "$log" 2
check "both telephones were seen lifted" count 'is lifted' "$log" 2
check "both telephones were seen put down" count 'is put down' "$log" 2
check "the exchange saw both calls answered" count '"what":"answered"' "$truth" 2
check "the telephones rang" at_least '"what":"station_rang"' "$truth" 2
check "the callers heard the agents: $(worst '"by":{"call"') dB" clear '"by":{"call"'
check "the agents heard the callers: $(worst '"by":{"station"') dB" clear '"by":{"station"'
if [ -n "$failed" ]; then
    sed 's/^/  | /' "$log" >&2
    die "the guest's log is above; what the world saw is in $truth"
fi
