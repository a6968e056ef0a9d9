"""The view of traces: their list, and one trace span by span."""
