"""Parts of a page that are asked for and shown apart: one that can't be had says so in its place, beside all others."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from collector.client import ApiError, CollectorSlow, CollectorUnavailable
from dashboard import wording

Answer = TypeVar("Answer")


def get_or_error(ask: Callable[[], Answer]) -> Answer | ApiError:
    """Returns the answer of a part, or why the collector gives none.

    Raises:
        CollectorUnavailable: when nobody answers at all: no part can be had, and the page says so once.
    """
    try:
        return ask()
    except CollectorSlow as error:
        return error
    except CollectorUnavailable:
        raise
    except ApiError as error:
        return error


def show(part: str, answer: Answer | ApiError, draw: Callable[[Answer], object]) -> None:
    """Shows a part, or why it can't be shown.

    Args:
        part: what it is, in words that begin a sentence.
        answer: of `get_or_error`.
        draw: shows an answer.
    """
    if isinstance(answer, ApiError):
        show_failure(part, answer)
    else:
        draw(answer)


def show_failure(part: str, error: ApiError) -> None:
    """Says that a part can't be shown, and why."""
    said = f"**{part} can't be shown:** {wording.plain(error.message)}  \n{wording.plain(error.hint)}"
    st.error(said, icon=":material/report:")
