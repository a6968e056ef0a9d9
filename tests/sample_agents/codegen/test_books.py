"""The books: which nodes and edges a feature must leave behind."""

from uuid import UUID

import pytest

from runtime.causality import identity
from runtime.semconv import Coordination, NodeKind
from sample_agents.codegen import app, books
from sample_agents.codegen.agents import CODE_GENERATED, REVIEW_COMPLETED
from sample_agents.codegen.plan import FILES, MAX_ROUNDS, Fate

RUN = UUID("01930000-0000-7000-8000-000000000001")


def step(name: str, mark: str = "") -> UUID:
    return identity.step_id(RUN, name, mark)


RESEARCH, APPROVAL, DELIVER = step("research"), step("approval"), step("deliver")


def commanded(round_: int, before: UUID | None) -> set[tuple[UUID, UUID]]:
    """The edges of one round, written out."""
    mark = "" if round_ == 1 else f"#{round_}"
    generate, review, tests = (step(name, mark) for name in ("generate", "review", "tests"))
    items = [step("generate", f"{mark}[{index}]") for index in range(3)]
    found = {(RESEARCH, generate), (generate, review), (generate, tests), (review, tests)}
    found |= {edge for item in items for edge in ((RESEARCH, item), (item, generate))}
    if before:
        found |= {(before, node) for node in (generate, tests, *items)}
    return found


def reacted(round_: int) -> set[tuple[UUID, UUID]]:
    found = set()
    for name in ("generate", "review"):
        node = step(name, "" if round_ == 1 else f"#{round_}")
        event = identity.event_id(node, 0)
        found |= {(node, event), *((event, identity.delivery_id(event, group, 0)) for group in ("metrics", "notify"))}
    return found


@pytest.mark.parametrize("fate", Fate)
def test_a_feature_leaves_these_edges_and_no_others(fate: Fate) -> None:
    """Each round has nodes of its own, and leads to the next; approval and delivery read the last."""
    whole, events = {(RUN, RESEARCH)}, set()
    marks = ["", "#2", "#3"][: fate.rounds]
    for round_ in range(1, fate.rounds + 1):
        whole |= commanded(round_, step("tests", marks[round_ - 2]) if round_ > 1 else None)
        events |= reacted(round_)
    if fate.is_right:
        generate, tests = step("generate", marks[-1]), step("tests", marks[-1])
        whole |= {(generate, APPROVAL), (tests, APPROVAL), (generate, DELIVER), (APPROVAL, DELIVER)}
    graph = books.feature(RUN, fate)
    found = {kind: {edge[:2] for edge in graph.edges if edge.coordination is kind} for kind in Coordination}
    assert (found[Coordination.COMMANDED], found[Coordination.REACTED]) == (whole, events)
    assert {end for edge in graph.edges for end in edge[:2]} == set(graph.nodes)


def test_around_an_event_is_what_led_to_it_and_what_follows() -> None:
    """Later rounds follow from the review, and not from its event."""
    event = identity.event_id(step("review"), 0)
    kinds = list(books.find_related_nodes(books.feature(RUN, Fate.REVISED), event).values())
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        NodeKind.RUN: 1,
        NodeKind.STEP: 1 + FILES + 2,
        NodeKind.EVENT: 1,
        NodeKind.DELIVERY: 2,
    }


def test_the_books_know_the_steps_loops_and_groups_that_the_app_declares() -> None:
    """They are kept apart from the app, and must not drift away from it."""
    built = app.build()
    steps = built.workflows[books.WORKFLOW].steps
    assert {name: one.upstream for name, one in steps.items()} == books.UPSTREAM
    assert {name: one.previous for name, one in steps.items() if one.previous} == {
        books.FIRST: (books.LAST,),
        books.LAST: (books.LAST,),
    }
    (loop,) = {one.loop.tail: one.loop for one in steps.values() if one.loop}.values()
    assert (loop.head, loop.tail, set(loop.body), loop.end.max_rounds) == (
        books.FIRST,
        books.LAST,
        set(books.ROUND),
        MAX_ROUNDS,
    )
    assert [name for name, one in steps.items() if one.fan_out] == [books.FIRST]
    assert {name: one.step.publishes for name, one in steps.items() if one.step.publishes} == books.PUBLISHES
    assert {(one.channel, one.group) for one in built.subscriptions} == {
        (channel, group) for channel in (CODE_GENERATED, REVIEW_COMPLETED) for group in books.GROUPS
    }
    assert set(books.PUBLISHES.values()) == {CODE_GENERATED, REVIEW_COMPLETED}
