"""The keys of a run as a table: who wrote and who reads each."""

from rich.console import Console

from runtime.cli.state_table import state_table
from runtime.state.runs import KeptKey


def shown(steps: list[dict[str, object]]) -> list[list[str]]:
    console = Console(width=200, highlight=False)
    with console.capture() as captured:
        kept = [KeptKey("result", "write#2[3]", 1200), KeptKey("state", "draft", 3)]
        console.print(state_table({"wish": '"\u00fc"'}, kept, steps))
    return [line.split() for line in captured.get().splitlines()[1:]]


def test_who_wrote_and_who_reads_a_key_is_told_as_the_collector_knows_it() -> None:
    """A place's result is read under its step's name; of many readers the first are named."""
    steps: list[dict[str, object]] = [
        {"name": "write", "keys_read": ["wish"], "keys_written": ["write", "draft"]},
        *({"name": f"read{at}", "keys_read": ["write", "draft"], "keys_written": []} for at in range(6)),
    ]
    assert shown(steps) == [
        ["wish", "input", "4", "start", "write"],
        ["write#2[3]", "result", "1,200", "write#2[3]", "read0,", "read1,", "read2,", "read3", "and", "2", "more"],
        ["draft", "state", "3", "write", "read0,", "read1,", "read2,", "read3", "and", "2", "more"],
    ]


def test_without_a_collector_the_keys_are_told_all_the_same() -> None:
    """Who wrote a key of the state is then not known."""
    assert shown([])[2] == ["draft", "state", "3"]
