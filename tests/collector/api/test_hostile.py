"""Every question about hostile data has an answer of a size that a page can take."""

from pathlib import Path

import httpx

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
            f"nodes/{hostile.think}", f"nodes/{hostile.event}/causality", f"events/{hostile.event}", "events?q=word",
            f"runs/{hostile.run}", "search?q=%3Cscript", "overview",
        )  # fmt: skip
        for path in asked:
            answer = httpx.get(f"{collector.url}/api/{path}", trust_env=False, timeout=60)
            assert (answer.status_code, len(answer.content) < MOST) == (200, True), path
