"""What was said."""

from collections.abc import Iterator

from collector.asking.base import Asking, segment
from collector.models.conversations import CallDetail, Conversation, Turn


class Conversations(Asking):
    """What is asked about conversations."""

    def conversation(self, run_id: str, *, first: int = 0, limit: int = 200, full: str | None = None) -> Conversation:
        """Returns what was said in a run; `full` is the place of a text that is not to be cut, as a JSON pointer."""
        where = f"/api/runs/{segment(run_id)}/conversation"
        return self._api.get(Conversation, where, first=first or None, limit=limit, full=full)

    def every_turn(self, run_id: str) -> Iterator[Turn]:
        """Yields all turns of a run's conversation."""
        first: int | None = 0
        while first is not None:
            page = self.conversation(run_id, first=first)
            yield from page.turns
            first = page.next

    def call(self, node_id: str, *, full: str | None = None) -> CallDetail:
        """Returns one call of a model or a tool; `full` is the place of a text that is not to be cut, as a JSON
        pointer."""
        return self._api.get(CallDetail, f"/api/calls/{segment(node_id)}", full=full)
