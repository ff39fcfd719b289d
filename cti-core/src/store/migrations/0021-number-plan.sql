-- The numbering plan by which numbers are compared: that of the site that ran last, for commands beside it.
CREATE TABLE number_plan (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    country TEXT NOT NULL,          -- ISO 3166-1
    area    TEXT NOT NULL           -- without the national prefix; empty: none
) STRICT;
