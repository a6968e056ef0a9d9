"""Sessions: conversations over many runs."""

from collections.abc import Iterator
from typing import Unpack

from collector.asking.base import PAGE, Asking, TimeRange, walk
from collector.models.conversations import SessionBrief, SessionDetail, SessionPage, SessionRun


class SessionFilter(TimeRange, total=False):
    """Of which sessions; `q` finds an id, a user, a service or an agent. Without a time range a filter looks in all
    time."""

    user: str | None
    q: str | None


class Sessions(Asking):
    """What is asked about sessions."""

    def sessions(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[SessionFilter]) -> SessionPage:
        """Returns a page of sessions, those first in which something happened last."""
        return self._api.get(SessionPage, "/api/sessions", limit=limit, cursor=cursor, **wanted)

    def every_session(self, **wanted: Unpack[SessionFilter]) -> Iterator[SessionBrief]:
        """Yields all sessions, those first in which something happened last."""
        return walk(lambda cursor: self.sessions(limit=PAGE, cursor=cursor, **wanted))

    def session(
        self, session: str, *, limit: int = 50, cursor: str | None = None, **within: Unpack[TimeRange]
    ) -> SessionDetail:
        """Returns one session with a page of its runs, oldest first; of all time where no range is asked for."""
        return self._api.get(SessionDetail, "/api/sessions/one", session=session, limit=limit, cursor=cursor, **within)

    def every_session_run(self, session: str) -> Iterator[SessionRun]:
        """Yields all runs of a session, oldest first."""
        return walk(lambda cursor: self.session(session, limit=100, cursor=cursor))
