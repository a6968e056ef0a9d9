"""The second day: one's own app, reloaded on change."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runtime.cli.collector_answers import RunPage
from runtime.cli.collector_api import ask_collector
from runtime.supervisor.readiness import is_answering
from tests.runtime.cli.commands import begin, causeline, processes_of, surroundings
from tests.test_readme import first_example
from tests.waiting import until_sync

pytestmark = [pytest.mark.redis, pytest.mark.slow]

APP = """
import asyncio
from pathlib import Path
from causeline import App

app = App("mine")
flow = app.workflow("flow", word=str)

@flow.step(publishes="said")
async def say(word: str) -> str:
    Path("begun").touch()
    if Path("hold").exists():
        await asyncio.to_thread(Path("hold").read_bytes)  # a pipe: until the test writes to it
    return "{greeting} " + word

@app.subscribe("said", group="listener")
async def hear(text: str) -> None:
    if "nobody" in text:
        raise ValueError("[red]nobody is there[/red]")
"""


def test_an_app_is_served_reloaded_and_ended(tmp_path: Path) -> None:
    """A run through the first code, one that the change of that finds under way, one through the changed code; what
    goes dead is seen, sent again, given up."""
    (tmp_path / "mine.py").write_text(APP.format(greeting="Hello"))
    env = surroundings(tmp_path)
    same = {name: env[name] for name in env if name.startswith("CAUSELINE_")}

    def shown(*words: str) -> str:
        ended = causeline(*words, folder=tmp_path, changes=same)
        assert ended.status == 0, ended.err
        return ended.out

    def result(word: str) -> str:
        return shown("runs", "start", "mine.py", "flow", f"word={word}", "--wait")

    with begin("dev", "mine.py", folder=tmp_path, env=env) as dev:
        heard(dev, "start a run")
        assert '"Hello 42"' in result("42")

        os.mkfifo(tmp_path / "hold")
        (tmp_path / "begun").unlink()
        words = ("runs", "start", "mine.py", "flow", "word=patient", "--wait")
        with begin(*words, folder=tmp_path, env={**env, **same}) as patient:
            until_sync((tmp_path / "begun").exists, "a step is under way")
            (tmp_path / "mine.py").write_text(APP.format(greeting="Good evening"))
            heard(dev, "mine.py changed: the worker ends what is under way, within 30 s, then a new one starts")
            (tmp_path / "hold").write_bytes(b"go on")
            (tmp_path / "hold").unlink()
            assert '"Hello patient"' in patient.communicate()[0]
        assert '"Good evening nobody"' in result("nobody")

        until_sync(lambda: "nobody is there" in shown("dlq", "list"), "the delivery goes dead")
        (letter,) = re.findall(r"^[0-9a-f-]{36}", shown("dlq", "list"), re.MULTILINE)
        assert "ValueError: [red]nobody is there[/red]" in shown("dlq", "show", letter)
        assert "replayed" in shown("dlq", "replay", letter)
        assert "already settled" in shown("dlq", "replay", letter)
        until_sync(lambda: letter not in shown("dlq", "list"), "it is no longer dead")
        until_sync(lambda: "nobody is there" in shown("dlq", "list"), "it comes back in its next round")
        assert "discarded" in shown("dlq", "discard", "--all", "--group", "listener", "--because", "a test", "--yes")
        audit = shown("audit")
        assert ("replay" in audit, "discard" in audit, "a test" in audit) == (True, True, True)

        until_sync(lambda: "event said" in shown("trace", letter), "the collector knows the whole story")
        runs = re.findall(r"^[0-9a-f-]{36}", shown("runs", "list", "--workflow", "flow"), re.MULTILINE)
        assert len(runs) == 3

        dev.send_signal(signal.SIGINT)
        dev.communicate()

    assert dev.returncode == 0
    until_sync(lambda: processes_of(tmp_path) == [], "nothing is left")


def test_the_readmes_first_example_is_seen_and_what_is_killed_comes_back(tmp_path: Path) -> None:
    """As a newcomer does it, with `python hello.py` in a second terminal; then with a word about the collector, and one
    about the worker, while everything else goes on."""
    (tmp_path / "hello.py").write_text(first_example())
    env = surroundings(tmp_path)
    url = f"http://127.0.0.1:{env['CAUSELINE_COLLECTOR_PORT']}"
    with begin("dev", "hello.py", folder=tmp_path, env=env) as dev:
        said = heard(dev, "start a run")
        assert f"{url}/docs" in said

        command = [sys.executable, "hello.py"]
        hello = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        assert "{'text': 'Hello, Ada!'}" in hello.stdout
        (run,) = until_sync(lambda: ended_runs(url), "the run is seen")
        assert (run["workflow"], run["status"]) == ("greet", "ok")

        (collector,) = [pid for pid in processes_of(tmp_path) if is_module(pid, "collector")]
        os.kill(collector, signal.SIGKILL)
        heard(dev, "collector ended; starting it again\n")
        until_sync(lambda: is_answering(f"{url}/healthz"), "the collector answers again", patience=60)
        assert [one["run_id"] for one in ended_runs(url)] == [run["run_id"]]

        workers = [pid for pid in processes_of(tmp_path) if is_module(pid, "runtime.cli\0worker")]
        (parent,) = [pid for pid in workers if parent_of(pid) not in workers]
        os.kill(parent, signal.SIGKILL)
        heard(dev, "the worker was ended by SIGKILL; starting it again\n")
        again = ("runs", "start", "hello.py", "greet", "name=Bob", "--wait")
        same = {name: env[name] for name in env if name.startswith("CAUSELINE_")}
        assert "Hello, Bob!" in causeline(*again, folder=tmp_path, changes=same).out
        dev.send_signal(signal.SIGINT)
        dev.communicate()

    assert dev.returncode == 0
    until_sync(lambda: processes_of(tmp_path) == [], "nothing is left")


def heard(dev: "subprocess.Popen[str]", words: str) -> str:
    """What it says up to the line that holds these words."""
    assert dev.stdout is not None
    said = ""
    while words not in said:
        line = dev.stdout.readline()
        assert line, said
        said += line
    return said


def ended_runs(collector: str) -> list[dict[str, Any]]:
    """As the collector knows them."""
    return [run for run in ask_collector(collector, "/api/runs", RunPage)["items"] if run["status"] != "running"]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_module(pid: int, module: str) -> bool:
    return f"\0-m\0{module}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
