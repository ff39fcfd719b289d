-- Scores of quality inspection: each of one recording, known by number and checksum, on one version of a form.
CREATE TABLE score (
    id          INTEGER PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    recording   INTEGER NOT NULL,
    sha256      TEXT NOT NULL,           -- of the recording's file, as it was heard
    call_id     INTEGER NOT NULL,
    agent       TEXT,                    -- who had the call last
    form        TEXT NOT NULL,           -- name and version
    form_sha256 TEXT NOT NULL,           -- of the form's file
    kind        TEXT NOT NULL,           -- inspection; calibration: compared with others, counted for no agent
    inspector   TEXT NOT NULL,
    os_user     TEXT NOT NULL,
    points      REAL NOT NULL,
    possible    REAL NOT NULL,           -- the points that could be had: questions that do not apply are left out
    fatal       TEXT NOT NULL,           -- fatal errors; empty: none
    answers     TEXT NOT NULL,           -- a JSON object, by question
    remark      TEXT NOT NULL,
    state       TEXT NOT NULL            -- standing, appealed, confirmed, withdrawn
) STRICT;
CREATE INDEX score_by_agent ON score (agent, at_ms);
CREATE INDEX score_by_recording ON score (recording);
-- One row a change of a score's state.
CREATE TABLE score_step (
    id      INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    score   INTEGER NOT NULL,
    state   TEXT NOT NULL,
    user    TEXT NOT NULL,
    os_user TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
CREATE INDEX score_step_by_score ON score_step (score, id);
