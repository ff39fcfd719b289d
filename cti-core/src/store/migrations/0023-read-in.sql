-- Files with records set aside that have been read in, in the transaction that copied their rows: none is read twice.
CREATE TABLE read_in (
    file TEXT PRIMARY KEY   -- its name, which has the moment at which it was made
) STRICT;
