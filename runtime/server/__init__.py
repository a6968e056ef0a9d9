"""The Redis or Valkey server: its address, the connection to it, its scripts, and the names that keys are made of."""
