-- One row an act of supervision, refused or not: the audit record.
CREATE TABLE supervision (
    id         INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    user       TEXT NOT NULL,          -- the log-in of the stream
    act        TEXT NOT NULL,          -- listen, whisper, barge, take-over, release, log-out, ready, not-ready, work
    supervisor TEXT,                   -- the supervisor's station, where one takes part
    station    TEXT NOT NULL,          -- the supervised station
    agent      TEXT,                   -- the agent there
    call_id    INTEGER,
    remark     TEXT NOT NULL,          -- the reason given; may be empty where none is needed
    failure    INTEGER                 -- CSTAUniversalFailure; NULL: done
) STRICT;
CREATE INDEX supervision_by_time ON supervision (at_ms);
