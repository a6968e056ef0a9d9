"""Log records have a place where all of them are found."""

from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World


def lines(first: str, **parameters: str) -> list[str]:
    """The lines of the records that a page shows."""
    return [expander.label for expander in draw(first, **parameters).expander]


def test_records_without_a_span_are_found(at_collector: FakeCollector) -> None:
    """By the toggle, which is in the address; what they say is text."""
    app = draw("logs")
    assert len(app.expander) > 1
    app.toggle(key="logs-loose").set_value(True).run()
    assert app.query_params.get("loose") == "1"
    assert ["disk" in expander.label for expander in app.expander] == [True]
    assert "<b>" not in app.expander[0].label.replace("\\<", "")


def test_records_are_narrowed_by_the_address(at_collector: FakeCollector, world: World) -> None:
    """By node, as its panel links to, by severity and by text."""
    node = next(iter(next(iter(world.pictures.values())).nodes.values()))
    assert len(lines("logs", node=node.id)) == 1
    assert "Show all" in text_of(draw("logs", node=node.id))
    assert len(lines("logs", severity="ERROR")) == 1
    assert lines("logs", q="nobody wrote this") == []
    assert "No log record matches" in text_of(draw("logs", q="nobody wrote this"))
