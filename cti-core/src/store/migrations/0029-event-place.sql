-- The entries of the log of events one by one, with `block` and `place` as the views of legs, decisions and states have.
DROP VIEW event;
CREATE VIEW event AS
SELECT first_seq AS block, entry.key AS place,
    json_extract(value, '$[0]') AS seq, json_extract(value, '$[1]') AS at_ms,
    json_extract(value, '$[2].event') AS kind, json_extract(value, '$[2]') AS data
FROM event_block, json_each(entries) AS entry;
