-- One row a step of a message that was taken, never changed. The report of messages is computed from these rows alone.
CREATE TABLE message_step (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message    INTEGER NOT NULL,       -- the message's id
    at_ms      INTEGER NOT NULL,       -- of `left`, when the caller began to speak
    step       TEXT NOT NULL,          -- left, heard, taken, called, done, reopened
    from_state TEXT,                   -- NULL: left
    to_state   TEXT NOT NULL,          -- new, heard, done
    person     TEXT NOT NULL,          -- who took it; empty: the program
    remark     TEXT NOT NULL,
    call_id    INTEGER NOT NULL        -- of `left` the caller's call, of `called` the call back; 0: none
) STRICT;
CREATE INDEX message_step_by_message ON message_step (message, id);
CREATE INDEX message_step_by_time ON message_step (at_ms);

ALTER TABLE message ADD COLUMN taken_by TEXT NOT NULL DEFAULT '';   -- empty: no one has taken it
ALTER TABLE message ADD COLUMN called_ms INTEGER;                   -- when its caller was called back last
CREATE INDEX message_open ON message (caller, at_ms) WHERE state IN ('new', 'heard');

-- Of messages that were left before: the begin, and the last step that is known.
INSERT INTO message_step (message, at_ms, step, to_state, person, remark, call_id)
    SELECT id, at_ms, 'left', 'new', '', '', call_id FROM message WHERE state IN ('new', 'heard', 'done') ORDER BY id;
INSERT INTO message_step (message, at_ms, step, from_state, to_state, person, remark, call_id)
    SELECT id, changed_ms, state, 'new', state, changed_by, '', 0 FROM message WHERE state IN ('heard', 'done')
    ORDER BY changed_ms, id;
