"""What users write is kept as it is, whatever it holds: NUL, quotes, words of any length. Half a character, which no
UTF-8 has, becomes a question mark, and keeps nothing from being written down."""

import json

import pytest

from runtime.state.tasks import Commit
from runtime.state.waits import Wait, wait_member
from tests.contract.backends import StateBackend
from tests.contract.made import run, task, uuid

WORDS = {
    "nul": ("a\0b", "a\0b"),
    "escaped nul": ("a\\u0000b", "a\\u0000b"),
    "half a character": ("a\ud800b", "a?b"),
    "quotes": ("a'\"$1%s\\", "a'\"$1%s\\"),
    "long": ("ä" * 9000, "ä" * 9000),
    "emoji": ("a🚚", "a🚚"),
}

each_word = pytest.mark.parametrize(("given", "kept"), WORDS.values(), ids=WORDS)


@each_word
async def test_results_state_and_calls_are_kept_as_they_are(state: StateBackend, given: str, kept: str):
    """Keys as well as values."""
    await state.store.start(run())
    claim = await state.claim(task())
    assert await state.store.record_call(claim, f"search {given}", given)
    assert await state.store.get_call_record(claim, f"search {kept}") == kept
    await state.store.commit(claim, Commit(given, ["delivery"], (), {given: given}, {given: given}))
    assert await state.store.result(uuid(1), "pickup") == kept
    assert await state.store.read(uuid(1), kept) == kept
    assert await state.store.read(None, kept) == kept
    following = await state.claim(task("delivery"), "2", 30_000, "pickup")
    assert following.results == {"pickup": kept}


@each_word
async def test_errors_and_operators_are_kept_as_they_are(state: StateBackend, given: str, kept: str):
    """An error that can't be written down would be lost with its run's end."""
    await state.store.start(run())
    assert await state.store.fail(await state.claim(task()), "OSError", given)
    record = await state.contract.get(uuid(1))
    assert record is not None
    assert record.error == kept
    assert await state.store.resume(uuid(1), given)
    ((_, line),) = await state.store.audit(None, 10)
    assert line.operator == kept


@each_word
async def test_answers_are_kept_as_they_are(state: StateBackend, given: str, kept: str):
    """What was asked, who answers, and what."""
    await state.store.start(run())
    claim = await state.claim(task())
    wait = Wait("approval", given, schema=json.dumps({"title": "x"}))
    await state.store.answer(uuid(1), wait_member("approval", given), given, given)
    found = await state.store.await_answer(claim, wait)
    assert (found.status, found.value, found.by) == ("answered", kept, kept)
