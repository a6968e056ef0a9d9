"""The Redis or Valkey server: where it is, how it is reached, what may be asked of it, and what things are called there."""
