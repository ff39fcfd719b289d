-- One row an act on recordings: the audit record, written before any sound is given out.
CREATE TABLE recording_audit (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    user      TEXT NOT NULL,           -- as given; else the user of the operating system
    os_user   TEXT NOT NULL,           -- the user of the operating system
    act       TEXT NOT NULL,           -- play, export, hold, release, remove
    recording INTEGER,                 -- NULL: all recordings of the call
    call_id   INTEGER NOT NULL,        -- 0: not known
    detail    TEXT NOT NULL,           -- the form and the place of what was given out
    reason    TEXT NOT NULL            -- as given
) STRICT;
CREATE INDEX recording_audit_by_time ON recording_audit (at_ms);
-- Search for recordings.
CREATE INDEX recording_by_began ON recording (began_ms);
CREATE INDEX recording_by_call ON recording (call_id);
CREATE INDEX call_by_identifier ON call (call_id);
