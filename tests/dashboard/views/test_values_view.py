"""What steps were given and returned, at the node and in the run, and beside that of others."""

import pytest

from collector import models as api
from dashboard.views.values import comparison
from tests.dashboard import figures_of, values_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World


@pytest.fixture
def sorting(at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch) -> list[api.RunStep]:
    """Steps with values, one of each run."""
    return values_of.tell(world, monkeypatch)


def test_a_node_shows_the_values_of_its_newest_attempt(sorting: list[api.RunStep]) -> None:
    """Text of data stays text; the other attempt is a choice away."""
    node = sorting[0].node_id
    app = draw("event", id=node, node=node)
    said = text_of(app)
    assert "**Returned**" in said
    assert '"hub": "hub-0"' in said
    assert '"hub": "<b>0</b>"' in said
    box = app.selectbox(key=f"attempt-{node}")
    assert box.options == ["1, retrying", "2, ok"]
    box.select(0).run()
    assert "**Returned**" not in text_of(app)


def test_a_run_lists_the_beginning_of_values_and_opens_them(sorting: list[api.RunStep], world: World) -> None:
    """In the address, as all that is chosen."""
    run_id = next(iter(world.runs))
    app = draw("runs", run=run_id)
    said = text_of(app)
    assert "Values in " in said
    assert "hub-0" in said
    app = draw("runs", run=run_id, values=sorting[0].node_id)
    assert "Values of sorting" in text_of(app)


def test_attempts_and_other_runs_are_offered_to_compare_with(sorting: list[api.RunStep], world: World) -> None:
    """Attempts first; the choice is in the address."""
    node = sorting[0].node_id
    app = draw("event", id=node, node=node)
    app.button(key=f"compare-{node}").click().run()
    box = app.selectbox(key=f"with-{node}")
    assert box.options[0] == "attempt 1, retrying"
    assert sum(option.startswith("run SHIP-") for option in box.options) == len(world.runs) - 1
    box.select("attempt-1").run()
    assert app.query_params["with"] == "attempt-1"
    assert "this one" not in text_of(app)


@pytest.mark.parametrize("view", ["event", "runs"])
def test_two_attempts_stand_side_by_side(
    sorting: list[api.RunStep], world: World, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    """Which lines changed, and that there is a result on one side alone."""
    node, run_id = sorting[0].node_id, next(iter(world.runs))
    where = {"id": node, "node": node} if view == "event" else {"run": run_id}
    drawn: list[dict[str, object]] = []
    monkeypatch.setattr(
        comparison.components, "mount", lambda figure, key, data, *_, **__: drawn.append({"figure": figure, **data})
    )
    said = text_of(draw(view, **where, values=node, **{"with": "attempt-1"}))
    given, returned = [each for each in drawn if each["figure"] == "diff"]
    assert given["titles"] == ["attempt 1, retrying", "this one, attempt 2"]
    assert [row["kind"] for row in given["rows"]].count("changed") == 1
    assert all(row["left"] is None for row in returned["rows"])
    assert "**Given** &nbsp;:red[−1] :green[+1] :gray[lines]" in said  # noqa: RUF001 a minus, as it is written


def test_the_same_step_of_another_run_stands_beside_it(
    sorting: list[api.RunStep], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its run's id; what is the same is said in a word."""
    node, other = sorting[0].node_id, list(world.runs)[3]
    drawn: list[dict[str, object]] = []
    monkeypatch.setattr(
        comparison.components, "mount", lambda figure, key, data, *_, **__: drawn.append({"figure": figure, **data})
    )
    draw("event", id=node, node=node, values=node, **{"with": f"run-{other}"})
    _, returned = [each for each in drawn if each["figure"] == "diff"]
    (changed,) = [row for row in returned["rows"] if row["kind"] == "changed"]
    assert [piece[0] for piece in changed["right"]["pieces"]] == ['  "hub": "hub-', "0", '",']
    assert [piece[0] for piece in changed["left"]["pieces"]] == ['  "hub": "hub-', "3", '",']


@pytest.mark.parametrize("sign", ["attempt-9", "attempt-x", "run-nobody", "nobody", "run-"])
def test_an_address_that_names_nothing_is_told_so(sorting: list[api.RunStep], sign: str) -> None:
    """It may be old, or mistyped."""
    node = sorting[0].node_id
    app = draw("event", id=node, node=node, values=node, **{"with": sign})
    assert not app.exception
    assert "has no values that are recorded" in text_of(app)


def test_an_address_of_another_node_compares_nothing(sorting: list[api.RunStep]) -> None:
    """The reader went on to the next one."""
    first, second = (step.node_id for step in sorting[:2])
    app = draw("event", id=second, node=second, values=first, attempt="1", **{"with": "attempt-1"})
    assert not [box for box in app.selectbox if box.key == f"with-{second}"]
    assert "**Returned**" in text_of(app)


def test_tries_that_are_nodes_of_their_own_are_offered_to_compare_with(
    sorting: list[api.RunStep], world: World
) -> None:
    """As programs of others tell them; the table has no column that is empty."""
    run_id, node = next(iter(world.runs)), sorting[0].node_id
    run, tried = world.runs[run_id], world.new_id()
    alone = sorting[0].model_copy(update={"tries": [tried], "keys_read": ["order"], "keys_written": []})
    world.runs[run_id] = run.model_copy(update={"steps": [alone]})
    app = draw("runs", run=run_id, values=node, **{"with": "?"})
    assert app.selectbox(key=f"with-{node}").options[:2] == ["attempt 1, retrying", "attempt 1, failed"]
    titles = text_of(app).splitlines()
    assert {"attempts", "reads"} <= set(titles)
    assert "writes" not in titles


def test_rounds_are_offered_to_compare_with(
    sorting: list[api.RunStep], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a step that runs several times in its run, and of a delivery that was sent again."""
    run_id, node = next(iter(world.runs)), sorting[0].node_id
    again = sorting[0].model_copy(update={"node_id": world.new_id(), "round": 1})
    run = world.runs[run_id]
    world.runs[run_id] = run.model_copy(update={"steps": [*run.steps, again]})
    app = draw("runs", run=run_id, values=node, **{"with": "?"})
    assert app.selectbox(key=f"with-{node}").options[:2] == ["attempt 1, retrying", "round 2 in this run, ok"]

    nodes = [node for picture in world.pictures.values() for node in picture.nodes.values()]
    delivery = next(node for node in nodes if node.kind == api.NodeKind.DELIVERY)
    replayed = delivery.model_copy(update={"id": world.new_id(), "round": 1})
    event = api.EventDetail(**world.events[delivery.event_id or ""].model_dump(), rounds=[delivery, replayed])
    monkeypatch.setattr(comparison.data, "event", lambda event_id: event)
    told = figures_of.detail
    done = [values_of.attempt(1, world, "ok", None, {"sent": True})]
    monkeypatch.setattr(figures_of, "detail", lambda *of: told(*of).model_copy(update={"attempts": done}))
    app = draw("event", id=delivery.id, node=delivery.id, values=delivery.id, **{"with": "?"})
    assert app.selectbox(key=f"with-{delivery.id}").options == ["round 1, dead"]
