"""The demo on a real server, with a worker in this process: what agents answer is what the chain alone answers."""

import json
import subprocess
import sys

import pytest

from runtime.supervisor.python import child_environment
from sample_agents.accuracy import outcome, workload
from sample_agents.accuracy.agents import app, group
from sample_agents.accuracy.chain import answers
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS, Dossier
from sample_agents.accuracy.simulation import SimulatedModel
from tests.sample_agents.accuracy.completions import Completions, streamed

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.usefixtures("environment")]

SEED, DOSSIERS, WIDTH = 7, 3, 2_000


async def test_agents_answer_as_the_chain_does_and_the_outcome_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In both shapes; examined with another width, the same answers are a broken promise."""
    monkeypatch.setattr(outcome, "_TRIED", 2)
    async with app:
        journal = await workload.ask_all(SEED, DOSSIERS, WIDTH)
    for shape in Shape:
        model = SimulatedModel(WIDTH, SEED)
        numbers = range(1, DOSSIERS + 1)
        assert journal.answers[shape] == {one: answers(shape, Dossier(SEED, one), model) for one in numbers}
    found = outcome.examine(journal, SEED, WIDTH, "SIMULATED model")
    assert (found["ok"], found["failures"]) == (True, [])
    assert found["focus_kinds"] == {"run": 1, "step": 1, "event": CALLS - 1, "delivery": CALLS - 1}
    assert [(one["step"], one["n"]) for one in found["scores"]] == [(group(at), DOSSIERS) for at in range(1, CALLS + 1)]
    assert {one["workflow"] for one in found["scores"]} == {"simulated/everything"}
    assert [table["title"].count("SIMULATED") for table in found["tables"]] == [1, 1]
    json.dumps(found)
    assert not outcome.examine(journal, SEED, 1, "SIMULATED model")["ok"]


async def test_one_shape_is_given_the_whole_conversation_the_other_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what an endpoint is asked: prompts that grow, and prompts that don't."""
    server = Completions([streamed("hub-7")] * 2 * CALLS)
    monkeypatch.setenv("CAUSELINE_LLM_BASE_URL", server.url)
    monkeypatch.setenv("CAUSELINE_LLM_MODEL", "tiny")
    try:
        async with app:
            journal = await workload.ask_all(SEED, 1, WIDTH)
    finally:
        server.close()
    turns = sorted(len(body["messages"]) for _, _, body in server.requests)
    assert turns == sorted([2 * call for call in range(1, CALLS + 1)] + [2] * CALLS)
    assert journal.answers == {shape: {1: ("hub-7",) * CALLS} for shape in Shape}
    found = outcome.examine(journal, SEED, None, "tiny at 127.0.0.1")
    assert (found["ok"], len(found["tables"])) == (True, 1)
    assert "SIMULATED" not in json.dumps(found)


@pytest.mark.parametrize(("url", "mark"), [("", "simulated/"), ("http://127.0.0.1:1/v1", "")])
def test_names_say_what_is_simulated(url: str, mark: str) -> None:
    """In all views, alerts and exports; a model's figures are never in one line with the simulation's."""
    told = "from sample_agents.accuracy.agents import *; print(everything.name, keys.name, channel(1))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        env=child_environment({"CAUSELINE_LLM_BASE_URL": url}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [f"{mark}everything", f"{mark}keys", f"{mark}dossier.01.pickup-hub"]


def test_the_command_line_refuses_what_makes_no_sense(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """And half an endpoint, before anything begins."""
    for option in ("--shipments", "--width"):
        with pytest.raises(SystemExit) as refused:
            workload.main([option, "0"])
        assert refused.value.code == 2
    monkeypatch.setenv("CAUSELINE_LLM_MODEL", "tiny")
    assert workload.main([]) == 2
    assert "set both" in capsys.readouterr().err
