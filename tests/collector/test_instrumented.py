"""`causeline instrument` with a real program, which knows nothing of it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from collector.client import CollectorClient
from runtime.tokens import Scope, create
from tests.collector.live import LiveCollector

#: Brings an instrumentation, as an installed package would.
INSTRUMENTATION = """
from opentelemetry import trace

class Instrumentor:
    is_instrumented_by_opentelemetry = True

    def instrument(self):
        trace.get_tracer("toy").start_span("turned on").end()
"""

PROGRAM = """
import sys
from opentelemetry import trace
with trace.get_tracer("app").start_as_current_span("answer"):
    print("hello", *sys.argv[1:])
sys.exit(7)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a program, and packages beside it."""
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "toy.py").write_text(INSTRUMENTATION)
    (tmp_path / "sitecustomize.py").write_text("import sys; print('site', file=sys.stderr)")
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[opentelemetry_instrumentor]\ntoy = toy:Instrumentor\n")
    return tmp_path


def command(*words: str) -> list[str]:
    """Our command."""
    return [sys.executable, "-m", "runtime.cli", "instrument", "--", *words]


def surroundings(place: Path, collector: LiveCollector, home: Path) -> dict[str, str]:
    """The variables of a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "CAUSELINE_"))}
    told = {"CAUSELINE_COLLECTOR_URL": collector.url, "CAUSELINE_HOME": str(home), "NO_PROXY": "127.0.0.1"}
    return {**kept, **told, "PYTHONPATH": os.pathsep.join((str(place), str(Path.cwd())))}


def ended(words: Sequence[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs it to its end."""
    return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_program_is_traced_and_otherwise_as_it_was(place: Path, collector: LiveCollector, path: Path) -> None:
    """Its output and exit status are its own; what is turned on is said in one line; our token is presented."""
    token = create(path.parent, "sender", [Scope.INGEST, Scope.READ])
    environ = {**surroundings(place, collector, path.parent), "CAUSELINE_TOKEN": token}
    done = ended(command(sys.executable, str(place / "app.py"), "--", "-x"), environ)
    assert (done.returncode, done.stdout) == (7, "hello -- -x\n")
    *sites, said = done.stderr.splitlines()
    assert sites == ["site", "site"]  # in our command, and in the program
    # Other instrumentations, of libraries that tests bring along, may be installed beside it.
    assert re.fullmatch(r"causeline: traces (\w+, )*toy(; .*)?", said), said
    with CollectorClient(collector.url, token=lambda: token) as authorised:
        found = authorised.runs().items
    assert {(run.workflow, run.service) for run in found} == {("answer", "app"), ("turned on", "app")}


def test_signals_reach_the_program(place: Path, collector: LiveCollector, path: Path) -> None:
    """Nothing of ours stands between."""
    (place / "app.py").write_text("import signal; print('up', flush=True); signal.pause()")
    words = command(sys.executable, str(place / "app.py"))
    with subprocess.Popen(words, env=surroundings(place, collector, path.parent), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM


def test_what_is_no_program_is_said_in_one_line(place: Path, collector: LiveCollector, path: Path) -> None:
    """With what to write."""
    done = ended(command("no-such-program"), surroundings(place, collector, path.parent))
    assert done.returncode == 2
    assert "causeline: no program 'no-such-program' on the path" in done.stderr
