"""What requests hold together is bounded."""

import pytest

from collector.errors import OverloadedError
from collector.otlp.budget import Budget


def test_requests_share_the_limit_and_give_back_what_they_held() -> None:
    """Also when they fail."""
    budget = Budget(100)
    with budget.share() as one:
        one.grow(60)
        with budget.share() as other:
            other.grow(30)
            with pytest.raises(OverloadedError, match="90 bytes are under way"):
                other.grow(11)
            other.grow(10)
        with budget.share() as other:
            other.grow(40)
    with budget.share() as other:
        other.grow(100)


def test_a_request_that_is_alone_gets_in_whatever_its_size() -> None:
    """Refused, it would come again for ever; others wait until it is done."""
    budget = Budget(100)
    with budget.share() as large:
        large.grow(60)
        large.grow(60)
        with budget.share() as other, pytest.raises(OverloadedError):
            other.grow(1)
        large.give_back()
        large.give_back()
        with budget.share() as other:
            other.grow(100)
