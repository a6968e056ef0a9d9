DELETE FROM replacements WHERE at_ns < $until_ns
