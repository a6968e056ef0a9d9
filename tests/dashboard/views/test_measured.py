"""What others measured and wrote down: log records at their node, models among the steps."""

from datetime import UTC, datetime

import pytest

from collector.models import LogExcerpt, LogRecord, ModelFigures
from tests.dashboard import figures_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World

AT = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)


def test_log_records_are_read_at_their_node(
    at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Severity and the beginning in a line, the rest below it; what is left out is counted."""
    record = LogRecord(
        time=AT,
        severity="WARN",
        event_name="stock.low",
        body='{"left": "*2*\u202e"}',
        service="shop",
        trace_id="01" * 16,
        span_id="01" * 8,
        attributes={"shelf": 7},
        cut=True,
    )
    silent = record.model_copy(update={"severity": "", "body": "", "event_name": "", "attributes": {}, "cut": False})
    told, node = figures_of.detail, next(iter(world.events))
    logs = LogExcerpt(items=[record, silent], more=1200)
    monkeypatch.setattr(figures_of, "detail", lambda *given: told(*given).model_copy(update={"logs": logs}))
    app = draw("event", id=node, node=node)
    said = text_of(app)
    assert "**Logs**" in said
    assert [one.label for one in app.expander if "WARN" in one.label or "no text" in one.label] == [
        r':orange[WARN] &nbsp;\{"left"\: "\*2\*⟨U\+202E⟩"\}',
        ":gray[–] &nbsp;no text",  # noqa: RUF001 what stands for the unknown
    ]
    for part in (
        "shop · stock\\.low · cut",
        '"left": "*2*⟨U+202E⟩"',
        '"shelf": 7',
        "And 1,200 more records not shown.",
    ):
        assert part in said


def test_models_are_listed_with_their_tokens_and_times(at_collector: FakeCollector, world: World) -> None:
    """Who measured is told apart; what nobody measured is a dash."""
    models = [
        ModelFigures(service="writer", model="gpt-5", calls=1200, input_tokens=50_000, output_tokens=7, p50_ms=2000),
        ModelFigures(service="vllm*", model="", side="server", first_token_p95_ms=290),
    ]
    steps = figures_of.steps(world)
    at_collector.routes["steps"] = lambda params: steps.model_copy(update={"models": models})
    said = text_of(draw("steps"))
    assert "Calls of models" in said
    for part in (
        "gpt\\-5",
        ":small[1,200]",
        ":small[50,000]",
        ":small[2 s]",
        "vllm\\*",
        "server",
        "290 ms",
        "not named",
    ):
        assert part in said


def test_models_are_shown_where_no_step_ran(at_collector: FakeCollector, world: World) -> None:
    """Programs that know no steps call models, too."""
    models = [ModelFigures(service="writer", model="gpt-5", calls=3)]
    empty = figures_of.steps(world).model_copy(update={"models": models, "items": []})
    at_collector.routes["steps"] = lambda params: empty
    said = text_of(draw("steps"))
    assert "gpt\\-5" in said
    assert "No step has run" in said


def test_a_step_of_an_agent_of_others_is_asked_for_as_such(at_collector: FakeCollector, world: World) -> None:
    """Ours may be called the same; a filter by whose stands in the address."""
    steps = figures_of.steps(world)
    first = next(step for step in steps.items if step.kind == "step")
    twin = first.model_copy(update={"source": "crewai", "app": "writer"})
    at_collector.routes["steps"] = lambda params: steps.model_copy(update={"items": [first, twin]})
    app = draw("steps", show="others", app="writer")
    assert "of app **writer**" in text_of(app)
    assert {"source": "others", "app": "writer"}.items() <= next(
        asked for asked in at_collector.asked if "source" in asked
    ).items()
    own, others = [row["href"] for row in rows_of(app)]
    assert "source=others" in others
    assert "source=" not in own
    draw("steps", workflow=first.workflow, step=first.step, kind="step", source="others")
    assert any(asked.get("source") == "others" and asked.get("step") == first.step for asked in at_collector.asked)
