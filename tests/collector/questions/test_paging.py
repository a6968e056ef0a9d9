"""Cursors: a place in a list, with the range that all of its pages are of."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from collector.errors import BadQueryError
from collector.models import Window
from collector.questions.paging import PagePosition, split_page
from collector.questions.windows import Range

ID = UUID(int=1)
WINDOW = Window(start=datetime.min.replace(tzinfo=UTC), end=datetime.max.replace(tzinfo=UTC), fallback=True)
WHOLE = (5, ID.hex, 0, 10, "asked", 7)


def forged(*parts: object) -> str:
    """A cursor that holds what somebody made up."""
    return base64.urlsafe_b64encode(".".join(str(part) for part in parts).encode()).decode()


@pytest.mark.parametrize(
    "within",
    [
        Range.everything(),
        Range.of(WINDOW),
        Range.of(Window(start=datetime.now(UTC) - timedelta(hours=1), end=datetime.now(UTC))),
    ],
)
def test_a_cursor_leads_back_to_its_place(within: Range) -> None:
    """With the range of the first page, whatever it was."""
    rows = [{"listed_ns": ns, "id": UUID(int=ns)} for ns in (3, 2, 1)]
    page, cursor = split_page(rows, PagePosition(within, 7), 2, "id")
    assert page == rows[:2]
    assert PagePosition.read(cursor) == PagePosition(within, 7, 2, UUID(int=2))
    assert split_page(page, PagePosition(within), 2, "id") == (page, None)


@pytest.mark.parametrize("cursor", [None, ""])
def test_without_a_cursor_there_is_no_place_yet(cursor: str | None) -> None:
    """The list begins."""
    assert PagePosition.read(cursor) is None


@pytest.mark.parametrize("part", range(6))
@pytest.mark.parametrize("wrong", [10**30, 2**70, -(10**30), "x", ""])
def test_what_no_list_can_have_is_no_place(part: int, wrong: object) -> None:
    """Times beyond all times, ids that are none, words that nobody knows."""
    assert PagePosition.read(forged(*WHOLE))
    with pytest.raises(BadQueryError, match="is not a cursor"):
        PagePosition.read(forged(*WHOLE[:part], wrong, *WHOLE[part + 1 :]))


@pytest.mark.parametrize(
    "cursor", ["é", "YQ==", "a", forged(*WHOLE[:2]), forged(*WHOLE, 1), forged(5, ID, 10, 10, "asked", 7)]
)
def test_other_text_is_no_cursor(cursor: str) -> None:
    """Cut, made longer, of another program, or of a range that is none."""
    with pytest.raises(BadQueryError, match="is not a cursor"):
        PagePosition.read(cursor)
