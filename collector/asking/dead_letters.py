"""Dead letters, and what is done with them."""

from collections.abc import Iterator, Sequence
from typing import Unpack

from collector.asking.base import PAGE, Asking, TimeRange, segment, walk
from collector.models import (
    DeadLetter,
    DeadLetterDetail,
    DeadLetterSummary,
    DiscardRequest,
    Page,
    ReplayRequest,
    SettlementAnswer,
)
from collector.models.dead_letters import LETTERS_LIMIT, LetterFilter


class LettersFilter(TimeRange, total=False):
    """Of which letters; `state` is `dead`, `replayed` or `discarded`. A time range is of when they were given up."""

    state: str | None
    channel: str | None
    group: str | None
    reason: str | None
    q: str | None


class DeadLetters(Asking):
    """What is asked about dead letters on the live bus, and done with them."""

    def dead_letters(
        self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[LettersFilter]
    ) -> Page[DeadLetter]:
        """Returns dead letters of one state, newest first; with a time range, a page with few may still have a
        `next`."""
        return self._api.get(Page[DeadLetter], "/api/dead-letters", limit=limit, cursor=cursor, **wanted)

    def every_dead_letter(self, **wanted: Unpack[LettersFilter]) -> Iterator[DeadLetter]:
        """Yields all dead letters of one state, newest first."""
        return walk(lambda cursor: self.dead_letters(limit=PAGE, cursor=cursor, **wanted))

    def dead_letter_summary(self) -> DeadLetterSummary:
        """Returns how many dead letters wait, by channel, group and reason."""
        return self._api.get(DeadLetterSummary, "/api/dead-letters/summary")

    def dead_letter(self, dead_letter_id: str) -> DeadLetterDetail:
        """Returns one dead letter with its envelope and every attempt's error."""
        return self._api.get(DeadLetterDetail, f"/api/dead-letters/{segment(dead_letter_id)}")

    def replay(self, ids: Sequence[str], operator: str) -> SettlementAnswer:
        """Sends dead letters again, to the group that failed. Asking twice does nothing more."""
        request = ReplayRequest(ids=list(ids), operator=operator)
        return self._api.post(SettlementAnswer, "/api/dead-letters/replay", request)

    def replay_matching(
        self,
        operator: str,
        *,
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        most: int = LETTERS_LIMIT,
    ) -> SettlementAnswer:
        """Sends dead letters again that match now, the newest first, at most `most`: fewer are answered sooner. Those
        that fail once more are new letters. The answer says how many still match."""
        wanted = LetterFilter(channel=channel, group=group, reason=reason, q=q)
        request = ReplayRequest(filter=wanted, most=most, operator=operator)
        return self._api.post(SettlementAnswer, "/api/dead-letters/replay", request)

    def discard(self, ids: Sequence[str], operator: str, reason: str) -> SettlementAnswer:
        """Gives dead letters up."""
        request = DiscardRequest(ids=list(ids), operator=operator, reason=reason)
        return self._api.post(SettlementAnswer, "/api/dead-letters/discard", request)
