"""One tree of errors, each saying when it is raised."""

import inspect

import pytest

from runtime import errors
from runtime.causality.error_info import TRACEBACK_LIMIT, ErrorInfo

OURS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__ and kind is not errors.CauselineError
]


@pytest.mark.parametrize("kind", OURS)
def test_every_error_is_a_branch_of_the_tree_and_says_when_it_is_raised(kind: type):
    """`except CauselineError` catches all that the runtime raises on purpose."""
    assert issubclass(kind, errors.CauselineError)
    assert kind.__name__.endswith("Error")
    assert (kind.__doc__ or "").startswith("Raised ")


def test_an_error_is_kept_with_the_end_of_its_traceback():
    """The end is where the error is; the beginning of a long one is dropped."""

    def fall(depth: int) -> None:
        if depth:
            fall(depth - 1)
        raise KeyError("x" * 100)

    with pytest.raises(KeyError) as told:
        eval("fall(3)", {"fall": fall})  # noqa: S307 - an expression of ours
    info = ErrorInfo.of(told.value)
    assert (info.type, info.message) == ("KeyError", repr("x" * 100))
    assert info.traceback.rstrip().endswith("KeyError: " + repr("x" * 100))
    long = ErrorInfo.of(ValueError("y" * 3 * TRACEBACK_LIMIT))
    assert len(long.traceback) == TRACEBACK_LIMIT
