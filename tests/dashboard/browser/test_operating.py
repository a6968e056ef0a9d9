"""What an operator does, in a real browser against a real server."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from collector.models import NodeStatus, RunWait, Settlement
from tests.dashboard.browser.test_working_journeys import CUT
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_run_that_goes_on_is_cancelled_by_somebody_who_says_who_they_are(page: Page, world: World) -> None:
    """The page says what became of it, shows it, and who did it."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    page.goto(f"/runs?run={run_id}")
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("SHIP-0001 of shipment ends now")
    dialog.get_by_role("button", name="Cancel this run").click()
    expect(dialog).to_contain_text("Say who you are")
    assert world.audit == []
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Cancel this run").click()
    expect(page.get_by_text("SHIP-0001 of shipment is cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()
    expect(page.get_by_text("cancel by ana")).to_be_visible()
    assert [(entry.action, entry.run_id) for entry in world.audit] == [("cancel", run_id)]
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("SHIP-0001 of shipment is cancelled.")).to_be_hidden()


APPROVAL = {
    "type": "object",
    "properties": {
        "ok": {"type": "boolean"},
        "environment": {"enum": ["staging", "production"]},
        "note": {"type": "string", "default": ""},
        "limits": {"anyOf": [{"type": "object"}, {"type": "null"}], "default": None},
    },
    "required": ["ok", "environment"],
}


def test_what_a_run_waits_for_is_answered_by_a_form_of_its_type(page: Page, world: World) -> None:
    """A field for each part; what is no JSON is said, and nothing is sent."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    world.wait(run_id, RunWait(name="approval", key="", step="delivery", since=NOW, answer_schema=APPROVAL))
    page.goto(f"/runs?run={run_id}")
    expect(page.get_by_text("Step delivery waits for approval")).to_be_visible()
    page.get_by_role("button", name="Answer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("yes", exact=True).click()
    dialog.get_by_role("combobox", name=re.compile("environment")).click()
    page.get_by_role("option", name="production").click()
    dialog.get_by_label("note").fill("go on")
    dialog.get_by_label("limits, as JSON").fill("a few")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Answer").click()
    expect(dialog).to_contain_text("limits is not valid JSON")
    assert world.answers == []
    dialog.get_by_label("limits, as JSON").fill('{"cpu": 2}')
    dialog.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("has its approval, and goes on")).to_be_visible()
    expect(page.get_by_text("waits for approval")).to_have_count(0)
    (answer,) = world.answers
    assert (answer.name, answer.operator) == ("approval", "ana")
    assert answer.value == {"ok": True, "environment": "production", "note": "go on", "limits": {"cpu": 2}}


def test_a_number_is_answered_as_it_was_typed_or_refused_by_the_name_of_its_field(page: Page, world: World) -> None:
    """Nothing is cut off, and nothing that was typed before is sent instead: an answer can't be taken back."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    parts = {"copies": {"type": "integer"}, "price": {"type": "number", "default": 0.125}}
    schema = {"type": "object", "properties": parts, "required": ["copies"]}
    world.wait(run_id, RunWait(name="order", key="", step="delivery", since=NOW, answer_schema=schema))
    page.goto(f"/runs?run={run_id}")
    page.get_by_role("button", name="Answer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("price")).to_have_value("0.125")
    dialog.get_by_label("Your name").fill("ana")
    for typed in ("1.5", "true", "<b>7</b>", "NaN"):
        dialog.get_by_label("copies").fill(typed)
        dialog.get_by_role("button", name="Answer").click()
        expect(dialog).to_contain_text(f"copies is not a whole number: {typed}")
    assert world.answers == []
    dialog.get_by_label("copies").fill("90071992547409931")
    dialog.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("has its order, and goes on")).to_be_visible()
    assert world.answers[0].value == {"copies": 90071992547409931, "price": 0.125}


def test_what_a_run_streams_is_read_while_it_goes_on(page: Page, world: World) -> None:
    """Word by word; what an attempt said that failed gives way to the next one."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    world.say(run_id, "transit", "Dear Ada, your")
    page.goto(f"/runs?run={run_id}")
    expect(page.get_by_text("What its steps stream")).to_be_visible()
    expect(page.get_by_text("Dear Ada, your", exact=True)).to_be_visible()
    world.say(run_id, "transit", " parcel")
    expect(page.get_by_text("Dear Ada, your parcel", exact=True)).to_be_visible()
    world.say(run_id, "transit", "Hello Ada", attempt=2)
    world.say(run_id, "delivery", {"<b>stop</b>": 1})
    expect(page.get_by_text("Hello Ada", exact=True)).to_be_visible()
    expect(page.get_by_text("attempt 2: what earlier ones streamed is void")).to_be_visible()
    expect(page.get_by_text("Dear Ada")).to_have_count(0)
    expect(page.get_by_text('{"<b>stop</b>": 1}')).to_be_visible()
    world.stand(run_id, NodeStatus.OK)
    expect(page.get_by_text("What its steps streamed")).to_be_visible()
    expect(page.get_by_text("Hello Ada", exact=True)).to_be_visible()


def test_a_run_that_failed_is_resumed_and_is_seen_to_go_on(page: Page, world: World) -> None:
    """What it failed of stays in sight, and its end shows by itself."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.FAILED, step="sorting", error="CarrierError: busy")
    page.goto(f"/runs?run={run_id}")
    page.get_by_role("button", name="Resume").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("goes on from step sorting")
    expect(dialog).to_contain_text("CarrierError: busy")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Resume this run").click()
    expect(page.get_by_text("SHIP-0001 of shipment was resumed.")).to_be_visible()
    expect(page.get_by_text("still going on").first).to_be_visible()
    expect(page.get_by_text("Its lives")).to_be_visible()
    world.stand(run_id, NodeStatus.OK, life=2)
    expect(page.get_by_text("still going on")).to_have_count(0)


def test_what_the_collector_refuses_is_said_in_the_question(page: Page, world: World) -> None:
    """The run ended while somebody read what would happen."""
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.RUNNING)
    page.goto(f"/runs?run={run_id}")
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    world.stand(run_id, NodeStatus.OK)
    dialog.get_by_role("button", name="Cancel this run").click()
    expect(dialog).to_contain_text(f"run {run_id} is ok")
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()
    assert world.audit == []


def test_a_group_that_nobody_serves_is_found_from_the_overview_and_retired(page: Page, world: World) -> None:
    """By whom and why; the page that refreshes by itself does not close the question."""
    world.unserved["old-sms"] = 7
    page.goto("/")
    page.get_by_role("link", name="Nobody serves old-sms of shipment.delivered").click()
    expect(page).to_have_url(re.compile(r"/groups\?.*group=old-sms"))
    expect(page.get_by_text("tracking-board")).to_have_count(0)
    page.get_by_role("button", name="Retire").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("old-sms of shipment.delivered owes 7 events")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Retire old-sms").click()
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_label("Why").fill("renamed to sms")
    dialog.get_by_role("button", name="Retire old-sms").click()
    expect(page.get_by_text("old-sms of shipment.delivered is retired. It owed 7 events")).to_be_visible()
    expect(page.get_by_text("There is no such group")).to_be_visible()
    expect(page.get_by_text("renamed to sms")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name="tracking-board")).to_be_visible()
    expect(page.get_by_role("button", name="Retire")).to_have_count(0)


@pytest.mark.parametrize("view", ["groups", "runs"])
def test_nothing_is_cut_at_the_sides(page: Page, world: World, view: str) -> None:
    """Neither on a wide screen nor beside an editor."""
    world.unserved["old-sms"] = 7
    run_id = next(iter(world.runs))
    world.stand(run_id, NodeStatus.FAILED, step="sorting", error="CarrierError: busy")
    world.act_on_run("resume", run_id, "ana")
    page.goto("/groups" if view == "groups" else f"/runs?run={run_id}")
    for width in (1300, 800):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.get_by_text("What operators did" if view == "groups" else "resume by ana")).to_be_visible()
        page.wait_for_function(f"({CUT})().length === 0")
    page.set_viewport_size({"width": 1300, "height": 1000})


def test_letters_that_nobody_would_process_are_not_said_to_have_been_sent(
    page: Page, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their group was retired while somebody read them."""
    monkeypatch.setattr(world, "replay", lambda id_, _: Settlement(dead_letter_id=id_, status="group_retired"))
    page.goto(f"/dead-letters?letter={next(iter(world.letters))}")
    page.get_by_role("button", name="Replay this one").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Send 1 letter").click()
    expect(dialog).to_contain_text("1 letter can't be sent: its group was retired, and nobody would process it")
    expect(page.get_by_text("succeeded")).to_have_count(0)
