-- The file of customers: one row a customer, and one a number; a number has one customer.
CREATE TABLE customer_entry (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL,
    account  TEXT NOT NULL,
    address  TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',   -- mandarin, cantonese, english; empty: not known
    region   TEXT NOT NULL DEFAULT '',
    vip      INTEGER NOT NULL DEFAULT 0,
    notes    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX customer_entry_by_name ON customer_entry (name);
CREATE INDEX customer_entry_by_account ON customer_entry (account);

CREATE TABLE customer_number (
    number   TEXT PRIMARY KEY,           -- digits alone, as the exchange sends it
    customer INTEGER NOT NULL,
    place    INTEGER NOT NULL            -- among the customer's numbers, from 0
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_number_by_customer ON customer_number (customer, place);

-- One row a change of a customer, never changed.
CREATE TABLE customer_change (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    customer INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    person   TEXT NOT NULL,
    what     TEXT NOT NULL
) STRICT;
CREATE INDEX customer_change_by_customer ON customer_change (customer, id);

-- Customers of earlier versions: those of one account and name are one, with several numbers.
INSERT INTO customer_entry (name, account) SELECT DISTINCT name, account FROM customer;
INSERT INTO customer_number (number, customer, place)
    SELECT c.number, e.id, ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY c.number) - 1
    FROM customer AS c JOIN customer_entry AS e ON e.account = c.account AND e.name = c.name;
DROP TABLE customer;

-- What a card is made from: calls by the called number, open messages by the caller's.
CREATE INDEX call_out_by_called ON call (called, offered_ms) WHERE direction = 'outbound';
CREATE INDEX message_open_by_caller ON message (caller) WHERE state IN ('new', 'heard');
