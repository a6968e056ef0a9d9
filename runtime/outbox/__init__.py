"""Events on their way from where they were committed to their channels."""
