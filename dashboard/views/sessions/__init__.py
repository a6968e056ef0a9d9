"""The view of sessions: their list, and one of them turn by turn."""
