"""Many questions in few round trips, for answers about everything that a server holds."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from redis import ResponseError

from runtime.server.client import Client
from runtime.server.translation import translate_errors

#: Commands of one round trip: more would make other clients of the server wait.
AT_ONCE: Final = 500

Question = Callable[[Any], object]
"""Calls the method of a pipeline that asks."""


async def ask_all(client: Client, questions: Iterable[Question], missing: tuple[str, ...] = ()) -> list[Any]:
    """The answer to each question, in order.

    Args:
        client: of the server.
        questions: of which none depends on another one's answer.
        missing: how errors begin that say that what was asked for is not there: such an answer is None.

    Raises:
        ServerError: the server does not answer, or refuses one of the questions.
    """
    left, found = iter(questions), list[Any]()
    while batch := list(islice(left, AT_ONCE)):
        async with client.pipeline() as pipe:
            for ask in batch:
                ask(pipe)
            found += await pipe.execute(raise_on_error=False)
    return [_translate_answer(one, missing) for one in found]


def _translate_answer(found: Any, missing: tuple[str, ...]) -> Any:
    if isinstance(found, ResponseError) and missing and str(found).startswith(missing):
        return None
    if isinstance(found, Exception):
        with translate_errors():
            raise found
    return found
