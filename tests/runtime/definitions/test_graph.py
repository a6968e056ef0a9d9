"""The DAG is what the steps ask for; what can't be is named."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.definitions.graph import Graph, build_graph
from runtime.errors import DefinitionError

DIAMOND = {"pickup": ["order"], "sorting": ["pickup"], "weighing": ["pickup"], "delivery": ["sorting", "weighing"]}


def test_a_graph_is_inferred_from_what_the_steps_ask_for():
    """The whole graph; inputs are no steps."""
    assert build_graph("shipment", DIAMOND, ["order"]) == Graph(
        order=("pickup", "sorting", "weighing", "delivery"),
        upstream={
            "pickup": (),
            "sorting": ("pickup",),
            "weighing": ("pickup",),
            "delivery": ("sorting", "weighing"),
        },
        downstream={
            "pickup": ("sorting", "weighing"),
            "sorting": ("delivery",),
            "weighing": ("delivery",),
            "delivery": (),
        },
        depth={"pickup": 1, "sorting": 2, "weighing": 2, "delivery": 3},
    )


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12), st.randoms())
def test_any_dag_is_ordered_whatever_the_order_of_declaration(edges: list[set[int]], random: object):
    """A step stands behind all that it needs, and is one deeper than the deepest of them."""
    steps = {f"s{at}": [f"s{up}" for up in sorted(ups) if up < at] for at, ups in enumerate(edges)}
    names = list(steps)
    random.shuffle(names)
    graph = build_graph("any", {name: steps[name] for name in names}, [])
    place = {name: at for at, name in enumerate(graph.order)}
    assert sorted(place) == sorted(steps)
    for name, ups in steps.items():
        assert all(place[up] < place[name] for up in ups)
        assert graph.depth[name] == 1 + max((graph.depth[up] for up in ups), default=0)
        assert all(name in graph.downstream[up] for up in ups)


def test_an_unknown_name_is_told_with_what_there_is_and_the_nearest():
    """As pytest does for fixtures."""
    with pytest.raises(DefinitionError) as told:
        build_graph("shipment", {"pickup": ["order"], "sorting": ["pikcup"]}, ["order"])
    assert str(told.value) == (
        "step 'sorting' of workflow shipment asks for 'pikcup', which is neither an input nor another step. "
        "Available: order, pickup, or a parameter annotated Context; did you mean 'pickup'?"
    )


def test_an_unknown_name_that_is_like_no_other_is_told_without_a_guess():
    """A wrong hint is worse than none."""
    with pytest.raises(DefinitionError, match=r"Available: nothing, or a parameter annotated Context$"):
        build_graph("shipment", {"pickup": ["zzz"]}, [])


def test_a_step_can_not_ask_for_itself():
    """It is not among what is available to it."""
    with pytest.raises(DefinitionError, match=r"step 'pickup' .* asks for 'pickup'"):
        build_graph("shipment", {"pickup": ["pickup"]}, [])


def test_a_cycle_is_told_with_its_whole_circle():
    """Each waits for the next."""
    with pytest.raises(DefinitionError, match=r"shipment wait for each other") as told:
        build_graph("shipment", {"a": ["c"], "b": ["a"], "c": ["b"], "d": []}, [])
    circle = str(told.value).partition(": ")[2].split(" -> ")
    assert circle[0] == circle[-1]
    assert set(pairwise(circle)) == {("a", "c"), ("b", "a"), ("c", "b")}


def test_an_input_and_a_step_of_one_name_are_refused():
    """Nobody could say which is meant."""
    with pytest.raises(DefinitionError, match=r"an input and a step named 'order'"):
        build_graph("shipment", {"order": []}, ["order"])


def test_a_workflow_without_steps_is_refused():
    """Its run would never end."""
    with pytest.raises(DefinitionError, match=r"shipment has no steps: declare one with @shipment.step"):
        build_graph("shipment", {}, ["order"])
