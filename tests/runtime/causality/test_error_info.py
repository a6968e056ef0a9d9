"""What is kept of what happened."""

from runtime.causality.error_info import ErrorInfo, words


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_error_that_fails_to_say_anything_is_kept_all_the_same():
    """Its class and traceback are there; an attempt must not end by its words."""
    try:
        raise SpeechlessError
    except SpeechlessError as error:
        info, said = ErrorInfo.of(error), words(error)
    assert (info.type, info.message, said) == ("SpeechlessError", "<exception str() failed>", info.message)
    assert "raise SpeechlessError" in info.traceback


def test_an_error_is_quoted_as_it_is():
    """A key in quotes, as `KeyError` has it."""
    assert [words(error) for error in (OSError("no route"), KeyError("bank"))] == ["no route", "'bank'"]
