"""Where runs live: what is committed, what is due, and who works on it."""
