"""Every question about hostile data has an answer of a size that a page can take."""

from pathlib import Path

import httpx

from collector.client import CollectorClient
from collector.questions import overview as overview_limits
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.dashboard.hostile import Hostile

MOST = 5_000_000


def test_whatever_is_sent_is_answered_within_bounds(tmp_path: Path) -> None:
    """Long runs, wide fans, long prompts, a thousand attributes, and names that are markup."""
    hostile = Hostile()
    with LiveCollector(tmp_path / "causeline.duckdb", MemoryBus()) as collector:
        for story in (hostile.long_run(), hostile.fan(), hostile.thoughts(), hostile.names()):
            collector.post(story.request()).raise_for_status()
        asked = (
            f"nodes/{hostile.think}",
            f"nodes/{hostile.event}/causality",
            f"events/{hostile.event}",
            "events?q=word",
            f"runs/{hostile.run}",
            "search?q=%3Cscript",
            "overview",
        )
        for path in asked:
            answer = httpx.get(f"{collector.url}/api/{path}", trust_env=False, timeout=60)
            assert (answer.status_code, len(answer.content) < MOST) == (200, True), path


def test_a_picture_that_is_cut_says_how_much_it_leaves_out(tmp_path: Path) -> None:
    """Of an event that five hundred groups received."""
    hostile = Hostile()
    with LiveCollector(tmp_path / "causeline.duckdb", MemoryBus()) as collector:
        collector.tell(hostile.fan())
        with CollectorClient(collector.url) as client:
            whole = client.causality(str(hostile.event))
        cut = httpx.get(
            f"{collector.url}/api/nodes/{hostile.event}/causality?limit=100", trust_env=False, timeout=60
        ).json()
    assert (len(whole.nodes), whole.truncated, whole.left_out) == (501, False, 0)
    assert (len(cut["nodes"]), cut["truncated"], cut["left_out"]) == (100, True, 401)


def test_the_overview_lists_the_groups_that_owe_most_and_counts_all(tmp_path: Path) -> None:
    """The others are a page away; channels keep their order."""
    bus = MemoryBus()
    for number in range(500):
        bus.owe(f"channel {number:03}", f"group {number}", pending=number % 5, dead=number == 7)
    with LiveCollector(tmp_path / "causeline.duckdb", bus) as collector, CollectorClient(collector.url) as client:
        overview = client.overview()
        page = client.channels(limit=1_000)
    listed = [(channel.channel, group) for channel in overview.channels for group in channel.groups]
    assert (len(listed), overview.groups_total, len(page.items)) == (overview_limits.GROUPS, 500, 500)
    assert [name for name, _ in listed] == sorted(name for name, _ in listed)
    assert ("channel 007", 1) in [(name, group.dead) for name, group in listed]
    assert min(group.pending for name, group in listed if name != "channel 007") == 3
