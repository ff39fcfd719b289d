-- One row a naming of the people who lead a shift, never changed: the last one of a shift is in force from its moment on.
CREATE TABLE shift_naming (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    shift     TEXT NOT NULL,       -- its name
    begin_ms  INTEGER NOT NULL,
    end_ms    INTEGER NOT NULL,    -- not included
    principal TEXT NOT NULL,       -- an agent; empty: not named
    deputy    TEXT NOT NULL,       -- an agent; empty: not named
    person    TEXT NOT NULL,       -- who named them
    named_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX shift_naming_by_shift ON shift_naming (begin_ms, shift, id);
