"""Which session a run is of, and whose: told by one span of many, and rarely by that which one looks at."""

from collections.abc import Callable

from collector.agents.tree import Span, Tree


def session_of(tree: Tree, top: Span) -> str | None:
    """Returns the session of a run: what its topmost span says, or the nearest span above it that does; else the one
    that spans within it agree on. None where nobody tells, or several are told: no guess is better than a wrong one.

    Args:
        tree: the trace.
        top: the run's topmost span.
    """
    return _find_agreed(tree, top, lambda span: span.session)


def user_of(tree: Tree, top: Span) -> str | None:
    """Returns for whom a run is; found like its session."""
    return _find_agreed(tree, top, lambda span: span.user)


def _find_agreed(tree: Tree, top: Span, say: Callable[[Span], str | None]) -> str | None:
    for span in (top, *tree.above(top)):
        if told := say(span):
            return told
    within = {told for span in tree.below(top) if (told := say(span))}
    return within.pop() if len(within) == 1 else None
