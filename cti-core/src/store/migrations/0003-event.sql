-- The log of events: appended, never changed. Every figure of every report is computed from it.
CREATE TABLE event (
    seq   INTEGER PRIMARY KEY,         -- ascending without gaps, restarts included
    at_ms INTEGER NOT NULL,
    kind  TEXT NOT NULL,               -- queued, answered, abandoned, agent, seized, ...
    data  TEXT NOT NULL                -- the particulars as a JSON object
) STRICT;
CREATE INDEX event_by_at ON event (at_ms);
CREATE INDEX event_started ON event (seq) WHERE kind = 'started';
