"""Budgets and undos: what is left to a person, and what can be done about it."""

from datetime import timedelta

import streamlit as st

from collector.models import NodeStatus
from dashboard import wording
from tests.dashboard.budgets_of import act, fail_undo, grant, server
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def buttons(app: object) -> set[str]:
    """What can be pressed."""
    return {button.label for button in app.button}  # type: ignore[attr-defined] # of the library's own test


def test_budgets_are_listed_below_the_runs(at_collector: FakeCollector, world: World) -> None:
    """Those first that something waits for, each with its short id; what is cancelled, or over, is not."""
    spent = grant(world, "run of spent", parked=2, usd=1.5, usd_limit=2.0, tokens=1200, tokens_limit=5000)
    grant(world, "run of cancelled", status="cancelled", by="ana")
    grant(world, "run of ended", is_over=True)
    grant(world, "run of open")
    app = draw("runs")
    said = text_of(app).replace("\\", "")
    assert said.index("run of spent") < said.index("run of open")
    assert wording.short_id(spent.id) in said
    assert "run of cancelled" not in said
    assert "run of ended" not in said
    assert ":small[$1.50 of $2.00 · 1,200 of 5,000 tokens · 5 of 5 hops]" in said
    assert ":small[2 parked for 7 min]" in said
    assert [button.label for button in app.button].count("Raise") == 2


def test_where_there_are_no_budgets_nothing_is_said_of_them(at_collector: FakeCollector, world: World) -> None:
    """Nor where the bus, or a collector that knows them, is away: runs are shown all the same."""
    assert "Budgets" not in text_of(draw("runs"))
    del at_collector.routes["budgets"]
    st.cache_data.clear()
    assert "SHIP" in text_of(draw("runs"))


def test_a_budget_shows_what_waits_for_it_and_leads_there(at_collector: FakeCollector, world: World) -> None:
    """And says where there is none."""
    budget = grant(world, "run of spent", parked=2)
    app = draw("runs", budget=budget.id)
    assert "run of spent" in text_of(app)
    assert [next(iter(world.runs)) in str(row) for row in rows_of(app)] == [True, True]
    assert ["7 min ago" in str(row) for row in rows_of(app)] == [True, False]
    assert {"Raise", "Cancel"} <= buttons(app)
    assert "There is no budget" in text_of(draw("runs", budget=world.new_id()))


def test_a_budget_says_until_when_anything_may_begin(at_collector: FakeCollector, world: World) -> None:
    """And since when not."""
    on = grant(world, "run of on", ends_at=world.now + timedelta(minutes=5))
    over = grant(world, "run of over", ends_at=world.now - timedelta(minutes=5))
    assert "2 of 5 hops · until " in text_of(draw("runs", budget=on.id))
    assert "2 of 5 hops · time over since " in text_of(draw("runs", budget=over.id))


def test_the_audit_says_who_raised_a_budget(at_collector: FakeCollector, world: World) -> None:
    """By how much, with the way to it."""
    act(world, grant(world, "run of spent", parked=1).id, "raise", {"operator": "ana", "hops": 7})
    said = text_of(draw("groups")).replace("\\", "")
    assert "raise_budget" in said
    assert "run of spent :gray[budget]" in said
    assert "hops +7" in said


def test_what_is_left_to_a_person_is_told_on_the_overview(at_collector: FakeCollector, world: World) -> None:
    """Each with the way to it; then all is not well."""
    world.letters.clear()
    assert "All is well" in text_of(draw("overview"))
    budget, run_id = grant(world, "run of spent", parked=3), list(world.runs)[1]
    fail_undo(world, run_id, "pay", "weigh [3]")
    st.cache_data.clear()
    app = draw("overview")
    undo, spent = [str(row) for row in rows_of(app) if "undo of" in str(row) or "parked" in str(row)]
    assert "undo of pay, weigh [3] failed: OSError: the bank is away" in undo
    assert run_id in undo
    assert "3 parked: 5 of 5 hops" in spent
    assert budget.id in spent
    assert "7 min ago" in spent
    assert "All is well" not in text_of(app)


def test_a_run_names_the_undos_that_failed_and_offers_no_resume(at_collector: FakeCollector, world: World) -> None:
    """What it would go on from is gone; they can be tried again."""
    run_id = next(iter(world.runs))
    fail_undo(world, run_id, "pay", "reserve")
    app = draw("runs", run=run_id)
    assert (
        "What **pay** and **reserve** did could not be undone, and is left to a person. "
        "It failed of: OSError: the bank is away"
    ) in text_of(app).replace("\\", "")
    assert "Undo" in buttons(app)
    assert not {"Resume", "Cancel"} & buttons(app)


def test_a_run_that_is_being_undone_says_how_it_will_have_ended(at_collector: FakeCollector, world: World) -> None:
    """Nothing can be done with it meanwhile; once it is undone, that is said."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    server(world, run_id, is_undoing=True, is_undone=True, ending=NodeStatus.FAILED)
    app = draw("runs", run=run_id)
    assert ":orange-badge[:material/undo: undoing, then failed]" in text_of(app)
    assert not {"Resume", "Cancel", "Undo"} & buttons(app)
    world.stand(run_id, NodeStatus.CANCELLED)
    server(world, run_id, is_undone=True)
    st.cache_data.clear()
    undone = draw("runs", run=run_id)
    assert "What its steps with `undo=` had done is undone." in text_of(undone)
    assert "Undo" not in buttons(undone)


def test_a_run_that_ended_can_be_undone_however_it_ended(at_collector: FakeCollector, world: World) -> None:
    """One that failed can go on instead."""
    run_id = next(iter(world.runs))
    for status, offered in (
        (NodeStatus.OK, {"Undo"}),
        (NodeStatus.CANCELLED, {"Undo"}),
        (NodeStatus.FAILED, {"Undo", "Resume"}),
        (NodeStatus.RUNNING, {"Cancel"}),
    ):
        world.stand(run_id, status)
        st.cache_data.clear()
        assert buttons(draw("runs", run=run_id)) & {"Undo", "Resume", "Cancel"} == offered


def test_undo_is_offered_where_something_is_left_to_undo(at_collector: FakeCollector, world: World) -> None:
    """No step of most workflows has an undo."""
    run_id = next(iter(world.runs))
    for has_undos, offered in ((False, {"Resume"}), (True, {"Resume", "Undo"})):
        world.stand(run_id, NodeStatus.FAILED)
        server(world, run_id, has_undos=has_undos)
        st.cache_data.clear()
        assert buttons(draw("runs", run=run_id)) & {"Undo", "Resume"} == offered


def test_a_run_that_is_parked_says_for_what(at_collector: FakeCollector, world: World) -> None:
    """On its page, with the way to its budget; the Overview says it, too."""
    run_id = next(iter(world.runs))
    budget = grant(world, "run of feature for S-1", parked=1)
    (work,) = budget.parked
    needs = {"reason": "needs 300 tokens, 274 left", "budget_id": budget.id, "budget": budget.what}
    world.budgets[budget.id] = budget.model_copy(update={"parked": [work.model_copy(update=needs)]})
    world.stand(run_id, NodeStatus.RUNNING)
    detail = world.runs[run_id]
    assert detail.server is not None
    parked = detail.server.model_copy(update={"parked": world.budgets[budget.id].parked})
    world.runs[run_id] = detail.model_copy(update={"server": parked})
    said = text_of(draw("runs", run=run_id)).replace("\\", "")
    assert "parked for 7 min: a budget is spent" in said
    assert "needs 300 tokens, 274 left, of the budget of run of feature for S-1" in said
