"""The file of rules in the docs is taken as it stands, and its rules look."""

import re
from pathlib import Path

import pytest

from collector.alerts.measures import Unit
from collector.alerts.rule_kinds import KINDS, RuleKind
from collector.models import RuleState
from tests.collector.alerts import happened
from tests.collector.alerts.guarded import Guard
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()


def test_the_page_names_every_rule_that_is_built_in() -> None:
    """And what each takes by default."""
    for name, kind in KINDS.items():
        assert f"`{name}`" in PAGE, name
        assert kind.threshold in (None, 0.0) or _said(kind) in " ".join(PAGE.split()), name


def _said(kind: RuleKind) -> str:
    amount = kind.threshold or 0.0
    if kind.unit is Unit.SECONDS:
        return f"{amount / 60:.0f} min"
    if kind.unit is Unit.USD or amount > 1_000:
        return f"{'$' if kind.unit is Unit.USD else ''}{amount:,.0f} an hour"
    return f"{amount:.0%}".replace("%", " %") if kind.unit is Unit.SHARE else f"{amount:.0f} times"


async def test_the_rules_of_the_page_look(guard: Guard, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is bad, each says what it is said to, and one of them fires."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "http://127.0.0.1:1/secret")
    guard.say(example)
    await guard.look(after=1)
    answer = guard.all
    assert (answer.file_error, [rule.error for rule in answer.rules if rule.error]) == ("", [])
    own = {rule.name: rule for rule in answer.rules if not rule.is_default}
    assert list(own) == [
        "unprocessed",
        "latency",
        "SMS are late",
        "orders are paid",
        "answers are grounded",
        "nobody spends too much",
    ]
    assert (own["unprocessed"].threshold, own["latency"].state) == (900, RuleState.OFF)
    assert own["SMS are late"].filters == {"channel": ["shipment.*"], "group": ["sms", "whatsapp"]}
    assert own["answers are grounded"].window_seconds == 6 * 3_600
    assert (own["nobody spends too much"].by, own["nobody spends too much"].threshold) == ("user", 5)
    assert [(webhook.name, webhook.error) for webhook in answer.webhooks] == [("slack", "")]
    story = Story("shop")
    happened.event(story, "order.placed", 1)
    guard.tell(story)
    await guard.look(after=60)
    assert [alert.rule for alert in guard.firing()] == ["orders are paid"]
