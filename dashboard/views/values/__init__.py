"""What work was given and returned, and how that compares with other work."""
