"""A server's trouble is told from the work's own, and waited for."""

import pytest
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import DataError, OutOfMemoryError, RedisError
from runtime.worker.outage import UNENDED_LIMIT, is_outage, until_answered


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.worker.outage.REST", 0)


@pytest.mark.parametrize(
    ("error", "unended", "expected"),
    [
        (LostConnectionError("gone"), 1, True),
        (OutOfMemoryError("full"), UNENDED_LIMIT, True),
        (OutOfMemoryError("full"), UNENDED_LIMIT + 1, False),
        (DataError("no text"), 1, False),
        (KeyError("parcel"), 1, False),
    ],
    ids=repr,
)
def test_what_the_server_has_no_part_in_is_no_outage(error: Exception, unended: int, expected: bool):
    """Nor is what it refuses again and again."""
    assert is_outage(error, unended) is expected


async def test_an_answer_is_waited_for():
    """However often there is none."""
    answers = [LostConnectionError("gone"), OutOfMemoryError("full"), None, LostConnectionError("never asked")]

    async def ask() -> None:
        answer = answers.pop(0)
        if answer:
            raise answer

    await until_answered(ask)
    assert len(answers) == 1


async def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch):
    """Its lease is over by then."""
    monkeypatch.setattr("runtime.worker.outage.PATIENCE", 0)

    async def ask() -> None:
        raise LostConnectionError("gone")

    with pytest.raises(RedisError, match="gone"):
        await until_answered(ask)


async def test_another_error_is_no_answer_to_wait_for():
    """Nobody thought of it."""

    async def ask() -> None:
        raise KeyError("parcel")

    with pytest.raises(KeyError):
        await until_answered(ask)
