-- Proof of what a recording's file holds, taken when the file is finished.
ALTER TABLE recording ADD COLUMN sha256 TEXT;      -- of the whole file, in hexadecimal; NULL: not taken yet
ALTER TABLE recording ADD COLUMN octets INTEGER;   -- length of the file when its checksum was taken
CREATE INDEX recording_without_checksum ON recording (id) WHERE sha256 IS NULL;
-- Retention.
ALTER TABLE recording ADD COLUMN removed_ms INTEGER;  -- removed by retention
ALTER TABLE recording ADD COLUMN reason TEXT;         -- of a recording that is not whole: file-failed, no-room; NULL: cut off, or not known
-- Calls whose recordings no retention removes.
CREATE TABLE recording_hold (
    call_id INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    user    TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
