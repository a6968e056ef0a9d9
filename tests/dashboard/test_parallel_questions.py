"""Questions that are asked at the same time."""

import threading

import pytest
import streamlit as st

from dashboard import parallel_questions


def test_what_is_asked_ahead_is_under_way_while_the_page_goes_on() -> None:
    """Both wait for each other: one after the other they would wait for ever."""
    met = threading.Barrier(2, timeout=30)
    first, second = (parallel_questions.ask_ahead(met.wait) for _ in range(2))
    assert {first(), second()} == {0, 1}


def test_what_asking_raised_is_raised_where_the_answer_is_needed() -> None:
    """And not before."""

    def refuse() -> None:
        raise LookupError("no such run")

    answer = parallel_questions.ask_ahead(refuse)
    with pytest.raises(LookupError, match="no such run"):
        answer()
    st.cache_resource.clear()
