-- Notices: one row a notice; it is never removed.
CREATE TABLE notice (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    text       TEXT NOT NULL,
    prompt     TEXT NOT NULL,
    region     TEXT NOT NULL,          -- first digits of numbers and names of regions, by commas; empty: all callers
    from_ms    INTEGER NOT NULL,
    to_ms      INTEGER NOT NULL,
    is_planned INTEGER NOT NULL,
    person     TEXT NOT NULL,
    loaded_ms  INTEGER NOT NULL,
    ended_ms   INTEGER,                -- NULL: not ended before its time
    ended_by   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notice_by_end ON notice (to_ms);
