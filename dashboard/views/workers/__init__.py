"""Who is there, and what they do."""
