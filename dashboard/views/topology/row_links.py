"""Where a part, or what flows between two, has its rows. Pure."""

from collections.abc import Mapping
from typing import TypeAlias

from collector.models import OWN_SOURCE, Flow, SystemPart, SystemPartKind
from dashboard import selection

#: A view, and the selection there.
Way: TypeAlias = tuple[str, Mapping[str, str | None]]


def of_part(part: SystemPart) -> Way:
    """Returns where the rows of a part are: a workflow's runs, what a step or a group did, a channel's events, the
    traces in which a service has a part."""
    is_own = part.source == OWN_SOURCE
    match part.kind:
        case SystemPartKind.WORKFLOW:
            return selection.RUNS, {"workflow": part.name, "source": None if is_own else "others"}
        case SystemPartKind.STEP:
            source = None if is_own else "others"
            return selection.STEPS, {"workflow": part.of, "step": part.name, "kind": "step", "source": source}
        case SystemPartKind.GROUP if is_own:
            return selection.STEPS, {"workflow": part.of, "step": part.name, "kind": "delivery"}
        case SystemPartKind.CHANNEL:
            return selection.EVENT, {"channel": part.name}
        case _:
            return selection.TRACES, {"service": part.app}


def of_flow(flow: Flow, effect: SystemPart) -> Way:
    """Returns where the rows are of what flows to a part: those that failed, where any did.

    Args:
        flow: what flows.
        effect: the part that it flows to.
    """
    has_dead = bool(flow.backlog and flow.backlog.dead) or (effect.kind == SystemPartKind.GROUP and flow.errors)
    if has_dead and effect.source == OWN_SOURCE:
        return dead_letters(effect)
    view, where = of_part(effect)
    if flow.errors and view == selection.RUNS:
        return view, {**where, "status": "failed"}
    if flow.errors and view == selection.TRACES:
        return view, {**where, "status": "error"}
    return view, where


def dead_letters(group: SystemPart) -> Way:
    """Returns where the dead letters of a group are."""
    return selection.DEAD_LETTERS, {"channel": group.of, "group": group.name}
