"""A causal graph in the terminal."""

import sys
from collections.abc import Mapping
from io import StringIO
from itertools import pairwise
from typing import Any

from rich.console import Console

from runtime.cli.trees import causal_tree


def node(id_: str, second: int, **more: object) -> dict[str, Any]:
    start = f"2026-01-01T00:00:{second:02}Z"
    return {"id": id_, "kind": "step", "name": id_, "status": "ok", "start": start, "attempts": 1, **more}


def edge(cause: str, effect: str, coordination: str = "commanded") -> dict[str, str]:
    return {"cause": cause, "effect": effect, "evidence": "declared", "coordination": coordination}


def drawn(graph: Mapping[str, Any]) -> list[str]:
    paper = StringIO()
    Console(file=paper, width=160).print(causal_tree(graph))
    return [line.rstrip() for line in paper.getvalue().splitlines()]


def test_effects_hang_below_their_cause_in_the_order_of_time() -> None:
    """The focus is marked, reactions are told from commands."""
    graph = {
        "focus": "event",
        "nodes": [node("run", 0, kind="run"), node("sms", 5, status="dead", attempts=5), node("event", 2)],
        "edges": [edge("event", "sms", "reacted"), edge("run", "event")],
    }

    assert drawn(graph) == [
        "run run  ok  run",
        "└── step event  ok  event <- asked for",
        "    └── ~ step sms  dead  5 attempts  sms",
    ]


def test_a_node_with_two_causes_is_drawn_once() -> None:
    """The second time a line says so."""
    graph = {
        "focus": "a",
        "nodes": [node(name, second) for second, name in enumerate("abcd")],
        "edges": [edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d")],
    }
    lines = drawn(graph)

    assert sum(line.endswith("step d  ok  d") for line in lines) == 1
    assert sum(line.endswith("step d: drawn elsewhere") for line in lines) == 1


def test_a_node_hangs_below_the_last_of_a_chain_of_causes() -> None:
    """As in the dashboard; where it lies below all the same, nothing is said again."""
    graph = {
        "focus": "plan",
        "nodes": [node(name, second) for second, name in enumerate(("plan", "review", "approval", "deploy"))],
        "edges": [
            edge("plan", "review"),
            edge("plan", "approval"),
            edge("plan", "deploy"),
            edge("review", "approval"),
            edge("review", "deploy"),
            edge("approval", "deploy"),
        ],
    }

    assert drawn(graph) == [
        "step plan  ok  plan <- asked for",
        "└── step review  ok  review",
        "    └── step approval  ok  approval",
        "        └── step deploy  ok  deploy",
    ]


def test_items_that_are_alike_are_one_line() -> None:
    """With their attempts together; what failed, what has other effects and what was asked for is told by itself."""
    items = [
        node(f"i{at}", at + 1, name=f"patch [{at}]", step="patch", place=f"[{at}]", attempts=1 + (at == 1))
        for at in range(7)
    ]
    items[2]["status"] = "failed"
    graph = {
        "focus": "i3",
        "nodes": [node("spread", 0), *items, node("review", 20), node("mail", 21)],
        "edges": [
            *(edge("spread", item["id"]) for item in items),
            *(edge(item["id"], "review") for item in items),
            edge("i4", "mail"),
        ],
    }

    assert drawn(graph) == [
        "step spread  ok  spread",
        "├── step patch [0] to [6]  ok  4 items  5 attempts  i0",
        "│   └── step review  ok  review",
        "├── step patch [2]  failed  i2",
        "│   └── step review: drawn elsewhere",
        "├── step patch [3]  ok  i3 <- asked for",
        "│   └── step review: drawn elsewhere",
        "└── step patch [4]  ok  i4",
        "    ├── step review: drawn elsewhere",
        "    └── step mail  ok  mail",
    ]


def test_a_named_cause_that_never_arrived_is_drawn_as_a_hole() -> None:
    """What is missing is shown, not passed over."""
    graph = {
        "focus": "a",
        "nodes": [node("a", 1)],
        "edges": [edge("lost", "a")],
        "holes": [{"id": "lost", "named_by": ["a"]}],
    }

    assert drawn(graph) == ["hole never arrived  unknown  lost", "└── step a  ok  a <- asked for"]
    graph["holes"] = [{"id": "lost", "named_by": ["a"], "reason": "not_sampled"}]
    assert drawn(graph)[0] == "hole not sampled  unknown  lost"


def test_text_of_others_neither_styles_nor_commands_the_terminal() -> None:
    """Markup and escape sequences are shown as they are."""
    graph = {"focus": "a", "nodes": [node("a", 1, name="[red]x[/red]", error="\x1b[2Jgone")], "edges": []}

    assert drawn(graph) == ["step [red]x[/red]  ok  a  �[2Jgone <- asked for"]


def test_a_chain_longer_than_pythons_stack_is_drawn() -> None:
    """A run of thousands of events is no reason to fail."""
    names = [f"n{number:05}" for number in range(2 * sys.getrecursionlimit())]
    graph = {
        "focus": "n00000",
        "nodes": [node(name, 0) for name in names],
        "edges": [edge(cause, effect) for cause, effect in pairwise(names)],
    }

    assert len(drawn(graph)) >= len(names)


def test_a_circle_is_drawn_too() -> None:
    """Foreign telemetry may hold one; nothing of it is passed over."""
    graph = {
        "focus": "b",
        "nodes": [node(name, 0) for name in "abc"],
        "edges": [edge("a", "b"), edge("b", "a"), edge("c", "c")],
    }

    assert drawn(graph) == [
        "step a  ok  a",
        "└── step b  ok  b <- asked for",
        "    └── step a: drawn elsewhere",
        "step c  ok  c",
        "└── step c: drawn elsewhere",
    ]


def test_a_graph_that_was_cut_says_so() -> None:
    """Nobody takes a part for the whole."""
    graph = {"focus": "a", "nodes": [node("a", 1)], "edges": [], "truncated": True}

    assert drawn(graph)[-1] == "cut short: there are more nodes"
