"""Who has signed in: through a proxy that says so, or with Streamlit's own sign-in (OpenID Connect)."""

import contextlib
import unicodedata
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib.util import find_spec
from typing import Any, Final

import streamlit as st
from streamlit.runtime.secrets import secrets_singleton

from dashboard import wording
from dashboard.settings import SettingsError, load, split_list

#: Where a name stands among what a provider of sign-ins says, the most telling first.
_CLAIMS: Final = ("email", "preferred_username", "name", "sub")

#: Of these, those that somebody may have chosen for themselves; only what looks like no address is believed of them.
_CHOSEN: Final = ("preferred_username", "name")

_LONGEST: Final = 200


def is_own() -> bool:
    """Returns whether Streamlit's own sign-in is configured: a section `auth` in a `secrets.toml` that it reads."""
    return secrets_singleton.load_if_toml_exists() and "auth" in secrets_singleton


def require_usable() -> None:
    """Makes sure that a configured sign-in can work.

    Raises:
        SettingsError: when what it needs is not installed.
    """
    if is_own() and find_spec("authlib") is None:
        raise SettingsError("secrets.toml has a section [auth], but what that needs is missing: pip install Authlib")


def person() -> str:
    """Returns who looks at this page; empty where nobody had to sign in, or has not."""
    header = load().dashboard_user_header
    if header:  # what stands before every page has let nobody through who may not say so
        return from_header(st.context.headers.get(header) or "")
    return from_claims(st.user.to_dict()) if is_own() and st.user.is_logged_in else ""


def has_access() -> bool:
    """Returns whether the page may be shown; where not, asks to sign in instead."""
    if not load().dashboard_user_header and not is_own():
        return True
    who = person()
    if who and is_welcome(who, load().dashboard_users):
        return True
    st.title("Causeline")
    if who:
        st.markdown(f"**{wording.plain(who)}** may not use this dashboard: see `CAUSELINE_DASHBOARD_USERS`.")
        show_sign_out()
    elif is_own():
        st.button("Sign in", type="primary", on_click=st.login)
    return False


def show_sign_out() -> None:
    """Offers to sign out, where Streamlit's own sign-in let somebody in."""
    if not load().dashboard_user_header and is_own() and (who := person()):
        st.button(f"Sign out {wording.plain(who)}", type="tertiary", on_click=st.logout, key="sign-out")


def from_header(value: str) -> str:
    """Returns the name that a proxy gives: bytes of UTF-8, as most of them send it, else as it stands."""
    with contextlib.suppress(UnicodeError):
        value = value.encode("latin-1").decode()
    return value.strip()[:_LONGEST]


def from_claims(claims: Mapping[str, Any]) -> str:
    """Returns the name of those who signed in. An address that nobody has verified is none, wherever it stands: some
    providers repeat it as the name, and at others anybody names themselves as they like. Where a provider says nothing
    of addresses at all, the name of the account may be one."""
    told = {claim: str(claims[claim]).strip() for claim in _CLAIMS if claims.get(claim)}
    if claims.get("email_verified", True) not in (True, "true"):  # some write it as text
        told.pop("email", None)
    speaks_of_addresses = "email" in claims or "email_verified" in claims
    for claim in _CHOSEN if speaks_of_addresses else ("name",):
        if "@" in unicodedata.normalize("NFKC", told.get(claim, "")):
            del told[claim]
    return next((told[claim] for claim in _CLAIMS if told.get(claim)), "")[:_LONGEST]


def is_welcome(who: str, users: str) -> bool:
    """Returns whether somebody who signed in may use the dashboard.

    Args:
        who: their name.
        users: names, separated by commas, in which a star stands for anything; empty for whoever signs in.
    """
    wanted = split_list(users)
    return not wanted or any(fnmatchcase(_lower(who), _lower(one)) for one in wanted)


def _lower(name: str) -> str:
    """A name with its Latin letters in lower case, and no others: `ß` is not `ss`, and the sign of Kelvin is no `k`."""
    return name.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
