"""What agents of any framework did, read from their spans: runs, steps, calls of models and tools. Pure."""
