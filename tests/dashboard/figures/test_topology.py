"""Who talks to whom, folded and laid out."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.models import Flow, SystemPart, SystemPartKind
from dashboard.figures import topology as figure
from dashboard.figures import topology_folds as folds
from dashboard.figures.topology import TopologyDrawing
from dashboard.figures.topology_lines import BOX_HEIGHT, BOX_WIDTH, per_minute
from tests.dashboard.topology_of import Kind, crowd, flow, part, topology
from tests.dashboard.world import World


def drawn(parts: list[SystemPart], flows: list[Flow], level: str = folds.STEPS, opened: str = "") -> TopologyDrawing:
    """The picture of a level."""
    folded = folds.fold(parts, flows, level, opened)
    return figure.lay_out(folded, folds.streams(folded, flows))


def columns(drawing: TopologyDrawing) -> list[list[str]]:
    """Names from left to right, each column from top to bottom."""
    places = sorted({box.x for box in drawing.boxes})
    return [[box.name for box in sorted(drawing.boxes, key=lambda box: box.y) if box.x == x] for x in places]


def test_work_goes_from_what_starts_it_over_steps_and_channels_to_what_reacts(world: World) -> None:
    """Steps stand below each other in the order in which they lead to each other."""
    found = topology(world)
    assert columns(drawn(found.parts, found.flows)) == [
        ["logistics", "shipment"],
        ["pickup", "sorting", "transit", "delivery"],
        ["news", "shipment.delivered"],
        ["carrier-api", "billing", "board", "sms"],
    ]


def test_what_fails_and_what_is_owed_is_said_where_it_flows(world: World) -> None:
    """On the line, and in red."""
    found = topology(world)
    lines = {line.says.partition(",")[0]: line for line in drawn(found.parts, found.flows).lines}
    sms = lines["shipment.delivered → sms"]
    dead = len(world.letters)
    assert (sms.words, sms.is_failing, sms.is_reacted) == ("1/min · 12 ms", True, True)
    assert sms.owed == f"3 waiting · {dead} dead"
    assert lines["transit → carrier-api"].owed == "1.7 % failed"
    assert lines["pickup → sorting"].words == "1/min · 12 ms"
    assert not lines["pickup → sorting"].is_failing


def test_two_hundred_parts_are_folded_by_agent_until_each_column_can_be_read() -> None:
    """Whatever there is, nothing is lost: each part is in one box."""
    parts, flows = crowd(agents=8, steps=12, channels=8, groups=12)
    assert len(parts) == 201
    assert folds.level_for(parts, flows) == folds.AGENTS
    folded = folds.fold(parts, flows, folds.AGENTS)
    assert max(Counter(each.kind for each in folded).values()) <= folds.ROOM
    assert sorted(held.id for each in folded for held in each.parts) == sorted(held.id for held in parts)
    agent = next(each for each in folded if each.name == "agent-3")
    assert (len(agent.parts), agent.is_fold) == (12, True)


def test_more_agents_than_fit_are_folded_by_app() -> None:
    """Channels are of the app that publishes to them."""
    parts, flows = crowd(agents=40, steps=2, channels=30, groups=1)
    assert folds.level_for(parts, flows) == folds.APPS
    assert columns(drawn(parts, flows, folds.APPS)) == [["flow"], ["fleet"], ["fleet"], ["fleet"]]


def test_what_is_opened_shows_its_parts_and_an_app_its_agents() -> None:
    """All else stays folded."""
    parts, flows = crowd(agents=3, steps=2, channels=1, groups=1)
    agent = next(each for each in folds.fold(parts, flows, folds.AGENTS) if each.name == "agent-1")
    opened = folds.fold(parts, flows, folds.AGENTS, agent.id)
    names = sorted(each.name for each in opened if each.kind == Kind.STEP)
    assert names == ["agent-0", "agent-2", "step-1-0", "step-1-1"]
    app = next(each for each in folds.fold(parts, flows, folds.APPS) if each.kind == Kind.STEP)
    agents = folds.fold(parts, flows, folds.APPS, app.id)
    assert sorted(each.name for each in agents if each.kind == Kind.STEP) == ["agent-0", "agent-1", "agent-2"]
    within = folds.fold(parts, flows, folds.APPS, agent.id)
    assert sorted(each.name for each in within if each.kind == Kind.STEP) == names


def test_what_flows_within_a_fold_is_not_drawn_and_the_rest_is_added_up() -> None:
    """Of several flows nobody knows how long half of them took."""
    one, two = (part(Kind.STEP, name, "w", agent="a") for name in ("one", "two"))
    channel = part(Kind.CHANNEL, "c")
    flows = [flow(one, two), flow(one, channel, errors=1), flow(two, channel)]
    (stream,) = folds.streams(folds.fold([one, two, channel], flows, folds.AGENTS), flows)
    assert (stream.count, stream.errors, stream.per_minute, stream.p50_ms) == (120, 1, 2.0, None)


KINDS = st.sampled_from(list(SystemPartKind))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(KINDS, min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11))),
    st.sampled_from(folds.LEVELS),
)
def test_no_box_lies_on_another_and_all_that_flows_between_boxes_is_drawn_once(
    kinds: list[SystemPartKind], pairs: list[tuple[int, int]], level: str
) -> None:
    """Whatever leads to whatever, in circles too."""
    parts = [part(kind, f"p{at}", "of", f"app-{at % 2}", agent=f"a{at % 3}") for at, kind in enumerate(kinds)]
    flows = [flow(parts[a % len(parts)], parts[b % len(parts)]) for a, b in pairs]
    folded = folds.fold(parts, flows, level)
    drawing = drawn(parts, flows, level)
    for one, two in combinations(drawing.boxes, 2):
        assert abs(one.x - two.x) >= BOX_WIDTH or abs(one.y - two.y) >= BOX_HEIGHT
    holder = {held.id: each for each in folded for held in each.parts}
    ends = {(holder[each.cause].id, holder[each.effect].id) for each in flows}
    folds_alone = {each.id for each in folded if each.is_fold}
    expected = {(cause, effect) for cause, effect in ends if cause != effect or cause not in folds_alone}
    assert sorted((line.cause, line.effect) for line in drawing.lines) == sorted(expected)
    assert all(box.x >= 0 and box.x + BOX_WIDTH <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + BOX_HEIGHT <= drawing.height for box in drawing.boxes)


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0, "0/min"),
        (1234, "1,234/min"),
        (1.5, "1.5/min"),
        (0.5, "30/h"),
        (0.02, "1.2/h"),
        (0.001, "1.4/d"),
        (1e-6, "<1/d"),
    ],
)
def test_a_rate_is_said_as_people_say_it(rate: float, said: str) -> None:
    """Nothing that happens reads as nought."""
    assert per_minute(rate) == said
