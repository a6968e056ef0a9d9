"""What must be written down is asked for until the server answers; what it never takes is given up."""

import asyncio
from collections.abc import Callable

import pytest

from runtime.errors import CommandRefusedError, OutboxFullError, ServerFullError, ServerUnavailableError
from runtime.worker.settlement import FIRST_PAUSE, LONGEST_PAUSE, LOSSES, REFUSALS, ask_until_answered
from tests.waiting import a_turn, until


class Server:
    """Answers in a row of its own: an error is raised, anything else is the answer.

    Attributes:
        reached: the connection on which it answers others; 0 where it does not.
    """

    def __init__(self, *answers: BaseException | str, reached: Callable[[], int] = lambda: 0) -> None:
        self._answers = list(answers)
        self._reached = reached
        self.asked = 0

    async def ask(self) -> str:
        self.asked += 1
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def reached(self) -> int:
        return self._reached()

    async def settled(self) -> str:
        return await ask_until_answered(self.ask, self.reached)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds between the questions, none of which is waited."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await a_turn()

    monkeypatch.setattr("runtime.worker.settlement.asyncio.sleep", note)
    return waited


AWAY = ServerUnavailableError("away", "Error 111 connecting")
FULL = (ServerFullError("full"), OutboxFullError("full"))


async def test_an_answer_is_the_answer(pauses: list[float]):
    """Asked once."""
    server = Server("done")
    assert (await server.settled(), server.asked, pauses) == ("done", 1, [])


async def test_a_server_that_is_away_is_asked_until_it_answers(pauses: list[float]):
    """However long that takes, and more and more rarely."""
    server = Server(*[AWAY] * 200, "done")
    assert (await server.settled(), server.asked) == ("done", 201)
    assert pauses[:5] == [FIRST_PAUSE * 2**number for number in range(5)]
    assert set(pauses[5:]) == {LONGEST_PAUSE}


@pytest.mark.parametrize("error", FULL)
async def test_a_server_that_is_full_is_asked_until_it_has_room(pauses: list[float], error: Exception):
    """Although it is there: what it refuses now it takes later."""
    server = Server(*[error] * 50, "done", reached=lambda: 1)
    assert (await server.settled(), server.asked) == ("done", 51)


async def test_what_a_server_cuts_off_each_time_is_refused(pauses: list[float]):
    """It answers all else; the words name what is probably wrong."""
    server = Server(*[AWAY] * 50, "done", reached=lambda: 1)
    with pytest.raises(CommandRefusedError, match=r"cuts off this request each time \(Error 111.*: is it too large"):
        await server.settled()
    assert server.asked == REFUSALS


async def test_a_server_that_was_away_in_between_has_refused_nothing(pauses: list[float]):
    """Its refusals count only in a row."""
    there = [1, 1, 1, 0] * 20
    server = Server(*[AWAY] * 80, "done", reached=lambda: there.pop(0))
    assert await server.settled() == "done"


async def test_a_server_that_comes_and_goes_has_refused_nothing(pauses: list[float]):
    """Each time that one looks it is there, on another connection: the request was not the only one to be cut off."""
    connections = iter(range(1, LOSSES))
    server = Server(*[AWAY] * (LOSSES - 1), "done", reached=lambda: next(connections))
    assert await server.settled() == "done"


async def test_what_takes_the_server_along_each_time_is_given_up_in_the_end(pauses: list[float]):
    """Nothing else would be done on it any more."""
    connections = iter(range(1, 1000))
    server = Server(*[AWAY] * 999, reached=lambda: next(connections))
    with pytest.raises(CommandRefusedError, match="is it too large"):
        await server.settled()
    assert server.asked == LOSSES


async def test_what_a_server_refuses_is_not_asked_again(pauses: list[float]):
    """A right that is missing stays missing."""
    refused = CommandRefusedError("NOPERM")
    server = Server(refused, "done")
    with pytest.raises(CommandRefusedError, match="NOPERM"):
        await server.settled()
    assert server.asked == 1


async def test_another_error_is_no_answer_to_wait_for(pauses: list[float]):
    """Nobody thought of it."""
    server = Server(KeyError("parcel"), "done")
    with pytest.raises(KeyError):
        await server.settled()


async def test_who_is_cancelled_asks_no_more():
    """As at the end of a worker."""
    server = Server(*[AWAY] * 10_000)
    asking = asyncio.create_task(server.settled())
    await until(lambda: server.asked > 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
