"""What follows from a step's result: which steps are due, whether its loop goes on, what is taken next. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from runtime.bus.deliveries import OutgoingEvent
from runtime.causality import identity
from runtime.causality.step_place import StepPlace
from runtime.definitions.steps import BuiltStep, BuiltWorkflow
from runtime.state.tasks import Claim, Commit, ItemResult, NextClaim, Task, any_item


class StepFollower(Protocol):
    """Does the steps that whoever commits takes with its commit."""

    @property
    def is_accepting(self) -> bool:
        """Whether one may be taken now."""
        ...

    def can_take(self, step: BuiltStep) -> bool:
        """Whether a step is one that they take."""
        ...

    def begin(self, claim: Claim) -> object:
        """Begins one."""
        ...


class FollowUp(NamedTuple):
    """What follows from a step's result, as its commit says it."""

    successors: Sequence[str] = ()
    name: str = ""
    item: ItemResult | None = None
    again: Mapping[str, int] = MappingProxyType({})
    noted: Mapping[str, str] = MappingProxyType({})

    def build_commit(
        self,
        result: str,
        *,
        undo: Literal["", "done", "not done"],
        takes: NextClaim | None,
        events: Sequence[OutgoingEvent] = (),
        writes: Mapping[str, str] = MappingProxyType({}),
        shared: Mapping[str, str] = MappingProxyType({}),
        gathered: int = 0,
    ) -> Commit:
        """The commit of a step's result (JSON), and of what its attempt has asked for beside.

        Args:
            result: of the step.
            undo: what it means for the step's undo, if it has one.
            takes: what is taken with the commit, if anything.
            events: to publish.
            writes: keys of the run's state, to JSON.
            shared: keys of the app's shared state, to JSON.
            gathered: how many items the result is made of; 0 where it is of none.
        """
        return Commit(
            result,
            self.successors,
            events=events,
            writes=writes,
            shared=shared,
            next=takes,
            name=self.name,
            item=self.item,
            gathered=gathered,
            again=self.again,
            noted=self.noted,
            undo=undo,
        )


def find_follow_up(built: BuiltStep, place: StepPlace, *, goes_on: bool) -> FollowUp:
    """What follows from a result.

    Args:
        built: the step.
        place: where it stands.
        goes_on: whether its loop has another round.
    """
    if place.index is not None:
        return FollowUp(item=ItemResult(StepPlace(place.step, place.round).word))
    loop = built.loop
    if loop is None:
        return FollowUp(built.downstream)
    if not built.is_tail:
        return FollowUp(_place_words(built.downstream, place.round), place.step)
    if goes_on:
        again = {StepPlace(step, place.round + 1).word: needs for step, needs in loop.body.items()}
        return FollowUp(name=place.step, again=again)
    noted = {loop.note: str(place.round)} if place.round > 1 else {}
    return FollowUp(built.downstream, place.step, noted=noted)


def choose_next(
    workflow: BuiltWorkflow, following: StepFollower, after: FollowUp, task: Task, token: str, lease_ms: int
) -> NextClaim | None:
    """What may be taken with a commit: the steps that it may make due and that read nothing but results, and have no
    undo; after an item the next one.

    Args:
        workflow: the one that they are of.
        following: does them; what is for others is left to those.
        after: what follows.
        task: whose commit it is.
        token, lease_ms: of the claim.
    """
    upstream: dict[str, Sequence[str]] = {}
    for word in (*after.again, *after.successors):
        place = StepPlace.parse(word)
        built = workflow.steps.get(place.step)
        if built is None or not following.can_take(built):
            continue
        if not built.parts_read(place) and not built.has_undo:
            upstream[word] = built.results_read(place)
    if after.item is not None:
        built = workflow.steps[task.place.step]
        if following.can_take(built) and built.child is None and not built.has_undo and not built.loops_read:
            upstream[any_item(task)] = built.results_read(task.place)
    return NextClaim(token, lease_ms, upstream) if upstream else None


def cause_ids(built: BuiltStep, place: StepPlace, claim: Claim) -> tuple[UUID, ...]:
    """The node ids of the steps whose results a step is given: those of its round, of the last round of a loop that is
    over, and of the round before."""
    run, found = claim.task.run, []
    if built.loop is None and not built.loops_read:
        return tuple([identity.step_id(run, name) for name in built.upstream])
    for name in built.upstream:
        loop = built.loops_read.get(name)
        is_beside = loop is None and built.loop is not None and name in built.loop.body
        round_ = int(claim.parts.get(loop.note, 1)) if loop else (place.round if is_beside else 1)
        found.append(identity.step_id(run, name, StepPlace(name, round_).mark))
    if place.round > 1:
        found += [identity.step_id(run, name, StepPlace(name, place.round - 1).mark) for name in built.previous]
    return tuple(found)


def _place_words(steps: Iterable[str], round_: int) -> tuple[str, ...]:
    return tuple(StepPlace(step, round_).word for step in steps)
