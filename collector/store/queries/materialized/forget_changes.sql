DELETE FROM changed_work WHERE change_id IN (SELECT CAST(change_id AS UUID) FROM seen_changes)
