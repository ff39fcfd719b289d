-- Records that were committed together, in one row: the legs of a call, the decisions about it, the agents' changes of
-- state. Each has a view of its rows one by one, with `block` and `place` in the order in which they were kept.

CREATE TABLE leg_block (
    id          INTEGER PRIMARY KEY,
    ucid        TEXT NOT NULL,
    call_id     INTEGER NOT NULL,       -- the call's identifier at the end of the legs
    interrupted INTEGER NOT NULL,       -- 1: the program ended before the call did
    legs        TEXT NOT NULL           -- a JSON array: for each leg an array of the columns of the view from `device` on
) STRICT;
INSERT INTO leg_block (ucid, call_id, interrupted, legs)
SELECT ucid, call_id, ended_by = 'interrupted',
    json_group_array(json_array(device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms, longest_hold_ms,
        holds, reached, cause, ended_by) ORDER BY id)
FROM leg GROUP BY ucid, call_id, ended_by = 'interrupted' ORDER BY MIN(id);
DROP TABLE leg;
CREATE INDEX leg_block_by_ucid ON leg_block (ucid);
CREATE VIEW leg AS
SELECT of_call.id AS block, leg.key AS place, ucid, call_id,
    json_extract(value, '$[0]') AS device,
    json_extract(value, '$[1]') AS kind,             -- trunk, station, silent-monitor, coach, queue, park
    json_extract(value, '$[2]') AS agent,
    json_extract(value, '$[3]') AS began_ms,
    json_extract(value, '$[4]') AS connected_ms,     -- it took part first
    json_extract(value, '$[5]') AS ended_ms,
    json_extract(value, '$[6]') AS rung_ms,          -- time of ringing
    json_extract(value, '$[7]') AS hold_ms,
    json_extract(value, '$[8]') AS longest_hold_ms,
    json_extract(value, '$[9]') AS holds,
    json_extract(value, '$[10]') AS reached,         -- failed, initiated, queued, alerting, connected
    json_extract(value, '$[11]') AS cause,           -- why it ended (EventCause); NULL: none is given
    json_extract(value, '$[12]') AS ended_by         -- device, client, switch, interrupted
FROM leg_block AS of_call, json_each(legs) AS leg;

-- The legs of a call that is not over, as its row was written last: an array like that of leg_block.
ALTER TABLE open_call ADD COLUMN legs TEXT NOT NULL DEFAULT '[]';
UPDATE open_call SET legs = (
    SELECT json_group_array(json_array(device, kind, agent, began_ms, connected_ms, ended_ms, rung_ms, hold_ms,
        longest_hold_ms, holds, reached, cause, ended_by) ORDER BY rowid)
    FROM open_leg WHERE open_leg.call_id = open_call.call_id);
DROP TABLE open_leg;

CREATE TABLE decision_block (
    id        INTEGER PRIMARY KEY,
    call_id   INTEGER NOT NULL,         -- the identifier under which the call entered the queue
    decisions TEXT NOT NULL             -- a JSON array: for each decision an array of the columns of the view from `at_ms` on
) STRICT;
INSERT INTO decision_block (call_id, decisions)
SELECT call_id, json_group_array(json_array(at_ms, queue, decided, rule, chosen, passed) ORDER BY id)
FROM decision GROUP BY call_id ORDER BY MIN(id);
DROP TABLE decision;
CREATE INDEX decision_block_by_call ON decision_block (call_id);
CREATE VIEW decision AS
SELECT of_call.id AS block, decision.key AS place, call_id,
    json_extract(value, '$[0]') AS at_ms,
    json_extract(value, '$[1]') AS queue,
    json_extract(value, '$[2]') AS decided,          -- waits, offered, withdrawn, moved
    json_extract(value, '$[3]') AS rule,
    json_extract(value, '$[4]') AS chosen,           -- agents, separated by blanks
    json_extract(value, '$[5]') AS passed            -- agents passed over, with the reasons
FROM decision_block AS of_call, json_each(decisions) AS decision;

CREATE TABLE agent_state_block (
    id       INTEGER PRIMARY KEY,
    first_ms INTEGER NOT NULL,          -- the earliest moment in it
    last_ms  INTEGER NOT NULL,          -- the latest
    states   TEXT NOT NULL              -- a JSON array: for each change an array of the columns of the view from `at_ms` on
) STRICT;
INSERT INTO agent_state_block (first_ms, last_ms, states)
SELECT MIN(at_ms), MAX(at_ms), json_group_array(json_array(at_ms, agent, station, state, reason) ORDER BY id)
FROM agent_state GROUP BY id / 256 ORDER BY MIN(id);
DROP TABLE agent_state;
CREATE INDEX agent_state_block_by_last ON agent_state_block (last_ms);
CREATE VIEW agent_state AS
SELECT block.id AS block, change.key AS place,
    json_extract(value, '$[0]') AS at_ms,
    json_extract(value, '$[1]') AS agent,
    json_extract(value, '$[2]') AS station,
    json_extract(value, '$[3]') AS state,
    json_extract(value, '$[4]') AS reason            -- of not ready or of a log-out, 1 to 99; 0 for none
FROM agent_state_block AS block, json_each(states) AS change;

-- Calls without a number are not looked for by it.
DROP INDEX call_by_caller;
CREATE INDEX call_by_caller ON call (caller, offered_ms) WHERE caller <> '';
