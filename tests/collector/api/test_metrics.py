"""Figures for Prometheus."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.alerts import engine, rule_status
from collector.api import exposition
from runtime.admin import AppBacklog, ChannelLedger
from runtime.state.runs import RunBacklog
from tests.collector.alerts.test_bus_findings import owe
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment
from tests.waiting import until_sync

#: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>-?[0-9.]+(?:e[+-]?\d+)?)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parsed(text: str) -> Figures:
    """All samples, by name and labels; fails on what Prometheus would not take."""
    figures: Figures = {}
    family = ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            assert line.split(" ")[2] not in {name for name, _ in figures}, "a family is told in one piece"
            continue
        if line.startswith("# TYPE "):
            family = line.split(" ")[2]
            assert line.split(" ")[3] in ("counter", "gauge")
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert match["name"] == family
        labels = LABEL.findall(match["labels"] or "")
        assert "".join(f'{name}="{value}",' for name, value in labels)[:-1] == (match["labels"] or "")
        key = (family, tuple(labels))
        assert key not in figures
        figures[key] = float(match["value"])
    return figures


@pytest.fixture
def looking(path: Path, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveCollector]:
    """A collector that looks all the time."""
    monkeypatch.setattr(engine, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(engine, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(rule_status, "FACTOR", 0.0)
    with LiveCollector(path, bus) as live:
        yield live


def ask(collector: LiveCollector) -> Figures:
    """The figures now."""
    answer = httpx.get(f"{collector.url}/metrics", trust_env=False, timeout=60)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(answer.text)


def test_what_is_owed_what_comes_in_and_what_fires_is_told(looking: LiveCollector, bus: MemoryBus) -> None:
    """Per group and app; a bus that is away has no figures, for old ones would look like new ones."""
    owe(bus, pending=2, retrying=1, dead=3, oldest_unprocessed_ms=301_000)
    bus.queues = [AppBacklog(RunBacklog("shop", due=4, under_way=1, suspects=0), 2)]
    story = Shipment().story
    looking.tell(story)
    looking.post(b"nonsense")
    group = (("channel", "c"), ("group", "g"), ("app", "shop"))
    until_sync(lambda: ask(looking).get(("causeline_group_pending", group)) == 2)
    firing = ("causeline_alerts_firing", (("severity", "error"), ("silenced", "false")))
    until_sync(lambda: ask(looking)[firing] == 1)  # the rules are asked after the bus
    figures = ask(looking)
    assert figures["causeline_group_retrying", group] == 1
    assert figures["causeline_group_dead_letters", group] == 3
    assert figures["causeline_group_oldest_unprocessed_seconds", group] == 301
    assert figures["causeline_group_consumers", group] == 1
    assert figures["causeline_channel_published_total", (("channel", "c"),)] == 9
    assert figures["causeline_workers", (("app", "shop"),)] == 2
    assert figures["causeline_steps_due", (("app", "shop"),)] == 4
    assert figures["causeline_ingest_records_total", (("signal", "traces"),)] == len(story.spans)
    assert figures["causeline_ingest_requests_total", (("signal", "traces"), ("outcome", "ok"))] == 1
    assert figures["causeline_ingest_requests_total", (("signal", "traces"), ("outcome", "undecodable"))] == 1
    assert figures["causeline_ingest_bytes_total", (("signal", "traces"),)] == len(story.request()) + len(b"nonsense")
    assert figures["causeline_ingest_queue_records", ()] == 0
    assert figures[firing] == 1
    assert figures["causeline_bus_up", ()] == 1
    assert any(name == "causeline_build_info" for name, _ in figures)
    bus.away = "gone"
    until_sync(lambda: ask(looking)["causeline_bus_up", ()] == 0)
    assert ("causeline_group_pending", group) not in ask(looking)


def test_names_are_escaped(looking: LiveCollector, bus: MemoryBus) -> None:
    """Whatever somebody calls a channel."""
    owe(bus, pending=1)
    bus.ledger = [ChannelLedger('a"b\\c\nd,e="f', 1, bus.ledger[0].groups)]
    wanted = (("channel", 'a\\"b\\\\c\\nd,e=\\"f'), ("group", "g"), ("app", "shop"))
    until_sync(lambda: ask(looking).get(("causeline_group_pending", wanted)) == 1)


def test_there_are_never_more_series_than_somebody_can_pay_for(
    looking: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many are left out is told."""
    monkeypatch.setattr(exposition, "GROUPS", 10)
    owe(bus)
    bus.ledger = [ChannelLedger(f"c{number}", 1, bus.ledger[0].groups) for number in range(25)]
    until_sync(lambda: ask(looking).get(("causeline_groups_left_out", ())) == 15)
    assert sum(name == "causeline_group_pending" for name, _ in ask(looking)) == 10
