"""Alerts, drawn in this process against a real HTTP server."""

import streamlit as st

from collector.models import AlertRule, RuleState, Severity, WebhookState
from tests.dashboard import alerts_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def buttons(app: object, start: str) -> list[str]:
    """Keys of buttons that begin so."""
    return [str(button.key) for button in app.button if str(button.key).startswith(start)]


def test_where_nothing_fires_that_is_said(at_collector: FakeCollector) -> None:
    """With the rules that look, and where to change them."""
    said = text_of(draw("alerts"))
    assert "**Nothing fires.**" in said
    assert "Nothing has fired and been resolved yet" in said
    assert "or the file of `CAUSELINE_ALERTS`" in said
    assert "Firing 0" in said
    assert "Rules that look 2" in said
    assert "alert" not in text_of(draw("overview"))


def test_what_fires_says_what_it_is_about_and_since_when(at_collector: FakeCollector, world: World) -> None:
    """Names are shown as they are, whatever they hold; the Overview counts and leads there."""
    alerts_of.fire(world, "*sms* :red[x] <b>")
    said = text_of(app := draw("alerts"))
    assert "An event on shipment.delivered has waited 41 min for *sms* :red[x] <b>" in said
    assert "group: *sms* :red[x] <b>" in said
    assert "41 min · threshold 5 min" in said
    assert [row["cells"][-1][0]["text"] for row in rows_of(app)] == ["Silence"] * (len(world.fired) + 2)
    assert "Firing 1" in said
    assert "1 alert fires" in text_of(draw("overview"))


def test_what_is_silenced_says_until_when_by_whom_and_why(at_collector: FakeCollector, world: World) -> None:
    """And can be told again; it is not counted as firing."""
    alert = alerts_of.fire(world)
    alerts_of.fire(world, "billing", Severity.WARNING)
    at_collector.answer(
        "/api/alerts/silence",
        {},
        {"rule": alert.rule, "about": alert.about, "seconds": 7_200, "operator": "ana", "reason": "planned *move*"},
    )
    said = text_of(app := draw("alerts"))
    assert "by ana: planned *move*" in said
    assert ("Firing 1" in said, "Silenced 1" in said) == (True, True)
    assert [row["cells"][-1][0]["text"] for row in rows_of(app)].count("Unsilence") == 1


def test_rules_that_need_somebody_come_first_and_say_why(at_collector: FakeCollector, world: World) -> None:
    """Bad ones, and those that can't look; so does a file that can't be used, and a webhook that does not hear."""
    known = {"kind": "", "says": "", "severity": Severity.WARNING, "window_seconds": 0, "for_seconds": 0}
    world.rules = [
        AlertRule(
            name="slow",
            **known | {"kind": "loop"},
            well_for_seconds=0,
            is_default=False,
            state=RuleState.UNKNOWN,
            error="it took longer than 2 s",
        ),
        AlertRule(
            name="typo", **known, well_for_seconds=0, is_default=False, state=RuleState.BAD, error="no such `when`"
        ),
    ]
    world.rule_file = ("/home/alerts.toml", "'rule' means nothing there")
    world.webhooks = [
        WebhookState(
            name="slack",
            place="hooks.example.com",
            severity=Severity.INFO,
            waiting=3,
            error="it answers with status 500",
        )
    ]
    said = text_of(draw("alerts"))
    assert said.index(" typo yours") < said.index(" slow yours") < said.index(" loop ")
    for words in (
        "no such `when`",
        "it took longer than 2 s",
        "'rule' means nothing there",
        "hooks\\.example\\.com",
        "it answers with status 500",
        ":orange-badge[3 notices waiting]",
        "Rules that can't 2",
    ):
        assert words in said, words


def test_what_is_over_is_paged_and_a_rule_leads_to_its_own(at_collector: FakeCollector, world: World) -> None:
    """With how long it lasted; one whose rule is gone says so."""
    for number in range(30):
        alerts_of.resolve(world, alerts_of.fire(world, f"g{number}"), "rule gone" if number == 29 else "well")
    app = draw("alerts")
    said = text_of(app)
    assert "rule gone unprocessed 12 min" in said
    assert "rule=unprocessed" in {
        part["href"].partition("?")[2]
        for row in rows_of(app)
        for cell in row["cells"]
        for part in cell
        if "href" in part
    }
    next(button for button in app.button if button.label == "Older").click().run()
    assert "has waited 41 min for g0" in text_of(app)
    st.cache_data.clear()
    app = draw("alerts", rule="loop")
    assert "Only :blue-badge[loop]" in text_of(app)
    assert [row["cells"][0][1]["text"] for row in rows_of(app)] == ["loop"]
    assert "Nothing has fired and been resolved yet" in text_of(app)
