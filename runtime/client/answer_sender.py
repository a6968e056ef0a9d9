"""Who sends an answer: code of a step or a handler, which repeats it in another attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from runtime.causality import identity
from runtime.definitions.context import Context
from runtime.state.waits import AnswerSender


@contextmanager
def answer_sender(context: Context | None, run: UUID, wait: str) -> Iterator[AnswerSender | None]:
    """Counts an answer that is sent within, unless it is refused.

    Args:
        context: of the attempt whose code sends it; None outside of one.
        run: whose wait is answered.
        wait: the wait in one word.

    Yields:
        Whose answer it is; None where no step or handler sends it.
    """
    if context is None:
        yield None
        return
    if context.buffer.is_shadow:
        context.buffer.check_effect(f"answer wait {wait!r}")
    sent, place = context.buffer.answers_sent, (run, wait)
    ordinal = sent.get(place, 0)
    sent[place] = ordinal + 1
    try:
        yield AnswerSender(context.node_id, identity.answer_id(context.node_id, run, wait, ordinal))
    except BaseException:
        sent[place] = sent[place] - 1
        raise
