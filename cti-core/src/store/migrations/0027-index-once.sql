-- An index that was made twice: `call_by_call_id` has the same column.
DROP INDEX call_by_identifier;
