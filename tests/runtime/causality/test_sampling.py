"""A correlation is kept or not, once and for all."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from runtime.causality import identity
from runtime.causality.sampling import is_sampled


@given(correlation=st.uuids())
def test_all_or_nothing(correlation: UUID):
    """At the ends of the scale there is no chance."""
    assert is_sampled(correlation, 1.0)
    assert not is_sampled(correlation, 0.0)


@given(correlation=st.uuids(), ratio=st.floats(0, 1), more=st.floats(0, 1))
def test_the_decision_is_stable(correlation: UUID, ratio: float, more: float):
    """What is kept at a ratio is kept at every higher one."""
    assert is_sampled(correlation, ratio) == is_sampled(correlation, ratio)
    assert is_sampled(correlation, max(ratio, more)) or not is_sampled(correlation, ratio)


def test_the_share_that_is_kept_is_the_ratio():
    """Of ids as they are minted, within chance."""
    kept = sum(is_sampled(identity.mint(), 0.2) for _ in range(5000))
    assert 800 < kept < 1200
