"""The file of rules: what it may say, what is wrong with it, and that it is read again."""

from pathlib import Path

import pytest

from collector.alerts.rule_file import RuleFile, parse_rules
from collector.alerts.rule_kinds import KINDS, build_default_rules
from collector.models import RuleState, Severity
from tests.collector.alerts.guarded import Guard
from tests.collector.alerts.test_bus_findings import owe
from tests.collector.operations.memory import MemoryBus


def test_without_a_file_there_is_a_rule_of_each_kind() -> None:
    """Named after it, and nothing is wrong."""
    found, _ = RuleFile(None).current()
    assert list(found.rules) == list(KINDS)
    assert (found.bad, found.error, found.webhooks) == ({}, "", {})
    assert all(rule.is_on and rule.is_default for rule in found.rules.values())


def test_a_rule_says_all_it_can() -> None:
    """What it does not say is as the default of its kind has it."""
    found = parse_rules(
        """
        dashboard = "https://agents.example.com/"
        [rules."SMS are late"]
        when = "unprocessed"
        threshold = "90s"
        for = "1 min"
        well_for = 30
        severity = "info"
        service = "shop"
        channel = ["orders", "parcel.*"]
        group = "sms"
        [rules.error_rate]
        threshold = 0.5
        window = "1h"
        [rules.loop]
        enabled = false
        [webhooks.slack]
        url = "https://hooks.example.com/secret"
        severity = "warning"
        """,
        "alerts.toml",
    )
    assert (found.bad, found.error) == ({}, "")
    rule = found.rules["SMS are late"]
    assert (rule.kind, rule.threshold, rule.lasting, rule.well_for) == ("unprocessed", 90, 60, 30)
    assert (rule.severity, rule.is_default) == (Severity.INFO, False)
    assert rule.filters == {"app": ("shop",), "channel": ("orders", "parcel.*"), "group": ("sms",)}
    changed = found.rules["error_rate"]
    assert (changed.threshold, changed.window, changed.lasting) == (
        0.5,
        3_600,
        build_default_rules()["error_rate"].lasting,
    )
    assert not found.rules["loop"].is_on
    assert found.rules["unprocessed"].is_default
    assert found.dashboard == "https://agents.example.com"
    assert (found.webhooks["slack"].place, found.webhooks["slack"].severity) == ("hooks.example.com", Severity.WARNING)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("threshold = 3", "it does not say `when`: write one of unprocessed, "),
        ('when = "unprocesed"', "when = 'unprocesed' is nothing to look for; did you mean 'unprocessed'?"),
        ("when = 7", "when = 7 is nothing to look for"),
        ('when = "unprocessed"\nthreshold = "soon"', "threshold: 'soon' is not a duration"),
        ('when = "unprocessed"\nthreshold = true', "threshold: True is not a duration"),
        ('when = "error_rate"\nthreshold = "110%"', "threshold: '110%' is not a share"),
        ('when = "error_rate"\nthreshold = nan', "threshold: nan is not a share"),
        ('when = "loop"\nthreshold = -1', "threshold: -1 is not a number of at least 0"),
        ('when = "no_worker"\nthreshold = 1', "no_worker has no threshold"),
        ('when = "unprocessed"\nstep = "pay"', "unprocessed can't be told apart by step: it knows app, channel, group"),
        (
            'when = "unprocessed"\nthresold = 3',
            "it has a word that nobody knows, 'thresold'; did you mean 'threshold'?",
        ),
        ('when = "unprocessed"\nwindow = "1h"', "unprocessed looks at this moment alone, and has no window"),
        ('when = "unprocessed"\nwithin = 3', "unprocessed can't be told apart by within"),
        ('when = "unprocessed"\nseverity = "high"', "'high' is not a severity: write error, warning or info"),
        ('when = "unprocessed"\ngroup = 7', "group = 7 must be a text, or a list of texts"),
        ('when = "unprocessed"\ngroup = []', "group = [] must be a text, or a list of texts"),
        ('when = "unprocessed"\nenabled = "no"', "enabled = 'no' must be true or false"),
        ('when = "error_rate"\nwindow = "1s"', "window: 1 s is too short, the least is 20 s"),
        ('when = "error_rate"\nwindow = "400d"', "window: '400d' is not a duration from 0 to 366d"),
        ('when = "missing_effect"\nwithin = "2h"', "within (7200 s) must be shorter than the window (3600 s)"),
        ('when = "missing_effect"\neffect_group = "sms"', "an effect is expected of a channel that is named"),
    ],
)
def test_a_bad_rule_is_named_and_the_others_hold(table: str, why: str) -> None:
    """With what is wrong, and what to write."""
    found = parse_rules(f'[rules.bad]\n{table}\n[rules.good]\nwhen = "loop"', "alerts.toml")
    assert found.bad["bad"].startswith(why), found.bad
    assert "good" in found.rules
    assert "bad" not in found.rules


def test_a_name_that_nobody_could_silence_is_refused() -> None:
    """It is too long, or is none."""
    found = parse_rules(f'[rules.{"x" * 201}]\nwhen = "loop"\n[rules.""]\nwhen = "loop"', "alerts.toml")
    assert [why.partition(",")[0] for why in found.bad.values()] == [
        "its name has 201 characters",
        "its name has 0 characters",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[rules", "it is not valid TOML: "),
        ("x=" + "[" * 100_000, "it is not valid TOML: it is nested too deeply"),
        ("[rule.x]", "'rule' means nothing there; did you mean 'rules'?"),
        ("rules = 7", "rules must be tables, each with a name: [rules.NAME]"),
        ("defaults = 7", "defaults must be true or false"),
        ('dashboard = "here"', "dashboard must be a URL"),
    ],
)
def test_a_file_that_is_wrong_leaves_the_defaults(text: str, why: str) -> None:
    """And says why."""
    found = parse_rules(text, "alerts.toml")
    assert found.error.startswith(why)
    assert list(found.rules) == list(KINDS)


def test_a_file_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    """As editors of Windows write it."""
    path = tmp_path / "alerts.toml"
    path.write_bytes(b'\xef\xbb\xbf[rules.circles]\nwhen = "loop"\n')
    rules, _ = RuleFile(path).current()
    assert (rules.error, "circles" in rules.rules) == ("", True)


def test_webhooks_that_cannot_be_used_say_why_and_never_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one."""
    monkeypatch.delenv("NOT_THERE", raising=False)
    tables = {
        "none": "",
        "both": 'url = "http://x/s3cr3t"\nurl_env = "X"',
        "unset": 'url_env = "NOT_THERE"',
        "odd": 'url_env = "a b"',
        "port": 'url = "http://x:s3cr3t/"',
        "word": 'url = "http://x/s3cr3t"\nhost = "x"',
    }
    text = "\n".join(f"[webhooks.{name}]\n{table}" for name, table in tables.items())
    found = parse_rules(text, "alerts.toml")
    assert {name for name, webhook in found.webhooks.items() if webhook.error} == set(tables)
    assert found.webhooks["unset"].error == "the variable NOT_THERE is not set where the collector runs"
    assert "s3cr3t" not in repr(found)


async def test_the_file_is_read_again_when_it_changes(guard: Guard, bus: MemoryBus) -> None:
    """A rule that went bad keeps what it fired; a default that it should have changed stays as it was."""
    guard.say('[rules.mine]\nwhen = "unprocessed"\nthreshold = "30s"')
    owe(bus, pending=2, oldest_unprocessed_ms=31_000)
    await guard.look(after=1)
    guard.say('[rules.mine]\nwhen = "unprocessed"\nthreshold = "3O s"\n[rules.unprocessed]\nthreshold = "x"')
    await guard.lasting(90)
    assert [alert.rule for alert in guard.firing()] == ["mine"]
    assert (guard.rule("mine").state, guard.rule("unprocessed").state) == (RuleState.BAD, RuleState.BAD)
    assert guard.rule("mine").error.startswith("threshold: '3O s' is not a duration")
    assert guard.rule("unprocessed").error.startswith("what the file says of it can't be used, so it is as it was: ")
    guard.say("")
    await guard.look(after=10)
    assert (guard.firing(), [alert.ended_as for alert in guard.all.items]) == ([], ["rule gone"])


async def test_a_file_that_breaks_leaves_in_force_what_it_said(guard: Guard, bus: MemoryBus, tmp_path: Path) -> None:
    """Somebody is just writing it; one that is gone leaves the defaults, and both are said."""
    guard.say('[rules.mine]\nwhen = "unprocessed"\nthreshold = "30s"')
    owe(bus, pending=2, oldest_unprocessed_ms=31_000)
    await guard.look(after=1)
    guard.say('[rules.mine]\nwhen = "unpro')
    await guard.look(after=10)
    assert [alert.rule for alert in guard.firing()] == ["mine"]
    assert guard.all.file_error.startswith("it is not valid TOML: ")
    (tmp_path / "alerts.toml").write_bytes(b"\xff\xfe")
    await guard.look(after=10)
    assert guard.all.file_error == "it can't be read: it is not valid UTF-8"
    (tmp_path / "alerts.toml").unlink()
    await guard.look(after=10)
    assert (guard.all.file_error, guard.firing()) == ("it is not there", [])
