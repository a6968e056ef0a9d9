-- What an attempt of ours was given and returned, as JSON; kept out of the attributes, as payloads are. What spans of
-- others say of it is read from their attributes.
ALTER TABLE spans ADD COLUMN input VARCHAR;
ALTER TABLE spans ADD COLUMN result VARCHAR;
ALTER TABLE pending ADD COLUMN input VARCHAR;
ALTER TABLE pending ADD COLUMN result VARCHAR;
ALTER TABLE superseded ADD COLUMN input VARCHAR;
ALTER TABLE superseded ADD COLUMN result VARCHAR;
