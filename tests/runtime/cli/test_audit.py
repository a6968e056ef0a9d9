"""`causeline audit` agrees with what the collector's audit shows."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from runtime.bus.records import AuditRecord
from runtime.cli.tables import audit_table
from tests.runtime.cli.commands import causeline


@pytest.mark.redis
def test_an_audit_says_what_it_can_not_know_without_a_collector(tmp_path: Path, redis_url: str) -> None:
    """The bus knows what was done to letters, runs and groups; the collector what was done to alerts."""
    changes = {"CAUSELINE_REDIS_URL": redis_url, "CAUSELINE_COLLECTOR_URL": "http://127.0.0.1:1"}
    ended = causeline("audit", folder=tmp_path, changes=changes)

    assert (ended.status, ended.err) == (0, "")
    nothing, missing = ended.out.split("\n", 1)
    assert nothing == "no operator has done anything yet"
    assert missing.startswith("without silences of alerts: no collector answers at http://127.0.0.1:1")


def test_an_audit_shows_what_was_done_to_alerts_among_the_rest() -> None:
    """Newest first, as the dashboard does."""
    record = AuditRecord(1_000, "retire", "bob", "renamed", channel="c", group="g")
    acts = [
        {
            "at": f"1970-01-01T00:00:0{second}+00:00",
            "action": "silence",
            "operator": "ada",
            "rule": "loop",
            "reason": why,
        }
        for second, why in ((0, "early"), (2, "late"))
    ]
    text = io.StringIO()
    Console(file=text, width=200).print(audit_table([record], acts))
    told = text.getvalue()
    assert [told.index(word) for word in ("late", "renamed", "early")] == sorted(
        told.index(word) for word in ("late", "renamed", "early")
    )
    assert "alerts of loop" in told
