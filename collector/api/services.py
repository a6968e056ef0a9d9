"""What the routes are given to answer with."""

from dataclasses import dataclass

from collector.operations.link import OperationsLink
from collector.operations.watch import Watch
from collector.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the operations of the live bus, and who watches that."""

    database: Database
    operations: OperationsLink
    watch: Watch
