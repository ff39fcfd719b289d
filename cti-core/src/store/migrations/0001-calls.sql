-- Times are milliseconds since 1970, UTC. Lengths are milliseconds.

CREATE TABLE customer (
    number  TEXT PRIMARY KEY,          -- as the exchange sends it, digits only
    name    TEXT NOT NULL,
    account TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a call: the call detail record.
CREATE TABLE call (
    id             INTEGER PRIMARY KEY,
    call_id        INTEGER NOT NULL,   -- CSTA's, unique in a run
    direction      TEXT NOT NULL,      -- inbound, outbound, internal
    trunk          TEXT,
    caller         TEXT NOT NULL,      -- empty: withheld or not available
    called         TEXT NOT NULL,
    queue          TEXT,
    agent          TEXT,
    station        TEXT,
    keyed          TEXT NOT NULL,      -- what was keyed in the IVR
    offered_ms     INTEGER NOT NULL,   -- ringing validated, or the station lifted
    answered_ms    INTEGER,            -- the line was answered, by IVR or agent
    queued_ms      INTEGER,
    alerting_ms    INTEGER,            -- the last telephone began to ring
    established_ms INTEGER,            -- a person answered
    ended_ms       INTEGER NOT NULL,
    wait_ms        INTEGER NOT NULL,   -- from queued to established or ended
    talk_ms        INTEGER NOT NULL,   -- from established to ended
    outcome        TEXT NOT NULL,
    released_by    TEXT NOT NULL,
    recording      INTEGER
) STRICT;
CREATE INDEX call_by_offered ON call (offered_ms);
CREATE INDEX call_by_caller ON call (caller, offered_ms);

CREATE TABLE recording (
    id       INTEGER PRIMARY KEY,
    call_id  INTEGER NOT NULL,         -- 0: the program ended before the call did, and found the recording later
    file     TEXT NOT NULL,            -- below the folder of recordings
    began_ms INTEGER NOT NULL,
    samples  INTEGER NOT NULL,         -- of each side, at 8000 a second
    whole    INTEGER NOT NULL          -- 0: the file failed before the call ended
) STRICT;

CREATE TABLE agent_state (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    agent   TEXT NOT NULL,
    station TEXT NOT NULL,
    state   TEXT NOT NULL
) STRICT;
CREATE INDEX agent_state_by_agent ON agent_state (agent, at_ms);
