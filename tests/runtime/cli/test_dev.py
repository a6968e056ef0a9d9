"""The second day: one's own app, reloaded on change."""

import os
import re
import signal
from pathlib import Path

import pytest

from runtime.supervisor.readiness import answers
from tests.runtime.cli.commands import begin, causeline, processes_of, surroundings
from tests.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.slow]

APP = """
from pathlib import Path
from causeline import App

app = App("mine")
flow = app.workflow("flow", word=str)

@flow.step(publishes="said")
async def say(word: str) -> str:
    return "{greeting} " + word

@app.subscribe("said", group="listener")
async def hear(text: str) -> None:
    if "nobody" in text:
        raise ValueError("[red]nobody is there[/red]")
"""


def test_an_app_is_served_reloaded_and_ended(tmp_path: Path) -> None:
    """A run through the first code, one through the changed code; what goes dead is seen, sent again, given up."""
    (tmp_path / "mine.py").write_text(APP.format(greeting="Hello"))
    env = surroundings(tmp_path)
    url = f"http://127.0.0.1:{env['CAUSELINE_COLLECTOR_PORT']}"
    same = {name: env[name] for name in env if name.startswith("CAUSELINE_")} | {"CAUSELINE_COLLECTOR_URL": url}

    def ask(*words: str) -> str:
        ended = causeline(*words, folder=tmp_path, changes=same)
        assert ended.status == 0, ended.err
        return ended.out

    def result(word: str) -> str:
        return ask("runs", "start", "mine.py", "flow", f"word={word}", "--wait")

    with begin("dev", "mine.py", folder=tmp_path, env=env) as dev:
        assert dev.stdout is not None
        said = ""
        while "start a run" not in said:
            said += dev.stdout.readline()
        assert '"Hello 42"' in result("42")

        (tmp_path / "mine.py").write_text(APP.format(greeting="Good evening"))
        while "ending worker" not in said:
            said += dev.stdout.readline()
        assert '"Good evening nobody"' in result("nobody")

        wait_until(lambda: "nobody is there" in ask("dlq", "list"), "the delivery goes dead")
        (letter,) = re.findall(r"^[0-9a-f-]{36}", ask("dlq", "list"), re.MULTILINE)
        assert "ValueError: [red]nobody is there[/red]" in ask("dlq", "show", letter)
        assert "replayed" in ask("dlq", "replay", letter)
        assert "already settled" in ask("dlq", "replay", letter)
        wait_until(lambda: letter not in ask("dlq", "list"), "it is no longer dead")
        wait_until(lambda: "nobody is there" in ask("dlq", "list"), "it comes back in its next round")
        assert "discarded" in ask("dlq", "discard", "--all", "--group", "listener", "--because", "a test", "--yes")
        audit = ask("audit")
        assert ("replay" in audit, "discard" in audit, "a test" in audit) == (True, True, True)

        wait_until(lambda: "event said" in ask("trace", letter), "the collector knows the whole story")
        runs = re.findall(r"^[0-9a-f-]{36}", ask("runs", "list", "--workflow", "flow"), re.MULTILINE)
        assert len(runs) == 2

        dev.send_signal(signal.SIGINT)
        dev.communicate()

    assert dev.returncode == 0
    wait_until(lambda: processes_of(tmp_path) == [], "nothing is left")


def test_a_collector_that_is_killed_comes_back(tmp_path: Path) -> None:
    """With a word about it; everything else goes on."""
    env = surroundings(tmp_path)
    with begin("dev", folder=tmp_path, env=env) as dev:
        assert dev.stdout is not None
        while "start a run" not in dev.stdout.readline():
            assert dev.poll() is None
        (collector,) = [pid for pid in processes_of(tmp_path) if is_module(pid, "collector")]
        os.kill(collector, signal.SIGKILL)

        assert dev.stdout.readline() == "collector ended; starting it again\n"
        health = f"http://127.0.0.1:{env['CAUSELINE_COLLECTOR_PORT']}/healthz"
        wait_until(lambda: answers(health), "the collector answers again", patience=60)
        dev.send_signal(signal.SIGINT)
        dev.communicate()

    assert dev.returncode == 0
    wait_until(lambda: processes_of(tmp_path) == [], "nothing is left")


def is_module(pid: int, module: str) -> bool:
    return f"\0-m\0{module}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
