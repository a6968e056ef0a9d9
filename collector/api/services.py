"""What the routes are given to answer with."""

from dataclasses import dataclass

from collector.operations.link import OperationsLink
from collector.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The store, and the operations of the live bus."""

    database: Database
    operations: OperationsLink
