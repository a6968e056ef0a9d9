"""Who sends spans, and what failed of those that are no record of a node of ours: that is never called well."""

from collections.abc import Iterable, Sequence
from typing import Final

from collector.models import Problem, ServiceFigures, Severity
from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.sightings import Stretch
from collector.times import moment

#: Share of foreign spans that failed from which that is an error, and from which a warning.
ERROR_RATE_ERROR: Final = 0.10
ERROR_RATE_WARNING: Final = 0.02

#: Fewest spans that make a share significant. Of fewer, each failure is a warning.
FEWEST: Final = 20


def find_service_figures(session: Session, within: Range, stored: Stretch) -> list[ServiceFigures]:
    """Returns who sent spans of a time range, those first of which foreign spans failed, then by how many they sent.

    Args:
        session: the snapshot to read.
        within: the range.
        stored: as `beginning_traces.find_stretch` returns it.
    """
    rows = session.rows(Query.OVERVIEW_SERVICES, first_ns=within.first_ns, end_ns=within.end_ns, **stored.bounds)
    return [ServiceFigures(last_seen=moment(row.pop("last_ns")), **row) for row in rows]


def find_problems(services: Sequence[ServiceFigures]) -> Iterable[Problem]:
    """Yields what is wrong with foreign spans, a line a service. A failure among many is information, but said."""
    for service in services:
        failed, spans = service.foreign_errors, service.foreign_spans
        if not failed:
            continue
        name = service.service or "a service without a name"
        if service.service and service.foreign_failed_runs:
            yield _build_run_problem(service)
            continue
        yield Problem(
            severity=_choose_severity(failed, spans),
            title=f"{failed} of {spans} {'span' if spans == 1 else 'spans'} of {name} failed",
            detail="Spans of libraries and of other programs, which belong to no run or event of Causeline's, or lie "
            "within a step. Their traces say what failed.",
            view="traces",
            params={"service": service.service, "status": "error"},
        )


def _build_run_problem(service: ServiceFigures) -> Problem:
    """Returns the line of a service in which runs of agents failed: what fails in them is told there."""
    runs, failed, spans = service.foreign_failed_runs, service.foreign_errors, service.foreign_spans
    return Problem(
        severity=_choose_severity(failed, spans),
        title=f"{runs} {'run' if runs == 1 else 'runs'} of agents of {service.service} failed",
        detail=f"{failed} of {spans} of its spans failed, in these runs or beside them. The runs say at which step.",
        view="runs",
        params={"app": service.service, "status": "failed"},
    )


def _choose_severity(failed: int, spans: int) -> Severity:
    share = failed / spans
    if spans < FEWEST:
        return Severity.WARNING
    if share >= ERROR_RATE_ERROR:
        return Severity.ERROR
    return Severity.WARNING if share >= ERROR_RATE_WARNING else Severity.INFO
