"""Every Redis key of the bus, by function; `lua/prelude.lua` says what each holds."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

from runtime.causality.identity import text_of
from runtime.server.names import FORMAT

#: Set of the names of all channels.
CHANNELS: Final = f"causeline:{FORMAT}:channels"


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """The keys of one channel. They share a hash tag, so that every script stays in one slot of a cluster."""

    channel: str
    partition: int = 0
    _base: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_base", f"causeline:{FORMAT}:{{{self.channel}.{self.partition}}}")

    def _key(self, *parts: str) -> str:
        return ":".join((self._base, *parts))

    @property
    def stream(self) -> str:
        return self._key("s")

    @property
    def counters(self) -> str:
        return self._key("n")

    @property
    def groups(self) -> str:
        return self._key("groups")

    @property
    def apps(self) -> str:
        return self._key("apps")

    @property
    def retired(self) -> str:
        return self._key("retired")

    @property
    def nothing(self) -> str:
        """A key that nothing ever has."""
        return self._key("nothing")

    @property
    def later(self) -> str:
        return self._key("lz")

    @property
    def held_back(self) -> str:
        return self._key("le")

    @property
    def outbox(self) -> str:
        return self._key("out")

    def publish_mark(self, event: UUID) -> str:
        return self._key("pub", text_of(event))

    def key_mark(self, source: str, key: str) -> str:
        return self._key("key", source, key)

    @property
    def order(self) -> str:
        return self._key("order")

    @property
    def ephemeral(self) -> str:
        return self._key("eph")

    def turns(self, group: str) -> str:
        return self._key("ol", group)

    def behind(self, group: str, key: str) -> str:
        return self._key("oq", group, key)

    def retries(self, group: str) -> str:
        return self._key("rs", group)

    def waiting(self, group: str) -> str:
        return self._key("rz", group)

    def delivery(self, group: str, delivery: UUID) -> str:
        return self._key("d", group, text_of(delivery))

    def done_mark(self, group: str, event: UUID) -> str:
        return self._key("done", group, text_of(event))

    def letter(self, group: str, letter: UUID) -> str:
        return self._key("dl", group, text_of(letter))

    def dead_letters(self, group: str) -> str:
        return self._key("dz", group)

    def settled_letters(self, group: str) -> str:
        return self._key("sz", group)

    def audit(self, group: str) -> str:
        return self._key("aud", group)

    @property
    def unconfirmed(self) -> str:
        return self._key("untold")

    def state(self, group: str) -> str:
        return self._key("kv", group)

    def live(self, group: str) -> str:
        return self._key("live", group)


@lru_cache(1024)
def keys_of(channel: str) -> ChannelKeys:
    """The keys of a channel, made once."""
    return ChannelKeys(channel)
