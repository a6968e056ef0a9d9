"""Bodies are unpacked within a limit."""

import gzip
import os
import time
from collections.abc import AsyncIterator

import pytest

from collector.errors import OverloadedError, TooLargeError, UndecodableError
from collector.otlp.body import read_body
from collector.otlp.body import unpack as unpack_within
from collector.otlp.budget import Budget, Share


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Unpacks where there is room for everything."""
    return unpack_within(body, encoding, limit, Share(Budget(limit)))


async def arriving(*chunks: bytes) -> AsyncIterator[bytes]:
    """A body as it comes."""
    for chunk in chunks:
        yield chunk


def test_gzip_of_several_members_is_one_body() -> None:
    """The format allows it, and `cat a.gz b.gz` makes it."""
    assert unpack(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", 100) == b"one two"


def test_members_of_any_size_are_put_together() -> None:
    """Whether they end before, at or behind what is looked at in one go."""
    parts = [os.urandom(size) for size in (0, 1, 65_000, 65_513, 65_536, 200_000, 0)]
    assert unpack(b"".join(gzip.compress(part) for part in parts), "gzip", 1_000_000) == b"".join(parts)


def test_a_body_of_many_members_is_refused_at_once() -> None:
    """Each costs some work, and yields nothing; the work must not grow with what lies behind them."""
    many = gzip.compress(b"") * 200_000
    began = time.process_time()
    with pytest.raises(UndecodableError, match="more than 1024 members"):
        unpack(many + bytes(50_000_000), "gzip", 1_000_000)
    assert time.process_time() - began < 1


def test_no_encoding_and_identity_are_the_bytes_themselves() -> None:
    """Both mean that nothing is to be undone."""
    assert unpack(b"as is", "", 5) == b"as is"
    assert unpack(b"as is", "identity", 5) == b"as is"


def test_a_body_of_exactly_the_limit_passes() -> None:
    """The limit is what may be, not what may not."""
    assert unpack(gzip.compress(bytes(1000)), "gzip", 1000) == bytes(1000)


@pytest.mark.parametrize("members", [1, 3])
def test_a_bomb_is_refused_before_it_is_unpacked(members: int) -> None:
    """A hundred megabytes in a hundred kilobytes."""
    with pytest.raises(TooLargeError, match="CAUSELINE_REQUEST_LIMIT_MIB"):
        unpack(gzip.compress(bytes(50_000_000)) * members, "gzip", 1_000_000)


@pytest.mark.parametrize(
    "body", [b"not gzip", gzip.compress(b"cut short")[:-4], gzip.compress(b"") + b"\0"], ids=["other", "cut", "padded"]
)
def test_bad_gzip_is_undecodable(body: bytes) -> None:
    """Also one that ends too early."""
    with pytest.raises(UndecodableError, match="gzip"):
        unpack(body, "gzip", 100)


def test_an_unknown_encoding_is_named() -> None:
    """So that the sender knows what to change."""
    with pytest.raises(UndecodableError, match="'br'"):
        unpack(b"", "br", 100)


async def test_reading_stops_at_the_limit() -> None:
    """The rest of an endless body is never asked for."""
    given = 0

    async def endless():
        nonlocal given
        while True:
            given += 1
            yield bytes(10)

    with pytest.raises(TooLargeError):
        await read_body(endless(), 100, Share(Budget(100)))
    assert given == 11


async def test_a_body_is_held_as_sent_and_as_unpacked() -> None:
    """Until its request gives it back."""
    budget, packed = Budget(1_000_000), gzip.compress(bytes(5000))
    with budget.share() as share:
        assert await read_body(arriving(packed[:5], packed[5:]), 100, share) == packed
        assert unpack_within(packed, "gzip", 5000, share) == bytes(5000)
        with pytest.raises(OverloadedError, match=f"{len(packed) + 5000} bytes"), budget.share() as other:
            other.grow(1_000_000)


async def test_a_body_for_which_there_is_no_room_is_read_to_its_end() -> None:
    """Its sender listens only after it has sent everything; meanwhile others have all the room."""
    budget = Budget(100)
    with budget.share() as other, budget.share() as share:
        other.grow(50)
        body = arriving(bytes(50), bytes(50), bytes(50))
        with pytest.raises(OverloadedError):
            await read_body(body, 1000, share)
        assert [chunk async for chunk in body] == []
        other.grow(50)


@pytest.mark.parametrize("ahead", [0, 10])
async def test_a_body_beside_one_that_fills_the_room_alone_is_read_to_its_end(ahead: int) -> None:
    """One that is alone may hold more than there is; whoever comes then is answered as well, and holds nothing."""
    budget = Budget(100)
    with budget.share() as other, budget.share() as share:
        other.grow(200)
        body = arriving(bytes(50), bytes(50))
        with pytest.raises(OverloadedError):
            await read_body(body, 1000, share, ahead=ahead)
        assert [chunk async for chunk in body] == []
        assert budget.held_bytes == 200


def test_what_is_unpacked_is_bounded_by_the_room_that_is_left() -> None:
    """As soon as it is passed."""
    budget = Budget(100_000)
    with budget.share() as other, budget.share() as share:
        other.grow(1)
        with pytest.raises(OverloadedError):
            unpack_within(gzip.compress(bytes(50_000_000)), "gzip", 100_000_000, share)
