"""What an attempt streams comes to its run's stream in order and once, from who holds the lease, within a bound."""

from typing import Any

import pytest

from runtime.errors import ServerFullError
from runtime.server.scripts import Scripts
from runtime.state.chunks import ChunkBatch, StreamStretch
from runtime.state.tasks import Claim, Commit
from tests.contract.backends import StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid
from tests.waiting import until


async def claimed(state: StateBackend, step: str = "pickup") -> Claim:
    """A step of a run, claimed."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    return await state.claim(task(step))


async def read(state: StateBackend, after: int = 0, limit: int = 100) -> StreamStretch:
    """The run's stream behind an offset."""
    stretch = await state.store.read_stream(uuid(1), after, limit)
    assert stretch is not None
    return stretch


def told(stretch: StreamStretch) -> list[tuple[Any, ...]]:
    """Its entries without their times."""
    return [(one.offset, one.kind, one.step, one.attempt, one.value) for one in stretch.entries]


async def test_chunks_are_numbered_over_all_steps_of_a_run(state: StateBackend):
    """Each says whose it is, and which attempt's; readers go on after any of them."""
    pickup, billing = await claimed(state), await claimed(state, "billing")
    assert await state.store.stream(pickup, ChunkBatch(1, ['"a"', '"ü"']))
    assert await state.store.stream(billing, ChunkBatch(1, ["[1]"]))
    assert await state.store.stream(pickup, ChunkBatch(3, ['"c"']))
    everything = [
        (1, "chunk", "pickup", 1, '"a"'),
        (2, "chunk", "pickup", 1, '"ü"'),
        (3, "chunk", "billing", 1, "[1]"),
        (4, "chunk", "pickup", 1, '"c"'),
    ]
    stretch = await read(state)
    assert told(stretch) == everything
    assert (stretch.status, stretch.first, stretch.last) == ("running", 1, 4)
    assert stretch.entries[0].at_ms > 0
    assert told(await read(state, 2, 1)) == everything[2:3]
    assert told(await read(state, 4)) == []
    assert await state.store.read_stream(uuid(2), 0, 10) is None


async def test_a_chunk_that_is_sent_again_is_there_once(state: StateBackend):
    """Its answer may have been lost; what comes with it is added."""
    claim = await claimed(state)
    assert await state.store.stream(claim, ChunkBatch(1, ["1", "2"]))
    assert await state.store.stream(claim, ChunkBatch(1, ["1", "2"]))
    assert await state.store.stream(claim, ChunkBatch(2, ["2", "3"]))
    assert await state.store.stream(claim, ChunkBatch(1, ["1", "2"]))
    assert await state.store.stream(claim, ChunkBatch(4, ["4"]))
    assert [entry.value for entry in (await read(state)).entries] == ["1", "2", "3", "4"]


async def test_each_script_may_run_twice(state: StateBackend, monkeypatch: pytest.MonkeyPatch):
    """A client whose answer is lost asks again."""
    once: Any = Scripts._run

    async def twice(*call: Any) -> Any:
        await once(*call)
        return await once(*call)

    monkeypatch.setattr(Scripts, "_run", twice)
    claim = await claimed(state)
    await state.store.stream(claim, ChunkBatch(1, ["1"]))
    await state.store.retry(claim, 0)
    await state.store.stream(await state.claim(task(), "2"), ChunkBatch(1, ["2"]))
    assert [(entry.kind, entry.attempt) for entry in (await read(state)).entries] == [
        ("chunk", 1),
        ("attempt", 2),
        ("chunk", 2),
    ]


async def test_what_is_missing_between_batches_is_told_as_lost(state: StateBackend):
    """How many, and of which attempt."""
    claim = await claimed(state)
    await state.store.stream(claim, ChunkBatch(3, ['"c"']))
    await state.store.stream(claim, ChunkBatch(5, ['"e"']))
    assert told(await read(state)) == [
        (1, "lost", "pickup", 1, "2"),
        (2, "chunk", "pickup", 1, '"c"'),
        (3, "lost", "pickup", 1, "1"),
        (4, "chunk", "pickup", 1, '"e"'),
    ]


async def test_who_lost_the_lease_writes_nothing(state: StateBackend):
    """Nor does anybody once the run has ended."""
    claim = await claimed(state)
    await state.store.retry(claim, 0)
    again = await state.claim(task(), "2")
    assert not await state.store.stream(claim, ChunkBatch(1, ["1"]))
    await state.store.cancel(uuid(1))
    assert not await state.store.stream(again, ChunkBatch(1, ["1"]))
    stretch = await read(state)
    assert (stretch.status, stretch.last, told(stretch)) == ("cancelled", 0, [])


async def test_the_next_attempt_is_marked_as_it_begins(state: StateBackend):
    """Once, and only where the step has streamed: an attempt that only waits is no news, nor is another step's."""
    claim, billing = await claimed(state), await claimed(state, "billing")
    await state.store.stream(claim, ChunkBatch(1, ['"a"']))
    for one in (claim, billing):
        await state.store.retry(one, 0)
    await state.claim(task("billing"), "2")
    second = await state.claim(task(), "2")
    await state.store.postpone(second, 0)
    second = await state.claim(task(), "3")
    await state.store.retry(second, 0)
    third = await state.claim(task(), "4")
    await state.store.stream(third, ChunkBatch(1, ['"b"']))
    assert told(await read(state)) == [
        (1, "chunk", "pickup", 1, '"a"'),
        (2, "attempt", "pickup", 2, ""),
        (3, "chunk", "pickup", 3, '"b"'),
    ]


async def test_the_oldest_goes_where_a_stream_is_longer_than_its_bound(state: StateBackend):
    """Offsets count on; the newest is always there."""
    claim = await claimed(state)
    small = state.small  # 1,000 bytes
    for place in range(1, 21):
        assert await small.stream(claim, ChunkBatch(place, [f'"{place:090}"']))
    stretch = await read(state)
    assert (stretch.first, stretch.last) == (15, 20)  # each has 162 bytes
    assert [entry.offset for entry in stretch.entries] == [15, 16, 17, 18, 19, 20]
    await small.stream(claim, ChunkBatch(21, [f'"{"x" * 5_000}"']))
    assert [entry.offset for entry in (await read(state)).entries] == [21]
    await small.stream(claim, ChunkBatch(22, ["1"]))
    assert [entry.offset for entry in (await read(state)).entries] == [22]


@pytest.mark.in_memory
async def test_a_full_server_refuses_what_is_streamed_and_goes_on_to_settle(state: StateBackend):
    """Nothing is half written."""
    claim = await claimed(state)
    async with full(state.client):
        with pytest.raises(ServerFullError):
            await state.store.stream(claim, ChunkBatch(1, ["1"]))
        assert await state.store.retry(claim, 0)
        assert await state.store.commit(await state.claim(task(), "2"), Commit("7"))
    assert (await read(state)).last == 0


@pytest.mark.in_memory
async def test_an_attempt_begins_on_a_full_server_although_it_is_to_be_marked(state: StateBackend):
    """What it does may make room."""
    claim = await claimed(state)
    await state.store.stream(claim, ChunkBatch(1, ["1"]))
    await state.store.retry(claim, 0)
    async with full(state.client):
        await state.claim(task(), "2")
    assert [entry.kind for entry in (await read(state)).entries] == ["chunk", "attempt"]


async def test_a_resumed_run_streams_on(state: StateBackend):
    """The offsets of its former life are not used again."""
    claim = await claimed(state)
    await state.store.stream(claim, ChunkBatch(1, ["1"]))
    await state.store.fail(claim, "OSError", "no route")
    failed = await read(state)
    assert (failed.status, failed.error) == ("failed", "OSError: no route")
    await state.store.resume(uuid(1), "ann")
    await state.store.stream(await state.claim(task(), "2"), ChunkBatch(1, ["2"]))
    assert [entry.offset for entry in (await read(state, 1)).entries] == [2, 3]


async def test_a_reader_hears_of_more_and_of_the_end(state: StateBackend):
    """And of nothing else."""
    claim = await claimed(state)
    await state.store.start(run(2, {"pickup": 0}))
    async with state.store.listen_to_stream(uuid(1)) as heard:
        assert heard.is_sure
        other = await state.claim(task(number=2))
        await state.store.stream(other, ChunkBatch(1, ["1"]))
        await state.store.stream(claim, ChunkBatch(1, ["1"]))
        await until(heard.come.is_set)
        heard.come.clear()
        await state.store.cancel(uuid(1))
        await until(heard.come.is_set)
