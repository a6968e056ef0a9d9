"""The time that a view is of, and the view of traces."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from collector.models import Window
from dashboard.figures import waterfall
from dashboard.parts import timespan
from dashboard.period import Period
from tests.dashboard import traces_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World

VIEWS = ("overview", "event", "steps", "runs", "traces")


def asked(collector: FakeCollector, app: AppTest) -> dict[str, str]:
    """The parameters of the last question that named a time."""
    named = [params for params in collector.asked if {"last", "start", "end"} & params.keys()]
    return named[-1] if named else {}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_names_its_time_and_asks_for_the_one_chosen(at_collector: FakeCollector, view: str) -> None:
    """As the address has it."""
    assert asked(at_collector, draw(view)) == {}
    app = draw(view, last="24h")
    assert asked(at_collector, app)["last"] == "24h"
    assert "Last 24 hours, " in text_of(app)
    app = draw(view, start="2026-01-01T10:00:00Z", end="2026-01-02T11:30:00Z")
    assert asked(at_collector, app)["start"].startswith("2026-01-01T10:00:00")
    assert asked(at_collector, app)["end"].startswith("2026-01-02T11:30:00")


@pytest.mark.parametrize("view", ["dead-letters", "groups"])
def test_what_waits_is_of_all_time_unless_a_range_is_chosen(at_collector: FakeCollector, view: str) -> None:
    """And says so."""
    assert any(words in text_of(draw(view)) for words in ("Given up at any time", "All time"))
    assert asked(at_collector, draw(view, last="7d"))["last"] == "7d"


@pytest.mark.parametrize(
    "wrong",
    [
        {"last": "soon"},
        {"start": "x", "end": "y"},
        {"start": "2026-01-01"},
        {"start": "2026-01-02", "end": "2026-01-01"},
    ],
)
def test_a_range_that_is_none_is_left_out(at_collector: FakeCollector, wrong: dict[str, str]) -> None:
    """An address may be typed by hand."""
    assert asked(at_collector, draw("runs", **wrong)) == {}


def test_a_choice_goes_into_the_address_and_begins_the_list_anew(at_collector: FakeCollector) -> None:
    """A page of another time would be somewhere in the middle."""
    app = draw("runs", cursor="5")
    app.segmented_control(key="timespan").set_value("7d").run()
    assert (app.query_params.get("last"), "cursor" in app.query_params) == ("7d", False)
    app.segmented_control(key="timespan").set_value("own").run()
    assert {"start", "end"} <= set(app.query_params)
    assert "last" not in app.query_params


def test_times_are_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day once, the year where it is another."""
    first, last = datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    window = Window(start=first, end=last)
    assert timespan.describe_window(window, Period()) == "Last hour, 31 Dec 2024 23:00 to 23:30"
    assert timespan.describe_window(window, Period(last="7d")) == "Last 7 days, 31 Dec 2024 23:00 to 23:30"
    assert timespan.describe_window(window, Period(start=first, end=last)) == "31 Dec 2024 23:00 to 23:30"
    assert timespan.describe_window(None, Period()) == "All time"
    over = timespan.span(first, datetime(2025, 1, 1, 1, tzinfo=UTC))
    assert over == "31 Dec 2024 23:00 to 01 Jan 01:00"


def test_traces_are_listed_and_filtered(at_collector: FakeCollector) -> None:
    """By status and service, as the address has it."""
    said = text_of(draw("traces"))
    assert said.count("invoke_agent helper") == 2
    assert "4 spans · 900 ms · 2 failed" in said
    assert "shop" not in text_of(draw("traces", status="error"))
    assert "Only :blue-badge[shop]" in text_of(draw("traces", service="shop"))
    assert "No trace matches" in text_of(draw("traces", q="nothing"))


def test_a_trace_shows_its_spans_and_the_one_that_is_chosen(at_collector: FakeCollector) -> None:
    """Indented by their calls, and the failed ones marked."""
    app = draw("traces", trace=traces_of.FAILED, span="0404" * 4)
    said = text_of(app)
    assert "4 spans · took 900 ms · 2 failed" in said
    assert "the tool is away" in said
    assert "gen_ai.operation.name" in said
    assert "No span of a trace" in text_of(draw("traces", trace="0c" * 16, span="x"))


def test_spans_stand_below_those_that_called_them(world: World) -> None:
    """Whatever their order; what lies in a ring, or below a span that never came, stands at the top."""
    spans = traces_of.trace(world, traces_of.OK).spans
    rows = waterfall.rows(spans)
    assert [(row.span.name.split()[0], row.depth) for row in rows] == [
        ("invoke_agent", 0),
        ("chat", 1),
        ("POST", 2),
        ("execute_tool", 1),
    ]
    assert (rows[0].offset, rows[0].width) == (0.0, 1.0)
    assert (round(rows[3].offset, 2), round(rows[3].width, 2)) == (0.44, 0.11)
    ring = [spans[0].model_copy(update={"parent_span_id": spans[1].span_id}), spans[1]]
    assert [(row.span.name, row.depth) for row in waterfall.rows(ring)] == [(ring[0].name, 0), (ring[1].name, 1)]
    backwards = spans[0].model_copy(update={"end": "2020-01-01T00:00:00.000000000Z"})
    assert waterfall.rows([backwards])[0].took.total_seconds() == 0
    assert waterfall.rows([]) == []
