"""The schema: numbered migrations, applied once each and in order, and what is derived."""

from functools import cache
from importlib.resources import files
from typing import Final

#: What follows from the tables at the time of asking; replaced where a database has others when it is opened, so it
#: needs no migration. Each file uses those before it.
DERIVED: Final = (
    "retired.sql",
    "macros.sql",
    "views/records.sql",
    "views/chains.sql",
    "views/receipts.sql",
    "views/resumed.sql",
    "views/led_receipts.sql",
    "views/runs.sql",
    "views/work.sql",
    "views/happenings.sql",
    "views/scores.sql",
    "views/materialized.sql",
    "views/events.sql",
    "views/dead_letters.sql",
    "views/standings.sql",
    "views/search.sql",
    "views/sessions.sql",
    "views/logs.sql",
    "views/calls.sql",
    "views/tops.sql",
    "views/agent_steps.sql",
)


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """Returns version and statements of every migration, oldest first; file names begin with the version."""
    names = sorted(entry.name for entry in files(__package__).iterdir() if entry.name[:4].isdigit())
    return tuple((int(name[:4]), text(name)) for name in names)


def text(name: str) -> str:
    """Returns the statements of one file."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
