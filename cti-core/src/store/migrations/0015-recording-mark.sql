-- Marks of recordings: bookmarks, pauses, and what was begun and ended on demand.
CREATE TABLE recording_mark (
    recording_id INTEGER NOT NULL,
    number       INTEGER NOT NULL,   -- within the recording, from 1 on
    kind         TEXT NOT NULL,      -- start, stop, pause, bookmark
    at_ms        INTEGER NOT NULL,   -- of a pause, its begin
    until_ms     INTEGER,            -- end of a pause; NULL: it goes on, or the program ended before it did
    ended_by     TEXT,               -- end of a pause: resumed, recording-ended, limit
    user         TEXT NOT NULL,      -- the user who has asked for it; empty: the system
    station      TEXT NOT NULL,      -- the station at whose call
    text         TEXT NOT NULL,      -- of a bookmark
    PRIMARY KEY (recording_id, number)
) STRICT;
