-- The reason code of not ready or of a log-out, 1 to 99; 0 for none.
ALTER TABLE agent_state ADD COLUMN reason INTEGER NOT NULL DEFAULT 0;
