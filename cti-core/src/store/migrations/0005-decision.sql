-- Decisions of distribution with their reasons, by call.
CREATE TABLE decision (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    call_id INTEGER NOT NULL,          -- the identifier under which the call entered the queue
    queue   TEXT NOT NULL,
    decided TEXT NOT NULL,             -- waits, offered, withdrawn, moved
    rule    TEXT NOT NULL,
    chosen  TEXT NOT NULL,             -- agents, separated by blanks
    passed  TEXT NOT NULL              -- agents passed over, with the reasons
) STRICT;
CREATE INDEX decision_by_call ON decision (call_id, id);
