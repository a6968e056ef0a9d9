"""The DAG of a workflow: who needs whom, in which order, how deep. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from runtime.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Graph:
    """The steps of a workflow in an order that respects `upstream`; `depth` is 1 where a step needs no other."""

    order: tuple[str, ...]
    upstream: Mapping[str, tuple[str, ...]]
    downstream: Mapping[str, tuple[str, ...]]
    depth: Mapping[str, int]


def build_graph(workflow: str, parameters: Mapping[str, Sequence[str]], inputs: Sequence[str]) -> Graph:
    """Infers the graph from what the steps ask for.

    Args:
        workflow: its name, for messages.
        parameters: for each step, the names it asks for (without its context).
        inputs: the names of the workflow's inputs.

    Raises:
        DefinitionError: a name that is neither step nor input, a name that is both, a cycle, or no step at all.
    """
    if not parameters:
        raise DefinitionError(f"workflow {workflow} has no steps: declare one with @{workflow}.step")
    for name in inputs:
        if name in parameters:
            raise DefinitionError(f"workflow {workflow} has an input and a step named {name!r}: rename one of them")
    upstream = {step: _needs(workflow, step, names, parameters, inputs) for step, names in parameters.items()}
    order = _order(workflow, upstream)
    downstream = {step: tuple(other for other in order if step in upstream[other]) for step in order}
    depth: dict[str, int] = {}
    for step in order:
        depth[step] = 1 + max((depth[name] for name in upstream[step]), default=0)
    return Graph(order, upstream, downstream, depth)


def _needs(
    workflow: str, step: str, names: Sequence[str], steps: Mapping[str, Sequence[str]], inputs: Sequence[str]
) -> tuple[str, ...]:
    available = [*inputs, *(name for name in steps if name != step)]
    for name in names:
        if name not in available:
            nearest = get_close_matches(name, available, n=1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            raise DefinitionError(
                f"step {step!r} of workflow {workflow} asks for {name!r}, which is neither an input nor another step. "
                f"Available: {', '.join(available) or 'nothing'}, or a parameter annotated Context{hint}"
            )
    return tuple(name for name in names if name in steps)


def _order(workflow: str, upstream: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return tuple(TopologicalSorter(upstream).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"the steps of workflow {workflow} wait for each other: {circle}") from None
