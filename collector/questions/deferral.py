"""How long an attempt was deferred before it began, as its span says. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from collector.models import Deferral
from runtime import semconv


def parse_deferral(attributes: Mapping[str, Any]) -> Deferral | None:
    """Returns what a span's attributes say of it; None where they say nothing, or what can't be."""
    if semconv.DEFERRED not in attributes:
        return None
    said = {
        "breaker": attributes.get(semconv.BREAKER, ""),
        "times": attributes[semconv.DEFERRED],
        "since": attributes.get(semconv.DEFERRED_SINCE),
        "until": attributes.get(semconv.DEFERRED_UNTIL),
    }
    try:
        return Deferral.model_validate(said)
    except ValidationError:  # what a sender says may be anything
        return None
