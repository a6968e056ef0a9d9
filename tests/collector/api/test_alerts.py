"""Alerts, silences and the audit of them, as the API has them."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from collector.alerts import engine, rule_status
from collector.client import ApiError, CollectorClient
from collector.models import RuleState
from runtime.admin import AuditRecord
from tests.collector.alerts.test_bus_findings import owe
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.waiting import until_sync


@pytest.fixture
def watched(path: Path, bus: MemoryBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CollectorClient]:
    """A collector that looks all the time, at a bus on which an event has waited for too long."""
    monkeypatch.setattr(engine, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(engine, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(rule_status, "FACTOR", 0.0)
    rules = tmp_path / "alerts.toml"
    rules.write_text('[rules.unprocessed]\nwell_for = 0\n[rules.bad]\nwhen = "nothing"')
    owe(bus, pending=2, oldest_unprocessed_ms=301_000)
    with LiveCollector(path, bus, rules=rules) as live, CollectorClient(live.url) as client:
        until_sync(lambda: client.alerts().firing)
        yield client


def test_what_fires_is_listed_with_its_rules_and_counted_on_the_overview(watched: CollectorClient) -> None:
    """A bad rule is named there."""
    answer = watched.alerts()
    (alert,) = answer.firing
    assert (alert.rule, alert.silence_id, alert.resolved_at) == ("unprocessed", None, None)
    rules = {rule.name: rule for rule in answer.rules}
    assert (rules["unprocessed"].state, rules["unprocessed"].firing) == (RuleState.FIRING, 1)
    assert rules["unprocessed"].evaluated_at is not None
    assert (rules["bad"].state, rules["bad"].error[:34]) == (RuleState.BAD, "when = 'nothing' is nothing to loo")
    assert answer.file.endswith("alerts.toml")
    assert watched.overview().alerts_firing == 1
    assert watched.alerts(rule="loop").firing == []
    assert [each.rule for each in watched.every_alert()] == ["unprocessed"]
    assert list(watched.every_alert(rule="loop")) == []


def test_an_operator_silences_and_ends_it_and_the_audit_knows(watched: CollectorClient, bus: MemoryBus) -> None:
    """It fires all the same, and is counted no more; what is said twice holds once."""
    (alert,) = watched.alerts().firing
    first = watched.silence("unprocessed", "ada", "planned", seconds=3_600, about=alert.about)
    second = watched.silence("unprocessed", "bob", "longer", seconds=7_200, about=alert.about)
    (silenced,) = watched.alerts().firing
    assert (silenced.id, silenced.silence_id) == (alert.id, second.id)
    assert silenced.silenced_until == second.until
    assert watched.overview().alerts_firing == 0
    assert [silence.operator for silence in watched.alerts().silences] == ["bob"]
    ended = watched.unsilence(second.id, "cy")
    assert ended.reason == "longer"
    assert watched.alerts().silences == []
    for id_ in (first.id, second.id, str(uuid4()), "no id"):
        with pytest.raises(ApiError) as raised:
            watched.unsilence(id_, "ada")
        assert (raised.value.status, raised.value.code) == (404, "not_found")
    entries = watched.audit().items
    assert [(entry.action, entry.operator, entry.reason) for entry in entries] == [
        ("unsilence", "cy", ""),
        ("silence", "bob", "longer"),
        ("unsilence", "bob", ""),
        ("silence", "ada", "planned"),
    ]
    assert {(entry.rule, entry.channel, entry.group) for entry in entries} == {("unprocessed", "c", "g")}


def test_the_audit_is_narrowed_to_what_was_done_to_alerts(watched: CollectorClient, bus: MemoryBus) -> None:
    """By what was done, by whom, and when; nothing of it is left out, and nothing else joins."""
    bus.records = [AuditRecord(at_ms, "retire", "ada", channel="c", group="g") for at_ms in range(5)]
    watched.silence("loop", "ada", "planned", seconds=60)
    watched.silence("unprocessed", "bob", "known", seconds=60)
    assert [entry.rule for entry in watched.audit(action="silence").items] == ["unprocessed", "loop"]
    assert [entry.rule for entry in watched.audit(action="silence", operator="ada").items] == ["loop"]
    assert [entry.action for entry in watched.audit(operator="ada").items] == ["silence", *["retire"] * 5]
    assert watched.audit(action="unsilence").items == []
    assert [entry.rule for entry in watched.audit(last="1h").items] == ["unprocessed", "loop"]
    walked = [entry.action for entry in watched.every_audit_entry(operator="ada")]
    assert walked == ["silence", *["retire"] * 5]


def test_the_audit_puts_what_was_done_to_alerts_in_its_place(watched: CollectorClient, bus: MemoryBus) -> None:
    """Among what was done on the bus, page by page, without leaving out or repeating."""
    bus.records = [AuditRecord(at_ms, "retire", "bob", "renamed", channel="c", group="g") for at_ms in range(5)]
    watched.silence("loop", "ada", "planned", seconds=60)
    pages, cursor = [], None
    while True:
        page = watched.audit(limit=2, cursor=cursor)
        pages += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [entry.action for entry in pages] == ["silence"] + ["retire"] * 5
    for wrong in ("7", "x~1", "-1~1"):
        with pytest.raises(ApiError) as raised:
            watched.audit(cursor=wrong)
        assert raised.value.status == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rule": "nothing", "seconds": 60}, 404),
        ({"rule": "loop"}, 422),
        ({"rule": "loop", "seconds": 60, "until": "2030-01-01T00:00:00Z"}, 422),
        ({"rule": "loop", "seconds": 0}, 422),
        ({"rule": "loop", "seconds": 1e12}, 422),
        ({"rule": "loop", "until": "2020-01-01T00:00:00Z"}, 422),
        ({"rule": "loop", "until": "9999-01-01T00:00:00Z"}, 422),
        ({"rule": "loop", "until": "2030-01-01T00:00:00"}, 422),
        ({"rule": "loop", "seconds": 60, "reason": ""}, 422),
        ({"rule": "loop", "seconds": 60, "operator": ""}, 422),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(
    collector: LiveCollector, body: dict[str, object], status: int
) -> None:
    """In the one shape."""
    request = {"operator": "ada", "reason": "planned", **body}
    answer = httpx.post(f"{collector.url}/api/alerts/silence", json=request, trust_env=False, timeout=60)
    assert answer.status_code == status
    assert answer.json()["error"]["hint"]


def test_what_is_over_is_listed_page_by_page(watched: CollectorClient, bus: MemoryBus) -> None:
    """The newest first."""
    for _ in range(5):
        owe(bus)
        until_sync(lambda: not watched.alerts().firing)
        owe(bus, pending=2, oldest_unprocessed_ms=301_000)
        until_sync(lambda: watched.alerts().firing)
    everything = watched.alerts().items
    assert len(everything) == 5
    first = watched.alerts(limit=3)
    rest = watched.alerts(limit=3, cursor=first.next)
    assert [*first.items, *rest.items] == everything
    assert rest.next is None
    ends = [alert.resolved_at for alert in everything]
    assert ends == sorted(ends, reverse=True)
    with pytest.raises(ApiError) as raised:
        watched.alerts(cursor="nonsense")
    assert raised.value.status == 422
