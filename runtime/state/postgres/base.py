"""What all parts of the state store on PostgreSQL work with."""

from runtime.bus.redis_base import Limits
from runtime.state.postgres.commit_notifier import CommitNotifier
from runtime.state.postgres.database import Database


class PostgresPart:
    """Part of a `StateStore` for one app.

    Args:
        database: where all is kept.
        telling: tells of it on the bus.
        app: the app's name.
        limits: what it holds at most.

    Attributes:
        keys: by which it is told on the bus; nothing is kept there.
    """

    def __init__(self, database: Database, telling: CommitNotifier, app: str, limits: Limits) -> None:
        self._database = database
        self._telling = telling
        self._limits = limits
        self._news = telling.clients.news
        self._app = app
        self.keys = telling.keys
