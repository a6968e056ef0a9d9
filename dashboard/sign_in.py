"""Who has signed in: through a proxy that says so, or with Streamlit's own sign-in (OpenID Connect)."""

from importlib.util import find_spec
from typing import Final

import streamlit as st
from streamlit.runtime.secrets import secrets_singleton

from dashboard.settings import SettingsError, load

#: Where a name stands among what a provider of sign-ins says, the most telling first.
_CLAIMS: Final = ("email", "preferred_username", "name", "sub")

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
        raise SettingsError(
            "secrets.toml has a section [auth], and what it needs is not installed: pip install Authlib"
        )


def person() -> str:
    """Returns who looks at this page; empty where nobody had to sign in, or has not."""
    header = load().dashboard_user_header
    if header:  # what stands before every page has let nobody through who may not say so
        return (st.context.headers.get(header) or "").strip()[:_LONGEST]
    if not is_own() or not st.user.is_logged_in:
        return ""
    return next((str(st.user[claim]) for claim in _CLAIMS if st.user.get(claim)), "")[:_LONGEST]


def passed() -> bool:
    """Returns whether the page may be shown; where not, asks to sign in instead."""
    if load().dashboard_user_header or not is_own() or person():
        return True
    st.title("Causeline")
    st.button("Sign in", type="primary", on_click=st.login)
    return False


def farewell() -> None:
    """Offers to sign out, where Streamlit's own sign-in let somebody in."""
    if is_own() and person():
        st.button("Sign out", type="tertiary", on_click=st.logout, key="sign-out")
