"""One webhook as a table of the file says it: its address may hold a secret, or come from a variable."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from collector.alerts import rule_table
from collector.models import Severity

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody who is told. `url` may hold a secret: nobody writes it anywhere."""

    name: str
    url: str = field(repr=False)
    severity: Severity = Severity.INFO
    error: str = ""
    """Why it can't be used; empty where it can."""

    @property
    def place(self) -> str:
        """The host alone."""
        return urlsplit(self.url).hostname or ""


def read_webhook(name: str, table: Mapping[str, Any]) -> Webhook:
    """Returns the webhook that a table says; one that can't be used says why."""
    try:
        for word in table:
            if word not in ("url", "url_env", "severity"):
                raise ValueError(f"it has a word that nobody knows, {word!r}")
        least = rule_table.parse_severity(table.get("severity", Severity.INFO))
        return Webhook(name, _read_url(table), least)
    except ValueError as error:
        return Webhook(name, "", error=str(error))


def _read_url(table: Mapping[str, Any]) -> str:
    """Returns the address of a webhook; errors never quote it."""
    if ("url" in table) == ("url_env" in table):
        raise ValueError("say either url, or url_env with the name of a variable that holds it")
    url = table.get("url")
    if "url_env" in table:
        variable = table["url_env"]
        if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
            raise ValueError("url_env must be the name of an environment variable")
        url = os.environ.get(variable, "")
        if not url:
            raise ValueError(f"the variable {variable} is not set where the collector runs")
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        usable = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("its URL must begin with http:// or https:// and name a host")
    return str(url)
