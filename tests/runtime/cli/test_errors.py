"""What is wrong outside is told in one line, with exit status 2 and no traceback."""

import socket
from pathlib import Path

import duckdb
import pytest

from collector.store import schema
from collector.store.database import Database
from runtime.cli.tables import runs_table
from tests.runtime.cli.commands import causeline, forked, processes_of
from tests.servers import free_port
from tests.waiting import until_sync

NO_LETTER = "no dead letter matches: `causeline dlq list --state all` shows all there are\n"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("words", "changes", "message"),
    [
        (["demo"], {"CAUSELINE_COLLECTOR_PORT": "many"}, "causeline: CAUSELINE_COLLECTOR_PORT='many' can't be used"),
        (["demo"], {"CAUSELINE_LEASE": "-1"}, "causeline: CAUSELINE_LEASE='-1' can't be used"),
        (["demo", "nothing"], {}, "causeline: there is no sample 'nothing'; there are: "),
        (["dlq", "list"], {"CAUSELINE_REDIS_URL": "redis://127.0.0.1:1/0"}, "causeline: no Redis or Valkey server"),
        (["demo"], {"CAUSELINE_REDIS_URL": "redis://127.0.0.1:1/0"}, "causeline: no Redis or Valkey server"),
        (["dev"], {"CAUSELINE_REDIS_URL": "redis://127.0.0.1:1/0"}, "causeline: no Redis or Valkey server"),
        (["runs", "list"], {"CAUSELINE_COLLECTOR_URL": "http://127.0.0.1:1"}, "causeline: no collector answers at"),
        (["runs", "list"], {"CAUSELINE_COLLECTOR_PORT": "1"}, "causeline: no collector answers at http://127.0.0.1:1 "),
        (["trace", "x"], {"CAUSELINE_COLLECTOR_URL": "http://127.0.0.1:1"}, "causeline: no collector answers at"),
        (["worker", "nowhere:app"], {}, "causeline: no module 'nowhere' in "),
        (["worker", "nowhere.py"], {}, "causeline: no file nowhere.py in "),
        (["runs", "start", "./mine", "flow"], {}, "causeline: './mine' is neither a module's name nor a Python file"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: list[str], changes: dict[str, str], message: str) -> None:
    """It says what happened, to what, and what to do."""
    ended = causeline(*words, folder=tmp_path, changes=changes)

    assert ended.err.startswith(message)
    assert ended.err.count("\n") == 1
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.redis
@pytest.mark.parametrize(
    ("words", "variable", "value", "allowed"),
    [
        (["demo", "--headless"], "CAUSELINE_REQUEST_LIMIT_MIB", "x", "a whole number from 1 to 2047"),
        (["dev"], "CAUSELINE_QUEUE_LIMIT", "zero", "a whole number of at least 1"),
    ],
)
def test_what_only_a_part_knows_to_be_wrong_is_one_line(
    tmp_path: Path, words: list[str], variable: str, value: str, allowed: str
) -> None:
    """The collector's own, and nothing else was begun."""
    ended = causeline(*words, folder=tmp_path, changes={variable: value})

    assert ended.err == f"causeline: {variable}={value!r} can't be used: it must be {allowed}\n"
    assert (ended.status, ended.out) == (2, "")
    until_sync(lambda: processes_of(tmp_path) == [], "nothing is left")


@pytest.mark.redis
def test_a_database_of_a_newer_version_is_one_line(tmp_path: Path) -> None:
    """And is left as it was."""
    database = tmp_path / "causeline.duckdb"
    Database.open(database).close()
    with duckdb.connect(database) as connection:
        connection.execute("INSERT INTO schema_version VALUES ($v, now())", {"v": schema.newest_version() + 1})
    before = database.read_bytes()

    ended = forked("demo", "--headless", folder=tmp_path, changes={"CAUSELINE_DATABASE": str(database)})

    assert ended.err.startswith(f"causeline: the database {database} ")
    assert "newer" in ended.err
    assert ended.err.count("\n") == 1
    assert (ended.status, ended.out) == (2, "")
    assert database.read_bytes() == before


@pytest.mark.parametrize("command", [["audit"], ["dlq", "list"]])
def test_a_cursor_that_no_page_gave_is_one_line(tmp_path: Path, redis_url: str, command: list[str]) -> None:
    """As every mistake."""
    ended = causeline(*command, "--cursor", "odd", folder=tmp_path, changes={"CAUSELINE_REDIS_URL": redis_url})

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "causeline: 'odd' is not a cursor; take it from `next` of the page before\n"


@pytest.mark.parametrize("variable", ["CAUSELINE_COLLECTOR_PORT", "CAUSELINE_DASHBOARD_PORT"])
def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path, variable: str) -> None:
    """One line with the port and the setting; nothing was started that would have to be ended."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        ended = causeline("demo", folder=tmp_path, changes={variable: str(port)})

    assert ended.err == (
        f"causeline: port {port} on 127.0.0.1 can't be used (Address already in use): set {variable} to a free one\n"
    )
    assert ended.status == 2
    assert not (tmp_path / "home" / "server").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dlq", "list", "--state", "nope"], "'nope' is not one of 'dead', 'replayed', 'discarded', 'all'; see "),
        (
            ["runs", "list", "--status", "lost"],
            "'lost' is not one of 'ok', 'running', 'waiting', 'failed', 'cancelled', 'undoing'; see ",
        ),
        (["dlq", "show", "abc"], "for 'ID': Input should be a valid UUID, invalid length: found 3; see "),
        (["dlq", "replay", UNKNOWN, "--all"], "causeline: ids and --all clash"),
        (["dlq", "replay", UNKNOWN, "--group", "x"], "as do ids and filters"),
        (["dlq", "replay"], "causeline: name ids, or say --all"),
        (["dlq", "discard", UNKNOWN], "Missing option '--because'; see `causeline dlq discard --help`"),
        (["demo", "--nope"], "No such option: --nope (Possible options: --compare); see `causeline demo --help`"),
        (["demi"], "No such command 'demi'"),
        (["worker"], "Missing argument 'APP'; see `causeline worker --help`"),
    ],
)
def test_a_usage_error_is_one_line(tmp_path: Path, words: list[str], message: str) -> None:
    """It says what is wrong, and which command's help tells more."""
    ended = causeline(*words, folder=tmp_path)

    assert ended.err.startswith("causeline: ")
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert (ended.status, ended.out) == (2, "")


def test_no_command_at_all_shows_the_help(tmp_path: Path) -> None:
    """And nothing else."""
    ended = causeline(folder=tmp_path)

    assert "Usage: causeline" in ended.out
    assert (ended.status, ended.err) == (2, "")


@pytest.mark.redis
@pytest.mark.parametrize("words", [["show"], ["replay"], ["discard", "--because", "a test", "--yes"]])
def test_a_dead_letter_that_nobody_knows_is_one_line(tmp_path: Path, words: list[str]) -> None:
    """To see and to settle alike."""
    ended = causeline("dlq", *words, UNKNOWN, folder=tmp_path)

    assert ended.err == (
        f"causeline: no dead letter has the id {UNKNOWN}: `causeline dlq list --state all` shows them\n"
    )
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.redis
@pytest.mark.parametrize("words", [["replay"], ["discard", "--because", "a test"]])
def test_where_nothing_matches_nothing_is_asked(tmp_path: Path, words: list[str]) -> None:
    """Nobody has to say yes to nothing."""
    ended = causeline("dlq", *words, "--all", folder=tmp_path)

    assert (ended.status, ended.out, ended.err) == (0, NO_LETTER, "")


def test_a_syntax_error_is_shown_by_the_lines_that_matter(tmp_path: Path) -> None:
    """Where, what, and why; nobody's frames."""
    (tmp_path / "mine.py").write_text("x = 1\ndef broken(:\n")

    ended = causeline("worker", "mine.py", folder=tmp_path)

    assert ended.err.splitlines() == [
        f'  File "{tmp_path / "mine.py"}", line 2',
        "    def broken(:",
        "               ^",
        "SyntaxError: invalid syntax",
    ]
    assert (ended.status, ended.out) == (1, "")


def test_an_error_of_the_users_own_code_keeps_its_part_of_the_traceback(tmp_path: Path) -> None:
    """It is theirs to read; the frames of others say nothing to them."""
    (tmp_path / "mine.py").write_text("import json\njson.loads('{')\n")

    ended = causeline("worker", "mine.py", folder=tmp_path)

    assert ended.status == 1
    assert ended.err.count('  File "') == 1
    assert 'mine.py", line 2' in ended.err
    assert "JSONDecodeError" in ended.err


def test_an_app_that_cannot_be_built_is_one_line(tmp_path: Path) -> None:
    """As every error of ours."""
    (tmp_path / "mine.py").write_text(
        "from runtime import App\napp = App('x')\nflow = app.workflow('flow')\n"
        "@flow.step\nasync def one(two: int) -> int: return two\n"
    )

    ended = causeline("worker", "mine.py", folder=tmp_path, changes={"CAUSELINE_COLLECTOR_PORT": str(free_port())})

    assert ended.status == 2
    assert "Traceback" not in ended.err
    assert "two" in ended.err.splitlines()[-1]


def test_an_error_of_another_part_of_the_users_code_is_shown_with_its_line(tmp_path: Path) -> None:
    """Wherever it lies: all of it is theirs."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "agents.py").write_text("import prices\n")
    (tmp_path / "prices.py").write_text("import json\njson.loads('{')\n")

    ended = causeline("worker", "shop/agents.py", folder=tmp_path)

    assert [line.split(",")[0] for line in ended.err.splitlines() if line.startswith("  File ")] == [
        f'  File "{tmp_path / "shop" / "agents.py"}"',
        f'  File "{tmp_path / "prices.py"}"',
    ]
    assert ended.status == 1


def test_a_script_that_ends_the_process_is_one_line(tmp_path: Path) -> None:
    """Else the worker would be gone without a word."""
    (tmp_path / "mine.py").write_text("import sys\nsys.exit(0)\n")

    ended = causeline("worker", "mine.py", folder=tmp_path)

    assert ended.err == (
        "causeline: mine.py ends the process where it is imported (exit status 0): "
        "put what is to be run below `if __name__ == '__main__':`\n"
    )
    assert ended.status == 2


def test_an_app_with_nothing_to_do_is_one_line(tmp_path: Path) -> None:
    """Its worker would stay up for ever, and do nothing."""
    (tmp_path / "mine.py").write_text("from runtime import App\napp = App('idle')\n")

    ended = causeline("worker", "mine.py", folder=tmp_path)

    assert ended.err == "causeline: app idle has nothing to do: declare a workflow or a subscription\n"
    assert ended.status == 2


@pytest.mark.redis
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dlq", "list"], "no dead letters\n"),
        (["dlq", "list", "--state", "all"], "no dead letters\n"),
        (["dlq", "list", "--state", "replayed"], NO_LETTER),
        (["dlq", "list", "--group", "sms"], NO_LETTER),
    ],
)
def test_where_there_is_nothing_it_is_said_what_there_is_not(
    tmp_path: Path, redis_url: str, words: list[str], told: str
) -> None:
    """And where filters may have hidden it, how to see all."""
    ended = causeline(*words, folder=tmp_path, changes={"CAUSELINE_REDIS_URL": redis_url})

    assert (ended.status, ended.out, ended.err) == (0, told, "")


@pytest.mark.parametrize(
    ("narrowed", "told"),
    [
        (False, "no runs yet: `causeline runs start FILE.py WORKFLOW key=value` starts one"),
        (True, "no run matches: `causeline runs list` shows the newest of all"),
    ],
)
def test_where_there_is_no_run_it_is_said_what_to_do(narrowed: bool, told: str) -> None:
    """To start one, or to ask for more."""
    assert str(runs_table([], narrowed=narrowed)) == told
