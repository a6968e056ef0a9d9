"""The keys of a run as a table. Records in, a drawing out."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from rich.console import RenderableType

from runtime.cli.collector_answers import RunStep
from runtime.cli.grid import add_row, grid
from runtime.cli.terminal import plain

if TYPE_CHECKING:  # only a name in signatures
    from runtime.state.runs import KeptKey

#: Steps that are named of those that read or write a key; of a fan-out there may be thousands.
_NAMED: Final = 4
#: What follows a step's name in the word of a place: readers name the step.
_PLACES: Final = re.compile(r"[#\[]")


def state_table(inputs: Mapping[str, str], kept: "Sequence[KeptKey]", steps: Sequence[RunStep]) -> RenderableType:
    """The keys of a run, one a row: inputs, results of steps, and keys of its state.

    Args:
        inputs: JSON by name.
        kept: the others.
        steps: as the collector's API tells of them; none where it does not answer.
    """
    rows = [("input", name, len(text.encode(errors="replace"))) for name, text in inputs.items()]
    rows += [(one.kind, one.name, one.size) for one in kept]
    if not rows:
        return plain("the run has no keys")
    table = grid("key", "kind", "bytes", "written by", "read by")
    for kind, name, size in rows:
        read = _PLACES.split(name)[0] if kind == "result" else name
        add_row(table, name, kind, f"{size:,}", _name_writers(kind, name, steps), _name_steps(read, steps, "keys_read"))
    return table


def _name_writers(kind: str, name: str, steps: Sequence[RunStep]) -> str:
    if kind == "input":
        return "start"
    return name if kind == "result" else _name_steps(name, steps, "keys_written")


def _name_steps(key: str, steps: Sequence[RunStep], which: Literal["keys_read", "keys_written"]) -> str:
    found = list(dict.fromkeys(step["name"] for step in steps if key in step[which]))
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more
