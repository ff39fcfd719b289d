-- The last request of a run of the core that was kept: one row. A core that comes back to a running engine asks again
-- for what it had no answer to, and what had been kept is not kept twice.
CREATE TABLE last_kept (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run INTEGER NOT NULL,
    request INTEGER NOT NULL
);
