"""Every file that the embedded server keeps in a home."""

from dataclasses import dataclass
from pathlib import Path

from runtime import private


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Where the embedded server of one home keeps its things.

    users       lock  shared by every process that uses the server; free means that nobody does
    start       lock  exclusive, while somebody starts a keeper
    keeper      lock  exclusive, for the life of the keeper
    data_lock   lock  exclusive, inherited by the server: free means that nothing writes the data
    socket      -     where the server listens, for its user alone, unless this path is too long
    record      JSON  address and identity of the running server
    binary      text  path of the program that wrote the data last
    data        dir   append-only files
    log         text  the server's own log, then the keeper's last words
    """

    home: Path

    @property
    def users(self) -> Path:
        return self.home / "server.users"

    @property
    def start(self) -> Path:
        return self.home / "server.start"

    @property
    def keeper(self) -> Path:
        return self.home / "server.keeper"

    @property
    def data_lock(self) -> Path:
        return self.home / "server.lock"

    @property
    def socket(self) -> Path:
        return self.home / "server.socket"

    @property
    def record(self) -> Path:
        return self.home / "server.json"

    @property
    def binary(self) -> Path:
        return self.home / "server.binary"

    @property
    def data(self) -> Path:
        return self.home / "server"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "server.log"

    def make_folders(self) -> None:
        """Makes the home and its folders, for their owner's eyes only."""
        for folder in (self.home, self.data, self.log.parent):
            folder.mkdir(mode=private.FOLDER, parents=True, exist_ok=True)
        private.repair((self.data, self.log.parent, *self.home.glob("server.*")))
