"""Cursors: what is none is refused."""

import base64
from uuid import UUID

import pytest

from collector.errors import BadQueryError
from collector.questions.paging import Place


def forged(*parts: object) -> str:
    """A cursor that holds what somebody made up."""
    return base64.urlsafe_b64encode(".".join(str(part) for part in parts).encode()).decode()


@pytest.mark.parametrize("at", [10**30, 2**63, -(2**63) - 1, "x", ""])
def test_a_time_that_the_store_cannot_hold_is_no_place(at: object) -> None:
    """No row of ours was there."""
    with pytest.raises(BadQueryError, match="is no cursor"):
        Place.read(forged(at, UUID(int=1).hex))
