-- Work orders: one row an order as it stands. Its number for people is the id with a check digit (ISO/IEC 7064
-- MOD 11,10).
CREATE TABLE work_order (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,
    urgency         TEXT NOT NULL,       -- normal, urgent, emergency
    number          TEXT NOT NULL,       -- the customer's; empty: not known
    name            TEXT NOT NULL,       -- the customer's; empty: not known
    place           TEXT NOT NULL,
    text            TEXT NOT NULL,
    owner           TEXT NOT NULL,
    unit            TEXT NOT NULL,       -- to which it was dispatched last; empty: not yet
    result          TEXT NOT NULL,       -- empty: not done
    call_id         INTEGER NOT NULL,    -- 0: no call
    recording       INTEGER,             -- as it was known when the order was taken down
    state           TEXT NOT NULL,       -- accepted, dispatched, done, revisited, filed
    since_ms        INTEGER NOT NULL,    -- start of the clocks: the begin of the call, else the acceptance
    accepted_ms     INTEGER NOT NULL,
    changed_ms      INTEGER NOT NULL,
    dispatch_due_ms INTEGER,             -- NULL: this clock does not run
    answer_due_ms   INTEGER,
    repeats         INTEGER NOT NULL     -- calls about it after the first
) STRICT;
CREATE INDEX work_order_by_number ON work_order (number, id);
CREATE INDEX work_order_open ON work_order (id) WHERE state <> 'filed';
CREATE INDEX work_order_running ON work_order (id) WHERE dispatch_due_ms IS NOT NULL OR answer_due_ms IS NOT NULL;

-- One row a step that was taken, never changed. The report of orders is computed from these rows alone.
CREATE TABLE work_order_step (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    work_order      INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    step            TEXT NOT NULL,       -- accept, repeat, dispatch, done, revisit, file, reopen
    from_state      TEXT,                -- NULL: the acceptance
    to_state        TEXT NOT NULL,
    person          TEXT NOT NULL,
    unit            TEXT NOT NULL,
    remark          TEXT NOT NULL,
    call_id         INTEGER NOT NULL,    -- the call about it; 0: none
    since_ms        INTEGER NOT NULL,    -- start of the clocks
    dispatch_due_ms INTEGER,             -- clocks that ran as the step was taken; of accept and reopen, those started
    answer_due_ms   INTEGER
) STRICT;
CREATE INDEX work_order_step_by_order ON work_order_step (work_order, id);
CREATE INDEX work_order_step_by_time ON work_order_step (at_ms);
