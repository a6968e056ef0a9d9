"""One rule as a table of the file says it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from collector.alerts import measures
from collector.alerts.rule import Rule
from collector.alerts.rule_kinds import KINDS, RuleKind, build_default_rules
from collector.models import Severity

#: Words of a rule beside `when`, `threshold` and its filters, by the name that the rule has for them.
_LENGTHS: Final = {"window": "window", "for": "lasting", "well_for": "well_for", "within": "within"}
_ALIASES: Final = {"service": "app"}

#: Characters of a rule's name; requests that silence it take no more.
_LONGEST_NAME: Final = 200

#: The shortest window: less than two passes would miss what happens between them.
_SHORTEST_WINDOW: Final = 20.0


def read_rule(name: str, table: Mapping[str, Any]) -> Rule:
    """Returns the rule that a table says.

    Args:
        name: the table's; that of a default changes this, and inherits what is not said.
        table: its words.

    Raises:
        ValueError: when it can't be understood; says why.
    """
    if not 0 < len(name) <= _LONGEST_NAME:
        raise ValueError(f"its name has {len(name)} characters, and may have 1 to {_LONGEST_NAME}")
    base = _base_rule(name, table)
    kind = KINDS[base.kind]
    words = {_ALIASES.get(word, word): value for word, value in table.items() if word != "when"}
    allowed = {"threshold", "severity", "enabled", "for", "well_for", *kind.dims}
    allowed |= {"window"} if kind.window else set()
    allowed |= {"by"} if kind.by else set()
    allowed |= set() if kind.within is None else {"within"}
    for word in words:
        if word not in allowed:
            raise ValueError(_explain_unknown_word(word, base.kind, kind, allowed))
    rule = replace(base, filters=_parse_filters(words, kind), **_parse_durations(words), is_default=False)
    if "threshold" in words:
        rule = replace(rule, threshold=_parse_threshold(words["threshold"], base.kind, kind))
    if "by" in words:
        rule = replace(rule, by=_parse_grouping(words["by"], kind))
    if "severity" in words:
        rule = replace(rule, severity=parse_severity(words["severity"]))
    if "enabled" in words:
        rule = replace(rule, is_on=_parse_flag(words["enabled"]))
    return _validate_rule(rule)


def parse_severity(value: object) -> Severity:
    """Returns a severity.

    Raises:
        ValueError: when it is none.
    """
    try:
        return Severity(value)  # type: ignore[arg-type]  # whatever it is, it is looked up
    except ValueError:
        raise ValueError(f"{value!r} is not a severity: write error, warning or info") from None


def suggest_word(word: str, known: object) -> str:
    """Returns a hint at the nearest of some words; empty where none is near."""
    found = get_close_matches(word, list(known), 1)  # type: ignore[call-overload]  # any iterable of words
    return f"; did you mean {found[0]!r}?" if found else ""


def _base_rule(name: str, table: Mapping[str, Any]) -> Rule:
    built_in = build_default_rules()
    when = table.get("when", name if name in built_in else None)
    if when is None:
        raise ValueError(f"it does not say `when`: write one of {', '.join(KINDS)}")
    if not isinstance(when, str) or when not in KINDS:
        hint = suggest_word(str(when), KINDS) or f"; there is {', '.join(KINDS)}"
        raise ValueError(f"when = {when!r} is nothing to look for{hint}")
    return replace(built_in[when], name=name)


def _explain_unknown_word(word: str, when: str, kind: RuleKind, allowed: set[str]) -> str:
    if word == "window":
        return f"{when} looks at this moment alone, and has no window"
    known = {name for each in KINDS.values() for name in each.dims} | {"within"}
    if word in known:
        return f"{when} can't be told apart by {word}: it knows {', '.join(kind.dims) or 'no filters'}"
    return f"it has a word that nobody knows, {word!r}{suggest_word(word, sorted(allowed))}"


def _parse_filters(words: Mapping[str, Any], kind: RuleKind) -> dict[str, tuple[str, ...]]:
    found = {}
    for name in kind.dims:
        if name in words:
            value = words[name]
            patterns = [value] if isinstance(value, str) else value
            if not isinstance(patterns, list) or not patterns or not all(isinstance(each, str) for each in patterns):
                raise ValueError(f"{name} = {value!r} must be a text, or a list of texts")
            found[name] = tuple(patterns)
    return found


def _parse_durations(words: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for word, field in _LENGTHS.items():
        if word in words:
            try:
                found[field] = measures.parse_duration(words[word])
            except ValueError as error:
                raise ValueError(f"{word}: {error}") from None
    return found


def _parse_threshold(value: object, when: str, kind: RuleKind) -> float:
    if kind.unit is measures.Unit.NONE:
        raise ValueError(f"{when} has no threshold")
    try:
        return measures.parse_amount(value, kind.unit)
    except ValueError as error:
        raise ValueError(f"threshold: {error}") from None


def _parse_grouping(value: object, kind: RuleKind) -> str:
    if value not in kind.by:
        raise ValueError(f"by = {value!r} must be one of {', '.join(kind.by)}")
    return str(value)


def _parse_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"enabled = {value!r} must be true or false")
    return value


def _validate_rule(rule: Rule) -> Rule:
    if KINDS[rule.kind].window and rule.window < _SHORTEST_WINDOW:
        raise ValueError(f"window: {rule.window:g} s is too short, the least is {_SHORTEST_WINDOW:g} s")
    expects = rule.filters.get("effect_channel", ()) + rule.filters.get("effect_group", ())
    if expects:
        names = rule.filters.get("channel", ()) + expects
        if "channel" not in rule.filters or any(set("*?[") & set(name) for name in names):
            raise ValueError("an effect is expected of a channel that is named: write channel and effect in full")
    if rule.within >= rule.window and KINDS[rule.kind].within is not None:
        raise ValueError(f"within ({rule.within:g} s) must be shorter than the window ({rule.window:g} s)")
    return rule
