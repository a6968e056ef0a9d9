"""The inboxes of one event loop: one for each database."""

from dataclasses import dataclass, field

from runtime.errors import SettingsError
from runtime.inbox.contract import Inbox


@dataclass(slots=True)
class Inboxes:
    """Opens them when they are asked for. `keep_days` is how long rows are kept."""

    keep_days: float = 90.0
    _open: dict[str, Inbox] = field(default_factory=dict, repr=False)

    def of(self, url: str, group: str) -> Inbox:
        """The inbox in a database.

        Args:
            url: of the database.
            group: whose handler writes there, for messages.

        Raises:
            SettingsError: the address can't be used, or the driver is not installed.
        """
        if url not in self._open:
            try:
                # Only who has an inbox has its driver.
                from runtime.inbox.postgres import PostgresInbox
            except ImportError as error:
                raise SettingsError(
                    f"group {group} has an inbox in PostgreSQL, and its driver is not here ({error}): pip install "
                    "'causeline[postgres]'"
                ) from None
            self._open[url] = PostgresInbox(url, f"inbox= of group {group}", self.keep_days)
        return self._open[url]

    async def close(self) -> None:
        """Closes all connections."""
        inboxes, self._open = list(self._open.values()), {}
        for inbox in inboxes:
            await inbox.close()
