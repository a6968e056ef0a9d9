"""Each token counts once, wherever several spans tell of it."""

from typing import Any
from uuid import UUID

import pytest

from collector.agents.tree import Span, Tree
from collector.agents.usage import Usage, describe_difference, find_uncounted, read_usage
from collector.store.roles import Role


def span(id_: int, parent: int | None, role: Role | None, scope: str = "one", ends: int = 0, **work: Any) -> Span:
    """A span that begins at its id."""
    return Span(
        id=id_,
        parent=parent,
        node_id=UUID(int=id_),
        name=f"s{id_}",
        scope=scope,
        start_ns=id_,
        end_ns=ends or id_ + 10,
        role=role,
        work=work,
    )


def uncounted(*spans: Span) -> set[int]:
    """Which do not count."""
    return set(find_uncounted(Tree(spans)))


def test_the_sum_that_a_container_reports_does_not_count() -> None:
    """Where a call below it tells; else it is all there is."""
    agent = span(1, None, Role.AGENT, input_tokens=30)
    assert uncounted(agent, span(2, 1, Role.MODEL, input_tokens=30)) == {1}
    assert uncounted(agent, span(2, 1, Role.TOOL)) == set()
    assert uncounted(agent, span(2, 1, Role.MODEL)) == set()


def test_of_a_call_within_a_call_the_inner_one_counts() -> None:
    """Even where both have the same operation."""
    outer, inner = span(1, None, Role.EMBEDDING, input_tokens=3), span(3, 2, Role.EMBEDDING, input_tokens=3)
    assert uncounted(outer, span(2, 1, None), inner) == {1}


def test_what_an_agent_within_a_calls_tool_spends_is_other_spending() -> None:
    """Both count."""
    call = span(1, None, Role.MODEL, input_tokens=9)
    assert uncounted(call, span(2, 1, Role.TOOL), span(3, 2, Role.MODEL, input_tokens=5)) == set()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"input_tokens": 10, "output_tokens": 2}, Usage(10, 2)),
        ({"input_tokens": 10, "output_tokens": 2, "cache_read_tokens": 4, "total_tokens": 12}, Usage(10, 2, 4)),
        ({"input_tokens": 10, "output_tokens": 2, "cache_read_tokens": 4, "total_tokens": 16}, Usage(14, 2, 4)),
        ({"input_tokens": 3, "output_tokens": 2, "cache_read_tokens": 400, "total_tokens": 405}, Usage(403, 2, 400)),
        ({"input_tokens": 10, "output_tokens": 2, "reasoning_tokens": 9}, Usage(10, 11, reasoning=9)),
        ({"input_tokens": 10, "output_tokens": 12, "reasoning_tokens": 9}, Usage(10, 12, reasoning=9)),
        (
            {"input_tokens": 10, "output_tokens": 12, "reasoning_tokens": 9, "total_tokens": 31},
            Usage(10, 21, reasoning=9),
        ),
        ({"input_tokens": 10}, Usage(10)),
        ({"input_tokens": 0, "output_tokens": 0}, Usage(0, 0)),
        ({}, Usage()),
    ],
)
def test_the_reading_that_the_total_bears_out_is_taken(told: dict[str, int], expected: Usage) -> None:
    """Providers differ in whether what was cached, or thought, lies within."""
    assert read_usage(span(1, None, Role.MODEL, **told)) == expected


def test_what_adds_up_in_no_reading_is_said() -> None:
    """The numbers stay as they were told."""
    said = read_usage(span(1, None, Role.MODEL, input_tokens=10, output_tokens=2, total_tokens=99))
    assert (said.input, said.output) == (10, 2)
    assert said.doubt == "parts make 12, the total says 99"


def test_what_is_taken_to_be_told_apart_without_a_total_is_said() -> None:
    """Nothing is clamped in silence."""
    said = read_usage(span(1, None, Role.MODEL, input_tokens=3, output_tokens=2, cache_read_tokens=400))
    assert (said.input, said.output) == (403, 2)
    assert "more was cached than the input told" in said.doubt


def test_a_sum_that_is_not_that_of_its_calls_is_said() -> None:
    """An agent may report what its session used so far; the calls count all the same."""
    agent, call = span(1, None, Role.AGENT, input_tokens=900, output_tokens=3), span(2, 1, Role.MODEL, input_tokens=30)
    same = span(1, None, Role.AGENT, input_tokens=30)
    assert describe_difference(Tree([agent, call]), agent) == (
        "s1 reports 900 tokens in and 3 out, the calls within it make 30 in and 0 out: those count"
    )
    assert (
        describe_difference(Tree([same, call]), same),
        describe_difference(Tree([agent]), agent),
        describe_difference(Tree([agent, call]), call),
    ) == (
        "",
        "",
        "",
    )
