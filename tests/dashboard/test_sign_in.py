"""Who somebody is who has signed in, and whether they may come in."""

from typing import Any

import pytest

from dashboard import sign_in


@pytest.mark.parametrize(
    ("value", "name"),
    [("ada", "ada"), ("Zo\xc3\xab", "Zoë"), ("Zo\xeb", "Zoë"), (" ada ", "ada"), ("", ""), ("x" * 300, "x" * 200)],
)
def test_a_proxys_name_is_read_as_it_was_meant(value: str, name: str) -> None:
    """Headers come as Latin-1; most proxies mean UTF-8."""
    assert sign_in.from_header(value) == name


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "ada@example.com", "name": "Ada", "sub": "1"}, "ada@example.com"),
        ({"email": "ada@example.com", "email_verified": True}, "ada@example.com"),
        ({"email": "root@example.com", "email_verified": False, "sub": "1"}, "1"),
        ({"email": "root@example.com", "email_verified": "false", "sub": "1"}, "1"),
        ({"email": "root@example.com", "email_verified": None, "sub": "1"}, "1"),
        (
            {"email": "root@example.com", "email_verified": False, "name": "root@example.com", "sub": "auth0|1"},
            "auth0|1",
        ),
        ({"email": "", "preferred_username": "root@example.com", "name": "Eve", "sub": "1"}, "Eve"),
        ({"email_verified": False, "preferred_username": "root@example.com", "sub": "1"}, "1"),
        ({"email": "eve@evil.example", "email_verified": False, "name": "root\uff20example.com", "sub": "1"}, "1"),
        ({"name": "root@example.com", "sub": "1"}, "1"),
        ({"preferred_username": "ada@example.com", "name": "Ada", "sub": "1"}, "ada@example.com"),
        ({"preferred_username": "ada", "name": "Ada"}, "ada"),
        ({"sub": 7}, "7"),
        ({"email": "", "name": None}, ""),
        ({}, ""),
    ],
)
def test_a_providers_name_is_the_most_telling_one(claims: dict[str, Any], name: str) -> None:
    """An address that nobody verified can be anybody's."""
    assert sign_in.from_claims(claims) == name


@pytest.mark.parametrize(
    ("users", "welcome"),
    [
        ("", True),
        ("ada@example.com", True),
        ("bob@example.com, ADA@example.com", True),
        ("*@example.com", True),
        ("*@example.org", False),
        ("ada", False),
        ("bob@example.com", False),
    ],
)
def test_only_whom_the_setting_names_comes_in(users: str, *, welcome: bool) -> None:
    """Where it names anybody."""
    assert sign_in.is_welcome("Ada@example.com", users) is welcome
    assert not sign_in.is_welcome("ada@example.com.evil.example", "*@example.com")


@pytest.mark.parametrize(
    ("who", "users"),
    [("bob@stra\u00dfe.example", "*@strasse.example"), ("\u212aim@example.com", "kim@example.com"), ("o\ufb01", "ofi")],
)
def test_letters_that_only_look_alike_are_others(who: str, users: str) -> None:
    """A domain with a letter that Unicode folds into two belongs to somebody else."""
    assert not sign_in.is_welcome(who, users)
