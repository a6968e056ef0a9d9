"""The views, each the answer to one question."""
