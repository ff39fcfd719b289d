-- One row a message that a caller has left, from its first moment on.
CREATE TABLE message (
    id         INTEGER PRIMARY KEY,    -- that of its recording
    call_id    INTEGER NOT NULL,
    mailbox    TEXT NOT NULL,
    owner      TEXT,                   -- a station or an agent; NULL: the mailbox has none
    caller     TEXT NOT NULL,          -- empty: not known
    name       TEXT NOT NULL,          -- empty: not known
    at_ms      INTEGER NOT NULL,       -- when the caller began to speak
    samples    INTEGER NOT NULL,       -- at 8000 a second
    file       TEXT NOT NULL,          -- below the folder of recordings
    state      TEXT NOT NULL,          -- recording, new, heard, done, dropped
    changed_by TEXT NOT NULL,          -- who set the state last; empty: the program
    changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX message_by_time ON message (at_ms);
CREATE INDEX message_new ON message (owner) WHERE state = 'new';
