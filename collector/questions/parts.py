"""What tells the parts of a system apart, and their ids. Pure."""

from typing import Final, NamedTuple
from urllib.parse import quote

from collector.models import SystemPartKind
from collector.store.database import Row

#: A group of others, which no figures of ours tell of.
RECEIVER: Final = "receiver"

_KINDS: Final = {
    "service": SystemPartKind.SERVICE,
    "run": SystemPartKind.WORKFLOW,
    "step": SystemPartKind.STEP,
    "channel": SystemPartKind.CHANNEL,
    "delivery": SystemPartKind.GROUP,
    RECEIVER: SystemPartKind.GROUP,
}


class Key(NamedTuple):
    """What tells a part apart: its kind, its app (a channel has none), what it is of, and its name."""

    kind: SystemPartKind
    app: str
    of: str
    name: str

    @property
    def id(self) -> str:
        """The part's id: each name by itself, so that no other part has it."""
        return "/".join([self.kind.value, *(quote(part, safe="") for part in self[1:])])


def service(name: str) -> Key:
    """Returns a program."""
    return Key(SystemPartKind.SERVICE, name, "", name)


def channel(name: str) -> Key:
    """Returns a channel."""
    return Key(SystemPartKind.CHANNEL, "", "", name)


def workflow(app: str, name: str) -> Key:
    """Returns a workflow, of ours or of others."""
    return Key(SystemPartKind.WORKFLOW, app, "", name)


def step(app: str, of: str, name: str) -> Key:
    """Returns a step of a workflow."""
    return Key(SystemPartKind.STEP, app, of, name)


def group(app: str, of: str, name: str) -> Key:
    """Returns a group of a channel."""
    return Key(SystemPartKind.GROUP, app, of, name)


def of_row(row: Row, side: str) -> Key:
    """Returns one side of a row of `topology/flows.sql`.

    Args:
        row: the row.
        side: `cause` or `effect`.
    """
    names = (row[f"{side}_{part}"] or "" for part in ("app", "of", "name"))
    return Key(_KINDS[row[f"{side}_kind"]], *names)


def of_work(row: Row) -> Key:
    """Returns the step, the group or the workflow that a row with `kind`, `service`, `workflow` and `step` is of."""
    kind = _KINDS[row["kind"]]
    app = row["service"] or ""
    return (
        workflow(app, row["workflow"])
        if kind == SystemPartKind.WORKFLOW
        else Key(kind, app, row["workflow"], row["step"])
    )
