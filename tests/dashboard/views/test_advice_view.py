"""Advice as it is drawn: verdicts, reasons, and every row of the decision table with its evidence."""

from tests.dashboard import advice_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def test_each_step_has_its_verdict_and_its_reason_and_the_share_of_critical_ones_is_said(
    at_collector: FakeCollector,
) -> None:
    """What was seen too seldom says so."""
    said = text_of(draw("topology", see="advice"))
    assert "What should each step be?" in said
    assert "**1 of 2 steps (50 %) are truly critical**" in said
    assert "they take 40 % of all work" in said
    assert "delivery shipment choreographed nothing waits for it, and it returned nothing in 80 runs 80" in said
    assert "sorting shipment too few seen it ended in 3 runs" in said


def test_a_step_that_is_chosen_shows_every_row_with_its_interval_and_its_runs(
    at_collector: FakeCollector, world: World
) -> None:
    """Each leads to a run that shows it; below are the ways to all."""
    rows = rows_of(draw("topology", see="advice", advised="logistics\nshipment\ndelivery"))
    told = [row for row in rows if row.get("depth")]
    assert len(told) == len(advice_of.ROWS) + 1
    first = next(iter(world.runs))
    assert all(row["href"] == f"runs?run={first}" for row in told[:-1])
    recovery = " ".join(part["text"] for cell in told[1]["cells"] for part in cell).replace("\N{NO-BREAK SPACE}", " ")
    assert "12.5 % (7\N{EN DASH}21 %), n 80" in recovery
    assert told[-1]["href"] == "steps?workflow=shipment&step=delivery&kind=step"


def test_the_latency_that_is_asked_for_is_asked_of_the_collector(at_collector: FakeCollector) -> None:
    """One of a few; any other word in the address is none."""
    draw("topology", see="advice", asked="100")
    draw("topology", see="advice", asked="soon")
    asked = [params.get("asked_ms") for params in at_collector.asked if "asked_ms" in params]
    assert asked == ["100.0"]


def test_where_nothing_can_be_judged_yet_it_says_how_much_that_takes(at_collector: FakeCollector, world: World) -> None:
    """And where no run has ended, what to do."""
    few = advice_of.advice(world).model_copy(update={"judged": 0, "critical": 0})
    at_collector.routes["advice"] = lambda _: few
    assert "no step has ended in 30 runs of this time" in text_of(draw("topology", see="advice"))
    at_collector.routes["advice"] = lambda _: few.model_copy(update={"items": []})
    assert "No run has ended in this time" in text_of(draw("topology", see="advice", last="15m"))
