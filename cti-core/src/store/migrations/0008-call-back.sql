-- Callers who are to be called back (virtual hold). A row is written before its caller is let go.
CREATE TABLE call_back (
    id         INTEGER PRIMARY KEY,     -- never used twice
    number     TEXT NOT NULL,           -- as it is dialled, without the trunk prefix
    queue      TEXT NOT NULL,
    call_id    INTEGER NOT NULL,        -- the call that left the request; 0: put on the list from outside
    asked_ms   INTEGER NOT NULL,
    since_ms   INTEGER NOT NULL,        -- start of the wait that counts for the place in line
    tries      INTEGER NOT NULL,        -- numbers dialled so far
    next_ms    INTEGER NOT NULL,        -- no try before
    state      TEXT NOT NULL,           -- waiting, trying, reached, given-up, cancelled, called-in
    changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX call_back_open ON call_back (id) WHERE state IN ('waiting', 'trying');
CREATE INDEX call_back_by_number ON call_back (number, id);

-- One row an attempt that has ended.
CREATE TABLE call_back_try (
    id        INTEGER PRIMARY KEY,
    call_back INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    agent     TEXT NOT NULL,
    call_id   INTEGER NOT NULL,         -- the attempt's own call
    outcome   TEXT NOT NULL             -- answered, busy, no-answer, failed, interrupted
) STRICT;
CREATE INDEX call_back_try_by_request ON call_back_try (call_back, id);

-- Changes of the list from outside, until the running program has taken them.
CREATE TABLE call_back_order (
    id     INTEGER PRIMARY KEY,
    act    TEXT NOT NULL,               -- add, cancel
    number TEXT NOT NULL,
    queue  TEXT NOT NULL                -- of an addition
) STRICT;
