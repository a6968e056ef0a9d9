"""What docs/api.md says is true: its example runs, and what it names is there."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment
from tests.collector.story import Story, place, uid

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text()


def test_the_example_runs(tmp_path: Path) -> None:
    """As it stands, against a collector."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with LiveCollector(tmp_path / "causeline.duckdb", MemoryBus()) as collector, io.StringIO() as printed:
        failed = Story()
        more = {semconv.WORKFLOW: "refund", semconv.SUBJECT: "R-1", semconv.OUTCOME: "failed"}
        failed.node(NodeKind.RUN, uid("failed"), "run", place("t", "r"), more=more)
        collector.tell(Shipment().story, failed)
        with redirect_stdout(printed):
            exec(compile(example.replace("http://127.0.0.1:4318", collector.url), "api.md", "exec"), {})  # noqa: S102 - the page is our own
        said = printed.getvalue()
    assert "R-1 refund 2026-01-01" in said
    assert "sorting correct 1.0 1" in said
    assert "not_found 404 check the id" in said


def test_the_methods_that_it_names_are_there() -> None:
    """All that walk pages, and none beside them."""
    named = set(re.findall(r"`(every_\w+)`", PAGE))
    assert named == {name for name in dir(CollectorClient) if name.startswith("every_")}
