"""Spans that came more than once, and not as they were."""

from collections.abc import Iterable

from collector.models import Problem, Severity


def find_problems(contradicting: int) -> Iterable[Problem]:
    """Yields what is to be said of spans that had ended, and came again with other content."""
    if contradicting:
        yield Problem(
            severity=Severity.INFO,
            title=f"{contradicting} {'span' if contradicting == 1 else 'spans'} came again with other content",
            detail="Two records under one id: a sender that makes ids twice, or mends what it has sent. The one that "
            "ended last is shown, the others with their trace.",
            view="overview",
        )
