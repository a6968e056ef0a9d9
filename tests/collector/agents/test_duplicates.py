"""A call of which two instrumentations tell counts once; two calls count twice."""

from typing import Any
from uuid import UUID

import pytest

from collector.agents.tree import Span, Tree
from collector.agents.usage import find_uncounted
from collector.store.roles import Role

SAME: dict[str, Any] = {"model": "m", "input_tokens": 7, "output_tokens": 2}


def call(id_: int, scope: str, start: int, end: int, parent: int | None = None, **work: Any) -> Span:
    """A call of a model."""
    return Span(id_, parent, UUID(int=id_), f"s{id_}", start, scope, end, role=Role.MODEL, work=work)


def agent(id_: int, scope: str, parent: int | None = None) -> Span:
    """One that goes on for long."""
    return Span(id_, parent, UUID(int=id_), f"s{id_}", 0, scope, 1_000, role=Role.AGENT, agent=f"a{id_}")


def uncounted(*spans: Span) -> set[int]:
    """Which do not count."""
    return set(find_uncounted(Tree(sorted(spans, key=lambda each: (each.start_ns, each.id)))))


@pytest.mark.parametrize("end", [20, 40])
def test_calls_that_overlap_are_one(end: int) -> None:
    """Whether one lies inside the other, or both are callbacks that start and end in the same order."""
    assert uncounted(call(1, "a", 0, 30, **SAME), call(2, "b", 5, end, **SAME)) == {2}
    assert uncounted(call(1, "a", 0, 30, **SAME), call(2, "a", 5, end, **SAME)) == set()


def test_calls_one_after_another_are_two() -> None:
    """Also where one begins as the other ends."""
    assert uncounted(call(1, "a", 0, 10, **SAME), call(2, "b", 10, 20, **SAME)) == set()
    assert uncounted(call(1, "a", 0, 10, **SAME), call(2, "b", 11, 20, **SAME)) == set()


def test_calls_with_other_tokens_are_two() -> None:
    """What was cached may be told apart from the input by one of them."""
    one = call(1, "a", 0, 30, **SAME)
    assert uncounted(one, call(2, "b", 5, 20, **SAME | {"input_tokens": 8})) == set()
    cached: dict[str, Any] = {"input_tokens": 2, "cache_read_tokens": 5, "total_tokens": 9}
    assert uncounted(one, call(2, "b", 5, 20, **SAME | cached)) == {2}


def test_one_of_them_may_not_tell_the_id_of_the_answer() -> None:
    """Two ids are two answers."""
    one = call(1, "a", 0, 30, **SAME, response_id="r-1")
    assert uncounted(one, call(2, "b", 5, 40, **SAME)) == {2}
    assert uncounted(one, call(2, "b", 5, 40, **SAME, response_id="r-2")) == set()


@pytest.mark.parametrize("dated", ["gpt-4o-2024-08-06", "gpt-4o-20240806", "gpt-4o-latest"])
def test_a_release_of_a_model_is_the_same_model(dated: str) -> None:
    """One span has what was asked for, the other what answered."""
    used: dict[str, Any] = {"input_tokens": 7, "output_tokens": 2}
    asked = call(1, "a", 0, 30, model="gpt-4o", **used)
    assert uncounted(asked, call(2, "b", 5, 40, model="gpt-4o", response_model=dated, **used)) == {2}
    assert uncounted(asked, call(2, "b", 5, 40, model="gpt-4o-mini", **used)) == set()


def test_an_id_that_a_server_gives_to_every_answer_is_of_several_calls() -> None:
    """As many as one instrumentation tells of."""
    ids: dict[str, Any] = {"response_id": "chatcmpl-0"}
    alone = [call(n, "a", n * 10, n * 10 + 5, input_tokens=n, **ids) for n in (1, 2, 3)]
    assert uncounted(*alone) == set()
    again = [call(n + 10, "b", n * 10 + 1, n * 10 + 6, input_tokens=n, **ids) for n in (1, 2, 3)]
    assert uncounted(*alone, *again) == {11, 12, 13}
    assert uncounted(*alone[:2], call(13, "b", 31, 36, input_tokens=3, **ids)) == set()


def test_one_answer_is_one_call_however_its_tokens_are_told() -> None:
    """Overlapping spans need no tokens, and those with the same tokens may be told of when the call is over."""
    assert uncounted(call(1, "a", 0, 30, **SAME, response_id="r"), call(2, "b", 5, 40, response_id="r")) == {2}
    assert uncounted(call(1, "a", 0, 30, **SAME, response_id="r"), call(2, "b", 50, 51, **SAME, response_id="r")) == {2}


def test_equal_calls_at_once_are_as_many_as_one_instrumentation_tells_of() -> None:
    """A batch of the same question, with answers of the same length."""
    spans = [
        call(10 * n + (scope == "b"), scope, n + (scope == "b"), 50 + n, **SAME) for n in (0, 2, 4) for scope in "ab"
    ]
    assert uncounted(*spans) == {1, 21, 41}


def test_calls_of_two_agents_that_one_instrumentation_tells_of_are_two() -> None:
    """Agents that each instrumentation tells of for itself are one."""
    top = agent(1, "f")
    calls = call(4, "a", 0, 30, 2, **SAME), call(5, "b", 5, 40, 3, **SAME)
    assert uncounted(top, agent(2, "f", 1), agent(3, "f", 1), *calls) == set()
    assert uncounted(top, agent(2, "a", 1), agent(3, "b", 1), *calls) == {5}
