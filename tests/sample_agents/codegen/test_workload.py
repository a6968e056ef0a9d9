"""The demo on a real server, with a worker in this process: what is planned is what comes out."""

import json

import pytest

from runtime.admin import Admin
from sample_agents.codegen import agents, workload
from sample_agents.codegen.agents import APPROVAL, app
from sample_agents.codegen.forms import Approval
from sample_agents.codegen.plan import Fate, Plan
from sample_agents.codegen.sandbox import Verdict

SEED, SIZE = 7, 7

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.usefixtures("environment")]


async def test_features_are_revised_until_tests_pass_approved_or_given_up() -> None:
    """One of each fate, with what their tests said."""
    async with app:
        found = await workload.develop(SEED, SIZE)
    assert (found["failures"], found["ok"]) == ([], True)
    json.dumps(found)
    fates = [Plan(SEED, number).fate for number in range(1, SIZE + 1)]
    summary = found["summary"]
    assert summary["features delivered"] == sum(fate.is_delivered for fate in fates) == 5
    assert summary["features that were not approved"] == summary["features never right, given up"] == 1
    assert summary["rounds"] == sum(fate.rounds for fate in fates)
    assert {(one["status"], one["n"]) for one in found["runs"]} == {("ok", 6), ("failed", 1)}
    assert len(found["pictures"]) == len(Fate)
    assert {one["n"] for one in found["scores"]} == {summary["rounds"]}


async def test_an_approval_may_be_left_to_a_person() -> None:
    """The report says where; once it is given, the feature is delivered."""
    by_hand = next(number for number in range(1, SIZE + 1) if Plan(SEED, number).fate.is_delivered)
    async with app:
        found = await workload.develop(SEED, by_hand, by_hand=1)
        assert (found["failures"], found["summary"]["features that wait for your approval"]) == ([], 1)
        (path,) = [path for words, path in found["places"] if words.endswith("waits for your approval")]
        run = await app.get_run(path.removeprefix("/runs?run="))
        admin = await Admin.connect()
        (wait,) = await admin.waits(run.id)
        await admin.close()
        assert (wait.name, await run.status()) == (APPROVAL, "running")
        await run.send(APPROVAL, Approval(granted=True))
        files = await run.result(timeout=30)
    assert tuple(file.name for file in files) == Plan(SEED, by_hand).names


async def test_tests_that_find_nothing_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that passes whatever it is given ends the loop too soon."""
    monkeypatch.setattr(agents.sandbox, "run", lambda *_: Verdict(passed=True))
    async with app:
        found = await workload.develop(SEED, SIZE)
    assert not found["ok"]
    assert any("had the flaws" in words for words in found["failures"])
    assert any("'delivered'; it should have as 'tests: RoundsSpentError'" in words for words in found["failures"])


@pytest.mark.parametrize("words", [["--size", "0"], ["--by-hand", "-1"]])
def test_the_command_line_refuses_what_makes_no_sense(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything begins."""
    with pytest.raises(SystemExit) as refused:
        workload.main(words)
    assert refused.value.code == 2
    assert "must be at least 1" in capsys.readouterr().err
