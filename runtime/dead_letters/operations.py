"""What operators see of dead letters, and do to them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from runtime.bus.records import DeadLetter, DeadLetterCount, DeadLetterPage, Settlement
from runtime.dead_letters.facts import discard_trace, replay_trace
from runtime.dead_letters.letter_changes import LetterChange
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.dead_letters.reports import LetterReports


class LetterOperations:
    """Lists dead letters, sends them again, and gives them up.

    Args:
        letters: of a server.
        reports: emit what became of them.
        told: makes of a text what its readers are told, without secrets.
    """

    def __init__(self, letters: DeadLetters, reports: LetterReports, told: Callable[[str], str]) -> None:
        self._letters = letters
        self._reports = reports
        self._told = told

    async def dead_letter_counts(self) -> list[DeadLetterCount]:
        """How many letters wait, by channel, group and reason, most first."""
        return await self._letters.counts()

    async def dead_letters(
        self,
        *,
        state: str = "dead",
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> DeadLetterPage:
        """One page of letters, newest first.

        Args:
            state: `dead`, `replayed`, `discarded` or `all`.
            channel, group, reason: only those; None lets all through.
            q: text that must occur in ids, subject, error or envelope.
            limit: letters at most.
            cursor: a former page's `next`.

        Raises:
            QueryError: when the cursor is none, or the limit is less than 1.
        """
        return await self._letters.page(LetterFilter(state, channel, group, reason, q, self._told), limit, cursor)

    async def dead_letter(self, id: UUID) -> DeadLetter | None:  # noqa: A002 - the record's own word
        """One letter with every attempt of all its rounds; None when there is none."""
        return await self._letters.get(id)

    async def replay(self, ids: Sequence[UUID], operator: str) -> list[Settlement]:
        """Sends dead letters again, each to the group that failed and to no other. A second call does nothing; nor does
        one for a group that was retired, where nobody would ever process them.

        Args:
            ids: of the letters.
            operator: who says so, for the audit.

        Returns:
            What became of each, in the order asked.
        """
        await self._reports.confirm()
        return [await self._replay(id_, operator) for id_ in ids]

    async def discard(self, ids: Sequence[UUID], operator: str, reason: str) -> list[Settlement]:
        """Gives dead letters up for good; they stay readable. A second call does nothing.

        Args:
            ids: of the letters.
            operator, reason: who says so, and why, for the audit.

        Returns:
            What became of each, in the order asked.
        """
        await self._reports.confirm()
        return [await self._discard(id_, operator, reason) for id_ in ids]

    async def _replay(self, id_: UUID, operator: str) -> Settlement:
        found = await self._letters.find_with_traces(id_)
        if found is None:
            return Settlement(id_, "not_found")
        letter, traces = found
        settlement = await self._letters.replay(letter, operator, replay_trace(letter, traces))
        if settlement.status == "replayed":
            await self._emit_settlement(letter)
        return settlement

    async def _discard(self, id_: UUID, operator: str, reason: str) -> Settlement:
        letter = await self._letters.get(id_)
        if letter is None:
            return Settlement(id_, "not_found")
        settlement = await self._letters.discard(letter, operator, reason, discard_trace(letter))
        if settlement.status == "discarded":
            await self._emit_settlement(letter)
        return settlement

    async def _emit_settlement(self, letter: DeadLetter) -> None:
        """Emits a settlement. The next call confirms it, or `close`: to wait for that here would keep the operator."""
        await self._reports.emit(LetterChange(letter.channel, letter.group, letter.id, "settled"))
