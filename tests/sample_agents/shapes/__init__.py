"""The shapes of coordination, and their comparison."""
