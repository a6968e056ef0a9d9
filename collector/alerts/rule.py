"""A rule: what it looks for, of what, and how long that must last."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from collector.models import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is as a rule says."""

    about: Mapping[str, str]
    """What it is about; by it the same is known again."""
    value: float
    title: str
    detail: str
    view: str
    params: Mapping[str, str] = field(default_factory=dict)
    traits: Mapping[str, str] = field(default_factory=dict)
    """What else it can be filtered by, such as the app; may change from look to look."""

    @property
    def key(self) -> str:
        """What it is about, as text that is equal for equal things."""
        return make_subject_key(self.about)


def make_subject_key(about: Mapping[str, str]) -> str:
    """Returns what an alert is about as text that is equal for equal things."""
    return json.dumps(dict(sorted(about.items())), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is in force. Times are seconds; `filters` are patterns by what they filter, with `*` and `?`."""

    name: str
    kind: str
    severity: Severity
    threshold: float | None
    window: float
    lasting: float
    """How long something must be found before it fires."""
    well_for: float
    """How long it must be found no more before it is resolved."""
    within: float
    """How long an effect may take to come."""
    filters: Mapping[str, tuple[str, ...]]
    by: str = ""
    """What calls of models are put together by."""
    is_on: bool = True
    is_default: bool = True

    def is_matched_by(self, finding: Finding) -> bool:
        """Returns whether a finding passes the filters."""
        known = {**finding.traits, **finding.about}
        return all(
            any(fnmatchcase(known.get(name, ""), pattern) for pattern in patterns)
            for name, patterns in self.filters.items()
        )
