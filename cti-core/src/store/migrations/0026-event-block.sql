-- The log of events in blocks: the entries that were committed together, in one row.
CREATE TABLE event_block (
    first_seq INTEGER PRIMARY KEY,     -- of its first entry; numbers ascend without gaps, restarts included
    last_seq  INTEGER NOT NULL,
    first_ms  INTEGER NOT NULL,        -- the earliest moment in it
    last_ms   INTEGER NOT NULL,        -- the latest
    started   INTEGER NOT NULL,        -- 1: the program has started in it
    mode      INTEGER NOT NULL,        -- 1: an event mode came into force in it
    entries   TEXT NOT NULL            -- a JSON array: for each entry its number, its moment, and an object with its particulars
) STRICT;
INSERT INTO event_block
SELECT MIN(seq), MAX(seq), MIN(at_ms), MAX(at_ms), MAX(kind = 'started'), MAX(kind = 'event_mode'),
    json_group_array(json_array(seq, at_ms, json(data)))
FROM (SELECT seq, at_ms, kind, data FROM event ORDER BY seq) GROUP BY seq / 256;
DROP TABLE event;
CREATE INDEX event_block_by_first ON event_block (first_ms);
CREATE INDEX event_block_by_last ON event_block (last_ms);
CREATE INDEX event_block_started ON event_block (first_seq) WHERE started = 1;
CREATE INDEX event_block_of_mode ON event_block (first_seq) WHERE mode = 1;

-- The entries one by one, for readers by hand.
CREATE VIEW event AS
SELECT json_extract(value, '$[0]') AS seq, json_extract(value, '$[1]') AS at_ms,
    json_extract(value, '$[2].event') AS kind, json_extract(value, '$[2]') AS data
FROM event_block, json_each(entries);
