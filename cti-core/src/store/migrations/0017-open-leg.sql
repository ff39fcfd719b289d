-- One row a leg of a call that is not over, as the call's row in open_call was written last. The call's final record
-- takes its rows away; those found at a start become legs that ended with the program.
CREATE TABLE open_leg (
    ucid            TEXT NOT NULL,
    call_id         INTEGER NOT NULL,
    device          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    agent           TEXT,
    began_ms        INTEGER NOT NULL,
    connected_ms    INTEGER,
    ended_ms        INTEGER NOT NULL,   -- when the row was written
    rung_ms         INTEGER NOT NULL,
    hold_ms         INTEGER NOT NULL,
    longest_hold_ms INTEGER NOT NULL,
    holds           INTEGER NOT NULL,
    reached         TEXT NOT NULL,
    cause           INTEGER,
    ended_by        TEXT NOT NULL       -- interrupted
) STRICT;
CREATE INDEX open_leg_by_call ON open_leg (call_id);
