"""A parameter that a route does not take is refused, not passed over: what is misspelled would filter nothing."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from collector.api import bounded_answers
from collector.errors import BadQueryError


def refuse_unknown_params(request: Request) -> None:
    """Lets a request pass whose parameters the route all takes.

    Raises:
        BadQueryError: when there is another one; names it, and the nearest of those that there are.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not request.query_params:
        return
    known = _param_names(route)
    for name in request.query_params:
        if name not in known:
            raise BadQueryError(f"{route.path} takes no parameter {name!r}{_suggest_names(name, known)}")


def _param_names(route: APIRoute) -> Mapping[str, None]:
    """Returns the names of the parameters of a route, those of what it depends on and of how much is told included."""
    return dict.fromkeys([*_collect_names(route.dependant), *bounded_answers.PARAMETERS])


def _collect_names(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _collect_names(inner)


def _suggest_names(name: str, known: Mapping[str, None]) -> str:
    if near := get_close_matches(name, known, 1):
        return f"; did you mean {near[0]!r}?"
    return f"; it takes {', '.join(known)}" if known else "; it takes none"
