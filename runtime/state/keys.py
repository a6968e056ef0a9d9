"""Every Redis key of the state store, by function; `lua/prelude.lua` says what each holds."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

from runtime.server.names import FORMAT

#: Set of the names of all apps.
APPS: Final = f"causeline:{FORMAT}:apps"


@lru_cache(1024)
def _text(run: UUID) -> str:
    """A run's id as text: each of its keys has it, and a script touches ten of them."""
    return str(run)


@dataclass(frozen=True, slots=True)
class StateKeys:
    """The keys of one app's runs. They share a hash tag, so that every script stays in one slot of a cluster."""

    app: str
    partition: int = 0
    _base: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # No channel's name has a colon, so no channel has these keys.
        object.__setattr__(self, "_base", f"causeline:{FORMAT}:{{runs:{self.app}.{self.partition}}}")

    def _key(self, *parts: str) -> str:
        return ":".join((self._base, *parts))

    @property
    def tasks(self) -> str:
        return self._key("tasks")

    @property
    def suspects(self) -> str:
        return self._key("suspects")

    @property
    def lanes(self) -> str:
        """Set of the agents that have a lane; the names of all keys of lanes begin with its name."""
        return self._key("lanes")

    def lane(self, agent: str) -> str:
        return self._key("lanes", "due", agent)

    def lane_wake(self, agent: str) -> str:
        return self._key("lanes", "wake", agent)

    def permits(self, agent: str) -> str:
        return self._key("permits", agent)

    def spent(self, agent: str) -> str:
        return self._key("spent", agent)

    @property
    def leases(self) -> str:
        return self._key("leases")

    @property
    def wake(self) -> str:
        return self._key("wake")

    @property
    def runs(self) -> str:
        return self._key("runs")

    @property
    def ended(self) -> str:
        return self._key("ended")

    @property
    def outbox(self) -> str:
        return self._key("out")

    @property
    def live(self) -> str:
        return self._key("live")

    @property
    def workers(self) -> str:
        return self._key("workers")

    def alive(self, worker: str) -> str:
        """The channel that a worker subscribes to for as long as its process lives."""
        return self._key("alive", worker)

    @property
    def over(self) -> str:
        """The channel on which it is told that runs have ended."""
        return self._key("over")

    @property
    def news(self) -> str:
        """The channel on which readers of streams are told that there is more."""
        return self._key("news")

    @property
    def shapes(self) -> str:
        return self._key("shapes")

    @property
    def shaped(self) -> str:
        return self._key("shaped")

    @property
    def keyed(self) -> str:
        return self._key("keyed")

    @property
    def audit(self) -> str:
        return self._key("aud")

    @property
    def prefix(self) -> str:
        """What all keys of the app begin with."""
        return self._key("")

    @property
    def shared(self) -> str:
        return self._key("shared")

    @property
    def schedules(self) -> str:
        return self._key("scheds")

    def schedule(self, name: str) -> str:
        return self._key("sched", name)

    @property
    def deadlines(self) -> str:
        return self._key("deadlines")

    @property
    def undo_failures(self) -> str:
        return self._key("undofails")

    @property
    def ticks(self) -> str:
        return self._key("ticks")

    def run(self, run: UUID) -> str:
        return self._key("run", _text(run))

    def results(self, run: UUID) -> str:
        return self._key("st", _text(run))

    def needs(self, run: UUID) -> str:
        return self._key("need", _text(run))

    def attempts(self, run: UUID) -> str:
        return self._key("att", _text(run))

    def parts(self, run: UUID) -> str:
        return self._key("parts", _text(run))

    def undos(self, run: UUID) -> str:
        return self._key("undos", _text(run))

    def calls(self, run: UUID) -> str:
        return self._key("calls", _text(run))

    def waits(self, run: UUID) -> str:
        return self._key("waits", _text(run))

    def chunks(self, run: UUID) -> str:
        return self._key("chunks", _text(run))

    def state(self, run: UUID) -> str:
        return self._key("kv", _text(run))
