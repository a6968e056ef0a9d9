-- Under which name the database is attached.
SELECT current_database() AS name
