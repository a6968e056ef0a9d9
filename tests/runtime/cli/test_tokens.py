"""The commands that make, list and revoke tokens."""

import stat
from pathlib import Path

from runtime.tokens import Register
from tests.runtime.cli.commands import causeline


def test_a_token_is_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    """Alone on stdout, and never again."""
    made = causeline("token", "create", "--name", "ada", "--scope", "read", "--scope", "operate", folder=tmp_path)
    token = made.out.strip()
    caller = Register(tmp_path / "home").find_caller(token)
    assert (made.status, caller is not None and caller.name) == (0, "ada"), made.err
    listed = causeline("token", "list", folder=tmp_path)
    assert "operate, read" in listed.out
    assert token.split("_", 2)[2] not in listed.out
    assert causeline("token", "revoke", "ada", folder=tmp_path).status == 0
    assert "revoked" in causeline("token", "list", folder=tmp_path).out
    assert Register(tmp_path / "home").find_caller(token) is None


def test_a_token_in_a_file_is_made_once(tmp_path: Path) -> None:
    """For its user alone; made anew where the file is gone, for nobody could present it."""
    words = ("token", "create", "--name", "worker", "--scope", "ingest", "--to", "key", "--keep")
    texts = []
    for lost in (False, False, True):
        if lost:
            (tmp_path / "key").unlink()
        done = causeline(*words, folder=tmp_path)
        assert (done.status, done.out) == (0, ""), done.err
        texts.append((tmp_path / "key").read_text().strip())
    assert texts[0] == texts[1] != texts[2]
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [Register(tmp_path / "home").find_caller(one) is None for one in texts] == [True, True, False]


def test_what_is_wrong_is_told_in_one_line(tmp_path: Path) -> None:
    """With status 2."""
    for words in (
        ("create", "--name", " ", "--scope", "read"),
        ("create", "--name", "a\nb", "--scope", "read"),
        ("create", "--name", "ada", "--scope", "fly"),
        ("revoke", "nobody"),
    ):
        done = causeline("token", *words, folder=tmp_path)
        assert (done.status, done.out, done.err.count("\n")) == (2, "", 1), (words, done.err)
