"""The file of rules: read again when it changes; what is wrong with it is said by name, and the rest holds."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from collector.alerts import rule_table
from collector.alerts.rule import Rule
from collector.alerts.rule_kinds import build_default_rules
from collector.alerts.webhook_table import Webhook, read_webhook

_TOP: Final = ("rules", "webhooks", "defaults", "dashboard")

#: Most bytes of the file, and most rules and webhooks in it.
_LARGEST: Final = 2**20
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What is in force: rules by name, what is wrong with others, and who is told."""

    rules: Mapping[str, Rule]
    bad: Mapping[str, str] = field(default_factory=dict)
    """Why a rule can't be understood, by its name."""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    dashboard: str = ""
    """Where links lead; empty where the file does not say."""
    path: str = ""
    error: str = ""
    """What is wrong with the file itself."""
    is_toml: bool = True
    """Whether the file could be parsed at all."""


def parse_rules(text: str, path: str) -> RuleSet:
    """Returns what a file says. What is wrong is part of the answer; a default that a bad rule should have changed
    stays as it was."""
    built_in = build_default_rules()
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return RuleSet(built_in, path=path, error=f"it is not valid TOML: {error}", is_toml=False)
    except RecursionError:
        return RuleSet(built_in, path=path, error="it is not valid TOML: it is nested too deeply", is_toml=False)
    wrong = [
        f"{word!r} means nothing there{rule_table.suggest_word(word, _TOP)}" for word in content if word not in _TOP
    ]
    if not isinstance(content.get("defaults", True), bool):
        wrong.append("defaults must be true or false")
    dashboard = content.get("dashboard", "")
    if not isinstance(dashboard, str) or (dashboard and not dashboard.startswith(("http://", "https://"))):
        wrong.append("dashboard must be a URL that begins with http:// or https://")
        dashboard = ""
    rules: dict[str, Rule] = {} if content.get("defaults") is False else dict(built_in)
    bad: dict[str, str] = {}
    for name, table in _read_tables(content, "rules", wrong):
        try:
            rules[name] = rule_table.read_rule(name, table)
        except ValueError as error:
            bad[name] = str(error)
    webhooks = {name: read_webhook(name, table) for name, table in _read_tables(content, "webhooks", wrong)}
    return RuleSet(rules, bad, webhooks, dashboard.rstrip("/"), path, "; ".join(wrong))


def _read_tables(content: Mapping[str, Any], word: str, wrong: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    tables = content.get(word, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        wrong.append(f"{word} must be tables, each with a name: [{word}.NAME]")
        return []
    if len(tables) > _MOST:
        wrong.append(f"it has {len(tables)} {word}, and the first {_MOST} count")
    return list(tables.items())[:_MOST]


class RuleFile:
    """The file of rules as it is now.

    Args:
        path: where it is, or may come to be; None for the defaults alone.
        is_named: whether somebody named it; then it is said if it is missing.
    """

    def __init__(self, path: Path | None, *, is_named: bool = False) -> None:
        self._path = path
        self._is_named = is_named
        self._mark: object = None
        self._current = RuleSet(build_default_rules())

    def current(self) -> tuple[RuleSet, bool]:
        """Returns what is in force, and whether it has changed since the last time. A file that can't be read any more
        leaves in force what was read of it before."""
        if self._path is None:
            return self._current, False
        try:
            mark = _file_version(self._path)
            if mark == self._mark:
                return self._current, False
            self._mark = mark
            self._current = self._read(self._path)
        except FileNotFoundError:
            changed = self._mark != "missing"
            self._mark = "missing"
            error = "it is not there" if self._is_named else ""
            self._current = RuleSet(build_default_rules(), path=str(self._path) if error else "", error=error)
            return self._current, changed
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or (
                "it is not valid UTF-8" if isinstance(error, UnicodeError) else error
            )
            before = self._current
            self._current = RuleSet(
                before.rules,
                before.bad,
                before.webhooks,
                before.dashboard,
                str(self._path),
                f"it can't be read: {reason}",
            )
        return self._current, True

    def _read(self, path: Path) -> RuleSet:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it is larger than {_LARGEST} bytes")
        found = parse_rules(path.read_text(encoding="utf-8-sig"), str(path))
        if not found.is_toml and self._current.path:
            # Half-written, most likely: what was in force goes on.
            before = self._current
            return RuleSet(before.rules, before.bad, before.webhooks, before.dashboard, str(path), found.error)
        return found


def _file_version(path: Path) -> object:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
