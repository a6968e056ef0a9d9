"""The book of steps beside their successors: who does each, and how far the two agree, as the server keeps it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from runtime.shadows.comparison import Difference
from runtime.shadows.contract import Shadows
from runtime.shadows.record import Comparison, ShadowRecord, StepAddress
from runtime.shadows.redis import RedisShadows
from runtime.vocabulary import ShadowVerdict
from tests.contract.backends import Clients, tick
from tests.contract.made import uuid

RECEIPT = StepAddress("bank", "payment", "receipt")
SCORE = StepAddress("bank", "payment", "fraud/score")
AGREED, DISAGREED, FAILED = ShadowVerdict.AGREED, ShadowVerdict.DISAGREED, ShadowVerdict.FAILED


@pytest.fixture
def book(clients: Clients) -> Shadows:
    """Of one worker, on an empty server of each kind."""
    return RedisShadows(clients.client)


@pytest.fixture
def other(clients: Clients) -> Shadows:
    """Of another worker."""
    return RedisShadows(clients.client)


async def declare(book: Shadows, version: str = "1", *places: StepAddress) -> None:
    """Code of a version says that steps have a successor."""
    await book.declare("bank", version, dict.fromkeys(places or (RECEIPT,), ("receipts", "books")))


def comparison(number: int, verdict: ShadowVerdict = AGREED, version: str = "1", **more: Any) -> Comparison:
    """The `number`-th."""
    return Comparison(
        delivery=uuid(number),
        verdict=verdict,
        version=version,
        node=uuid(700),
        event=uuid(600 + number),
        correlation=uuid(900),
        **more,
    )


async def found(book: Shadows, place: StepAddress = RECEIPT) -> ShadowRecord:
    """How a step stands."""
    record = await book.get(place)
    assert record is not None
    return record


async def test_a_step_is_compared_until_an_operator_says_otherwise(book: Shadows, other: Shadows):
    """What was said holds for whoever asks, and outlasts new code."""
    assert await book.mode(RECEIPT) == "shadow"
    await declare(book)
    assert await book.switch(RECEIPT, "moved", "ada", "they agree") == "shadow"
    assert (await other.mode(RECEIPT), await other.mode(SCORE)) == ("moved", "shadow")
    await declare(other, "2")
    record = await found(other)
    assert (record.mode, record.by, record.reason, record.version) == ("moved", "ada", "they agree", "2")
    assert record.since_ms is not None
    assert await other.switch(RECEIPT, "step", "bob", "") == "moved"
    assert [(one.mode, one.by, one.reason) for one in (await found(book)).switches] == [
        ("step", "bob", ""),
        ("moved", "ada", "they agree"),
    ]


async def test_nobody_switches_a_step_that_nobody_has_declared(book: Shadows):
    """A name that was mistyped changes nothing."""
    assert await book.get(RECEIPT) is None
    assert await book.switch(RECEIPT, "moved", "ada", "") is None
    assert not await book.begin_anew(RECEIPT, "ada", "")
    assert (await book.mode(RECEIPT), await book.all(), await book.audit(None, 10)) == ("shadow", [], [])


async def test_a_comparison_counts_once_however_often_its_delivery_comes(book: Shadows, other: Shadows):
    """Also where two workers have it at the same time."""
    await declare(book)
    told = await asyncio.gather(
        *(one.count_comparison(RECEIPT, comparison(1)) for one in (book, other) for _ in range(5))
    )
    assert sorted(told) == [False] * 9 + [True]
    assert await book.count_comparison(RECEIPT, comparison(2, DISAGREED))
    assert not await other.count_comparison(RECEIPT, comparison(2, FAILED))
    record = await found(book)
    assert (record.agreed, record.disagreed, record.failed, record.compared) == (1, 1, 0, 2)


async def test_coverage_comes_before_agreement(book: Shadows):
    """What failed, or was left out, is no agreement, and is told."""
    await declare(book)
    empty = await found(book)
    assert (empty.coverage, empty.agreement) == (None, None)
    for number in range(8):
        await book.count_comparison(RECEIPT, comparison(number))
    await book.count_comparison(RECEIPT, comparison(8, FAILED, error="OSError: no printer"))
    await book.count_left_out(RECEIPT, "1")
    record = await found(book)
    assert (record.agreed, record.failed, record.left_out, record.coverage) == (8, 1, 1, 0.8)
    assert record.agreement is not None
    assert record.agreement.share == 1
    assert record.counted_ms is not None


async def test_what_did_not_agree_is_kept_as_it_was_told(book: Shadows):
    """The newest first, whatever there is in it; what agreed is counted alone."""
    await declare(book)
    fields = (Difference("fee[0].cents", '"1\\ud800"', "(absent)"), Difference("", "é\x00", "漢"))
    first = comparison(1, DISAGREED, subject="A-1 é", differences=fields)
    await book.count_comparison(RECEIPT, first)
    await book.count_comparison(RECEIPT, comparison(2))
    failed = replace(comparison(3, FAILED, error="KeyError: 'x'"), node=None)
    await book.count_comparison(RECEIPT, failed)
    record = await found(book)
    assert [one.comparison for one in record.last] == [failed, first]
    assert record.last[0].at_ms >= record.last[1].at_ms > 0


async def test_comparisons_of_other_code_do_not_count(book: Shadows, other: Shadows):
    """Nor is what did not agree then shown as if it were of this code's; they count again when that is back."""
    await declare(book)
    await book.count_comparison(RECEIPT, comparison(1, DISAGREED))
    await book.count_comparison(RECEIPT, comparison(2))
    await declare(other, "2")
    await book.count_comparison(RECEIPT, comparison(3, DISAGREED, "1"))  # a worker of the former version is still there
    await other.count_comparison(RECEIPT, comparison(4, FAILED, "2"))
    record = await found(book)
    assert (record.version, record.compared, record.failed, record.outdated) == ("2", 0, 1, 3)
    assert [one.comparison.version for one in record.last] == ["2"]
    await declare(book)
    record = await found(book)
    assert (record.version, record.compared, record.failed, record.outdated) == ("1", 3, 0, 1)


async def test_a_comparison_begun_anew_forgets_what_was_counted(book: Shadows, clients: Clients):
    """And what did not agree; a delivery that was counted and comes again is still known."""
    await declare(book)
    await book.count_comparison(RECEIPT, comparison(1, DISAGREED))
    await book.count_left_out(RECEIPT, "1")
    before = await found(book)
    await tick(clients.client)
    assert await book.begin_anew(RECEIPT, "ada", "mended")
    assert not await book.count_comparison(RECEIPT, comparison(1, DISAGREED))
    record = await found(book)
    assert (record.compared, record.left_out, record.last, record.mode) == (0, 0, (), "shadow")
    assert (record.counted_ms or 0) > (before.counted_ms or 0) > 0
    assert [(one.mode, one.reason) for one in record.switches] == [("anew", "mended")]


async def test_all_steps_are_listed_by_name_each_for_itself(book: Shadows):
    """Without what operators did, which one alone is asked for."""
    await declare(book, "1", RECEIPT, SCORE)
    await book.count_comparison(SCORE, comparison(1, DISAGREED))
    await book.switch(RECEIPT, "moved", "ada", "")
    listed = await book.all()
    assert [(one.place, one.mode, one.disagreed, len(one.last), one.switches) for one in listed] == [
        (SCORE, "shadow", 1, 1, ()),
        (RECEIPT, "moved", 0, 0, ()),
    ]


async def test_what_operators_did_is_told_newest_first_and_page_by_page(book: Shadows, clients: Clients):
    """Of all steps, each under a key of its own."""
    await declare(book, "1", RECEIPT, SCORE)
    for place, mode in ((RECEIPT, "moved"), (SCORE, "moved"), (RECEIPT, "shadow")):
        await book.switch(place, mode, "ada", f"{place.step} {mode}")  # type: ignore[arg-type]  # modes, one and all
        await tick(clients.client)
    await book.begin_anew(SCORE, "bob", "mended")
    told = await book.audit(None, 10)
    assert [(record.action, record.operator, record.reason) for _, record in told] == [
        ("compare_anew", "bob", "mended"),
        ("shadow_step", "ada", "receipt shadow"),
        ("move_step", "ada", "fraud/score moved"),
        ("move_step", "ada", "receipt moved"),
    ]
    assert len({key for key, _ in told}) == 4
    assert await book.audit(None, 2) == told[:2]
    assert await book.audit(told[2][1].at_ms, 10) == told[2:]
