"""What runs wait for, in the terminal."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType

from runtime.cli.wait_table import waits_of_runs, waits_table


def wait(name: str, key: str = "", seconds: int = 5) -> dict[str, Any]:
    """What the collector tells of a run that has waited for so long."""
    since = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
    run = {"run_id": "r-1", "app": "shop", "workflow": "deploy", "subject": None}
    return {**run, "name": name, "key": key, "step": "ask", "since": since, "until": None}


def drawn(what: RenderableType) -> list[str]:
    """The lines of a drawing."""
    paper = StringIO()
    Console(file=paper, width=160).print(what)
    return [" ".join(line.split()) for line in paper.getvalue().splitlines()]


def test_waits_are_listed_with_how_long_they_have_lasted() -> None:
    """In the largest unit; nothing is said where nobody is waited for."""
    lasting = [wait("approval", seconds=90_000), wait("size", "eu", 7_300), wait("x", seconds=130)]
    assert drawn(waits_table(lasting))[1:] == [
        "r-1 deploy approval ask 1 d",
        "r-1 deploy size eu ask 2 h",
        "r-1 deploy x ask 2 min",
    ]
    assert drawn(waits_table([])) == ["no run waits for an answer"]


def test_below_a_picture_they_are_told_with_how_to_answer() -> None:
    """With the key that tells several apart."""
    assert drawn(waits_of_runs([wait("size", "e u")])) == [
        "waits for 'size', in step ask, for 5 s: causeline runs answer r-1 size --key 'e u' VALUE"
    ]
    assert drawn(waits_of_runs([])) == []
