"""The vocabulary: every name once, documented, in a namespace that is ours or OpenTelemetry's."""

import ast
import enum
import inspect
from pathlib import Path

import pytest

from runtime import semconv
from runtime.semconv import SpanVerb, span_name

TREE = ast.parse(Path(semconv.__file__).read_text())
NAMES = {name: value for name, value in vars(semconv).items() if name.isupper() and isinstance(value, str)}
STANDARD = ("messaging.", "gen_ai.", "error.", "cloudevents.", "service.", "server.", "exception.")


def documented(body: list[ast.stmt]) -> dict[str, bool]:
    """For each assignment whether a docstring follows it."""
    found = {}
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    return found


def test_every_name_is_documented():
    """Whoever reads an attribute finds here what it means."""
    undocumented = [name for name, has in documented(TREE.body).items() if name.isupper() and not has]
    assert undocumented == []


def test_no_two_names_mean_the_same():
    """An attribute has one constant."""
    dotted = [value for value in NAMES.values() if "." in value]
    assert len(set(dotted)) == len(dotted)


def test_names_are_ours_or_those_of_the_standard():
    """`causeline.*` only for what OpenTelemetry has no name for."""
    dotted = {value for value in NAMES.values() if "." in value and "/" not in value}
    assert [value for value in sorted(dotted) if not value.startswith(("causeline.", *STANDARD))] == []


@pytest.mark.parametrize("kind", [kind for kind in vars(semconv).values() if inspect.isclass(kind)])
def test_values_of_closed_sets_are_plain_words(kind: type):
    """They are compared in SQL and shown to people."""
    if issubclass(kind, enum.Enum) and kind.__members__:
        assert all(member.value.replace("_", "").isalpha() and member.value.islower() for member in kind)


def test_a_span_name_is_its_verb_and_what_it_is_about():
    """As viewers of traces group them."""
    assert span_name(SpanVerb.INVOKE_WORKFLOW, "shipment") == "invoke_workflow shipment"
