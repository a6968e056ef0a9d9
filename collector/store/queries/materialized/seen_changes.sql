SELECT change_id FROM changed_work
