-- Kinship of calls, and the cause of their end.
ALTER TABLE call ADD COLUMN ucid TEXT;        -- universal call identifier, 20 digits; the same through transfers; NULL: before this schema
ALTER TABLE call ADD COLUMN kin TEXT;         -- ucid of the call that took this one in: of a consultation, the customer's
ALTER TABLE call ADD COLUMN cause INTEGER;    -- of the end (EventCause); NULL: none is known
ALTER TABLE open_call ADD COLUMN ucid TEXT;
ALTER TABLE open_call ADD COLUMN kin TEXT;
ALTER TABLE open_call ADD COLUMN cause INTEGER;
CREATE INDEX call_by_ucid ON call (ucid);
CREATE INDEX call_by_kin ON call (kin) WHERE kin IS NOT NULL;
CREATE INDEX call_by_call_id ON call (call_id);
-- One row a leg: a device's part in a call, written when it is over.
CREATE TABLE leg (
    id              INTEGER PRIMARY KEY,
    ucid            TEXT NOT NULL,
    call_id         INTEGER NOT NULL,   -- the call's identifier at the end of the leg
    device          TEXT NOT NULL,
    kind            TEXT NOT NULL,      -- trunk, station, silent-monitor, coach, queue, park
    agent           TEXT,
    began_ms        INTEGER NOT NULL,
    connected_ms    INTEGER,            -- it took part first
    ended_ms        INTEGER NOT NULL,
    rung_ms         INTEGER NOT NULL,   -- time of ringing
    hold_ms         INTEGER NOT NULL,
    longest_hold_ms INTEGER NOT NULL,
    holds           INTEGER NOT NULL,
    reached         TEXT NOT NULL,      -- failed, initiated, queued, alerting, connected
    cause           INTEGER,            -- why it ended (EventCause); NULL: none is given
    ended_by        TEXT NOT NULL       -- device, client, switch
) STRICT;
CREATE INDEX leg_by_ucid ON leg (ucid);
