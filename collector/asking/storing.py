"""What is stored, and how it is taken out and in."""

from collections.abc import Iterable
from datetime import datetime
from typing import IO, Final

from collector.asking.base import Asking
from collector.models import ImportAnswer, Storage

#: The content type of an export.
_TAR: Final = "application/x-tar"


class Storing(Asking):
    """What is asked about the store itself."""

    def storage(self) -> Storage:
        """Returns how much is stored, since when, and what is kept of it."""
        return self._api.get(Storage, "/api/storage")

    def export(self, target: IO[bytes], *, since: datetime | None = None, until: datetime | None = None) -> None:
        """Writes what began in a range into a file: a tar, with a Parquet file for each table."""
        self._api.download("/api/export", _TAR, target, since=since, until=until)

    def import_(self, source: Iterable[bytes]) -> ImportAnswer:
        """Sends an export to the collector, in pieces; what is stored already is left out."""
        return self._api.upload(ImportAnswer, "/api/import", source, _TAR)
