"""Questions that are asked at the same time, for none of them needs another's answer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

Answer = TypeVar("Answer")

#: Questions of all pages that are under way at once.
_AT_ONCE: Final = 16


def ask_ahead(ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Asks now, beside what the page does next.

    Args:
        ask: a question of `data`, `lists` or `live`.

    Returns:
        What waits for the answer, and raises what asking raised.
    """
    context = get_script_run_ctx()

    def asking() -> Answer:
        add_script_run_ctx(threading.current_thread(), context)  # or what is cached complains that no page asks
        return ask()

    return _askers().submit(asking).result


@st.cache_resource
def _askers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking")
