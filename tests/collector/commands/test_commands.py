"""An operator's day: export from a collector that runs, import elsewhere, vacuum when it has ended."""

import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.__main__ import main
from collector.commands.arguments import parse_moment
from collector.commands.size import format_bytes
from tests.collector.process import Process, send, stored
from tests.collector.shipment import Shipment

SPANS = len(Shipment().story.spans)


class Terminal:
    """Where commands are typed."""

    def __init__(self, variables: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self._variables = variables
        self._said = said

    def __call__(self, home: Path, *words: str, **environment: str) -> tuple[int, str]:
        """Exit status, and what was said."""
        with self._variables.context() as variables:
            for name, value in {"CAUSELINE_HOME": str(home), **environment}.items():
                variables.setenv(name, value)
            try:
                status = main(words)
            except SystemExit as error:
                status = int(error.code or 0)
        return status, "".join(self._said.readouterr())


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """Runs a command of the collector, without variables of ours from outside."""
    for name in [name for name in os.environ if name.startswith("CAUSELINE_")]:
        monkeypatch.delenv(name)
    mask = os.umask(0o022)
    yield Terminal(monkeypatch, capsys)
    os.umask(mask)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A collector with one shipment, and its address."""
    process = Process(tmp_path, CAUSELINE_RETENTION_DAYS="0")
    url = process.address()
    send(url, Shipment())
    yield process, url
    process.remove()


def test_an_operators_day(tmp_path: Path, command: Terminal, running: tuple[Process, str]) -> None:
    """All that is said is a line, files are for their user alone, and nothing is overwritten."""
    process, url = running
    there = {"CAUSELINE_COLLECTOR_URL": url}
    file, folder, elsewhere = tmp_path / "all.tar", tmp_path / "deep" / "all", tmp_path / "elsewhere"

    status, said = command(tmp_path, "vacuum")
    assert (status, said.count("\n"), "end that one first" in said) == (2, 1, True)

    assert command(tmp_path, "export", str(file), **there)[0] == 0
    status, said = command(tmp_path, "export", str(file), **there)
    assert (status, said) == (2, f"causeline collector: {file} is there already: name another one, or move it away\n")
    assert file.stat().st_mode & 0o777 == 0o600
    status, said = command(tmp_path, "import", str(file), **there)
    assert (status, "0 spans" in said, f"of {SPANS} spans" in said) == (0, True, True)

    assert process.end(signal.SIGTERM) == (0, "")
    assert command(tmp_path, "export", str(folder), "--since", "2025-12-31", "--until", "2026-01-02")[0] == 0
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert command(elsewhere, "import", str(folder), CAUSELINE_RETENTION_DAYS="0")[1].count("\n") == 1
    assert "goes with the next cleaning" in command(elsewhere, "import", str(file))[1]
    assert stored(elsewhere) == stored(tmp_path) == SPANS

    status, said = command(tmp_path, "vacuum")
    assert status == 0
    assert re.search(r"causeline\.duckdb: [\d.]+ (MiB|KiB) before, [\d.]+ (MiB|KiB) now\n", said)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["vacuum"], "there is no database"),
        (["export", "x.tar"], "there is no database"),
        (["import", "nothing.tar"], "there is no nothing.tar"),
        (["export", "x.tar", "--collector", "http://127.0.0.1:9"], "does not answer"),
        (["export", "x.tar", "--since", "1d", "--until", "2d"], "before it begins"),
        (["export", "x.tar", "--since", "yesterday"], "is not a time"),
    ],
)
def test_what_can_not_be_done_is_said(tmp_path: Path, command: Terminal, words: list[str], sentence: str) -> None:
    """With status 2, and nothing is made."""
    status, said = command(tmp_path / "home", *words)
    assert status == 2
    assert sentence in said
    assert "Traceback" not in said
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_times_are_read_as_people_write_them() -> None:
    """So long ago; or a date, of the reader's zone where it names none."""
    assert abs(parse_moment("7d") - datetime.now(UTC) + timedelta(days=7)) < timedelta(minutes=1)
    assert parse_moment("2026-05-01T12:00Z") == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert parse_moment("2026-05-01") == datetime(2026, 5, 1).astimezone()
    for text in ("", "7", "d", "7y", "soon", "2026-13-01", "-1d"):
        with pytest.raises(ArgumentTypeError):
            parse_moment(text)


def test_sizes_are_said_in_words() -> None:
    """Small ones in KiB."""
    assert (format_bytes(2**20 * 1_500), format_bytes(300 * 2**10)) == ("1,500.0 MiB", "300 KiB")


def test_the_command_line_hands_them_on(tmp_path: Path) -> None:
    """Words and status go through."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    done = subprocess.run(
        [sys.executable, "-m", "causeline", "collector", "export", "--since=1d", "--until=2d", "x.tar"],
        env={**plain, "CAUSELINE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "before it begins" in done.stderr) == (2, True)
