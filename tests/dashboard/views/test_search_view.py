"""The search of the Event view, and its list of events."""

from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def test_a_search_that_looked_at_a_part_alone_says_so_and_goes_on(at_collector: FakeCollector, world: World) -> None:
    """It never says that nothing is there while something is left to look through."""
    at_collector.is_hasty = True
    app = draw("event", q="sorting")
    said = text_of(app)
    assert "so far" in said
    assert "Nothing matches" not in said
    assert "Texts were looked through back to" in said
    app.button(key="further-next").click().run()
    assert app.query_params.get("further") == "further"
    assert "found, newest first" in text_of(app)


def test_another_search_begins_at_the_newest(at_collector: FakeCollector) -> None:
    """Where the last one had come to is not kept."""
    app = draw("event", q="nobody", further="further")
    app.text_input[0].set_value("step sorting").run()
    assert app.query_params.get("q") == "step sorting"
    assert "further" not in app.query_params


def test_a_text_that_was_pasted_is_looked_for_by_its_beginning(at_collector: FakeCollector) -> None:
    """Which is said; however long it is."""
    app = draw("event")
    app.text_input[0].set_value("pasted " * 3_000).run()
    said = text_of(app)
    assert "the beginning was looked for" in said
    assert len(app.query_params.get("q")) <= 4_000


def test_events_are_listed_by_how_their_groups_stand(at_collector: FakeCollector, world: World) -> None:
    """The status is in the address, so that the list can be sent to somebody."""
    dead = [e for e in world.events.values() if "dead" in [delivery.status for delivery in e.deliveries]]
    others = [e for e in world.events.values() if e not in dead]
    assert dead
    assert others
    app = draw("event")
    app.selectbox(key="events-status").set_value("dead").run()
    assert app.query_params.get("status") == "dead"
    shown = {row["href"].partition("id=")[2] for row in rows_of(app)}
    assert dead[0].event_id in shown
    assert not shown & {event.event_id for event in others}
    assert "stands so" in text_of(draw("event", status="duplicate"))
