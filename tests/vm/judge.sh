# What the tests have in common: a card, a guest with it, and the checks; sourced after lib.sh, not run.
#
# Every test puts the same two calls through, so the world's own account of them is judged in the same way.

truth=$TIPRING_VM_DIR/$test-truth.jsonl
log=$TIPRING_VM_DIR/$test-guest.log

# in_guest PROGRAM SCRIPT FILE...: the card in a process of its own, and the script in a guest that has it.
in_guest() {
    card=$1
    shift
    socket=$TIPRING_VM_DIR/$test.sock
    "$card" sim card --model tdm400p --modules fxo,fxo,fxs,fxs --socket "$socket" --clock driven --seed 1 \
        --scenario "${scenario:-$here/scenario.toml}" >"$truth" 2>"$TIPRING_VM_DIR/$test-card.log" &
    server=$!
    trap 'kill "$server" 2>/dev/null || true' EXIT
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S "$socket" ] || sleep 0.5; done
    [ -S "$socket" ] || die "the card did not come up: $(cat "$TIPRING_VM_DIR/$test-card.log")"
    status=0
    "$here/guest.sh" "$socket" "$@" >"$log" || status=$?
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    check "the guest's part ended well" test "$status" -eq 0
}

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
count() { test "$(grep -cE "$1" "$2")" -eq "$3"; }
at_least() { test "$(grep -cE "$1" "$2")" -ge "$3"; }
none() { ! grep -iE "$1" "$2"; }

# The worst ratio of signal to noise, in dB, of the phrases that such a listener heard whole.
worst() {
    grep '"what":"heard"' "$truth" | grep '"complete":true' | grep "\"by\":{\"$1\"" |
        sed 's/.*"snr_db":\(-*[0-9.]*\).*/\1/' | sort -n | head -n 1
}
clear() {
    snr=$(worst "$1")
    [ -n "$snr" ] && [ "${snr%.*}" -ge 25 ]
}

# What the world says of both calls.
check_world() {
    check "the exchange saw both calls answered" count '"what":"answered"' "$truth" 2
    check "both telephones rang" at_least '"what":"station_rang"' "$truth" 2
    check "both telephones were lifted" count '"what":"station_lifted"' "$truth" 2
    check "both lines were released" count '"what":"line_released"' "$truth" 2
    check "the callers heard the agents, at $(worst call) dB" clear call
    check "the agents heard the callers, at $(worst station) dB" clear station
}

verdict() {
    [ -n "$failed" ] || return 0
    sed 's/^/  | /' "$log" >&2
    die "$test; the guest's log is above, and what the world saw is in $truth"
}
