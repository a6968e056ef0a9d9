"""Changes of dead letters whose facts are not confirmed as exported: deaths, replays and discards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, cast
from uuid import UUID

from runtime.bus.keys import ChannelKeys
from runtime.server.client import Client

What = Literal["died", "settled"]

_SEPARATOR: Final = "|"
"""No name of a group has it."""


@dataclass(frozen=True, slots=True)
class LetterChange:
    """What became of a letter: it died, or somebody settled it."""

    channel: str
    group: str
    letter: UUID
    what: What

    @property
    def member(self) -> str:
        """How the scripts write it into the channel's set of unconfirmed changes."""
        return _SEPARATOR.join((self.group, str(self.letter), self.what))

    @classmethod
    def parse(cls, channel: str, member: bytes) -> Self:
        """What a member of the set says."""
        group, letter, what = member.decode().split(_SEPARATOR)
        return cls(channel, group, UUID(letter), cast("What", what))


class UnconfirmedChanges:
    """What the scripts noted when they moved a letter, until somebody confirms that its fact is exported."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def list_older(self, channel: str, than_ms: int, limit: int) -> list[tuple[LetterChange, int]]:
        """What has waited for longer than `than_ms` milliseconds, and for how many, oldest first, at most `limit`."""
        now = await self._client.now_ms()
        key, latest = ChannelKeys(channel).unconfirmed, now - than_ms
        members: Any = await self._client.zrange(
            key, "-inf", latest, byscore=True, offset=0, num=limit, withscores=True
        )
        return [(LetterChange.parse(channel, member), now - int(since)) for member, since in members]

    async def confirm(self, changes: Iterable[LetterChange]) -> None:
        """Notes that the facts of these are sent, or safe on disk."""
        async with self._client.pipeline() as pipe:
            for one in changes:
                pipe.zrem(ChannelKeys(one.channel).unconfirmed, one.member)
            await pipe.execute()
