-- The event mode in force is that of the last such entry, however long the log.
CREATE INDEX event_of_mode ON event (seq) WHERE kind = 'event_mode';
