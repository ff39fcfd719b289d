-- One row a call that is not over: as far as it had got when the row was written last. The call's final record takes it
-- away; a row that is found at a start belongs to a call that the program did not see the end of.
CREATE TABLE open_call (
    call_id        INTEGER PRIMARY KEY,
    direction      TEXT NOT NULL,
    trunk          TEXT,
    caller         TEXT NOT NULL,
    called         TEXT NOT NULL,
    queue          TEXT,
    agent          TEXT,
    station        TEXT,
    keyed          TEXT NOT NULL,
    offered_ms     INTEGER NOT NULL,
    answered_ms    INTEGER,
    queued_ms      INTEGER,
    alerting_ms    INTEGER,
    established_ms INTEGER,
    ended_ms       INTEGER NOT NULL,   -- when the row was written
    wait_ms        INTEGER NOT NULL,
    talk_ms        INTEGER NOT NULL,
    outcome        TEXT NOT NULL,      -- interrupted
    released_by    TEXT NOT NULL,      -- system
    recording      INTEGER,
    machine        TEXT
) STRICT;
