"""What runs wait for, read from the live bus."""

from datetime import datetime

from collector.models.base import Model


class WaitingRun(Model):
    """A run of an app that waits for an answer to `name` (`key` tells apart several of one name), asked for by `step`.
    Nobody is waited for after `until`, where there is such a time."""

    run_id: str
    app: str
    workflow: str
    subject: str | None = None
    name: str
    key: str = ""
    step: str
    since: datetime
    until: datetime | None = None


class WaitList(Model):
    """What runs wait for as of `at`, the longest first. `truncated`: there are more."""

    items: list[WaitingRun]
    truncated: bool = False
    at: datetime
