"""The README is true to the letter: its first example runs, and its settings are all there are."""

import re
import subprocess
import sys
from pathlib import Path

from collector.settings import Settings as CollectorSettings
from dashboard.settings import Settings as DashboardSettings
from runtime.settings import Settings as RuntimeSettings
from runtime.supervisor.python import environment

README = (Path(__file__).parents[1] / "README.md").read_text()

INTERNAL = {"CAUSELINE_PARENT_FD"}
"""Variables that only our own processes hand to each other."""


def first_example() -> str:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_first_example_has_at_most_25_lines_one_workflow_and_one_subscriber() -> None:
    """A newcomer copies it in one glance."""
    code = first_example()
    assert len(code.splitlines()) <= 25
    assert (code.count("app.workflow("), code.count("@app.subscribe(")) == (1, 1)


def test_the_first_example_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """It prints what its subscriber does and what its run returns, with an embedded server of its own."""
    (tmp_path / "hello.py").write_text(first_example())
    plain = {name: value for name, value in environment().items() if not name.startswith("CAUSELINE_")}
    done = subprocess.run(
        [sys.executable, "hello.py"],
        cwd=tmp_path,
        env={**plain, "CAUSELINE_COLLECTOR_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["Hello, Ada!", "{'text': 'Hello, Ada!'}"]), (
        done.stderr
    )
    assert (tmp_path / ".causeline").is_dir()


def test_the_settings_table_names_every_variable_and_no_other() -> None:
    """Whoever adds a setting tells its users."""
    told = set(re.findall(r"CAUSELINE_[A-Z_]+", README.partition("## Settings")[2]))
    fields = [
        f"CAUSELINE_{name.upper()}"
        for settings in (RuntimeSettings, CollectorSettings, DashboardSettings)
        for name in settings.model_fields
    ]
    assert told == set(fields) - INTERNAL
