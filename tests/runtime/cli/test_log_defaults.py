"""What a worker logs: as its user configured it, and something sensible where nobody did."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.supervisor.python import child_environment
from tests.runtime.cli.commands import begin, surroundings

#: A user's configuration before and after the defaults, and what is logged then.
PROGRAM = """
import logging, logging.config
from runtime.cli.log_defaults import log_by_default
{before}
log_by_default()
{after}
for name in ("causeline.worker", "shop"):
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        logging.getLogger(name).log(getattr(logging, level), "said")
"""

OWN = "logging.basicConfig(format='mine %(name)s %(levelname)s'{more})"
BY_TABLE = """logging.config.dictConfig({
    "version": 1,
    "formatters": {"mine": {"format": "mine %(name)s %(levelname)s"}},
    "handlers": {"all": {"class": "logging.StreamHandler", "formatter": "mine"}},
    "root": {"handlers": ["all"], "level": "ERROR"},
})"""

APP = """
import logging
{configuration}
from causeline import App

app = App("mine")

@app.subscribe("said", group="listener")
async def hear(text: str) -> None: ...
"""


def logged(before: str = "", after: str = "") -> list[str]:
    """What reaches stderr, without the times."""
    program = PROGRAM.format(before=before, after=after)
    done = subprocess.run(
        [sys.executable, "-c", program], env=child_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return [line if line.startswith("mine") else line.split(" ", 2)[2] for line in done.stderr.splitlines()]


def own(*words: str) -> list[str]:
    return [f"mine {word}" for word in words]


OURS_TOLD = ["causeline.worker WARNING", "causeline.worker ERROR"]
OTHERS_TOLD = ["shop WARNING", "shop ERROR"]


def test_without_a_configuration_ours_is_told_from_info_on_and_others_from_warning() -> None:
    """On stderr, with time, level and name."""
    assert logged() == [
        "INFO causeline.worker: said",
        "WARNING causeline.worker: said",
        "ERROR causeline.worker: said",
        "WARNING shop: said",
        "ERROR shop: said",
    ]


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        (OWN.format(more=""), own(*OURS_TOLD, *OTHERS_TOLD)),
        (
            OWN.format(more=", level='DEBUG'"),
            own(
                *("causeline.worker DEBUG", "causeline.worker INFO", *OURS_TOLD),
                *("shop DEBUG", "shop INFO", *OTHERS_TOLD),
            ),
        ),
        (OWN.format(more=", level='ERROR'"), own("causeline.worker ERROR", "shop ERROR")),
        (BY_TABLE, own("causeline.worker ERROR", "shop ERROR")),
        ("logging.getLogger().setLevel('ERROR')", ["ERROR causeline.worker: said", "ERROR shop: said"]),
        (
            "logging.getLogger('causeline').setLevel('ERROR')",
            ["ERROR causeline.worker: said", "WARNING shop: said", "ERROR shop: said"],
        ),
    ],
    ids=["handler", "handler and lower level", "handler and higher level", "table", "level of all", "level of ours"],
)
def test_a_configuration_that_was_there_before_wins(configuration: str, told: list[str]) -> None:
    """Its handlers, its format and its levels; nothing is told twice."""
    assert logged(before=configuration) == told


@pytest.mark.parametrize("configuration", [OWN.format(more=", level='ERROR'"), BY_TABLE], ids=["handler", "table"])
def test_a_configuration_that_comes_later_wins_for_its_handlers(configuration: str) -> None:
    """A root that had a handler already would make `basicConfig` do nothing."""
    told = logged(after=configuration)

    assert told[-1] == "mine shop ERROR"
    assert all(line.startswith("mine ") for line in told)
    assert len(set(told)) == len(told)


@pytest.mark.redis
@pytest.mark.parametrize(
    ("configuration", "line"),
    [
        ("logging.basicConfig(level='INFO', format='mine: %(message)s')", "mine: worker "),
        ("", " INFO causeline.worker: worker "),
    ],
    ids=["configured", "not configured"],
)
def test_the_worker_logs_as_its_app_says(tmp_path: Path, redis_url: str, configuration: str, line: str) -> None:
    """The app is imported by the worker: what it configures there is what counts."""
    (tmp_path / "mine.py").write_text(APP.format(configuration=configuration))
    env = surroundings(tmp_path, {"CAUSELINE_REDIS_URL": redis_url, "CAUSELINE_TELEMETRY": "false"})

    with begin("worker", "mine.py", folder=tmp_path, env=env) as worker:
        assert worker.stderr is not None
        first = worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        worker.communicate()

    assert line in first
    assert first.endswith(" works for mine\n")
    assert worker.returncode == 0
