"""The command line, run in the process of a test, against a real server."""

from pathlib import Path

import pytest

from runtime.cli import terminal
from runtime.cli.commands import main
from tests.runtime.cli.commands import Call, Ended


@pytest.fixture
def call(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `causeline WORDS` in this process."""
    for name, value in (("REDIS_URL", redis_url), ("HOME", str(tmp_path)), ("TELEMETRY", "false"), ("LEASE", "0.6")):
        monkeypatch.setenv(f"CAUSELINE_{name}", value)
    monkeypatch.setattr(terminal.screen, "width", 300)  # as where there is no terminal

    def run(*words: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["causeline", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run
