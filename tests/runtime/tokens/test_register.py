"""Tokens as they are made, kept, checked and ended."""

import json
import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from runtime.tokens import Register, RegisterError, Scope, create, revoke
from runtime.tokens import token as tokens
from runtime.tokens.register import FILE, OWN_FILE


def kept(home: Path) -> str:
    return (home / FILE).read_text()


def test_a_token_is_known_by_its_name_and_scopes(tmp_path: Path) -> None:
    """Whoever presents it; a copy with another letter is good for nothing."""
    token = create(tmp_path, "ada", [Scope.READ])
    caller = Register(tmp_path).find_caller(token)
    assert caller is not None
    assert (caller.name, caller.scopes) == ("ada", {Scope.READ})
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert [Register(tmp_path).find_caller(one) for one in (other, token[:-1], token + "x", "", "causeline__")] == [
        None
    ] * 5


def test_no_secret_is_kept_but_the_homes_own(tmp_path: Path) -> None:
    """What lies in the file lets nobody in."""
    token = create(tmp_path, "ada", Scope)
    own = (tmp_path / OWN_FILE).read_text().strip()
    assert token.split("_", 2)[2] not in kept(tmp_path)
    assert own.split("_", 2)[2] not in kept(tmp_path)
    assert Register(tmp_path).find_caller(json.loads(kept(tmp_path))["tokens"][1]["sha256"]) is None


def test_the_first_token_brings_one_for_the_programs_of_this_home(tmp_path: Path) -> None:
    """Which may do everything: whoever reads that file can read and write all beside it."""
    create(tmp_path, "ada", [Scope.READ])
    own = Register(tmp_path).find_caller((tmp_path / OWN_FILE).read_text().strip())
    assert own is not None
    assert (own.name, own.scopes) == ("home", frozenset(Scope))


def test_files_are_for_their_user_alone(tmp_path: Path) -> None:
    """Whatever the user's umask is."""
    before = os.umask(0)
    try:
        create(tmp_path, "ada", [Scope.READ])
    finally:
        os.umask(before)
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()} == dict.fromkeys(
        (FILE, OWN_FILE, "tokens.lock"), "0o600"
    )


def test_what_is_revoked_or_over_is_good_for_nothing(tmp_path: Path) -> None:
    """By name or by id; its name is free again."""
    register, token = Register(tmp_path), create(tmp_path, "ada", [Scope.READ])
    revoke(tmp_path, register.tokens()[-1].id)
    again = create(tmp_path, "ada", [Scope.READ], days=1)
    assert register.find_caller(token) is None
    assert register.find_caller(again) is not None
    assert tokens.check_token(again, register.tokens(), now=register.tokens()[-1].expires_at) is None
    with pytest.raises(RegisterError, match="named 'ada' already"):
        create(tmp_path, "ada", [Scope.READ])
    with pytest.raises(RegisterError, match="no token in use"):
        revoke(tmp_path, "bob")


def test_a_file_that_is_damaged_lets_nobody_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once, and makes no token needless."""
    token, register = create(tmp_path, "ada", [Scope.READ]), Register(tmp_path)
    (tmp_path / FILE).write_text('{"tokens": [{"id": 1}]}')
    assert [register.find_caller(token), register.find_caller(token), register.exists()] == [None, None, True]
    assert len(caplog.records) == 1
    assert token not in caplog.text
    with pytest.raises(RegisterError, match="is damaged"):
        create(tmp_path, "bob", [Scope.READ])


def test_a_file_that_others_may_write_lets_nobody_in(tmp_path: Path) -> None:
    """They could have put in whom they like."""
    token, register = create(tmp_path, "ada", [Scope.READ]), Register(tmp_path)
    (tmp_path / FILE).chmod(0o622)
    assert register.find_caller(token) is None
    (tmp_path / FILE).chmod(0o600)
    assert register.find_caller(token) is not None


def test_tokens_made_at_once_are_all_kept(tmp_path: Path) -> None:
    """Each command reads what the others wrote."""
    making = [Thread(target=create, args=(tmp_path, f"t{number}", [Scope.READ])) for number in range(8)]
    for one in making:
        one.start()
    for one in making:
        one.join()
    assert {one.name for one in Register(tmp_path).tokens()} == {"home", *(f"t{number}" for number in range(8))}


def test_a_scope_of_a_newer_program_is_passed_over(tmp_path: Path) -> None:
    """The others stay good."""
    token = create(tmp_path, "ada", [Scope.READ])
    (tmp_path / FILE).write_text(kept(tmp_path).replace('"read"\n', '"read", "fly"\n'))
    caller = Register(tmp_path).find_caller(token)
    assert caller is not None
    assert caller.scopes == {Scope.READ}
