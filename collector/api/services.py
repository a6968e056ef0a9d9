"""What the routes are given to answer with."""

from dataclasses import dataclass

from collector.alerts.engine import Alerts
from collector.operations.link import OperationsLink
from collector.operations.watch import Watch
from collector.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the operations of the live bus, who watches that, and what alerts there are."""

    database: Database
    operations: OperationsLink
    watch: Watch
    alerts: Alerts
