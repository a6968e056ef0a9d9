"""Each event loop has one of something: opened by its first user, closed by its last, whoever gives up between."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.client.per_loop import PerLoop
from tests.waiting import until


class Shop:
    """Opens and closes things, and says how many there are.

    Attributes:
        gate: opening waits for it.
        fails: opening raises it.
        deaf: opening goes on although it is cancelled.
    """

    def __init__(self) -> None:
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.asked = 0
        self.gate: asyncio.Event | None = None
        self.fails: Exception | None = None
        self.deaf = False
        self.things: PerLoop[int] = PerLoop(self._open, self._close)

    async def _open(self) -> int:
        self.asked += 1
        while self.gate is not None and not self.gate.is_set():
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                if not self.deaf:
                    raise
        if self.fails is not None:
            raise self.fails
        self.opened.append(len(self.opened))
        return self.opened[-1]

    async def _close(self, thing: int) -> None:
        self.closed.append(thing)


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def waiting(shop: Shop, number: int) -> list["asyncio.Task[int]"]:
    """So many users that wait for the opening."""
    shop.gate = asyncio.Event()
    users = [asyncio.create_task(shop.things.acquire()) for _ in range(number)]
    await until(lambda: shop.asked)
    return users


async def test_users_share_what_the_first_opened_and_the_last_closes(shop: Shop):
    """However many come at once; afterwards the next one opens another."""
    users = await waiting(shop, 100)
    assert shop.things.current is None
    assert shop.gate is not None
    shop.gate.set()
    assert set(await asyncio.gather(*users)) == {0}
    for _ in range(99):
        await shop.things.release()
    assert (shop.things.current, shop.closed) == (0, [])
    await shop.things.release()
    assert (shop.things.current, shop.closed) == (None, [0])
    assert await shop.things.acquire() == 1


async def test_the_last_user_may_say_how_it_is_closed(shop: Shop):
    """As where one leaves by an error."""
    ends: list[int] = []

    async def cut_off(thing: int) -> None:
        ends.append(thing)

    await shop.things.acquire()
    await shop.things.release(cut_off)
    assert (ends, shop.closed) == ([0], [])


def test_each_event_loop_has_its_own(shop: Shop):
    """As in threads that each run one; outside of a loop there is none."""
    meet = threading.Barrier(8)

    async def use() -> tuple[int, int | None]:
        thing = await shop.things.acquire()
        meet.wait(20)
        seen = shop.things.current
        await shop.things.release()
        return thing, seen

    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: asyncio.run(use()), range(8)))
    assert sorted(used) == [(number, number) for number in range(8)]
    assert sorted(shop.closed) == list(range(8))
    assert shop.things.current is None


async def test_who_comes_while_it_is_closed_gets_another(shop: Shop):
    """The old one is not given out things, and is not closed twice."""
    closing, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: int) -> None:
        closing.set()
        await go_on.wait()

    await shop.things.acquire()
    leaving = asyncio.create_task(shop.things.release(slowly))
    await closing.wait()
    assert await shop.things.acquire() == 1
    go_on.set()
    await leaving
    assert shop.things.current == 1


async def test_all_who_wait_are_told_why_it_does_not_open_and_the_next_one_tries_things(shop: Shop):
    """Nothing is left of the attempt."""
    users = await waiting(shop, 5)
    shop.fails = OSError("no server")
    assert shop.gate is not None
    shop.gate.set()
    failed = await asyncio.gather(*users, return_exceptions=True)
    assert failed == [shop.fails] * 5
    shop.fails = None
    assert (await shop.things.acquire(), shop.asked) == (0, 2)
    await shop.things.release()
    assert shop.closed == [0]


async def test_who_gives_up_waiting_takes_it_from_nobody(shop: Shop):
    """Those who opened first among them."""
    first, *others = await waiting(shop, 3)
    first.cancel()
    await asyncio.wait({first})
    assert shop.gate is not None
    shop.gate.set()
    assert await asyncio.gather(*others) == [0, 0]
    await shop.things.release()
    assert (shop.things.current, shop.closed) == (0, [])
    await shop.things.release()
    assert shop.closed == [0]


async def test_what_nobody_waits_for_any_more_is_not_opened(shop: Shop):
    """The opening is cancelled, and the next one begins anew."""
    users = await waiting(shop, 3)
    for user in users:
        user.cancel()
    await asyncio.wait(users)
    assert all(user.cancelled() for user in users)
    shop.gate = None
    assert (await shop.things.acquire(), shop.asked, shop.closed) == (0, 2, [])


async def test_what_opens_although_nobody_wants_it_any_more_is_closed(shop: Shop):
    """Its opening did not heed that it was cancelled."""
    shop.deaf = True
    (user,) = await waiting(shop, 1)
    user.cancel()
    assert shop.gate is not None
    shop.gate.set()
    await asyncio.wait({user})
    assert (user.cancelled(), shop.opened, shop.closed, shop.things.current) == (True, [0], [0], None)


@pytest.mark.parametrize("others", [0, 2])
async def test_who_is_cancelled_just_as_it_opens_leaves_nothing_behind(shop: Shop, others: int):
    """The others keep it and close it; where there are none it is closed at once."""

    async def opens() -> int:
        first.cancel()
        return 7

    things: PerLoop[int] = PerLoop(opens, shop._close)
    first = asyncio.create_task(things.acquire())
    rest = [asyncio.create_task(things.acquire()) for _ in range(others)]
    await asyncio.wait([first, *rest])
    assert first.cancelled()
    assert [await user for user in rest] == [7] * others
    assert (things.current, shop.closed) == ((7, []) if others else (None, [7]))
    for _ in rest:
        await things.release()
    assert (things.current, shop.closed) == (None, [7])


async def test_a_thing_that_nobody_wants_and_that_can_not_be_closed_is_logged(caplog: pytest.LogCaptureFixture):
    """Whoever gave up hears of the cancellation alone."""

    async def opens() -> int:
        user.cancel()
        return 7

    async def fails(_: int) -> None:
        raise OSError("gone")

    things: PerLoop[int] = PerLoop(opens, fails)
    user = asyncio.create_task(things.acquire())
    await asyncio.wait({user})
    assert user.cancelled()
    assert "is not wanted any more could not be closed" in caplog.text


def test_an_event_loop_that_ended_without_a_word_is_forgotten(shop: Shop):
    """With all that its thing holds."""
    for _ in range(5):
        asyncio.run(shop.things.acquire())
    assert (shop.opened, len(shop.things._entries)) == ([0, 1, 2, 3, 4], 1)


def test_letting_go_of_what_one_does_not_have_changes_nothing(shop: Shop):
    """As after a loop's end."""
    asyncio.run(shop.things.release())
    assert shop.closed == []
