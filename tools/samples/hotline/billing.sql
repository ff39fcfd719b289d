-- Balances by account, as the flow `balance` asks for them: `sqlite3 billing.db < billing.sql`,
-- or `psql billing < billing.sql`.
CREATE TABLE balance (account TEXT PRIMARY KEY, amount TEXT NOT NULL);
INSERT INTO balance VALUES ('0571', '12.50'), ('0572', '0'), ('10086', '238.05');
