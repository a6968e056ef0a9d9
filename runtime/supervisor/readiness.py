"""Waiting until a child answers over HTTP."""

import ssl
import time
import urllib.request
from http.client import HTTPException
from typing import Final

from runtime.errors import ChildError
from runtime.supervisor.child import Child

POLL: Final = 0.05
"""Seconds between two questions."""

_ANSWER_LIMIT: Final = 2.0


def await_answer(child: Child, url: str, limit: float) -> None:
    """Waits until a child answers.

    Args:
        child: whose answer.
        url: answers 200 once the child is ready.
        limit: most seconds to wait.

    Raises:
        ChildError: when it refuses to start, with the reason; when it ends first, with its last lines; or takes longer.
    """
    deadline = time.monotonic() + limit
    while not is_answering(url):
        child.require_willing()
        child.require_alive()
        if time.monotonic() > deadline:
            raise ChildError(f"{child.name} does not answer at {url} after {limit:.0f} s; see {child.plan.log}")
        time.sleep(POLL)
    child.require_willing()
    child.require_alive()  # or it was another's answer, on the same port


def is_answering(url: str) -> bool:
    """Whether the address answers 200 now."""
    # Loopback is not for proxies, and a certificate names another host. Nothing is told to whoever answers, and the
    # answer is believed only while the child lives.
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=careless))
    try:
        with direct.open(url, timeout=_ANSWER_LIMIT) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):  # another program may have the port, and speak no HTTP
        return False
