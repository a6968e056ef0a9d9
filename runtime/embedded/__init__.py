"""The embedded server: one real Redis or Valkey a home, started by its first user and ended after its last."""

from runtime.embedded.join import EmbeddedServer, join

__all__ = ["EmbeddedServer", "join"]
