"""Every Redis key of the state store, by function; `lua/prelude.lua` says what each holds."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from uuid import UUID

from runtime.causality.identity import text_of
from runtime.server.names import FORMAT

#: Set of the names of all apps.
APPS: Final = f"causeline:{FORMAT}:apps"


@dataclass(frozen=True)  # without slots: a property that is kept needs room
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

    @cached_property
    def tasks(self) -> str:
        return self._key("tasks")

    @cached_property
    def suspects(self) -> str:
        return self._key("suspects")

    @cached_property
    def lanes(self) -> str:
        """Set of the lanes; the names of all keys of lanes begin with its name."""
        return self._key("lanes")

    def lane(self, lane: str) -> str:
        return self._key("lanes", "due", lane)

    def lane_keys(self, lane: str) -> str:
        return self._key("lanes", "keys", lane)

    def lane_turn(self, lane: str, turn: str) -> str:
        return self._key("lanes", "turn", lane, turn)

    def lane_wake(self, agent: str) -> str:
        return self._key("lanes", "wake", agent)

    def permits(self, limit: str) -> str:
        return self._key("permits", limit)

    def spending(self, limit: str) -> str:
        return self._key("spent", limit)

    @cached_property
    def leases(self) -> str:
        return self._key("leases")

    @cached_property
    def wake(self) -> str:
        return self._key("wake")

    @cached_property
    def runs(self) -> str:
        return self._key("runs")

    @cached_property
    def ended(self) -> str:
        return self._key("ended")

    @cached_property
    def outbox(self) -> str:
        return self._key("out")

    @cached_property
    def live(self) -> str:
        return self._key("live")

    @cached_property
    def workers(self) -> str:
        return self._key("workers")

    @cached_property
    def declared_workflows(self) -> str:
        return self._key("declared")

    def alive_channel(self, worker: str) -> str:
        """The channel that a worker subscribes to for as long as its process lives."""
        return self._key("alive", worker)

    @cached_property
    def end_channel(self) -> str:
        """The channel on which it is told that runs have ended."""
        return self._key("over")

    @cached_property
    def stream_channel(self) -> str:
        """The channel on which readers of streams are told that there is more."""
        return self._key("news")

    @cached_property
    def shapes(self) -> str:
        return self._key("shapes")

    @cached_property
    def shape_counts(self) -> str:
        return self._key("shaped")

    @cached_property
    def keyed(self) -> str:
        return self._key("keyed")

    @cached_property
    def audit(self) -> str:
        return self._key("aud")

    @cached_property
    def prefix(self) -> str:
        """What all keys of the app begin with."""
        return self._key("")

    @cached_property
    def shared(self) -> str:
        return self._key("shared")

    @cached_property
    def schedules(self) -> str:
        return self._key("scheds")

    def schedule(self, name: str) -> str:
        return self._key("sched", name)

    @cached_property
    def deadlines(self) -> str:
        return self._key("deadlines")

    @cached_property
    def undo_failures(self) -> str:
        return self._key("undofails")

    @cached_property
    def open_waits(self) -> str:
        return self._key("asked")

    @cached_property
    def ticks(self) -> str:
        return self._key("ticks")

    def of_run(self, run: UUID, *kinds: str) -> list[str]:
        """Several keys of one run at once, by what follows the app's name in each: its id is written down once."""
        id_ = text_of(run)
        return [f"{self._base}:{kind}:{id_}" for kind in kinds]

    def run(self, run: UUID) -> str:
        return self._key("run", text_of(run))

    def results(self, run: UUID) -> str:
        return self._key("st", text_of(run))

    def needs(self, run: UUID) -> str:
        return self._key("need", text_of(run))

    def attempts(self, run: UUID) -> str:
        return self._key("att", text_of(run))

    def parts(self, run: UUID) -> str:
        return self._key("parts", text_of(run))

    def undos(self, run: UUID) -> str:
        return self._key("undos", text_of(run))

    def calls(self, run: UUID) -> str:
        return self._key("calls", text_of(run))

    def waits(self, run: UUID) -> str:
        return self._key("waits", text_of(run))

    def chunks(self, run: UUID) -> str:
        return self._key("chunks", text_of(run))

    def state(self, run: UUID) -> str:
        return self._key("kv", text_of(run))
