-- What kind of machine was at the far end of the trunk, by its tones: fax, modem (those who called), fax-or-modem (that answered).
-- NULL: none has made itself known.
ALTER TABLE call ADD COLUMN machine TEXT;
