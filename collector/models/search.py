"""What a search finds, of whatever kind, and what it looked at."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model
from collector.models.causality import Node


class Named(Model):
    """A role that an id has, and where it leads.

    `role` is `node`, `span`, `event` (of those who received it), `run`, `correlation`, `trace`, `cause` (of those who
    name it), `dead letter` or `message` (the id that a foreign message came with). `records` counts what has it;
    `node_id` and `trace_id` are of the first of them. `sampled` is false where its correlation was not: then only dead
    letters, replays and discards are recorded.
    """

    role: str
    records: int
    node_id: str
    trace_id: str
    first: datetime
    last: datetime
    sampled: bool = True


class Searched(Model):
    """What a search looked at: for which text, and in which records. Without records the store is empty."""

    text: str
    is_id: bool = False
    """Whether the text can be an id that tools print: it was looked for among all ids, too."""
    beginning: str | None = None
    """What of a long text was looked for, its beginning; None where all of it was."""
    records: int = 0
    first: datetime | None = None
    last: datetime | None = None


class SearchAnswer(Model):
    """What a search found: what an id is, and nodes, newest first. `truncated`: there are more nodes, or more to look
    through, and `next` is the cursor of the answer that goes on. Ids are looked up in all there is; texts are looked
    through from the newest on, for two seconds an answer, and where an id leads to something not before `next` is
    asked for. `back_to` says how far back they were; None where none were yet, or all (then there is no `next`). A node
    of which several records say the text may come again in a later answer."""

    named: list[Named] = Field(default_factory=list)
    items: list[Node] = Field(default_factory=list)
    searched: Searched
    truncated: bool = False
    next: str | None = None
    back_to: datetime | None = None
