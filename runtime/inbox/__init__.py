"""Inboxes: what a handler writes to a PostgreSQL database of its own, once for each event."""
