"""What is kept of what happened."""

import pytest

from runtime.causality.error_info import MESSAGE_LIMIT, TRACEBACK_LIMIT, ErrorInfo, describe_error, leaves


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class SilencedError(Exception):
    def __str__(self) -> str:
        raise SystemExit(1)


class MuteError(Exception):
    def __str__(self) -> str:
        return 7


@pytest.mark.parametrize("kind", [SpeechlessError, SilencedError, MuteError])
def test_an_error_that_fails_to_say_anything_is_kept_all_the_same(kind: type[Exception]):
    """Its class is there; an attempt must not end by its words."""
    try:
        raise kind
    except kind as error:
        info, said = ErrorInfo.of(error), describe_error(error)
    assert (info.type, info.message, said) == (kind.__name__, "<exception str() failed>", info.message)
    assert kind.__name__ in info.traceback


def test_of_many_words_the_first_and_the_last_are_kept():
    """The whole answer of a service may be quoted; no server would take all of it."""
    info = ErrorInfo.of(OSError("start " + "x" * 1_000_000 + " end"))
    assert len(info.message) <= MESSAGE_LIMIT
    assert (info.message[:5], info.message[-3:], "[...]" in info.message) == ("start", "end", True)
    assert len(info.traceback) == TRACEBACK_LIMIT


def test_of_a_traceback_the_end_is_kept():
    """The error is there."""

    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        else:
            raise OSError("no route")

    try:
        deep(700)
    except OSError as error:
        info = ErrorInfo.of(error)
    assert info.traceback.endswith("OSError: no route\n")
    assert len(info.traceback) <= TRACEBACK_LIMIT


def test_a_group_names_the_first_of_what_is_in_it():
    """At any depth, in order; of the rest how many there are."""
    inner = ExceptionGroup("inner", [OSError(str(number)) for number in range(4)])
    group = ExceptionGroup("legs", [inner, KeyError("a"), *[ValueError("x") for _ in range(3)]])
    assert describe_error(group).startswith(
        "legs (5 sub-exceptions): OSError: 0; OSError: 1; OSError: 2; OSError: 3; KeyError:"
    )
    assert describe_error(group).endswith("'a'; and 3 more")
    assert [type(one) for one in leaves(group)] == [OSError] * 4 + [KeyError] + [ValueError] * 3


def test_a_group_may_be_nested_more_deeply_than_the_stack():
    """A retry of a retry, say, around and around."""
    group: Exception = OSError("no route")
    for _ in range(5_000):
        group = ExceptionGroup("again", [group])
    assert [str(one) for one in leaves(group)] == ["no route"]
    assert ErrorInfo.of(group).message == "again (1 sub-exception): OSError: no route"


def test_an_error_that_is_no_group_is_its_own_leaf():
    """Also one that is no exception of the usual kind."""
    error = SystemExit(3)
    assert list(leaves(error)) == [error]


def test_an_error_that_is_its_own_cause_is_kept():
    """Its traceback does not go round in circles."""
    error = OSError("no route")
    error.__cause__ = error.__context__ = error
    assert ErrorInfo.of(error).message == "no route"


def test_an_error_is_quoted_as_it_is():
    """A key in quotes, as `KeyError` has it."""
    assert [describe_error(error) for error in (OSError("no route"), KeyError("bank"))] == ["no route", "'bank'"]
