"""What stands at the foot of every page: whose it is, and of which version."""

from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from dashboard import data, wording
from dashboard.parts import code


def show() -> None:
    """Shows the version of the dashboard, and that of the collector where the two differ."""
    own, theirs = _own(), data.collector_version()
    other = f", collector {wording.plain(theirs)}" if theirs and theirs != own else ""
    st.caption(f"Causeline {own}{other}".strip())
    code.mount_copy_buttons()


def _own() -> str:
    """Returns the version of this program; empty where it runs without having been installed."""
    try:
        return version("causeline")
    except PackageNotFoundError:
        return ""
