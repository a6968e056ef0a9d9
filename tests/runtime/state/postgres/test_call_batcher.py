"""Calls that are made while others are on their way go together, and what is wrong with one harms no other."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg import errors

from runtime.state.postgres.call_batcher import CallBatcher
from tests.contract.made import uuid
from tests.waiting import a_turn, until


class Server:
    """Answers each call with its number, once it is let; a batch with a number that it refuses is refused whole."""

    def __init__(self, *refused: int) -> None:
        self.batches: list[list[int]] = []
        self.is_free = asyncio.Event()
        self._refused = refused

    async def call(self, calls: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        numbers = [number for _, number in calls]
        self.batches.append(numbers)
        await self.is_free.wait()
        if set(self._refused) & set(numbers):
            raise errors.DeadlockDetected("deadlock detected")
        return [{"number": number} for number in numbers]


def asked(together: CallBatcher, *numbers: int) -> "list[asyncio.Future[list[dict[str, Any]]]]":
    return [together.submit((uuid(number), number)) for number in numbers]


async def test_what_is_asked_in_one_turn_goes_together_in_the_order_of_runs() -> None:
    """So that two such transactions never wait for each other."""
    server = Server()
    server.is_free.set()
    together = CallBatcher(server.call)
    answers = asked(together, 3, 1, 2)
    assert [(await one)[0]["number"] for one in answers] == [3, 1, 2]
    assert server.batches == [[1, 2, 3]]


async def test_what_comes_meanwhile_goes_with_the_next_and_no_more_than_so_many() -> None:
    """Few transactions are under way, with many calls each."""
    server = Server()
    together = CallBatcher(server.call)
    answers = []
    for number in range(200):
        answers += asked(together, number)
        await a_turn()
    server.is_free.set()
    assert [(await one)[0]["number"] for one in answers] == list(range(200))
    assert max(map(len, server.batches)) == 64
    assert len(server.batches) < 8


async def test_one_that_is_refused_harms_no_other() -> None:
    """The others are asked for again, each alone."""
    server = Server(2)
    server.is_free.set()
    answers = asked(CallBatcher(server.call), 1, 2, 3)
    assert [(await answers[at])[0]["number"] for at in (0, 2)] == [1, 3]
    with pytest.raises(psycopg.errors.DeadlockDetected):
        await answers[1]


async def test_whoever_gives_up_harms_no_other() -> None:
    """Its call goes on."""
    server = Server()
    together = CallBatcher(server.call)
    given_up, other = asked(together, 1, 2)
    await until(lambda: server.batches)
    given_up.cancel()
    server.is_free.set()
    assert (await other)[0]["number"] == 2
    await together.drain()
    assert server.batches == [[1, 2]]


async def test_large_values_go_apart() -> None:
    """So that no statement is longer than it has to be; one that is larger than all may be goes alone."""
    batches: list[int] = []

    async def call(calls: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        batches.append(len(calls))
        return [{} for _ in calls]

    together = CallBatcher(call)
    sizes = (400_000, 400_000, 400_000, 3_000_000, 10, 10)
    await asyncio.gather(*(together.submit((uuid(at), bytes(size))) for at, size in enumerate(sizes)))
    assert sorted(batches) == [1, 1, 2, 2]


async def test_a_call_may_answer_with_no_row() -> None:
    """As one for what is not there does."""

    async def call(calls: Sequence[Sequence[Any]]) -> list[dict[str, Any] | None]:
        return [None if number == 2 else {"number": number} for _, number in calls]

    answers = asked(CallBatcher(call), 1, 2)
    assert [await one for one in answers] == [[{"number": 1}], []]


async def test_a_fault_of_ours_is_told_to_whoever_asked_and_holds_nobody_else_up() -> None:
    """Whoever is not answered takes it for a server that does not answer."""
    server = Server()
    server.is_free.set()
    faults = [RuntimeError("nobody thought of it")]

    async def call(calls: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        if faults:
            raise faults.pop()
        return await server.call(calls)

    together = CallBatcher(call)
    first = asked(together, 1, 2)
    await a_turn()
    second = asked(together, 3)
    for one in first:
        with pytest.raises(RuntimeError, match="nobody thought of it"):
            await asyncio.wait_for(one, 10)
    assert [(await one)[0]["number"] for one in second] == [3]
