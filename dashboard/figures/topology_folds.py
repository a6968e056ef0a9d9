"""Parts of a system that are drawn as one, so that a picture of hundreds stays readable. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from collector.models import Backlog, Coordination, Flow, SystemPart, SystemPartKind

#: From the finest: how parts are put together.
STEPS: Final = "steps"
AGENTS: Final = "agents"
APPS: Final = "apps"
LEVELS: Final = (STEPS, AGENTS, APPS)

#: Boxes of one kind above which a coarser picture is drawn where nobody chose one.
ROOM: Final = 16

_WORKERS: Final = frozenset({SystemPartKind.STEP, SystemPartKind.GROUP})


@dataclass(frozen=True)
class PartFold:
    """Some parts drawn as one; mostly it is one part alone.

    Attributes:
        id: of the part, or of the fold.
        name: what it is called: a part's name, its agent's, or its app's.
        parts: those that it stands for.
    """

    id: str
    name: str
    parts: Sequence[SystemPart]

    @property
    def kind(self) -> SystemPartKind:
        """What all of its parts are."""
        return self.parts[0].kind

    @property
    def is_fold(self) -> bool:
        """Whether it stands for several."""
        return len(self.parts) > 1


@dataclass(frozen=True)
class Stream:
    """What flows from one box to another: the flows between their parts together."""

    cause: str
    effect: str
    flows: Sequence[Flow]

    @property
    def per_minute(self) -> float:
        """How often a minute something flows, over all flows."""
        return sum(flow.per_minute for flow in self.flows)

    @property
    def count(self) -> int:
        """How often something flowed in the time range, over all flows."""
        return sum(flow.count for flow in self.flows)

    @property
    def errors(self) -> int:
        """How many of what flowed failed for good, over all flows."""
        return sum(flow.errors for flow in self.flows)

    @property
    def p50_ms(self) -> float | None:
        """How long half of what flowed took at most; None of several flows, of which nobody knows."""
        return self.flows[0].p50_ms if len(self.flows) == 1 else None

    @property
    def backlog(self) -> Backlog | None:
        """What is owed at the end of the stream, over all flows; None where nothing can be owed there."""
        owed = [flow.backlog for flow in self.flows if flow.backlog is not None]
        if not owed:
            return None
        waits = [each.oldest_seconds for each in owed if each.oldest_seconds is not None]
        return Backlog(
            waiting=sum(each.waiting for each in owed),
            dead=sum(each.dead for each in owed),
            consumers=sum(each.consumers for each in owed),
            oldest_seconds=max(waits, default=None),
        )

    @property
    def is_reacted(self) -> bool:
        """Whether nobody commands any of the flows."""
        return all(flow.coordination == Coordination.REACTED for flow in self.flows)

    @property
    def is_inferred(self) -> bool:
        """Whether no sender claims any of the flows."""
        return all(flow.is_inferred for flow in self.flows)


def fold(parts: Iterable[SystemPart], flows: Iterable[Flow], level: str, opened: str = "") -> list[PartFold]:
    """Returns parts put together.

    Args:
        parts: all there are.
        flows: what flows between them: a channel is of the app that publishes to it most.
        level: one of `LEVELS`.
        opened: id of a fold that is not folded. What is opened of an app is folded by agent, and what is opened of
            these is not.
    """
    publishers = _publishers(parts := list(parts), flows)
    held = (part for part in parts if _is(part, AGENTS, publishers, {opened}))
    wider = {_id(part, name) for part in held if (name := _name(part, APPS, publishers))}
    by_name: dict[tuple[SystemPartKind, str, str], list[SystemPart]] = defaultdict(list)
    alone: list[PartFold] = []
    for part in parts:
        name = _name(part, level, publishers)
        if level == APPS and _is(part, APPS, publishers, {opened} | wider):
            name = _name(part, AGENTS, publishers)
        if name is None or _id(part, name) == opened:
            alone.append(PartFold(part.id, part.name, [part]))
        else:
            by_name[part.kind, *name].append(part)
    folds = [
        PartFold(held[0].id, held[0].name, held)
        if len(held) == 1
        else PartFold(_id(held[0], (app, name)), name or app, held)
        for (_, app, name), held in by_name.items()
    ]
    return [*alone, *folds]


def level_for(parts: Sequence[SystemPart], flows: Sequence[Flow]) -> str:
    """Returns the finest level at which no kind has more boxes than there is room for."""
    for level in LEVELS[:-1]:
        columns = Counter(folded.kind for folded in fold(parts, flows, level))
        if max(columns.values(), default=0) <= ROOM:
            return level
    return APPS


def streams(folded: Iterable[PartFold], flows: Iterable[Flow]) -> list[Stream]:
    """Returns what flows between boxes; what flows within a fold is left out, but what a part alone sends itself."""
    holder = {part.id: each for each in folded for part in each.parts}
    found: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        cause, effect = holder[flow.cause], holder[flow.effect]
        if cause is not effect or not cause.is_fold:
            found[cause.id, effect.id].append(flow)
    return [Stream(*pair, held) for pair, held in found.items()]


def _name(part: SystemPart, level: str, publishers: dict[str, str]) -> tuple[str, str] | None:
    """Returns the app, and the agent, by which a part is folded; None where it is drawn alone."""
    if level == AGENTS and part.kind in _WORKERS:
        return part.app, part.agent or part.of
    if level == APPS and part.kind == SystemPartKind.CHANNEL:
        return publishers.get(part.id, ""), ""
    if level == APPS and part.kind != SystemPartKind.SERVICE:
        return part.app, ""
    return None


def _is(part: SystemPart, level: str, publishers: dict[str, str], ids: set[str]) -> bool:
    """Returns whether a part is in one of some folds of a level."""
    name = _name(part, level, publishers)
    return name is not None and _id(part, name) in ids


def _id(part: SystemPart, name: tuple[str, str]) -> str:
    """Returns the id of a fold; of an agent's another one than of its app's."""
    return "\n".join(("fold", part.kind.value, *name))


def _publishers(parts: Iterable[SystemPart], flows: Iterable[Flow]) -> dict[str, str]:
    apps = {part.id: part.app for part in parts}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for flow in flows:
        if apps.get(flow.cause):
            counts[flow.effect][apps[flow.cause]] += flow.count
    return {id_: max(sorted(found), key=lambda app: found[app]) for id_, found in counts.items()}
