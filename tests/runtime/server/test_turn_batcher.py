"""What is asked in one turn of the event loop is asked at once, and each is told its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.server.turn_batcher import TurnBatcher
from tests.waiting import until


class Server:
    """Doubles numbers; refuses 13, and is away while it is told to be."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[int]]] = []
        self.is_away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ask(self, topic: str, items: Sequence[int]) -> list[int]:
        self.asked.append((topic, list(items)))
        await self.may_answer.wait()
        if self.is_away:
            raise ServerUnavailableError("away")
        if 13 in items:
            raise CommandRefusedError("refused", "13")
        return [2 * item for item in items]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def together(server: Server) -> TurnBatcher[str, int, int]:
    return TurnBatcher(server.ask, 3)


async def test_those_of_a_topic_share_a_question(server: Server, together: TurnBatcher[str, int, int]):
    """As many as one takes, in order."""
    answers = await asyncio.gather(*(together.ask("ab"[item % 2], item) for item in range(8)))
    assert answers == [0, 2, 4, 6, 8, 10, 12, 14]
    assert server.asked == [("a", [0, 2, 4]), ("b", [1, 3, 5]), ("a", [6]), ("b", [7])]


async def test_a_later_turn_asks_anew(server: Server, together: TurnBatcher[str, int, int]):
    """Nobody waits for others to come."""
    assert [await together.ask("a", 1), await together.ask("a", 2)] == [2, 4]
    assert server.asked == [("a", [1]), ("a", [2])]


async def test_what_is_refused_is_so_alone(server: Server, together: TurnBatcher[str, int, int]):
    """The others are asked about once more."""
    found = await asyncio.gather(*(together.ask("a", item) for item in (1, 13, 2)), return_exceptions=True)
    assert (found[0], found[2]) == (2, 4)
    assert isinstance(found[1], CommandRefusedError)
    assert server.asked == [("a", [1, 13, 2]), ("a", [1]), ("a", [13]), ("a", [2])]


async def test_where_the_server_is_away_all_are_told(server: Server, together: TurnBatcher[str, int, int]):
    """Each decides for itself whether to ask again."""
    server.is_away = True
    found = await asyncio.gather(*(together.ask("a", item) for item in (1, 2)), return_exceptions=True)
    assert [type(one) for one in found] == [ServerUnavailableError] * 2
    assert len(server.asked) == 1


async def test_whoever_gives_up_takes_no_answer_of_another(server: Server, together: TurnBatcher[str, int, int]):
    """Before it is asked about, or while the answer is on its way."""
    server.may_answer.clear()
    begun = asyncio.Event()

    async def ask(item: int) -> int:
        begun.set()
        return await together.ask("a", item)

    asking = [asyncio.create_task(ask(item)) for item in range(3)]
    await begun.wait()
    asking[0].cancel()
    await until(lambda: server.asked)
    asking[1].cancel()
    server.may_answer.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in found[:2]] == [asyncio.CancelledError] * 2
    assert found[2] == 4
    assert server.asked == [("a", [1, 2])]


async def test_whoever_waits_is_told_when_the_loop_ends(server: Server, together: TurnBatcher[str, int, int]):
    """Its question is cut off, and so is whoever asked."""
    server.may_answer.clear()
    asking = asyncio.create_task(together.ask("a", 1))
    await until(lambda: server.asked)
    (question,) = [task for task in asyncio.all_tasks() if task.get_name() == "causeline asking"]
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
