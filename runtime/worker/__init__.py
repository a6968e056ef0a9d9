"""What a worker does, and nothing else does."""
