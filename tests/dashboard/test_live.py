"""Lists of the live bus, and of alerts, are had whole, to be saved as a file."""

import csv

from collector.models import RetireRequest
from dashboard import alerting, export, live
from dashboard.period import Period
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World


def test_groups_are_rows_with_their_channel(at_collector: FakeCollector, world: World) -> None:
    """Filtered as the page is."""
    found = list(live.all_groups("", "", "", "")())
    assert {(row.channel, row.group) for row in found} == {
        ("shipment.delivered", group) for group in ("sms", "tracking-board", "billing")
    }
    titles = next(csv.reader([export.as_csv(found).splitlines()[0]]))
    assert titles[:6] == ["channel", "published", "group", "owed", "done", "pending"]
    assert [row.group for row in live.all_groups("", "sms", "", "")()] == ["sms"]


def test_everybody_who_works_is_a_row(at_collector: FakeCollector, world: World) -> None:
    """Cells too."""
    assert len(list(live.all_workers("")())) == 3


def test_all_that_operators_did_is_a_row_each(at_collector: FakeCollector, world: World) -> None:
    """More than a page of it."""
    for number in range(60):
        world.unserved[f"old {number}"] = 1
        world.retire(RetireRequest(channel="c", group=f"old {number}", operator="ana", reason="renamed"))
    assert len(list(live.all_audit(Period())())) == 60


def test_what_fires_comes_before_what_is_over(at_collector: FakeCollector, world: World) -> None:
    """Of the rule that the page shows."""
    rows = list(alerting.all_alerts("")())
    assert [row.resolved_at is None for row in rows] == sorted((row.resolved_at is None for row in rows), reverse=True)
