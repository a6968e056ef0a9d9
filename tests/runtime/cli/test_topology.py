"""Who talks to whom, on the command line, as a real collector tells it; and as text that other programs draw."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.cli import diagrams
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment
from tests.runtime.cli.commands import Call


@pytest.fixture
def seen(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs commands beside a collector that knows one shipment, and a bus on which one group owes something."""
    bus = MemoryBus()
    bus.owe(CHANNEL, "sms", pending=3, dead=1)
    bus.owe("audit.wanted", "archive")
    with LiveCollector(tmp_path / "collector" / "causeline.duckdb", bus) as live:
        live.tell(Shipment().story)
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", live.url)
        yield call


@pytest.mark.redis
def test_what_flows_is_a_table_with_what_groups_owe_and_drift_below(seen: Call) -> None:
    """Each pair a row, with its rate, its errors and its time."""
    shown = seen("topology", "--last", "all").out
    rows = {tuple(re.split(r"\s{2,}", line.strip())[:2]): line for line in shown.splitlines()}
    sms = rows[f"channel {CHANNEL}", f"sms of {CHANNEL}"]
    assert "reacted" in sms
    assert "3 waiting, 1 dead" in sms
    assert "commanded" in rows["pickup of shipment", "sorting of shipment"]
    assert "unused group: group archive of audit.wanted is subscribed, and has had nothing to do yet" in shown


@pytest.mark.redis
def test_it_is_printed_as_json_mermaid_or_dot_where_that_is_asked_for(seen: Call) -> None:
    """All flows are in each."""
    found = json.loads(seen("topology", "--last", "all", "--json").out)
    assert len(found["flows"]) == 10
    drawn = seen("topology", "--last", "all", "--format", "mermaid").out
    assert drawn.startswith("flowchart LR\n")
    assert (drawn.count(" -->|"), drawn.count(" -.->|")) == (5, 5)
    graph = seen("topology", "--last", "all", "--format", "dot").out
    assert graph.count(" -> ") == 10
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=graph, text=True, check=True, capture_output=True)


@pytest.mark.redis
def test_advice_is_a_table_and_of_one_step_every_row_of_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of forty shipments; of a step that is not there it says so."""
    with LiveCollector(tmp_path / "collector" / "causeline.duckdb", MemoryBus()) as live:
        live.tell(*(Shipment(number, number * 200).story for number in range(40)))
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", live.url)
        shown = call("advise", "--last", "all").out
        assert re.search(r"pickup of shipment +orchestrate +40 +later steps wait for it in 40 of 40 runs", shown)
        assert "3 of 4 steps (75 %) are truly critical, which take " in shown
        one = call("advise", "pickup", "--last", "all", "--within", "0.05").out
        assert "Within what time is an answer asked for?" in one
        assert "asked for are 50 ms" in one
        assert "delivery" not in one
        assert call("advise", "nobody", "--last", "all").out == "no step nobody has ended in this time\n"
        assert json.loads(call("advise", "--last", "all", "--json").out)["judged"] == 4


def test_nothing_that_somebody_is_called_breaks_out_of_a_diagram() -> None:
    """Quotes, brackets, lines and backslashes stay names."""
    evil = 'a"]; x\\\n<b>#'
    parts = [
        {"id": "1", "kind": "step", "name": evil, "of": "w"},
        {"id": "2", "kind": "channel", "name": "c", "of": ""},
    ]
    flow = {"cause": "1", "effect": "2", "coordination": "reacted", "per_minute": 0.5, "errors": 2, "p50_ms": 1500.0}
    flows = [{**flow, "backlog": None}]
    assert diagrams.mermaid(parts, flows).splitlines() == [
        "flowchart LR",
        '  n0("a#quot;]; x#92; #lt;b#gt;#35; of w")',
        '  n1[("channel c")]',
        '  n0 -.->|"30/h, 2 failed, p50 1.5 s"| n1',
    ]
    assert '  n0 [label="a\\"]; x\\\\ <b># of w", shape=box];' in diagrams.dot(parts, flows).splitlines()
